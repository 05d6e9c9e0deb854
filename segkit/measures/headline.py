"""Say in a dozen ratios what a segment does, each beside the baseline's."""

from collections.abc import Sequence
from dataclasses import dataclass

from segkit.measures.activity import ActivityTotals
from segkit.measures.facts import Measure
from segkit.measures.sides import Sides
from segkit.measures.traffic import VisitTotals
from segkit.measures.withhold import is_small, keep_part, withhold_measure
from segkit.schema import PAGE_EVENTS


@dataclass(frozen=True, kw_only=True)
class SideTotals:
    """All sums of one side: how many users it has, what they did, how they visited."""

    n_users: int
    activity: ActivityTotals
    visits: VisitTotals


@dataclass(frozen=True, kw_only=True)
class _Ratio:
    """How a measure is spoken of, and where its two sums come from.

    `people` names the users that stand behind it: `active` or `buyers`.
    """

    name: str
    title: str
    kind: str
    unit: str
    over: str
    under: str
    people: str = "active"


RATIOS = (
    _Ratio(
        name="active_share", title="Active users", kind="share", unit="of all users of the group",
        over="active", under="users",
    ),
    _Ratio(
        name="visits_per_user", title="Visits per user", kind="number",
        unit="visits / users, inactive ones included", over="visits", under="users",
    ),
    _Ratio(
        name="events_per_user", title="Events per user", kind="number",
        unit="events / users, inactive ones included", over="events", under="users",
    ),
    _Ratio(
        name="page_views_per_visit", title="Page views per visit", kind="number",
        unit="page views / visits", over="page_views", under="visits",
    ),
    _Ratio(
        name="engaged_time_per_visit", title="Engaged time per visit", kind="duration",
        unit="from first to last event / visits", over="engaged_s", under="visits",
    ),
    _Ratio(
        name="engagement_rate", title="Engagement rate", kind="share",
        unit="of visits: over 10 s, 2 page views or an amount (GA4)",
        over="engaged", under="visits",
    ),
    _Ratio(
        name="bounce_rate", title="Bounce rate, GA4", kind="share",
        unit="of visits: not engaged", over="not_engaged", under="visits",
    ),
    _Ratio(
        name="single_event_rate", title="Bounce rate, one event", kind="share",
        unit="of visits: exactly one event (Adobe, Matomo)", over="single", under="visits",
    ),
    _Ratio(
        name="buyers_share", title="Purchasers", kind="share", unit="of all users of the group",
        over="buyers", under="users", people="buyers",
    ),
    _Ratio(
        name="orders_per_buyer", title="Orders per purchaser", kind="number",
        unit="orders / users with an order", over="orders", under="buyers", people="buyers",
    ),
    _Ratio(
        name="revenue_per_user", title="Revenue per user", kind="money",
        unit="revenue / users, those without an order included",
        over="revenue", under="users", people="buyers",
    ),
    _Ratio(
        name="average_order_value", title="Average order value", kind="money",
        unit="revenue / orders", over="revenue", under="orders", people="buyers",
    ),
)  # fmt: skip


VIEWS_PER_USER = _Ratio(
    name="page_views_per_user", title="Page views per user", kind="number",
    unit="page views / users, inactive ones included", over="page_views", under="users",
)  # fmt: skip


def measure_headline(
    sides: Sides,
    own: SideTotals,
    other: SideTotals,
    *,
    has_orders: bool,
    has_money: bool,
    ratios: Sequence[_Ratio] = RATIOS,
) -> tuple[Measure, ...]:
    """Give the headline measures, withheld where too few people stand behind them.

    Parameters
    ----------
    ratios
        Which of them, in order.
    has_orders
        Whether the data has an event that counts as an order; without one, the measures of orders
        are left out, as those of page views are where the data has none.
    has_money
        Whether all revenue is in one known currency; without it, money is None.

    Notes
    -----
    Users who are left over are protected too: where all but a few were active or bought, the
    number who did is withheld, and so is what would give it away. Sums of visits, views and orders
    are counts like any other.
    """
    has_views = any(name in sides.tables.catalogue.events for name in PAGE_EVENTS)
    wanted = [
        r
        for r in ratios
        if (has_orders or r.people != "buyers") and (has_views or r.over != "page_views")
    ]
    return tuple(_measure(r, sides, _sums(own), _sums(other), has_money=has_money) for r in wanted)


def _sums(side: SideTotals) -> dict[str, float]:
    visits, activity = side.visits, side.activity
    return {
        "users": side.n_users,
        "active": activity.n_active,
        "buyers": activity.n_buyers,
        "events": activity.n_events,
        "page_views": activity.n_page_views,
        "orders": activity.n_orders,
        "revenue": float(activity.revenue),
        "visits": visits.n_visits,
        "engaged": visits.n_engaged,
        "not_engaged": visits.n_visits - visits.n_engaged,
        "single": visits.n_single,
        "engaged_s": visits.engaged_s,
    }


def _shown(sums: dict[str, float], min_size: int) -> dict[str, float | None]:
    """Give the sums that may be shown.

    Orders beyond each buyer's first are a count too: one such order is one person's.
    """
    shown: dict[str, float | None] = dict(sums)
    for name in ("visits", "events", "page_views", "orders"):
        if is_small(int(sums[name]), min_size):
            shown[name] = None
    for name in ("engaged", "not_engaged", "single"):
        shown[name] = keep_part(int(sums[name]), int(sums["visits"]), min_size)
    if is_small(int(sums["orders"] - sums["buyers"]), min_size):
        shown["orders"] = None
    return shown


def _measure(
    ratio: _Ratio, sides: Sides, own: dict[str, float], other: dict[str, float], *, has_money: bool
) -> Measure:
    is_blank = ratio.over == "revenue" and not has_money
    shown = _shown(own, sides.min_size), _shown(other, sides.min_size)
    measure = Measure(
        name=ratio.name,
        title=ratio.title,
        kind=ratio.kind,
        unit=ratio.unit,
        numerator=None if is_blank else shown[0][ratio.over],
        denominator=shown[0][ratio.under],
        baseline_numerator=None if is_blank else shown[1][ratio.over],
        baseline_denominator=shown[1][ratio.under],
    )
    return withhold_measure(
        measure,
        sides.min_size,
        people=(int(own[ratio.people]), int(other[ratio.people])),
        groups=(int(own["users"]), int(other["users"])),
        place=_place(ratio),
    )


def _place(ratio: _Ratio) -> str:
    """Say which of its two sums is the number of people behind a ratio."""
    if ratio.over == ratio.people:
        return "numerator"
    return "denominator" if ratio.under == ratio.people else ""
