"""Measure one segment report and its preparation by segkit, DuckDB, pandas and Polars.

    make bench EVENTS=20e6
    python benchmarks/run.py --events 1e6 --only baseline_duckdb baseline_pandas

Each script has a process of its own. The data is generated once and read into the page cache
before every run; the process is cold. Seconds are those of the whole process, imports included;
memory is the peak of the resident set as the system counts it. A run shorter than a minute is
repeated, three in all, and the median counts. The headline numbers of all tools must agree.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass, field
from datetime import date, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any

from make_data import make_data
from task import DAYS

from segkit.demo import END_ON

HERE = Path(__file__).resolve().parent
SCRIPTS = {
    "prepare_duckdb": "load + prepare: hand-written DuckDB",
    "segkit_load": "load + prepare: segkit",
    "baseline_duckdb": "facts: hand-written DuckDB over raw Parquet",
    "baseline_polars": "facts: Polars over raw Parquet",
    "baseline_pandas": "facts: pandas, tuned, over raw Parquet",
    "baseline_pandas_plain": "facts: pandas, plain, over raw Parquet",
    "segkit_facts": "facts: segkit over its snapshot",
}
FACTS = tuple(name for name, what in SCRIPTS.items() if what.startswith("facts"))
RATIOS = (
    ("segkit_facts", "baseline_duckdb", 0.3),
    ("segkit_facts", "baseline_pandas_plain", 0.05),
    ("segkit_facts", "baseline_pandas", 0.05),
    ("segkit_facts", "baseline_polars", None),
    ("segkit_load", "prepare_duckdb", 2.0),
)
PACKAGES = ("segkit", "duckdb", "ibis-framework", "deltalake", "pandas", "polars", "pyarrow")
RESULTS = """\
# Benchmark

One segment report (bought at least twice in the last 30 days; window of 90 days; trend of 13 weeks)
and what is needed before it. Made by:

    {command}

Data: about {events} events of {users} users in {days} days, seed {seed}, {parts} Parquet parts,
{megabytes} MB. Page cache warm, process cold; seconds are those of the whole process with imports,
median of {repeats} runs (one run from {short_s} s on).

| what | seconds | runs | peak memory (GB) |
|---|--:|---|--:|
{rows}

| ratio | found | aim |
|---|--:|--:|
{ratios}

## Agreement

{verdict}

## Machine

{machine}. {versions}.
"""
SHORT_S = 60.0
REPEATS = 3
BLOCK = 1 << 24


@dataclass(kw_only=True)
class Outcome:
    """What one script took, its headline numbers, or how it failed."""

    seconds: list[float] = field(default_factory=list)
    peak_gb: float = 0.0
    headline: dict[str, Any] = field(default_factory=dict)
    failure: str = ""

    @property
    def median_s(self) -> float | None:
        """The median of the runs; None when it failed."""
        return statistics.median(self.seconds) if self.seconds and not self.failure else None


def main() -> int:
    """Measure, compare, write RESULTS.md; give 1 when a script failed or numbers disagree."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--events", type=float, default=20e6)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--only", nargs="+", choices=list(SCRIPTS), default=list(SCRIPTS))
    parser.add_argument("--results", type=Path, default=HERE / "RESULTS.md")
    given = parser.parse_args()
    folder = given.folder or HERE / "data" / f"{given.events:.0f}"
    folder.mkdir(parents=True, exist_ok=True)
    made = make_data(folder, events=given.events)
    outcomes = {name: measure(name, folder) for name in SCRIPTS if name in given.only}
    faults = find_disagreements(outcomes)
    faults += [f"{name} failed: {o.failure}" for name, o in outcomes.items() if o.failure]
    text = render_results(made, outcomes, faults)
    given.results.write_text(text, "utf-8")
    print(text)
    return 1 if faults else 0


def measure(name: str, folder: Path) -> Outcome:
    """Run one script until it is known well enough."""
    outcome = Outcome()
    for _ in range(REPEATS):
        warm(folder)
        run_once(name, folder, outcome)
        took = f"{outcome.seconds} s, {outcome.peak_gb:.2f} GB"
        print(f"{name}: {outcome.failure or took}", flush=True)
        if outcome.failure or outcome.seconds[-1] >= SHORT_S:
            break
    return outcome


