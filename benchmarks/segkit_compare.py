"""Measure the comparison of two segments over 40 labels and 200 pages of a shop of 20 M events.

    make bench-compare
    python benchmarks/segkit_compare.py --data benchmarks/data/20000000

The shop is the one that `make bench` writes and loads. Its users have 5 labels, so a copy of the
workspace is made once below `benchmarks/data`, with 35 more: 23 of few texts, 6 of yes or no and 6
of numbers, drawn without regard to what users do, each known of 60 to 100% of them. Each
measurement has a process of its own, page cache warm. Imports are said apart. CPU seconds are those
of all threads: where other work runs beside, they tell more than the clock.
"""

import argparse
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

from run import describe_machine, warm

HERE = Path(__file__).resolve().parent
DAYS = 90
TIMES = 3
AIM_S = 5
SEED = 5
TEXTS, FLAGS, NUMBERS = 23, 6, 6
SEGMENTS = ("repeat_buyers", "phone_visitors")
PHONE = """\
segkit: 1
segment: phone_visitors
title: Came on a phone in the last 30 days
where: {visit_attribute: {name: device_type, is: mobile, touch: any, during: {last: 30d}}}
"""
MORE = """
[[sources]]
name = "more_labels"
format = "csv"
path = "raw/more_labels.csv"
table = "attributes"
[sources.map]
user_id = "member_id"
"""
PACKAGES = ("segkit", "duckdb", "ibis-framework", "scipy")
RESULTS = """\
# Comparing two segments at scale

Made by:

    {command}

Two segments of {sizes} users among {users:,}, {days} days, {events:,} events, {labels} labels, 200
pages: each against everyone else, and the one against the other, {judged:,} comparisons judged
together. Median of {times} processes, page cache warm. Other work on the machine at the start: load
average {load:.1f}.

| what | wall seconds | CPU seconds |
|---|--:|--:|
{lines}

Peak memory {peak:.2f} GB. Aim: the comparison within {aim} s by the clock: {verdict}.

{machine}. {versions}.
"""
TITLES = {
    "imports": "imports (said apart)",
    "open": "open the snapshot, read the definitions",
    "differs": "**the comparison**: members, differences of both and of one to the other",
    "beside": "headline measures beside each other",
    "over_time": "size and rates over time, level shifts",
    "mix": "changes split into mix and behaviour",
}


