"""Find the days on which a segment's size, or who of it was active, lies out."""

from collections.abc import Mapping, Sequence
from datetime import date

from segkit.compare.facts import OutlyingDay
from segkit.compare.outliers import LEAST_DAYS, find_outliers
from segkit.measures.facts import TrendRow


def find_outlying(rows: Sequence[TrendRow]) -> tuple[OutlyingDay, ...]:
    """Give the outlying days of a trend: of its size (`n_users`) and its active users (`n_active`).

    Parameters
    ----------
    rows
        The trend, withheld; nothing is found where its periods are no days, where fewer than 28
        are over, or in a measure of which one is withheld.

    Returns
    -------
    tuple
        Oldest first.
    """
    over = [row for row in rows if row.is_complete]
    if any(row.start_on != row.end_on for row in over):
        return ()
    found = {
        "n_users": [row.n_users for row in over],
        "n_active": [row.n_active for row in over],
    }
    series = {
        name: [float(n) for n in numbers if n is not None]
        for name, numbers in found.items()
        if None not in numbers and len(numbers) >= LEAST_DAYS
    }
    return name_outliers([row.start_on for row in over], series, n_series=max(len(series), 1))


def name_outliers(
    days: Sequence[date], series: Mapping[str, Sequence[float]], *, n_series: int
) -> tuple[OutlyingDay, ...]:
    """Give the outlying days of several measures of one segment, oldest first.

    Parameters
    ----------
    days
        The days of every series that is not empty.
    n_series
        How many series the whole report looks at.
    """
    found = [
        OutlyingDay(measure=name, day=days[one.at], value=one.value, usual=one.usual)
        for name, values in series.items()
        for one in find_outliers(values, n_series=n_series)
    ]
    return tuple(sorted(found, key=lambda o: o.day))
