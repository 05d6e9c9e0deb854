"""Lift: how much more frequent a value is in the segment than in the baseline, and how sure.

A lift without its interval turns three users into a finding. One pair of shares at a time, in plain
numbers: a report has some hundreds, and numpy is slow to import.
"""

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from segkit.measures.facts import UNKNOWN, Breakdown, BreakdownRow, ratio

Z95 = 1.959963984540054
"""The 97.5% quantile of the standard normal distribution: two-sided 95% intervals."""
MIN_USERS = 30
"""Fewer users of the segment than this with a value never make it over-represented."""
FALSE_SHARE = 0.05
"""The expected share of false finds among the over-represented values (Benjamini and Hochberg)."""

MOST_OVER = 25
"""The most over-represented values that are listed."""


def lift_bounds(
    n1: float, total1: float, n2: float, total2: float, *, z: float = Z95
) -> tuple[float, float, float]:
    """Give the lift, share in the segment / share in the baseline, with the log interval of Katz.

    Parameters
    ----------
    n1, total1
        Users of the segment with the value, and all of the segment.
    n2, total2
        The same of the baseline; the two groups share no user.
    z
        Quantile of the standard normal distribution; 1.96 for 95%.

    Returns
    -------
    tuple
        Lift, lower and upper bound: ratios from 0. Nobody in the segment: lift 0, lower bound 0.
        Nobody in the baseline: lift and upper bound infinite. Nobody in either, or an empty group:
        nan.

    Notes
    -----
    lift = (n1/N1) / (n2/N2); ln(lift) ± z √(1/n1 − 1/N1 + 1/n2 − 1/N2). Where a count is 0, 0.5
    stands for it in the bound that stays finite; where all users of both groups have the value,
    N − 0.5 stands for n in the width.

    Source: Katz, Baptista, Azen and Pike 1978, Biometrics 34; zeros as in Aho and Bowyer 2015,
    Methods Ecol. Evol. 6.

    Examples
    --------
    >>> [round(x, 3) for x in lift_bounds(30, 100, 40, 200)]
    [1.5, 0.997, 2.256]
    """
    known = _log_lift(n1, total1, n2, total2)
    if known is None:
        return (math.nan, math.nan, math.nan)
    centre, error = known
    return (
        (n1 / total1) / (n2 / total2) if n2 else math.inf,
        math.exp(centre - z * error) if n1 else 0.0,
        math.exp(centre + z * error) if n2 else math.inf,
    )


def lift_p_value(n1: float, total1: float, n2: float, total2: float) -> float:
    """Give the two-sided p-value of "the lift is 1", under the normal law of `lift_bounds`.

    Examples
    --------
    >>> round(lift_p_value(30, 100, 40, 200), 4)
    0.0514
    """
    known = _log_lift(n1, total1, n2, total2)
    if known is None:
        return math.nan
    centre, error = known
    return 1.0 if centre == 0 else math.erfc(abs(centre) / error / math.sqrt(2))


def _log_lift(n1: float, total1: float, n2: float, total2: float) -> tuple[float, float] | None:
    """Give the logarithm of the lift and its standard error; None where there is no lift."""
    if not total1 or not total2 or not (n1 or n2):
        return None
    all_have = n1 == total1 and n2 == total2
    x1 = n1 - 0.5 if all_have else n1 or 0.5
    x2 = n2 - 0.5 if all_have else n2 or 0.5
    centre = 0.0 if all_have else math.log((x1 / total1) / (x2 / total2))
    return centre, math.sqrt(max(1 / x1 - 1 / total1 + 1 / x2 - 1 / total2, 0))


def hold_together(p: Sequence[float], *, share: float = FALSE_SHARE) -> list[bool]:
    """Say which p-values hold when on average at most `share` of them may be false.

    A p-value that is nan never holds.

    Notes
    -----
    With m sorted p-values, all up to the largest k with p(k) ≤ k/m · share.

    Source: Benjamini and Hochberg 1995, J. R. Stat. Soc. B 57.

    Examples
    --------
    >>> hold_together([0.01, 0.04, 0.03, 0.5])
    [True, False, False, False]
    """
    known = sorted(1.0 if math.isnan(value) else value for value in p)
    held = [value for k, value in enumerate(known, start=1) if value <= k / len(known) * share]
    return [bool(held) and value <= held[-1] for value in p]


def add_lifts(breakdown: Breakdown) -> Breakdown:
    """Give the breakdown with the shares and the lift of every row whose counts are not withheld.

    A row whose count or whose denominator is None stays without what would follow from it.
    """
    return replace(breakdown, rows=tuple(_with_lift(row, breakdown) for row in breakdown.rows))