def run_once(name: str, folder: Path, outcome: Outcome) -> None:
    """Run one script in a new process and note what it took; `wait4` counts this child alone."""
    told, complaints = folder / f"{name}.json", folder / f"{name}.log"
    with told.open("wb") as out, complaints.open("wb") as err:
        began = time.perf_counter()
        child = subprocess.Popen(  # noqa: S603  our own scripts
            [sys.executable, str(HERE / f"{name}.py"), str(folder)], stdout=out, stderr=err
        )
        _, status, usage = os.wait4(child.pid, 0)
        took = time.perf_counter() - began
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        lines = complaints.read_text("utf-8", "replace").strip().splitlines()
        outcome.failure = lines[-1] if lines else f"exit code {child.returncode}"
        return
    outcome.seconds.append(round(took, 2))
    outcome.peak_gb = max(outcome.peak_gb, usage.ru_maxrss * 1024 / 1e9)
    outcome.headline = json.loads(told.read_text("utf-8"))


def warm(folder: Path) -> None:
    """Read the raw files, and the store where there is one, into the page cache."""
    for path in [*folder.glob("raw/**/*"), *folder.glob("store/**/*.parquet")]:
        if path.is_file():
            with path.open("rb") as file:
                while file.read(BLOCK):
                    pass


def find_disagreements(outcomes: dict[str, Outcome]) -> list[str]:
    """Give a sentence for every headline number that two tools count otherwise."""
    first: dict[str, tuple[str, Any]] = {}
    faults: list[str] = []
    for name in (n for n in FACTS if n in outcomes):
        for key, value in outcomes[name].headline.items():
            whole = in_whole_weeks(key, value)
            known_by, known = first.setdefault(key, (name, whole))
            if whole != known:
                faults.append(f"`{key}` differs between {known_by} and {name}.")
    return faults


def in_whole_weeks(key: str, rows: Any) -> Any:  # noqa: ANN401  any JSON
    """Leave out the week that began before the window, which a report does not count."""
    first = (END_ON - timedelta(days=DAYS - 1)).isoformat()
    if key == "retention":
        return [row for row in rows if row[0] >= first]
    if key == "trend":
        return [row for row in rows if str(date.fromisoformat(row[0]) - timedelta(days=6)) >= first]
    return rows


def render_results(made: dict[str, object], outcomes: dict[str, Outcome], faults: list[str]) -> str:
    """Give RESULTS.md."""
    wanted: Any = made["wanted"]
    rows = [render_row(name, outcome) for name, outcome in outcomes.items()]
    ratios = [line for pair in RATIOS if (line := render_ratio(outcomes, *pair))]
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    agreed = sorted({key for name in FACTS if name in outcomes for key in outcomes[name].headline})
    verdict = [f"- {fault}" for fault in faults] or [
        f"All tools agree on every headline number that they share: {', '.join(agreed)}."
    ]
    return RESULTS.format(
        command=f"make bench EVENTS={wanted['events'] / 1e6:g}e6",
        events=f"{wanted['events']:,.0f}",
        users=f"{wanted['users']:,}",
        days=wanted["days"],
        seed=wanted["seed"],
        parts=made["parts"],
        megabytes=made["megabytes"],
        repeats=REPEATS,
        short_s=f"{SHORT_S:.0f}",
        rows="\n".join(rows),
        ratios="\n".join(ratios),
        verdict="\n".join(verdict),
        machine=describe_machine(),
        versions=f"Python {platform.python_version()}, {versions}",
    )


def render_row(name: str, outcome: Outcome) -> str:
    """Give the table row of one script."""
    if outcome.median_s is None:
        return f"| {SCRIPTS[name]} | failed | | |"
    runs = ", ".join(f"{s:.1f}" for s in outcome.seconds)
    return f"| {SCRIPTS[name]} | {outcome.median_s:.1f} | {runs} | {outcome.peak_gb:.2f} |"


def render_ratio(
    outcomes: dict[str, Outcome], name: str, against: str, aim: float | None
) -> str | None:
    """Give the table row of one ratio; None when either was not measured."""
    if name not in outcomes or against not in outcomes:
        return None
    ours, theirs = outcomes[name].median_s, outcomes[against].median_s
    if ours is None or theirs is None:
        return None
    wanted = "" if aim is None else f"≤ {aim:g}"
    return f"| {SCRIPTS[name]} / {SCRIPTS[against]} | {ours / theirs:.3f} | {wanted} |"


def describe_machine() -> str:
    """Give processor, cores, memory and system in one line."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text("utf-8").splitlines() if info.exists() else []
    models = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    memory_gb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    processor = models[0] if models else platform.processor() or platform.machine()
    return (
        f"{processor}, {os.cpu_count()} cores, {memory_gb:.0f} GB memory, {platform.system()} "
        f"{platform.release().split('-')[0]}"
    )


if __name__ == "__main__":
    sys.exit(main())
