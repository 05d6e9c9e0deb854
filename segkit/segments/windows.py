"""Say when: the `during` of the language, and what it means at a clock.

Fixed windows become one half-open span of instants that is the same for every user. Windows that
hang on each user's own events are found by `segkit.segments.own_windows`, rolling ones by
`segkit.segments.rolling`.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, ClassVar, Literal, TypeAlias

from segkit.errors import NotYetError
from segkit.periods import Clock, Duration, add_months, day_end, day_start
from segkit.periods import Window as Span
from segkit.segments.shapes import (
    DATE,
    DURATION,
    TEXT,
    Part,
    Place,
    check_keys,
    choice,
    kind_of,
    only_key,
)

OWN_WINDOW = "{after or before: {first or last: …}}"
"""How messages call a window that hangs on each user's own event."""
PERIODS = ("day", "week", "month", "quarter", "year")
CALENDAR = tuple(f"{which}_{period}" for which in ("this", "last") for period in PERIODS)


@dataclass(frozen=True)
class Ever:
    """Everything before T."""

    later: ClassVar[str] = ""


@dataclass(frozen=True, kw_only=True)
class Last:
    """The last `length` before T, or before `ending` before T."""

    later: ClassVar[str] = ""
    length: Duration
    ending: Duration | None = None


@dataclass(frozen=True, kw_only=True)
class FromTo:
    """From the start of one calendar day to the end of another."""

    later: ClassVar[str] = ""
    start: date
    end: date


@dataclass(frozen=True, kw_only=True)
class Since:
    """From the start of a calendar day to T."""

    later: ClassVar[str] = ""
    day: date


@dataclass(frozen=True, kw_only=True)
class Before:
    """Everything before the start of a calendar day."""

    later: ClassVar[str] = ""
    day: date


@dataclass(frozen=True, kw_only=True)
class OlderThan:
    """Everything up to `length` before T."""

    later: ClassVar[str] = ""
    length: Duration


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """The current or the last whole day, ISO week, month, quarter or year; `this_…` ends at T."""

    later: ClassVar[str] = ""
    name: str


@dataclass(frozen=True, kw_only=True)
class Rolling:
    """Any stretch of `length` inside another window: whole days, from any day on."""

    length: Duration
    inside: "Window"

    @property
    def later(self) -> str:
        """What of it cannot be evaluated yet."""
        if self.length.is_clock:
            return "during: {any: hours or minutes}"
        return f"during: {{any: …, inside: {OWN_WINDOW}}}" if is_own(self.inside) else ""


@dataclass(frozen=True, kw_only=True)
class Anchor:
    """The first or the last of an event of each user."""

    which: Literal["first", "last"]
    event: str


@dataclass(frozen=True, kw_only=True)
class Anchored:
    """The stretch of `length` after or before each user's own first or last event."""

    later: ClassVar[str] = ""
    side: Literal["after", "before"]
    anchor: Anchor
    length: Duration


Window: TypeAlias = (
    Ever | Last | FromTo | Since | Before | OlderThan | Calendar | Rolling | Anchored
)

LONGEST_ANY = {"d": 366, "w": 52, "mo": 12, "q": 4, "y": 1}
"""The longest stretch of a rolling window, by unit: a year."""


def is_own(window: Window) -> bool:
    """Whether a window hangs on each user's own event."""
    return isinstance(window, Anchored)


KEYS = (
    "last",
    "ending",
    "from",
    "to",
    "since",
    "before",
    "older_than",
    "calendar",
    "any",
    "inside",
    "after",
    "for",
)
_FORMS = {
    frozenset({"last"}): "last",
    frozenset({"last", "ending"}): "last",
    frozenset({"from", "to"}): "from",
    frozenset({"since"}): "since",
    frozenset({"before"}): "before",
    frozenset({"older_than"}): "older_than",
    frozenset({"calendar"}): "calendar",
    frozenset({"any", "inside"}): "any",
    frozenset({"after", "for"}): "after",
    frozenset({"before", "for"}): "after",
}
_HINT = (
    "write ever, {last: 30d}, {last: 30d, ending: 30d}, {from: '2026-01-01', to: '2026-01-31'}, "
    "{since: '2026-01-01'}, {before: '2026-01-01'}, {older_than: 7d}, {calendar: last_month}, "
    "{after: {first: sign_up}, for: 7d} or {any: 3d, inside: {last: 30d}}."
)


def _read_last(node: dict[str, Any], place: Place) -> Window:
    ending = DURATION.read(node["ending"], place.at("ending")) if "ending" in node else None
    return Last(length=DURATION.read(node["last"], place.at("last")), ending=ending)


def _read_from(node: dict[str, Any], place: Place) -> Window:
    start, end = DATE.read(node["from"], place.at("from")), DATE.read(node["to"], place.at("to"))
    if end < start:
        raise place.refuse(
            f"The window ends on {end}, before it starts on {start}.", "swap `from` and `to`."
        )
    return FromTo(start=start, end=end)


def _read_anchored(node: dict[str, Any], place: Place) -> Window:
    side: Literal["after", "before"] = "after" if "after" in node else "before"
    below = place.at(side)
    which = only_key(node[side], ("first", "last"), below, "an anchor")
    event = TEXT.read(node[side][which], below.at(which))
    anchor = Anchor(which="first" if which == "first" else "last", event=event)
    return Anchored(side=side, anchor=anchor, length=DURATION.read(node["for"], place.at("for")))