def _with_lift(row: BreakdownRow, breakdown: Breakdown) -> BreakdownRow:
    share = ratio(row.n, breakdown.denominator)
    baseline_share = ratio(row.n_baseline, breakdown.baseline_denominator)
    if share is None or baseline_share is None:
        return replace(row, share=share, baseline_share=baseline_share)
    bounds = lift_bounds(
        row.n or 0,
        breakdown.denominator or 0,
        row.n_baseline or 0,
        breakdown.baseline_denominator or 0,
    )
    lift, low, high = (value if math.isfinite(value) else None for value in bounds)
    return replace(
        row,
        share=share,
        baseline_share=baseline_share,
        lift=lift,
        lift_low=low,
        lift_high=high,
    )


def over_represented(
    breakdowns: Iterable[Breakdown], *, min_users: int = MIN_USERS, most: int = MOST_OVER
) -> Breakdown:
    """Give the values that are more frequent in the segment than in the baseline, surest first.

    Parameters
    ----------
    breakdowns
        Labels of users after withholding: one breakdown a label, all over the same users. A
        label's `title` names it.
    min_users
        The least users of the segment with the value.
    most
        The most rows; `n_more` says how many further values qualify.

    Returns
    -------
    Breakdown
        Rows whose `value` reads `label: value`, by falling lower bound of the lift; no rows where
        nothing qualifies.

    Notes
    -----
    A value qualifies with at least `min_users` users, a 95% interval of the lift above 1, and a
    p-value that holds when all values of all labels are judged together at a false share of 5%.
    Values that stand for "unknown" never qualify. A report that compares more than labels asks
    `over_among` in its place.
    """
    return over_together([breakdowns], min_users=min_users, most=most)[0]


def over_together(
    groups: Iterable[Iterable[Breakdown]],
    *,
    beside: Sequence[float] = (),
    min_users: int = MIN_USERS,
    most: int = MOST_OVER,
) -> tuple[Breakdown, ...]:
    """Give `over_represented` of several groups of users, all their values judged as one family.

    Parameters
    ----------
    groups
        The breakdowns of each group; the other parameters are those of `over_represented`.
    beside
        The p-values of what else the report compares: of the same family.
    """
    listed = [list(group) for group in groups]
    known = [_known(group) for group in listed]
    keeps = iter(hold_together([*values_p(listed), *beside]))
    held = [[pair for pair in rows if next(keeps)] for rows in known]
    return tuple(
        _listed(group, rows, min_users=min_users, most=most)
        for group, rows in zip(listed, held, strict=True)
    )


def values_p(groups: Iterable[Iterable[Breakdown]]) -> tuple[float, ...]:
    """Give the p-value of every value of every label of some groups, as `over_together` judges."""
    return tuple(_p_value(b, row) for group in groups for b, row in _known(group))


def over_among(
    breakdowns: Iterable[Breakdown],
    holding: Collection[str],
    *,
    min_users: int = MIN_USERS,
    most: int = MOST_OVER,
) -> Breakdown:
    """Give `over_represented`, judged elsewhere: where labels are not all that is compared.

    Parameters
    ----------
    holding
        The values, as `label: value`, that hold among all that the report compares.
    """
    listed = list(breakdowns)
    rows = [(b, row) for b, row in _known(listed) if _name(b, row) in holding]
    return _listed(listed, rows, min_users=min_users, most=most)


_Row = tuple[Breakdown, BreakdownRow]


def _known(breakdowns: Iterable[Breakdown]) -> list[_Row]:
    return [
        (b, row)
        for b in breakdowns
        for row in b.rows
        if row.n is not None and row.n_baseline is not None and row.value != UNKNOWN
    ]


def _p_value(b: Breakdown, row: BreakdownRow) -> float:
    return lift_p_value(
        row.n or 0, b.denominator or 0, row.n_baseline or 0, b.baseline_denominator or 0
    )


def _name(b: Breakdown, row: BreakdownRow) -> str:
    return f"{b.title}: {row.value}"


def _listed(
    breakdowns: Sequence[Breakdown], held: Iterable[_Row], *, min_users: int, most: int
) -> Breakdown:
    """Give those of the values that hold which are more frequent, surest first."""
    found = [
        replace(row, value=_name(b, row))
        for b, row in held
        if (row.n or 0) >= min_users and (row.lift_low or 0) > 1
    ]
    found.sort(key=lambda r: (-(r.lift_low or 0), -(r.n or 0), r.value))
    first = breakdowns[0] if breakdowns else None
    return Breakdown(
        name="over",
        title="Values more frequent than in the baseline",
        of="users",
        denominator=first.denominator if first else None,
        baseline_denominator=first.baseline_denominator if first else None,
        is_partition=False,
        rows=tuple(found[:most]),
        n_more=max(len(found) - most, 0),
    )
