"""Measure behaviour patterns at a million users of a shop and at ten million rows of features.

    make bench-patterns
    python benchmarks/patterns.py --users 1e6 --rows 10e6

Each measurement has a process of its own. The shop is generated and loaded once, below
`benchmarks/data`, and read into the page cache before. Seconds are those of the whole process,
imports included, beside the processor seconds that it used; memory is the peak of the resident
set. Agreement is the adjusted Rand index with the planted kinds, over eligible users.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from run import describe_machine, warm

import segkit as sk
from segkit.demo import write_events_parquet

HERE = Path(__file__).resolve().parent
DAYS_WRITTEN = 30
EVENTS_A_USER = 25
SEED = 7
STEPS = {
    "features": "segkit: features of 30 days from the snapshot",
    "patterns": "segkit: features + fit + assign",
    "kmeans": "the same features + plain scikit-learn KMeans(6), standardised",
    "pandas": "pandas: features without channels from raw Parquet",
    "rows": "{rows:,} rows x 15 features drawn: fit + score",
}
PACKAGES = ("segkit", "duckdb", "scikit-learn", "pandas")
RESULTS = """\
# Behaviour patterns at scale

Made by:

    {command}

A generated shop of {users:,} users over {days} days ({events:,} events), loaded by segkit; patterns
of the last 30 days. Every measurement is a process of its own, page cache warm; seconds include
imports{nice}. Other work on the machine at the start: load average {load:.1f}.

| what | wall seconds | CPU seconds | peak memory (GB) | groups | agreement with the planted kinds |
|---|--:|--:|--:|--:|--:|
{lines}

Aims: features + fit + assign of 1,000,000 users within 60 s and 4 GB; fit + score of 10,000,000
rows within 60 s and below 4 GB.

The agreement is over eligible users of the six planted kinds. KMeans is told how many kinds
there are; segkit is not. The seconds of the drawn rows leave out imports
and drawing; their memory does not.

{machine}. {versions}.
"""


@dataclass(frozen=True, kw_only=True)
class Took:
    """What one process took, and what it said of its groups."""

    wall_s: float
    cpu_s: float
    peak_gb: float
    told: dict[str, Any]


def main() -> None:
    """Make the data, measure each step, write RESULTS-patterns.md."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--users", type=float, default=1e6)
    parser.add_argument("--rows", type=float, default=10e6)
    parser.add_argument("--only", nargs="+", choices=list(STEPS), default=list(STEPS))
    parser.add_argument("--results", type=Path, default=HERE / "RESULTS-patterns.md")
    given = parser.parse_args()
    users, rows = int(given.users), int(given.rows)
    folder = HERE / "data" / f"patterns-{users}"
    make_shop(folder, users)
    load = os.getloadavg()[0]
    lines = []
    for step in given.only:
        warm(folder)
        took = run(step, folder, rows)
        lines.append(render(STEPS[step].format(rows=rows), took))
        sys.stdout.write(lines[-1] + "\n")
        sys.stdout.flush()
    priority = os.nice(0)
    text = RESULTS.format(
        command="make bench-patterns",
        users=users,
        days=DAYS_WRITTEN,
        events=count_events(folder),
        nice=f", at nice {priority}" if priority else "",
        load=load,
        lines="\n".join(lines),
        machine=describe_machine(),
        versions=", ".join(f"{name} {version(name)}" for name in PACKAGES),
    )
    given.results.write_text(text, "utf-8")


def make_shop(folder: Path, users: int) -> None:
    """Write and load the shop unless it is there."""
    if not (folder / "segkit.toml").exists():
        folder.mkdir(parents=True, exist_ok=True)
        write_events_parquet(
            folder, events=users * EVENTS_A_USER, users=users, days=DAYS_WRITTEN, seed=SEED
        )
    if not (folder / "store" / "CURRENT").exists():
        sk.open(folder).load()


def count_events(folder: Path) -> int:
    """Give the number of events written, by the files' own counts."""
    parts = (folder / "raw" / "events").glob("part-*.parquet")
    return sum(pq.read_metadata(part).num_rows for part in parts)


def run(step: str, folder: Path, rows: int) -> Took:
    """Run one step in a new process; `wait4` counts this child alone.

    Raises
    ------
    RuntimeError
        When the step fails; its complaint stands above.
    """
    script = str(HERE / "patterns_step.py")
    began = time.perf_counter()
    child = subprocess.Popen(  # noqa: S603  our own script
        [sys.executable, script, step, str(folder), str(rows)], stdout=subprocess.PIPE
    )
    told = child.stdout.read() if child.stdout else b""
    _, status, usage = os.wait4(child.pid, 0)
    wall_s = time.perf_counter() - began
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise RuntimeError(step)
    said = json.loads(told.splitlines()[-1])
    return Took(
        wall_s=said.get("wall_s", wall_s),
        cpu_s=said.get("cpu_s", usage.ru_utime + usage.ru_stime),
        peak_gb=usage.ru_maxrss * 1024 / 1e9,
        told=said,
    )


def render(what: str, took: Took) -> str:
    """Give the row of the table."""
    groups = took.told.get("groups", "")
    agreement = took.told.get("agreement")
    shown = "" if agreement is None else f"{agreement:.3f}"
    costs = f"{took.wall_s:.1f} | {took.cpu_s:.1f} | {took.peak_gb:.2f}"
    return f"| {what} | {costs} | {groups} | {shown} |"


if __name__ == "__main__":
    main()