def _read_any(node: dict[str, Any], place: Place) -> Window:
    length = DURATION.read(node["any"], place.at("any"))
    inside = _read_window(node["inside"], place.at("inside"))
    if length.n > LONGEST_ANY.get(length.unit, length.n):
        raise place.at("any").refuse(f"`{length}` is longer than a year.", "write {any: 30d}.")
    if isinstance(inside, Rolling):
        raise place.at("inside").refuse(
            "`inside` is itself any stretch of a window.",
            "give `inside` a window like {last: 30d}.",
        )
    return Rolling(length=length, inside=inside)


def _read_window(  # noqa: C901, PLR0911  one form a window
    node: Any,  # noqa: ANN401
    place: Place,
) -> Window:
    if node == "ever":
        return Ever()
    if not isinstance(node, dict):
        raise place.refuse(f"Expected a window, found {kind_of(node)}.", _HINT)
    check_keys(node, KEYS, place, "during")
    form = _FORMS.get(frozenset(node))
    if form == "from":
        return _read_from(node, place)
    if form == "last":
        return _read_last(node, place)
    if form == "any":
        return _read_any(node, place)
    if form == "after":
        return _read_anchored(node, place)
    if form == "older_than":
        return OlderThan(length=DURATION.read(node["older_than"], place.at("older_than")))
    if form == "calendar":
        return Calendar(name=choice(*CALENDAR).read(node["calendar"], place.at("calendar")))
    if form in {"since", "before"}:
        day = DATE.read(node[form], place.at(form))
        return Since(day=day) if form == "since" else Before(day=day)
    lacks = {
        "from": "`to`",
        "to": "`from`",
        "any": "`inside`",
        "after": "`for`",
        "for": "`after` or `before`",
    }
    missing = next((f"; {lacks[key]} is missing" for key in node if key in lacks), "")
    found = ", ".join(f"`{key}`" for key in node) or "nothing"
    raise place.refuse(f"{found} is not a window{missing}.", _HINT)


def _write_window(  # noqa: C901, PLR0911  one form a window
    window: Window,
    normal: bool,  # noqa: FBT001
) -> Any:  # noqa: ANN401
    match window:
        case Ever():
            return "ever"
        case Last(length=length, ending=None):
            return {"last": DURATION.write(length, normal)}
        case Last(length=length, ending=Duration() as ending):
            return {
                "last": DURATION.write(length, normal),
                "ending": DURATION.write(ending, normal),
            }
        case FromTo(start=start, end=end):
            return {"from": start.isoformat(), "to": end.isoformat()}
        case Since(day=day):
            return {"since": day.isoformat()}
        case Before(day=day):
            return {"before": day.isoformat()}
        case OlderThan(length=length):
            return {"older_than": DURATION.write(length, normal)}
        case Calendar(name=name):
            return {"calendar": name}
        case Rolling(length=length, inside=inside):
            return {"any": DURATION.write(length, normal), "inside": _write_window(inside, normal)}
        case Anchored(side=side, anchor=anchor, length=length):
            return {side: {anchor.which: anchor.event}, "for": DURATION.write(length, normal)}


WINDOW: Part[Window] = Part(_read_window, _write_window)
"""The `during` of the language."""


def span_of(window: Window, clock: Clock) -> Span:  # noqa: PLR0911  one span a window
    """Give the half-open span that a fixed window means at a clock; it never reaches beyond T.

    An empty window (one that lies behind T) starts and ends at one instant.
    """
    zone = clock.zone
    match window:
        case Ever():
            return clock.ever()
        case Last(length=length, ending=ending):
            return clock.last(length, ending=ending)
        case FromTo(start=start, end=end):
            return _clip(Span(day_start(start, zone), day_end(end, zone), zone), clock)
        case Since(day=day):
            return _clip(Span(day_start(day, zone), clock.at, zone), clock)
        case Before(day=day):
            return _clip(Span(None, day_start(day, zone), zone), clock)
        case OlderThan(length=length):
            return Span(None, length.before(clock.at, zone), zone)
        case Calendar(name=name):
            return _calendar(name, clock)
    what = window.later or OWN_WINDOW
    raise NotYetError.build(
        f"`{what}` is part of the language but cannot be evaluated yet.",
        hint="use `last`, `from`, `since`, `before`, `older_than` or `calendar`.",
    )


def _clip(span: Span, clock: Clock) -> Span:
    end = min(span.end, clock.at)
    start = None if span.start is None else min(span.start, end)
    return Span(start, end, span.zone)


def _calendar(name: str, clock: Clock) -> Span:
    which, period = name.split("_")
    first = period_start(clock.day, period)
    if which == "this":
        return _clip(Span(day_start(first, clock.zone), clock.at, clock.zone), clock)
    before = period_start(first - timedelta(days=1), period)
    return Span(day_start(before, clock.zone), day_start(first, clock.zone), clock.zone)


def period_start(day: date, period: str) -> date:
    """Give the first day of the day, ISO week, month, quarter or year that a day lies in.

    >>> period_start(date(2026, 11, 22), "week"), period_start(date(2026, 11, 22), "quarter")
    (datetime.date(2026, 11, 16), datetime.date(2026, 10, 1))
    """
    match period:
        case "day":
            return day
        case "week":
            return day - timedelta(days=day.weekday())
        case "month":
            return day.replace(day=1)
        case "quarter":
            return add_months(day.replace(day=1), -((day.month - 1) % 3))
        case _:
            return day.replace(month=1, day=1)


def durations_of(window: Window) -> tuple[Duration, ...]:
    """Give every duration that a window speaks of."""
    match window:
        case Last(length=length, ending=ending):
            return (length,) if ending is None else (length, ending)
        case OlderThan(length=length) | Anchored(length=length):
            return (length,)
        case Rolling(length=length, inside=inside):
            return (length, *durations_of(inside))
        case _:
            return ()
