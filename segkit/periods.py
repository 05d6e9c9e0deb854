"""Turn words about time into half-open windows of instants.

Everything that looks back needs the same three answers: where a calendar day begins in a zone, how
long "30 days" is when the clock changes, and which instant a report looks back from. They are given
here once; no other module does calendar arithmetic.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from segkit.errors import DefinitionError, ParameterError, WorkspaceError

Grain = Literal["day", "week", "month"]
"""Calendar periods that numbers are counted by: days, ISO weeks from Monday, months."""
GRAINS: tuple[Grain, ...] = ("day", "week", "month")
UNITS = ("mi", "h", "d", "w", "mo", "q", "y")
_DURATION = re.compile(r"^(\d+)(mi|h|d|w|mo|q|y)$")


def read_zone(name: str, *, where: str = "") -> ZoneInfo:
    """Give the zone of an IANA name.

    Raises
    ------
    WorkspaceError
        When there is no such zone.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as exc:
        raise WorkspaceError.build(
            f"Unknown time zone `{name}`.", where=where, hint="use an IANA name like Europe/Berlin."
        ) from exc


@dataclass(frozen=True, order=True)
class Duration:
    """A length of time as the language writes it: `90mi 6h 30d 2w 3mo 1q 1y`.

    >>> Duration.parse("2w"), str(Duration.parse("30d"))
    (Duration(n=2, unit='w'), '30d')
    """

    n: int
    unit: str

    @classmethod
    def parse(cls, text: str, *, where: str = "") -> "Duration":
        """Read a duration; raise DefinitionError for anything else."""
        match = _DURATION.match(str(text))
        if not match:
            raise DefinitionError.build(
                f"`{text}` is not a duration.",
                where=where,
                hint="write 90mi, 6h, 30d, 2w, 3mo, 1q or 1y.",
            )
        return cls(int(match[1]), match[2])

    def __str__(self) -> str:
        return f"{self.n}{self.unit}"

    @property
    def is_clock(self) -> bool:
        """Whether it counts hours or minutes, which need an instant and not a day."""
        return self.unit in {"mi", "h"}

    def before(self, instant: datetime, zone: ZoneInfo) -> datetime:
        """Give the UTC instant this long before another one.

        Days and longer are calendar days of the zone.
        """
        return self._shift(instant, zone, -1)

    def after(self, instant: datetime, zone: ZoneInfo) -> datetime:
        """Give the UTC instant this long after another one."""
        return self._shift(instant, zone, 1)

    def _shift(self, instant: datetime, zone: ZoneInfo, sign: int) -> datetime:
        if self.is_clock:
            minutes = self.n * (60 if self.unit == "h" else 1)
            return instant.astimezone(UTC) + sign * timedelta(minutes=minutes)
        local = instant.astimezone(zone)
        if self.unit in {"d", "w"}:
            days = self.n * (7 if self.unit == "w" else 1)
            moved = local.date() + sign * timedelta(days=days)
        else:
            months = self.n * {"mo": 1, "q": 3, "y": 12}[self.unit]
            moved = add_months(local.date(), sign * months)
        if day_start(local.date(), zone) == instant:  # also where a clock change removes midnight
            return day_start(moved, zone)
        wall = datetime.combine(
            moved, local.timetz().replace(tzinfo=None, fold=local.fold), tzinfo=zone
        )
        return wall.astimezone(UTC)


def add_months(day: date, months: int) -> date:
    """Give the day some months on; the last day of a shorter month stands in for one that it lacks.

    >>> add_months(date(2026, 3, 31), -1)
    datetime.date(2026, 2, 28)
    """
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    raise AssertionError(day)


def period_start(day: date, grain: Grain) -> date:
    """Give the first day of the period that a day lies in.

    >>> period_start(date(2026, 7, 1), "week"), period_start(date(2026, 7, 9), "month")
    (datetime.date(2026, 6, 29), datetime.date(2026, 7, 1))
    """
    if grain == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if grain == "month" else day


def period_after(start: date, grain: Grain) -> date:
    """Give the first day of the next period, from the first day of one.

    >>> period_after(date(2026, 12, 1), "month")
    datetime.date(2027, 1, 1)
    """
    if grain == "month":
        return add_months(start, 1)
    return start + timedelta(days=7 if grain == "week" else 1)


def period_name(start: date, grain: Grain) -> str:
    """Give what a period is called, from its first day.

    >>> [period_name(date(2026, 6, 1), grain) for grain in GRAINS]
    ['2026-06-01', '2026-W23', '2026-06']
    """
    if grain == "week":
        year, week, _ = start.isocalendar()
        return f"{year}-W{week:02}"
    return f"{start:%Y-%m}" if grain == "month" else start.isoformat()


def day_start(day: date, zone: ZoneInfo) -> datetime:
    """Give the UTC instant at which a calendar day begins in a zone.

    >>> day_start(date(2026, 3, 30), ZoneInfo("Europe/Berlin")).isoformat()
    '2026-03-29T22:00:00+00:00'
    """
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)


def day_end(day: date, zone: ZoneInfo) -> datetime:
    """Give the UTC instant at which a calendar day ends: the start of the next one."""
    return day_start(day + timedelta(days=1), zone)


def local_day(instant: datetime, zone: ZoneInfo) -> date:
    """Give the calendar day that an instant falls in."""
    return instant.astimezone(zone).date()