def main() -> None:
    """Make the workspace, measure it some times, write RESULTS-compare.md; or one step of it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, default=HERE / "data" / "20000000")
    parser.add_argument("--results", type=Path, default=HERE / "RESULTS-compare.md")
    parser.add_argument("--step", type=Path)
    given = parser.parse_args()
    if given.step:
        print(json.dumps(measure(given.step)))
        return
    folder = HERE / "data" / f"compare-{given.data.name}"
    make_workspace(given.data, folder)
    load = os.getloadavg()[0]
    warm(folder)
    told = [run_once(folder) for _ in range(TIMES)]
    given.results.write_text(render(told, load), "utf-8")
    print(given.results.read_text("utf-8"))


def make_workspace(data: Path, folder: Path) -> None:
    """Copy the loaded workspace and load more labels into the copy, unless it is there."""
    if (folder / "made").exists():
        return
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in ("raw", "store", "segments", "segkit.toml"):
        copy = shutil.copytree if (data / name).is_dir() else shutil.copy2
        copy(data / name, folder / name)
    write_labels(folder)
    with (folder / "segkit.toml").open("a", encoding="utf-8") as config:
        config.write(MORE)
    (folder / "segments" / "phone_visitors.yml").write_text(PHONE, "utf-8")
    import segkit as sk  # noqa: PLC0415  a measured process imports it itself

    sk.open(folder).load()
    (folder / "made").touch()


def write_labels(folder: Path) -> None:
    """Write 35 labels of every member, drawn by chance."""
    chance = random.Random(SEED)  # noqa: S311  no secret
    rows = (folder / "raw" / "attributes.csv").read_text("utf-8").splitlines()[1:]
    draws: dict[str, Callable[[], str]] = {}
    for i in range(TEXTS):
        values = [f"value {k}" for k in range(3 + i % 10)]
        draws[f"text_{i:02}"] = lambda values=values: chance.choice(values)
    for i in range(FLAGS):
        draws[f"flag_{i}"] = lambda: chance.choice(("true", "false"))
    for i in range(NUMBERS):
        draws[f"number_{i}"] = lambda i=i: str(chance.randrange(10 ** (i % 3 + 1)))
    known = {name: 0.6 + 0.4 * chance.random() for name in draws}
    with (folder / "raw" / "more_labels.csv").open("w", encoding="utf-8") as out:
        out.write(f"member_id,{','.join(draws)}\n")
        for row in rows:
            member = row.split(",")[0]
            cells = [d() if chance.random() < known[name] else "" for name, d in draws.items()]
            out.write(f"{member},{','.join(cells)}\n")


def run_once(folder: Path) -> dict[str, Any]:
    """Measure once, in a process of its own."""
    done = subprocess.run(  # noqa: S603  our own script
        [sys.executable, __file__, "--step", str(folder)], stdout=subprocess.PIPE, check=True
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def measure(folder: Path) -> dict[str, Any]:
    """Give the seconds of each step, and what the comparison said of itself."""
    seconds: dict[str, float] = {}
    cpu: dict[str, float] = {}
    last = time.perf_counter(), time.process_time()

    def lap(name: str) -> None:
        nonlocal last
        now = time.perf_counter(), time.process_time()
        seconds[name], cpu[name] = now[0] - last[0], now[1] - last[1]
        last = now

    import scipy.stats  # noqa: F401, PLC0415  measured

    import segkit as sk  # noqa: PLC0415
    from segkit.reports.comparison_beside import build_beside  # noqa: PLC0415
    from segkit.reports.comparison_differs import build_differs  # noqa: PLC0415
    from segkit.reports.comparison_facts import build_overlap, shows_others  # noqa: PLC0415
    from segkit.reports.comparison_mix import build_mix  # noqa: PLC0415
    from segkit.reports.comparison_time import build_over_time  # noqa: PLC0415
    from segkit.workspace import reporting  # noqa: F401, PLC0415

    lap("imports")
    report = sk.open(folder).compare(SEGMENTS, days=DAYS)
    lap("open")
    study = report.study
    overlap = build_overlap(study)
    differs, judged = build_differs(study, overlap)
    lap("differs")
    build_beside(study, has_others=shows_others(study, overlap))
    lap("beside")
    build_over_time(study)
    lap("over_time")
    build_mix(study)
    lap("mix")
    catalogue = study.first.tables.catalogue
    return {
        "seconds": seconds,
        "cpu": cpu,
        "judged": judged,
        "n_found": [told.differences.n_found for told in differs],
        "sizes": [group.sides.n_segment for group in study.groups],
        "users": study.groups[0].n_universe,
        "days": DAYS,
        "events": catalogue.n_events,
        "labels": len(catalogue.attributes),
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9,
    }


def render(told: list[dict[str, Any]], load: float) -> str:
    """Give the page of results."""
    first = told[0]
    took = median(one["seconds"]["differs"] for one in told)
    lines = [
        f"| {title} | {median(one['seconds'][name] for one in told):.2f} "
        f"| {median(one['cpu'][name] for one in told):.2f} |"
        for name, title in TITLES.items()
    ]
    return RESULTS.format(
        command="make bench-compare",
        sizes=" and ".join(f"{n:,}" for n in first["sizes"]),
        times=TIMES,
        aim=AIM_S,
        verdict="met" if took <= AIM_S else "not met in this run",
        load=load,
        lines="\n".join(lines),
        peak=max(one["peak"] for one in told),
        machine=describe_machine(),
        versions=", ".join(f"{name} {version(name)}" for name in PACKAGES),
        **{name: first[name] for name in ("users", "days", "events", "labels", "judged")},
    )


if __name__ == "__main__":
    main()
