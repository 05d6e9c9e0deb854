"""Write the numbers of a workspace's runs for Prometheus: `.segkit/metrics.prom`.

A text file that the node exporter's textfile collector reads. It is replaced in one step, so that a
reader sees the old or the new one. It holds names of reports, counts and seconds: nothing of the
data, and nobody.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from segkit.runs.publish import write_whole
from segkit.runs.schedule.make import Desk
from segkit.runs.schedule.read import read_all
from segkit.runs.schedule.tick import Tick

METRICS = ".segkit/metrics.prom"
STATES = ("done", "failed", "skipped", "running", "killed")
"""States of runs that are always there, also as 0."""


@dataclass(frozen=True, kw_only=True)
class Family:
    """One metric: its name, kind and help, and its samples by labels."""

    name: str
    kind: str
    about: str
    samples: Iterable[tuple[Mapping[str, str], float]]

    def lines(self) -> Iterator[str]:
        """Give its lines in the text format."""
        yield f"# HELP {self.name} {self.about}"
        yield f"# TYPE {self.name} {self.kind}"
        for labels, value in self.samples:
            inner = ",".join(f'{key}="{_escape(text)}"' for key, text in labels.items())
            yield f"{self.name}{f'{{{inner}}}' if inner else ''} {value:.12g}"


def _escape(text: str) -> str:
    return text.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")


def write_metrics(desk: Desk, tick: Tick, mails: Mapping[str, int]) -> Path:
    """Write the file after a tick and give its path.

    Parameters
    ----------
    mails
        How many mails are in each state.
    """
    runs = desk.ledger.list_runs(most=10**9)
    reports = [one.name for one in read_all(desk.workspace.root)]
    found = [
        *_of_runs(runs, reports),
        *_of_reports(runs, reports, tick),
        Family(
            name="segkit_mails",
            kind="gauge",
            about="Mails in the outbox by state.",
            samples=[({"state": state}, n) for state, n in sorted(mails.items())],
        ),
        *_of_tick(tick),
    ]
    path = desk.workspace.root / METRICS
    path.parent.mkdir(exist_ok=True)
    lines = [line for family in found for line in family.lines()]
    write_whole(path, ("\n".join(lines) + "\n").encode())
    return path


def _of_runs(runs: list[dict[str, Any]], reports: list[str]) -> Iterator[Family]:
    """Give how many runs there are, and what they took; both by report."""
    counts = Counter((row["report"], row["state"]) for row in runs)
    names = sorted({*reports, *(row["report"] for row in runs)})
    yield Family(
        name="segkit_runs",
        kind="gauge",
        about="Runs in the ledger by report and state.",
        samples=[
            ({"report": name, "state": state}, counts[name, state])
            for name in names
            for state in STATES
        ],
    )
    for key, what in (("wall_s", "by the clock"), ("cpu_s", "of processors")):
        took = defaultdict(list)
        for row in runs:
            if row[key] is not None:
                took[row["report"]].append(row[key])
        metric = {"wall_s": "segkit_run_seconds", "cpu_s": "segkit_run_cpu_seconds"}[key]
        for suffix, of in (("sum", sum), ("count", len)):
            yield Family(
                name=f"{metric}_{suffix}",
                kind="counter",
                about=f"Seconds {what} that runs took: {suffix}.",
                samples=[({"report": name}, float(of(took[name]))) for name in names],
            )


def _of_reports(runs: list[dict[str, Any]], reports: list[str], tick: Tick) -> Iterator[Family]:
    """Give how old the newest report of each schedule is, and whether it is late."""
    made: dict[str, datetime] = {}
    for row in reversed(runs):
        if row["state"] == "done":
            made[row["report"]] = datetime.fromisoformat(row["ended_at"])
    yield Family(
        name="segkit_report_age_seconds",
        kind="gauge",
        about="Seconds since the newest report was made; absent when none was.",
        samples=[
            ({"report": name}, max(0.0, (tick.now - made[name]).total_seconds()))
            for name in reports
            if name in made
        ],
    )
    for kind, about in (
        ("late", "a report is missing after its deadline"),
        ("faulty", "its file or a name in it is wrong"),
    ):
        named = {word.report for word in tick.words if word.kind == kind}
        yield Family(
            name=f"segkit_report_{kind}",
            kind="gauge",
            about=f"1 when {about}.",
            samples=[({"report": name}, float(name in named)) for name in reports],
        )


def _of_tick(tick: Tick) -> Iterator[Family]:
    yield Family(
        name="segkit_tick_timestamp_seconds",
        kind="gauge",
        about="When the newest tick began, in seconds of Unix time.",
        samples=[({}, float(int(tick.now.timestamp())))],
    )
    yield Family(
        name="segkit_tick_exit_code",
        kind="gauge",
        about="Exit code of the newest tick.",
        samples=[({}, float(tick.exit_code))],
    )