@dataclass(frozen=True)
class Window:
    """Half-open span of UTC instants; a null bound is open.

    `from_day` and `to_day` are set when both bounds fall on day starts of `zone`: then day rollups
    of that zone are exact. `from_day` is the first day inside, `to_day` the last day inside.
    """

    start: datetime | None
    end: datetime
    zone: ZoneInfo

    @property
    def on_days(self) -> bool:
        """Whether both bounds are day starts in the zone, so that day rollups answer exactly."""
        return all(
            bound is None or day_start(local_day(bound, self.zone), self.zone) == bound
            for bound in (self.start, self.end)
        )

    @property
    def from_day(self) -> date | None:
        """The first calendar day inside; None when the window is open to the left."""
        return None if self.start is None else local_day(self.start, self.zone)

    @property
    def to_day(self) -> date:
        """The last calendar day inside."""
        return local_day(self.end - timedelta(microseconds=1), self.zone)


@dataclass(frozen=True)
class Clock:
    """The instant T that everything looks back from, and the zone whose days it counts.

    `Clock.at_end_of(day, zone)` is what `as_of: DAY` means: the instant at which the day ends.
    """

    at: datetime
    zone: ZoneInfo

    @classmethod
    def at_end_of(cls, day: date, zone: ZoneInfo) -> "Clock":
        """Give the clock of `as_of: day`."""
        return cls(day_end(day, zone), zone)

    @property
    def day(self) -> date:
        """The calendar day that ends at T, or that T lies in."""
        return local_day(self.at - timedelta(microseconds=1), self.zone)

    @property
    def is_day_end(self) -> bool:
        """Whether T is the start of a day in the zone."""
        return day_start(local_day(self.at, self.zone), self.zone) == self.at

    def last(self, length: Duration, *, ending: Duration | None = None) -> Window:
        """Give the window of the last `length` before T, or before `ending` before T."""
        end = ending.before(self.at, self.zone) if ending else self.at
        return Window(length.before(end, self.zone), end, self.zone)

    def ever(self) -> Window:
        """Give everything before T."""
        return Window(None, self.at, self.zone)


def read_day(text: str, *, name: str = "as_of") -> date:
    """Read an ISO calendar date.

    Raises
    ------
    ParameterError
        When the text is not a date like 2026-06-30.
    """
    try:
        return date.fromisoformat(str(text))
    except ValueError as exc:
        raise ParameterError.build(
            f"`{name}` is `{text}`, expected a date.", hint="write it like 2026-06-30."
        ) from exc


def offset_steps(zone: ZoneInfo, start: datetime, end: datetime) -> list[tuple[datetime, int]]:
    """Give the zone's UTC offsets over a span.

    Rows of (UTC instant from which it holds, offset in seconds).

    The first row holds from before `start`. Exact, by bisection between instants a day apart, so
    that engines can turn UTC into local time by one CASE expression and agree with each other.

    >>> steps = offset_steps(
    ...     ZoneInfo("Europe/Berlin"),
    ...     datetime(2026, 3, 1, tzinfo=UTC),
    ...     datetime(2026, 4, 1, tzinfo=UTC),
    ... )
    >>> [(at.isoformat(), s) for at, s in steps][1:]
    [('2026-03-29T01:00:00+00:00', 7200)]
    """
    at = start.astimezone(UTC).replace(microsecond=0)
    steps = [(at, _offset(zone, at))]
    while at < end:
        later = min(
            at + timedelta(days=1),
            end.astimezone(UTC).replace(microsecond=0) + timedelta(seconds=1),
        )
        if _offset(zone, later) != steps[-1][1]:
            low, high = at, later
            while high - low > timedelta(seconds=1):
                middle = low + timedelta(seconds=(high - low) // timedelta(seconds=2))
                low, high = (
                    (middle, high) if _offset(zone, middle) == steps[-1][1] else (low, middle)
                )
            steps.append((high, _offset(zone, high)))
            at = high
        else:
            at = later
    return steps


def local_steps(zone: ZoneInfo, start: datetime, end: datetime) -> list[tuple[datetime, int]]:
    """Give the zone's UTC offsets over a span of wall times: UTC = wall time − offset.

    Rows of (wall time from which it holds, offset in seconds); `start`, `end` and the wall times
    are naive. The first row holds from before `start`.

    A wall time that a clock set back shows twice is the first of the two; one that a clock set
    forward skips moves forward by the gap. Both are what `zoneinfo` says for `fold=0`: the offset
    before a change holds until the later of the change's two wall times.

    >>> berlin = ZoneInfo("Europe/Berlin")
    >>> steps = local_steps(berlin, datetime(2026, 3, 1), datetime(2026, 11, 1))
    >>> [(at.isoformat(), s) for at, s in steps][1:]
    [('2026-03-29T03:00:00', 7200), ('2026-10-25T03:00:00', 3600)]
    """
    day = timedelta(days=1)
    steps = offset_steps(zone, start.replace(tzinfo=UTC) - day, end.replace(tzinfo=UTC) + day)
    walls = [steps[0]]
    for (_, before), (at, after) in pairwise(steps):
        walls.append((at + timedelta(seconds=max(before, after)), after))
    return [(at.replace(tzinfo=None), seconds) for at, seconds in walls]


def _offset(zone: ZoneInfo, at: datetime) -> int:
    offset = at.astimezone(zone).utcoffset()
    return int(offset.total_seconds()) if offset else 0
