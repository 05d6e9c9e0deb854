"""Name the live pages that are served: each a notebook whose report follows controls.

Whatever the server does for live pages it does by this list; there is no other place that knows one
of them by name.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from segkit.runs.parameters import (
    COMPARE_SEGMENTS,
    SEGMENT_REPORT,
    WEEKLY_REVIEW,
    ParameterModel,
)


@dataclass(frozen=True, kw_only=True)
class LiveApp:
    """One live page: the parameters of its notebook, and what it is called.

    `n_first` is how many segments of the library are asked for when none is named.
    """

    model: ParameterModel
    title: str
    about: str
    n_first: int = 0

    @property
    def name(self) -> str:
        """The name of the notebook, in the page's address too."""
        return self.model.report

    def address(self, parameters: Mapping[str, object]) -> str:
        """Give path and query of the page with these values, complete and in one order."""
        asked = {k: str(v) for k, v in parameters.items() if k in self.shown}
        return f"/live/{self.name}?{urlencode(asked)}" if asked else f"/live/{self.name}"

    @property
    def shown(self) -> tuple[str, ...]:
        """The parameters that the address carries: all that people may set."""
        return tuple(name for name in self.model.names if name != "workspace")


APPS = {
    app.name: app
    for app in (
        LiveApp(
            model=SEGMENT_REPORT,
            title="Segment report",
            about="Who is in a segment, what they do, and what sets them apart.",
            n_first=1,
        ),
        LiveApp(
            model=COMPARE_SEGMENTS,
            title="Compare segments",
            about="Up to eight segments beside each other.",
            n_first=2,
        ),
        LiveApp(
            model=WEEKLY_REVIEW,
            title="Weekly review",
            about="Which segments moved, and which moves are out of the ordinary.",
        ),
    )
}
"""The live pages by name, in the order of the portal."""
