"""Count who was active in each calendar period: the same users, day by day or month by month."""

from collections.abc import Sequence
from dataclasses import replace

from segkit.measures.facts import ActiveRow
from segkit.measures.grains import list_periods, place_of
from segkit.measures.sides import Sides
from segkit.measures.withhold import is_small, keep_part
from segkit.periods import Grain


def measure_active(sides: Sides, *, grain: Grain = "month") -> tuple[ActiveRow, ...]:
    """Give the segment's users with any event in each period of the window, oldest first.

    Parameters
    ----------
    grain
        Days, ISO weeks, or months (the default) of the workspace's zone.

    Returns
    -------
    tuple
        One row a period that begins in the window, also where nobody was active; the last may be
        unfinished. Empty when no period begins in the window.

    Notes
    -----
    Denominator: all users of the segment at T, inactive ones included. Bots' events do not count.
    """
    periods = list_periods(sides, grain)
    if not periods:
        return ()
    first = periods[0].start_on
    days = sides.tables.user_days
    read = days.filter(days.day.between(first, sides.end_on)).semi_join(sides.members, "user_no")
    places = read.select("user_no", place=place_of(read.day, first, grain))
    counted = places.group_by("place").agg(n=places.user_no.nunique())
    found = {int(place): int(n) for place, n in sides.engine.rows(counted)}
    return tuple(
        ActiveRow(
            period=period.name,
            start_on=period.start_on,
            end_on=period.end_on,
            is_complete=period.is_complete,
            n_users=sides.n_segment,
            n_active=found.get(place, 0),
        )
        for place, period in enumerate(periods)
    )


def withhold_active(rows: Sequence[ActiveRow], min_size: int) -> tuple[ActiveRow, ...]:
    """Give the periods without counts of too few active, or too few inactive, users."""
    return tuple(
        replace(
            row,
            n_users=None if is_small(row.n_users, min_size) else row.n_users,
            n_active=keep_part(row.n_active, row.n_users, min_size),
        )
        for row in rows
    )
