"""Name the period that a report is about: a day, an ISO week, a month.

A scheduled run belongs to a period and not to an instant: however often a trigger fires, whatever
the clock does, there is one report on one period.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from segkit.errors import ParameterError
from segkit.periods import Grain, period_after, period_name, period_start

Rhythm = Literal["daily", "weekly", "monthly"]
GRAINS: dict[Rhythm, Grain] = {"daily": "day", "weekly": "week", "monthly": "month"}
"""How long the period of a rhythm is."""
EXAMPLES: dict[Grain, str] = {"day": "2026-06-30", "week": "2026-W26", "month": "2026-06"}
_WEEK = re.compile(r"^(\d{4})-W(\d{2})$")
_MONTH = re.compile(r"^(\d{4})-(\d{2})$")


@dataclass(frozen=True, order=True)
class Period:
    """One day, ISO week or month, by its first day.

    >>> week = Period.of(date(2026, 6, 30), "week")
    >>> str(week), week.end.isoformat(), str(week.before())
    ('2026-W27', '2026-07-05', '2026-W26')
    """

    start: date
    grain: Grain

    @classmethod
    def of(cls, day: date, grain: Grain) -> "Period":
        """Give the period that a day lies in."""
        return cls(period_start(day, grain), grain)

    @property
    def end(self) -> date:
        """The last day inside; what a report on the period looks back from."""
        return period_after(self.start, self.grain) - timedelta(days=1)

    def after(self) -> "Period":
        """Give the next period."""
        return Period(period_after(self.start, self.grain), self.grain)

    def before(self) -> "Period":
        """Give the period before."""
        return Period.of(self.start - timedelta(days=1), self.grain)

    def __str__(self) -> str:
        return period_name(self.start, self.grain)


def read_period(text: str, grain: Grain) -> Period:
    """Give the period that a name means.

    >>> read_period("2026-W01", "week").start.isoformat()
    '2025-12-29'

    Raises
    ------
    ParameterError
        When the text is not the name of a period of this length.
    """
    try:
        period = _read(text, grain)
    except ValueError:
        period = None
    if period is None or str(period) != text:
        raise ParameterError.build(
            f"`--period`: expected a {grain} like {EXAMPLES[grain]}, found `{text[:40]}`.",
            hint=f"this report is made once a {grain}.",
        )
    return period


def _read(text: str, grain: Grain) -> Period | None:
    week, month = _WEEK.match(text), _MONTH.match(text)
    if grain == "week":
        return week and Period(date.fromisocalendar(int(week[1]), int(week[2]), 1), grain)
    if grain == "month":
        return month and Period(date(int(month[1]), int(month[2]), 1), grain)
    return Period(date.fromisoformat(text), grain)


def end_of(name: str) -> date | None:
    """Give the last day of a period by its name, of whatever length; None for any other name.

    >>> [end_of(name).isoformat() for name in ("2026-06-30", "2026-W27", "2026-06")]
    ['2026-06-30', '2026-07-05', '2026-06-30']
    """
    for grain in EXAMPLES:
        try:
            period = _read(name, grain)
        except ValueError:
            continue
        if period is not None and str(period) == name:
            return period.end
    return None
