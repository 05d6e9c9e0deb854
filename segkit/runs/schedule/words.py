"""Read the schedule of a report as people write it, in words that have one meaning.

`every: Monday 07:30` cannot be misread. Numbers of weekdays can: `0 8 * * 1` is a Monday to cron
and a Tuesday to another scheduler. What is due is found from the period: the report on a week that
ended on Sunday is due on the first Monday, 07:30 after it, in the report's zone.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from segkit.errors import ParameterError, near_names
from segkit.periods import Grain, local_day, period_after
from segkit.runs.schedule.period import Period

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
FORMS: dict[Grain, str] = {
    "day": "day 06:00",
    "week": "Monday 07:30",
    "month": "month on day 3 at 07:30",
}
"""How a schedule is written for each length of period."""
_CLOCK = r"(?P<hour>[01]\d|2[0-3]):(?P<minute>[0-5]\d)"
_DAY = re.compile(rf"^day {_CLOCK}$")
_WEEK = re.compile(rf"^(?P<weekday>[A-Za-z]+) {_CLOCK}$")
_MONTH = re.compile(rf"^month on day (?P<day>[1-9]|[12]\d|3[01]) at {_CLOCK}$")


@dataclass(frozen=True, kw_only=True)
class Every:
    """When a report is made, again and again.

    `day` is 0 for a daily report, 0 (Monday) to 6 for a weekly one, 1 to 31 for a monthly one; a
    month that lacks the day has it on its last.
    """

    grain: Grain
    at: time
    day: int = 0

    def due(self, period: Period, zone: ZoneInfo) -> datetime:
        """Give the UTC instant at which the report on a period is due: after the period is over.

        A time that the clock skips in spring comes that much later; of one that it shows twice in
        autumn the first counts. So each period has exactly one instant.
        """
        after = period_after(period.start, period.grain)
        if self.grain == "week":
            after += timedelta(days=self.day)
        if self.grain == "month":
            last = period_after(after, "month") - timedelta(days=1)
            after = min(after + timedelta(days=self.day - 1), last)
        return datetime.combine(after, self.at, tzinfo=zone).astimezone(UTC)

    def newest_due(self, now: datetime, zone: ZoneInfo) -> Period:
        """Give the newest period whose report is due at an instant."""
        period = Period.of(local_day(now, zone), self.grain)
        while self.due(period, zone) > now:
            period = period.before()
        return period

    def __str__(self) -> str:
        clock = f"{self.at:%H:%M}"
        if self.grain == "week":
            return f"{WEEKDAYS[self.day]} {clock}"
        return f"month on day {self.day} at {clock}" if self.grain == "month" else f"day {clock}"


def read_every(text: str, grain: Grain) -> Every:
    """Give the schedule that some words mean for periods of a length.

    >>> str(read_every("Monday 07:30", "week"))
    'Monday 07:30'

    Raises
    ------
    ParameterError
        When the words have no meaning, or one for periods of another length.
    """
    forms = {"day": _DAY, "week": _WEEK, "month": _MONTH}
    found = forms[grain].match(text)
    if found is None or (grain == "week" and found["weekday"] not in WEEKDAYS):
        first = text.split(" ", maxsplit=1)[0]
        near = near_names(first, WEEKDAYS) if grain == "week" else ""
        raise ParameterError.build(
            f"`every`: expected words like `{FORMS[grain]}`, found `{text[:40]}`.",
            hint=near or "write hours and minutes with two digits each, from 00:00 to 23:59.",
        )
    at = time(int(found["hour"]), int(found["minute"]))
    if grain == "week":
        return Every(grain=grain, at=at, day=WEEKDAYS.index(found["weekday"]))
    return Every(grain=grain, at=at, day=int(found["day"]) if grain == "month" else 0)


def count_between(first: Period, last: Period) -> list[Period]:
    """Give all periods from one to another, both inside, oldest first; none when they are swapped.

    >>> from datetime import date
    >>> weeks = count_between(*(Period.of(date(2026, 6, day), "week") for day in (1, 20)))
    >>> [str(week) for week in weeks]
    ['2026-W23', '2026-W24', '2026-W25']
    """
    found = []
    period = first
    while period.start <= last.start:
        found.append(period)
        period = period.after()
    return found
