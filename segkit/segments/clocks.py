"""Say which instant a definition looks back from, and refuse one that its windows cannot use."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from segkit.errors import DefinitionError, NotYetError
from segkit.periods import Clock, Duration
from segkit.segments.model import Definition, LastComplete
from segkit.segments.shapes import Place, walk
from segkit.segments.windows import period_start


def clock_of(definition: Definition, given: Clock) -> Clock:
    """Give the clock of a definition: its own `as_of` and `timezone`, else those given.

    A given clock at the end of a day means the end of that day in the definition's zone. To
    evaluate a definition at other days than its own (a trend), replace its `as_of` by None first.

    Raises
    ------
    NotYetError
        For `as_of: today` and `yesterday`, which depend on when the question is asked.
    """
    zone = ZoneInfo(definition.timezone) if definition.timezone else given.zone
    as_of = definition.as_of
    if isinstance(as_of, str):
        raise NotYetError.build(
            f"`as_of: {as_of}` is part of the language but cannot be evaluated yet.",
            where=f"segment {definition.segment}, as_of",
            hint="write a date, or leave it out for the last complete day.",
        )
    if isinstance(as_of, datetime):
        return Clock(as_of, zone)
    if isinstance(as_of, date):
        return Clock.at_end_of(as_of, zone)
    moved = Clock.at_end_of(given.day, zone) if given.is_day_end else Clock(given.at, zone)
    if isinstance(as_of, LastComplete):
        return Clock.at_end_of(_last_complete(moved, as_of.period), zone)
    return moved


def _last_complete(clock: Clock, period: str) -> date:
    """Give the last day of the last period that is over at T."""
    day = clock.day if clock.is_day_end else clock.day - timedelta(days=1)
    following = day + timedelta(days=1)
    return period_start(following, period) - timedelta(days=1)


def check_clock(definition: Definition, clock: Clock) -> None:
    """Refuse hours and minutes at the end of a day: they need an instant.

    Raises
    ------
    DefinitionError
        When a duration counts hours or minutes and T is the end of a day.
    """
    if not clock.is_day_end:
        return
    for part, place in walk(definition, Place(f"segment {definition.segment}")):
        if isinstance(part, Duration) and part.is_clock:
            raise DefinitionError.build(
                f"`{part}` counts hours or minutes, but `as_of` is the end of a day.",
                where=str(place),
                hint="give `as_of` as an instant like 2026-06-30T12:00:00+02:00, or write days.",
            )


def undated(definition: Definition) -> Definition:
    """Give the definition without its own `as_of`, to evaluate it at any day."""
    return replace(definition, as_of=None)
