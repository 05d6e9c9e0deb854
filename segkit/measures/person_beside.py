"""Set what one user did in a window beside the average of everyone who came in it.

What everyone did is measured once a window, whoever is looked at. Each average says what it is
divided by. It is withheld where so few others stand behind it that theirs could be worked out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ibis import Table

from segkit.measures.activity import Activity
from segkit.measures.facts import ratio
from segkit.measures.sides import Sides
from segkit.measures.withhold import is_small

AMOUNTS = {
    "n_visits": ("Visits", "count"),
    "n_days": ("Days with a visit", "count"),
    "engaged_s": ("Time in visits", "duration"),
    "n_page_views": ("Page views", "count"),
    "n_events": ("Events", "count"),
    "n_orders": ("Orders", "count"),
    "revenue": ("Revenue", "money"),
}
ORDERS = frozenset({"n_orders", "revenue"})


@dataclass(frozen=True, kw_only=True)
class Crowd:
    """What everyone who came in a window did: `n_users`, and by amount the sum and who had any.

    `users` has one row a user who came, with every amount. `currencies` are those of all orders;
    `has_orders` says whether any event is an order.
    """

    users: Table
    n_users: int
    totals: Mapping[str, float]
    n_with: Mapping[str, int]
    currencies: tuple[str, ...]
    has_orders: bool


@dataclass(frozen=True, kw_only=True)
class BesideAverage:
    """One amount of a user, beside the average of all users who came in the window.

    The average is `total / n_users`, both None where it is withheld. `kind` chooses the format.
    """

    name: str
    title: str
    kind: str
    value: float
    total: float | None
    n_users: int | None

    @property
    def average(self) -> float | None:
        """Total / users who came."""
        return ratio(self.total, self.n_users)


@dataclass(frozen=True, kw_only=True)
class Beside:
    """What a user did in the window beside the average; `n_users` are all who came in it.

    `currencies` are those of all orders: with more than one there is no row on revenue.
    """

    rows: Sequence[BesideAverage]
    n_users: int
    currencies: tuple[str, ...]


def measure_crowd(sides: Sides, activity: Activity, visits: Table) -> Crowd:
    """Give what everyone in `sides` who came in the window did; `visits` are of `read_visits`."""
    inside = visits.filter(sides.is_inside(visits))
    came = inside.group_by("user_no").agg(
        n_visits=inside.count(), n_days=inside.day.nunique(), engaged_s=inside.engaged_s.sum()
    )
    did = activity.users.filter(activity.users.n_events > 0).semi_join(sides.groups, "user_no")
    users = did.left_join(came, "user_no").drop("user_no_right")
    users = users.mutate(**{n: users[n].fill_null(0) for n in ("n_visits", "n_days", "engaged_s")})
    columns: dict[str, Any] = {"n": users.count()}
    columns |= {name: users[name].sum() for name in AMOUNTS}
    columns |= {f"with_{name}": (users[name] > 0).sum() for name in AMOUNTS}
    columns |= {"first": users.first_currency.min(), "last": users.last_currency.max()}
    table = users.aggregate(**columns)
    found = dict(zip(table.columns, sides.engine.rows(table)[0], strict=True))
    return Crowd(
        users=users.select("user_no", *AMOUNTS),
        n_users=int(found["n"]),
        totals={name: float(found[name] or 0) for name in AMOUNTS},
        n_with={name: int(found[f"with_{name}"] or 0) for name in AMOUNTS},
        currencies=tuple(sorted({str(found[c]) for c in ("first", "last") if found[c]})),
        has_orders=bool(activity.purchases),
    )


def measure_beside(sides: Sides, crowd: Crowd, *, currency: str | None) -> Beside:
    """Give the amounts of the segment's one user beside the average of everyone who came.

    Parameters
    ----------
    currency
        The currency of amounts that come without one.

    Returns
    -------
    Beside
        No rows on orders where no event is one. A user who did not come has zeros.

    Notes
    -----
    average = sum over all users with any event in the window, this one with them, divided by
    their number. It is withheld unless 0, or at least `min_size`, others did any of it.
    """
    read = crowd.users.semi_join(sides.members, "user_no").select(*AMOUNTS)
    found = sides.engine.rows(read)
    own = dict(zip(AMOUNTS, map(float, found[0]), strict=True)) if found else {}
    known = crowd.currencies or ((currency,) if currency else ())
    hidden = frozenset() if crowd.has_orders else ORDERS
    hidden |= frozenset() if len(known) == 1 else {"revenue"}
    rows = tuple(
        _beside(name, own, crowd, least=sides.min_size) for name in AMOUNTS if name not in hidden
    )
    return Beside(rows=rows, n_users=crowd.n_users, currencies=crowd.currencies)


def _beside(name: str, own: Mapping[str, float], crowd: Crowd, *, least: int) -> BesideAverage:
    title, kind = AMOUNTS[name]
    value = own.get(name, 0.0)
    others = (crowd.n_users - bool(own), crowd.n_with[name] - (value > 0))
    is_withheld = any(is_small(n, least) for n in others)
    return BesideAverage(
        name=name,
        title=title,
        kind=kind,
        value=value,
        total=None if is_withheld else crowd.totals[name],
        n_users=None if is_withheld else crowd.n_users,
    )
