"""Name the live pages that are served: each a notebook whose report follows controls.

Whatever the server does for live pages it does by this list; there is no other place that knows one
of them by name.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from segkit.apps.readers import Reader
from segkit.runs.parameters import (
    COMPARE_SEGMENTS,
    SEGMENT_REPORT,
    USER_PROFILE,
    WEEKLY_REVIEW,
    ParameterModel,
)


@dataclass(frozen=True, kw_only=True)
class LiveApp:
    """One live page: the parameters of its notebook, and what it is called.

    `n_first` is how many segments of the library are asked for when none is named. The values of
    `private` parameters stand behind the `#` of an address, which browsers keep to themselves: no
    server and no proxy logs them. A page that `shows_people` is for readers who may see single
    users.
    """

    model: ParameterModel
    title: str
    about: str
    n_first: int = 0
    private: frozenset[str] = frozenset()
    shows_people: bool = False

    @property
    def name(self) -> str:
        """The name of the notebook, in the page's address too."""
        return self.model.report

    def address(self, parameters: Mapping[str, object]) -> str:
        """Give the address of the page with these values, complete and in one order."""
        asked = {name: str(parameters[name]) for name in self.shown if name in parameters}
        shown = {k: text for k, text in asked.items() if k not in self.private}
        hidden = {k: text for k, text in asked.items() if k in self.private and text}
        query = f"?{urlencode(shown)}" if shown else ""
        return f"/live/{self.name}{query}{f'#{urlencode(hidden)}' if hidden else ''}"

    def is_for(self, reader: Reader) -> bool:
        """Whether a reader may open the page at all."""
        return not self.shows_people or reader.clearance != "public"

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
        LiveApp(
            model=USER_PROFILE,
            title="User profile",
            about="One person: segments, visits and every event, beside the average.",
            private=frozenset({"user"}),
            shows_people=True,
        ),
    )
}
"""The live pages by name, in the order of the portal."""
