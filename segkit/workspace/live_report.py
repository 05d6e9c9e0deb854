"""Hold a report whose question people change in the page: controls above, sections that follow.

The same notebook runs under papermill, where nobody is there to change anything: then there are no
controls, and a section is what it is in Python.
"""

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from segkit.reports.report import SECTIONS, Report
from segkit.views.fragment import gather, note
from segkit.workspace.asking import RUN_DIR

if TYPE_CHECKING:
    from segkit.workspace.live_panel import Panel


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What is asked of a segment report: a segment's id, an ISO day, days and a baseline."""

    segment: str
    as_of: str
    days: int
    baseline: str


def is_live() -> bool:
    """Whether somebody looks at this kernel's page: a notebook kernel that works for no run."""
    if os.environ.get(RUN_DIR) or "IPython" not in sys.modules:
        return False
    from IPython.core.getipython import get_ipython  # noqa: PLC0415

    return hasattr(get_ipython(), "kernel")


class LiveReport:
    """A report with controls; without them it is like any other.

    Parameters
    ----------
    report
        What the notebook asks for.
    wish
        The same as a question that controls can change.
    ask
        Gives the report that another wish asks for.
    choices
        Gives the segments to choose from, each a pair of title and id.
    """

    def __init__(
        self,
        report: Report,
        wish: Wish,
        *,
        ask: Callable[[Wish], Report],
        choices: Callable[[], list[tuple[str, str]]],
    ) -> None:
        self.report = report
        self.wish = wish
        self._ask = ask
        self._choices = choices
        self._panel: Panel | None = None

    def controls(self) -> Any:  # noqa: ANN401  an ipywidgets.VBox; the library is imported later
        """Give the controls; from now on sections follow them in place."""
        from segkit.workspace.live_panel import Panel  # noqa: PLC0415  slow to import

        if self._panel is None:
            self._panel = Panel(self.wish, self.report, ask=self._ask, choices=self._choices())
        return self._panel.box

    def finish(self) -> Any:  # noqa: ANN401  a Fragment, as a report gives it
        """Say that nothing is written, and compute what is shown without further waiting."""
        if self._panel is None:
            return self.report.finish()
        self._panel.start()
        return gather([note("Nothing was written: this page follows its controls.")])

    def wait(self, timeout_s: float = 60) -> bool:
        """Wait until every section shows what is asked for; False when that takes longer."""
        return self._panel is None or self._panel.wait(timeout_s)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  whatever a report has
        own = getattr(self.report, name)
        if name in SECTIONS and self._panel is not None:
            return partial(self._panel.show, name)
        return own

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *dir(self.report)})

    def __repr__(self) -> str:
        return f"Live {self.report!r}"
