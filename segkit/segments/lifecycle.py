"""Say where a user stands in the life of a habit: first time, regular, stopped, resumed."""

from dataclasses import dataclass, replace
from typing import Any, ClassVar

from segkit.periods import Duration
from segkit.segments.bounds import BOUND, Bound
from segkit.segments.conditions import Condition
from segkit.segments.forms import BOUND_FIELD, PARTS
from segkit.segments.shapes import DURATION, Field, Part, Place, shape, whole
from segkit.segments.targets import TARGET_FIELD, Target
from segkit.segments.windows import OWN_WINDOW, WINDOW, Anchored, Before, Ever, OlderThan, Window

MOST_PERIODS = 366
"""Periods that `regularly` can look back on; each is counted by itself."""


@dataclass(frozen=True, kw_only=True)
class FirstTime(Condition):
    """The first ever occurrence falls in the window."""

    kind: ClassVar[str] = "first_time"
    target: Target
    during: Window

    @property
    def later(self) -> str:
        """What of it cannot be evaluated yet."""
        return _own(self, during=self.during)


@dataclass(frozen=True, kw_only=True)
class Periods:
    """How many of the last whole periods must satisfy the bound."""

    bound: Bound
    of_last: int


@dataclass(frozen=True, kw_only=True)
class Regularly(Condition):
    """The count a period is in bound in enough of the last whole periods.

    Periods adjoin and are counted back from T; the last one ends at T.
    """

    kind: ClassVar[str] = "regularly"
    target: Target
    bound: Bound
    per: Duration
    periods: Periods


@dataclass(frozen=True, kw_only=True)
class Stopped(Condition):
    """Did it in the window, and not at all in the last `silent_for` before T."""

    kind: ClassVar[str] = "stopped"
    target: Target
    active_in: Window
    silent_for: Duration

    @property
    def later(self) -> str:
        """What of it cannot be evaluated yet."""
        return _own(self, active_in=self.active_in)


@dataclass(frozen=True, kw_only=True)
class Resumed(Condition):
    """Did it in the window, not in the `silent_for` before the window, but before that."""

    kind: ClassVar[str] = "resumed"
    target: Target
    silent_for: Duration
    during: Window

    @property
    def later(self) -> str:
        """What of it cannot be evaluated yet."""
        return _own(self, during=self.during)


def _own(condition: Condition, **windows: Window) -> str:
    """Name a window that hangs on each user's own event, where only others can be evaluated."""
    named = [key for key, window in windows.items() if isinstance(window, Anchored)]
    return f"{condition.kind}: {{{named[0]}: {OWN_WINDOW}}}" if named else ""


def _read_of_last(node: Any, place: Place) -> int:  # noqa: ANN401
    n = whole(least=1).read(node, place)
    if n > MOST_PERIODS:
        raise place.refuse(
            f"Expected at most {MOST_PERIODS} periods, found {n}.", "count by a longer `per`."
        )
    return n


def _read_resumed(node: Any, place: Place) -> Resumed:  # noqa: ANN401
    told = _RESUMED.read(node, place)
    if isinstance(told.during, Ever | Before | OlderThan):
        raise place.at("during").refuse(
            "`resumed` needs a window with a beginning: the silence lies before it.",
            "write {last: 7d}.",
        )
    return told


_PERIODS = shape(
    Periods,
    "periods",
    Field("is", "bound", BOUND),
    Field("of_last", "of_last", replace(whole(), read=_read_of_last)),
)
_DURING = Field("during", "during", WINDOW)
_SILENT = Field("silent_for", "silent_for", DURATION)
_RESUMED = shape(Resumed, "resumed", TARGET_FIELD, _SILENT, _DURING)

PARTS |= {
    "first_time": shape(FirstTime, "first_time", TARGET_FIELD, _DURING),
    "regularly": shape(
        Regularly,
        "regularly",
        TARGET_FIELD,
        BOUND_FIELD,
        Field("per", "per", DURATION),
        Field("periods", "periods", _PERIODS),
    ),
    "stopped": shape(
        Stopped, "stopped", TARGET_FIELD, Field("active_in", "active_in", WINDOW), _SILENT
    ),
    "resumed": Part(_read_resumed, _RESUMED.write),
}
