"""Cut a window into days, ISO weeks or months, and say in which of them users were active."""

from dataclasses import dataclass
from datetime import date, timedelta

from ibis import Table
from ibis.expr.types import DateColumn, IntegerColumn

from segkit.measures.activity import Activity, bit_of
from segkit.measures.latest import all_bits
from segkit.measures.sides import Sides
from segkit.periods import Grain, period_after, period_name, period_start

DAILY_UP_TO = 31
WEEKLY_UP_TO = 182


@dataclass(frozen=True, kw_only=True)
class Period:
    """One day, ISO week or month: its name, its first and last day, and whether it is over at T."""

    name: str
    start_on: date
    end_on: date
    is_complete: bool


def find_grain(days: int) -> Grain:
    """Give the grain that suits some days: `day` up to 31, `week` up to 182, else `month`.

    >>> find_grain(31), find_grain(90), find_grain(365)
    ('day', 'week', 'month')
    """
    if days <= DAILY_UP_TO:
        return "day"
    return "week" if days <= WEEKLY_UP_TO else "month"


def list_periods(sides: Sides, grain: Grain) -> tuple[Period, ...]:
    """Give the periods that begin in the window, oldest first; the last may be unfinished."""
    periods = []
    start = period_start(sides.start_on, grain)
    while start <= sides.end_on:
        after = period_after(start, grain)
        end_on = after - timedelta(days=1)
        if start >= sides.start_on:
            periods.append(
                Period(
                    name=period_name(start, grain),
                    start_on=start,
                    end_on=end_on,
                    is_complete=end_on <= sides.end_on,
                )
            )
        start = after
    return tuple(periods)


def place_of(day: DateColumn, first: date, grain: Grain) -> IntegerColumn:
    """Give how many periods a day's period lies after the one that begins on `first`."""
    if grain == "month":
        months = day.year() * 12 + day.month() - (first.year * 12 + first.month)
        return months.cast("int64")
    days = day.delta(first, unit="day")
    return (days // 7 if grain == "week" else days).cast("int64")


def active_bits(sides: Sides, activity: Activity, first: date, grain: Grain) -> Table:
    """Give one row a user: bit i says that the user was active in the i-th period from `first`.

    At most 62 periods; users without an event in them may have no row. Weeks come from the
    `activity`, and begin in its first week at the earliest.
    """
    if grain == "week":
        shift = (first - activity.first_week).days // 7
        users = activity.users
        return users.select("user_no", active=users.week_bits // (1 << shift))
    days = sides.tables.user_days
    read = days.filter(days.day.between(first, sides.end_on))
    return read.group_by("user_no").agg(active=all_bits(bit_of(place_of(read.day, first, grain))))
