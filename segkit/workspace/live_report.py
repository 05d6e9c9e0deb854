"""Hold a report whose question people change in the page: controls above, sections that follow.

The same notebook runs under papermill, where nobody is there to change anything: then there are no
controls, and a section is what it is in Python.
"""

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlencode

from segkit.views.fragment import gather, note
from segkit.workspace.asking import RUN_DIR

if TYPE_CHECKING:
    from segkit.workspace.live_panel import Panel

Value = str | int


@dataclass(frozen=True)
class Wish:
    """What is asked of a report: a value for each of its parameters, in the notebook's order.

    >>> Wish.of(segment="loyal", days=28).query
    'segment=loyal&days=28'
    """

    values: tuple[tuple[str, Value], ...]

    @classmethod
    def of(cls, **values: Value) -> Self:
        """Give the wish with these values."""
        return cls(tuple(values.items()))

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401  a text or a number, by the name
        return dict(self.values)[name]

    def with_values(self, **changes: Value) -> "Wish":
        """Give the wish with some values changed."""
        return Wish.of(**(dict(self.values) | changes))

    @property
    def query(self) -> str:
        """The wish as an address says it."""
        return urlencode(self.values)

    def split(self, private: frozenset[str]) -> tuple[str, str]:
        """Give the wish in two queries: what the server may know, and the parameters it may not.

        >>> Wish.of(user="u7", days=28).split(frozenset({"user"}))
        ('days=28', 'user=u7')
        """
        return (
            urlencode([pair for pair in self.values if pair[0] not in private]),
            urlencode([pair for pair in self.values if pair[0] in private and pair[1]]),
        )


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
        What the notebook asks for: the methods that its `sections` name follow the controls.
    open_panel
        Gives the controls with what they ask.
    """

    def __init__(self, report: Any, *, open_panel: "Callable[[], Panel]") -> None:  # noqa: ANN401
        self.report = report
        self._open_panel = open_panel
        self._panel: Panel | None = None

    def controls(self) -> Any:  # noqa: ANN401  an ipywidgets.VBox; the library is imported later
        """Give the controls; from now on sections follow them in place."""
        if self._panel is None:
            self._panel = self._open_panel()
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
        if name in self.report.sections and self._panel is not None:
            return partial(self._panel.show, name)
        return own

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *dir(self.report)})

    def __repr__(self) -> str:
        return f"Live {self.report!r}"
