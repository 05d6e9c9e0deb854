"""Measure a live report in its kernel: python benchmarks/live.py WORKSPACE QUESTION CHANGE….

QUESTION is `segment,last day,days`; a CHANGE is `segment=…`, `days=…`, `as_of=…` or `baseline=…`.
Any workspace will do; one of 20 million events is made by `make bench EVENTS=20e6`.

Prints one JSON document: for the question and each change, by the kernel's clock, the seconds until
the headline numbers, until each section and until the last one are said, the seconds of a processor
that both processes of the page took, and the share of two processors that they got meanwhile.
"""

import json
import os
import resource
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import psutil

import segkit as sk
from segkit.runs.ahead import import_modules
from segkit.runs.kernel import LATER, NEEDED
from segkit.workspace import live_panel
from segkit.workspace.live_asking import follow
from segkit.workspace.live_report import Wish
from segkit.workspace.reporting import report_segment

WAIT_S = 600
READ: dict[str, Callable[[str], Any]] = {"days": int, "as_of": date.fromisoformat}


class Page:
    """The panel of one page, and what its sections said since the last change."""

    def __init__(self, workspace: str, question: str) -> None:
        opened = sk.open(workspace)

        def ask(wish: Wish) -> Any:  # noqa: ANN401  a Report
            return report_segment(
                opened, wish["segment"], wish["as_of"], wish["days"],
                baseline=wish["baseline"], clearance=None,
            )  # fmt: skip

        segment, day, days = question.split(",")
        wish = Wish.of(segment=segment, as_of=day, days=int(days), baseline="rest")
        self.live = follow(opened, "segment_report", ask(wish), wish, ask=ask)
        row = self.live.controls().children[0]
        self.controls = dict(zip(dict(wish.values), row.children, strict=True))
        self.said: list[tuple[str, float]] = []
        for name in self.live.report.sections:
            getattr(self.live, name)().observe(lambda _, name=name: self._hear(name), "value")

    def _hear(self, name: str) -> None:
        self.said.append((name, time.perf_counter() - self.begun))

    def begin(self) -> None:
        """Set the clocks."""
        self.said.clear()
        self.used, self.begun = processor_s(), time.perf_counter()

    def finish(self) -> dict[str, Any]:
        """Wait for all sections and give what was measured."""
        self.live.wait(WAIT_S)
        took, used = time.perf_counter() - self.begun, processor_s() - self.used
        last = dict(self.said)
        first = next(at for name, at in self.said if name in {"cover", "overview"})
        return {
            "headline_s": round(first, 2),
            "all_s": round(max(last.values()), 2),
            "processor_s": round(used, 2),
            "share_of_2": round(used / took / 2, 2),
            "sections_s": {name: round(at, 2) for name, at in last.items()},
        }


def processor_s() -> float:
    """Give the seconds of a processor that this process and its children have taken."""
    me = psutil.Process()
    times = [process.cpu_times() for process in (me, *me.children())]
    return sum(time.user + time.system for time in times)


def main(workspace: str, question: str, changes: list[str]) -> None:
    """Measure and print."""
    import_modules((*NEEDED, *LATER))
    vars(live_panel)["is_live"] = lambda: True  # as in a notebook's kernel
    page = Page(workspace, question)
    page.begin()
    page.live.finish()
    found = {question: page.finish()}
    for change in changes:
        name, value = change.split("=")
        page.begin()
        page.controls[name].value = READ.get(name, str)(value)
        found[change] = page.finish()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"load": os.getloadavg()[0], "peak_mib": round(memory), **found}, indent=1))
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    if not Path(sys.argv[1]).is_dir():
        sys.exit(f"There is no workspace at {sys.argv[1]}.")
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
