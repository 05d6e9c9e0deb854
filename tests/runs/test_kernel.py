"""A kernel imports what its page needs before it answers, and a live page draws later."""

import os
import subprocess
import sys

import pytest

from segkit.runs import kernel

SAY = """
import sys
from segkit.runs import kernel
kernel.die_with_parent = kernel.import_ahead = lambda *_: None
watched = {"matplotlib", "sklearn", "segkit.reports.report"}
kernel.launch = lambda: print(*sorted(watched & set(sys.modules)))
kernel.main()
"""


def imported(notebook: str | None) -> list[str]:
    """Give what a kernel has imported when it begins to answer, of some modules."""
    others = {name: value for name, value in os.environ.items() if name != kernel.NOTEBOOK}
    asked = {} if notebook is None else {kernel.NOTEBOOK: notebook}
    told = subprocess.run(
        [sys.executable, "-c", SAY],
        env={**others, **asked, "JPY_PARENT_PID": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    return told.stdout.split()


@pytest.mark.parametrize("notebook", ["segment_report", "compare_segments"])
def test_the_controls_of_a_live_page_wait_for_no_drawing(notebook: str) -> None:
    assert imported(notebook) == ["segkit.reports.report"]


def test_the_kernel_of_a_run_has_what_drawings_need() -> None:
    assert imported(None) == ["matplotlib", "segkit.reports.report"]
