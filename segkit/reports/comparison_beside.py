"""Put the headline measures of several segments beside each other and a common baseline."""

from collections.abc import Sequence

from segkit.compare.comparison import BesideRow, SideValue
from segkit.compare.shares import wilson_interval
from segkit.measures.facts import Measure, Overview
from segkit.measures.headline import RATIOS, VIEWS_PER_USER, SideTotals, measure_headline
from segkit.measures.people import NOBODY
from segkit.measures.withhold import is_small, keep_part, withhold_overview
from segkit.reports.comparison_study import ComparisonStudy, Group

OF_USERS = frozenset({"active_share", "buyers_share", "active_7d", "new_7d"})
"""Shares of users: each user counts once, so that Wilson's interval holds."""
SHOWN = (
    "active_share", "visits_per_user", "page_views_per_user", "page_views_per_visit",
    "engaged_time_per_visit", "engagement_rate", "buyers_share", "orders_per_buyer",
    "revenue_per_user", "average_order_value",
)  # fmt: skip
_BY_NAME = {ratio.name: ratio for ratio in (*RATIOS, VIEWS_PER_USER)}
_NO_VALUE = SideValue(numerator=None, denominator=None)
_SIZES = (
    ("size", "Size", "count", "users"),
    ("share", "Share of its universe", "share", "of the users who could be in it"),
    ("active_7d", "Active in the last 7 days", "share", "of all users of the group"),
    ("new_7d", "New in the last 7 days", "share", "of all users of the group"),
)


def build_beside(study: ComparisonStudy, *, has_others: bool) -> tuple[BesideRow, ...]:
    """Give one row a measure, with a value a segment and, where it may be shown, the baseline's.

    Parameters
    ----------
    has_others
        Whether the baseline's own column may be shown.
    """
    columns = [_values(study, group) for group in study.groups]
    others = _values(study, study.others) if has_others else None
    heads = [(*head, columns[0].get(head[0])) for head in _SIZES]
    named = [(m.name, m.title, m.kind, m.unit) for m in _measures(study, study.groups[0])]
    return tuple(
        BesideRow(
            name=name, title=title, kind=kind, unit=unit,
            values=tuple(column.get(name, _NO_VALUE) for column in columns),
            baseline=None if others is None else others.get(name, _NO_VALUE),
        )
        for name, title, kind, unit in (*(head[:4] for head in heads), *named)
    )  # fmt: skip


def _values(study: ComparisonStudy, group: Group) -> dict[str, SideValue]:
    if group.is_withheld:
        return {}
    measures = {m.name: (m.numerator, m.denominator) for m in _measures(study, group)}
    overview = _overview(study, group)
    n = overview.n_users
    told: dict[str, tuple[float | None, float | None]] = {
        "size": (n, 1 if n is not None else None),
        "share": (n, overview.n_universe),
        "active_7d": (overview.n_active_7d, n),
        "new_7d": (overview.n_new_7d, n),
        **measures,
    }
    return {name: _value(name, *pair) for name, pair in told.items()}


def _value(name: str, numerator: float | None, denominator: float | None) -> SideValue:
    if name not in OF_USERS or numerator is None or not denominator:
        return SideValue(numerator=numerator, denominator=denominator)
    _, low, high = (float(part[0]) for part in wilson_interval(numerator, denominator))
    return SideValue(numerator=numerator, denominator=denominator, low=low, high=high)


def _measures(study: ComparisonStudy, group: Group) -> tuple[Measure, ...]:
    own, other = group.totals
    return measure_headline(
        group.sides,
        own,
        other,
        has_orders=bool(study.purchases),
        has_money=study.money.is_shown,
        ratios=[_BY_NAME[name] for name in SHOWN],
    )


def _overview(study: ComparisonStudy, group: Group) -> Overview:
    """Give size, active and new users, withheld as in the segment's own report."""
    sides, origins, least = group.sides, group.origins, study.least
    overview = Overview(
        n_users=sides.n_segment,
        n_universe=group.n_universe,
        n_active_7d=group.totals[0].activity.n_active_7d,
        n_new_7d=origins.n_new_7d,
        top_users=NOBODY,
    )
    kept = withhold_overview(overview, least, n_baseline=sides.n_baseline or None)
    came = {row.value: row.n for row in origins.labels[0].rows}
    n_new = keep_part(came.get("new in the window", 0), sides.n_segment, least)
    few = n_new is None or is_small(abs(n_new - origins.n_new_7d), least)
    return Overview(
        n_users=kept.n_users, n_universe=kept.n_universe, n_active_7d=kept.n_active_7d,
        n_new_7d=None if few else kept.n_new_7d, top_users=NOBODY,
    )  # fmt: skip


def may_show_others(study: ComparisonStudy) -> bool:
    """Say whether the users in none of the segments can be shown beside all that is shown.

    Each segment is set against its own baseline too: less the users in none, that leaves those of
    the baseline who are in another segment, and with the segments' own those in several. None of
    these may be few.
    """
    if any(group.is_withheld for group in study.groups):
        return False
    others = study.others
    if not others.sides.n_segment or is_small(others.sides.n_segment, study.least):
        return False
    own = [_people(group.totals[0]) for group in study.groups]
    rests = [_people(group.totals[1]) for group in study.groups]
    none = _people(others.totals[0])
    left = [_less(rest, none) for rest in rests]
    if len(own) > 1 and study.has_rest:
        universe = [a + b for a, b in zip(own[0], rests[0], strict=True)]
        summed = [sum(column) for column in zip(*own, none, strict=True)]
        left.append(_less(summed, universe))
    return not any(_is_few(counts, study.least) for counts in left)


def _people(totals: SideTotals) -> list[int]:
    """Give users, active users, users active in 7 days and buyers."""
    did = totals.activity
    return [totals.n_users, did.n_active, did.n_active_7d, did.n_buyers]


def _less(whole: Sequence[int], part: Sequence[int]) -> list[int]:
    return [a - b for a, b in zip(whole, part, strict=True)]


def _is_few(counts: Sequence[int], least: int) -> bool:
    return any(is_small(n, least) or is_small(counts[0] - n, least) for n in counts)
