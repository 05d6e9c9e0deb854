"""Set what one user did in a window beside the average of everyone who came in it.

Each average says what it is divided by. It is withheld where so few others stand behind it that
theirs could be worked out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ibis import Table

from segkit.measures.activity import Activity
from segkit.measures.facts import ratio
from segkit.measures.sides import Sides
from segkit.measures.withhold import is_small


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


AMOUNTS = {
    "n_visits": ("Visits", "count"),
    "n_days": ("Days with a visit", "count"),
    "engaged_s": ("Time in visits", "duration"),
    "n_page_views": ("Page views", "count"),
    "n_events": ("Events", "count"),
    "n_orders": ("Orders", "count"),
    "revenue": ("Revenue", "money"),
}


def measure_beside(
    sides: Sides, activity: Activity, visits: Table, *, currency: str | None
) -> Beside:
    """Give the amounts of the segment's one user beside the average of everyone who came.

    Parameters
    ----------
    sides
        The user as the segment, all others as the baseline.
    visits
        Those of `read_visits`.
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
    users = _amounts(sides, activity, visits)
    columns: dict[str, Any] = {"n": users.count()}
    columns |= {name: users[name].sum() for name in AMOUNTS}
    columns |= {f"n_with_{name}": (users[name] > 0).sum() for name in AMOUNTS}
    columns |= {
        "first_currency": users.first_currency.min(),
        "last_currency": users.last_currency.max(),
    }
    table = users.group_by("in_segment").agg(**columns)
    found = {row[0]: dict(zip(table.columns, row, strict=True)) for row in sides.engine.rows(table)}
    nobody = dict.fromkeys(table.columns)
    own, others = found.get(True, nobody), found.get(False, nobody)
    currencies = tuple(sorted({str(c) for c in _currencies(own, others) if c}))
    known = currencies or ((currency,) if currency else ())
    rows = tuple(
        _beside(name, own, others, least=sides.min_size)
        for name in _shown(activity, has_money=len(known) == 1)
    )
    return Beside(rows=rows, n_users=_whole(own, "n") + _whole(others, "n"), currencies=currencies)


def _amounts(sides: Sides, activity: Activity, visits: Table) -> Table:
    """Give one row a user who came in the window, with `in_segment` and every amount."""
    inside = visits.filter(sides.is_inside(visits))
    came = inside.group_by("user_no").agg(
        n_visits=inside.count(), n_days=inside.day.nunique(), engaged_s=inside.engaged_s.sum()
    )
    users = activity.users.filter(activity.users.n_events > 0)
    named = [name for name in AMOUNTS if name in users.columns]
    users = users.select("user_no", *named, "first_currency", "last_currency")
    joined = sides.joined(users).left_join(came, "user_no").drop("user_no_right")
    return joined.mutate(**{n: joined[n].fill_null(0) for n in ("n_visits", "n_days", "engaged_s")})


def _currencies(*sides: dict[str, Any]) -> list[str | None]:
    return [side[name] for side in sides for name in ("first_currency", "last_currency")]


def _shown(activity: Activity, *, has_money: bool) -> list[str]:
    hidden = set() if activity.purchases else {"n_orders", "revenue"}
    return [name for name in AMOUNTS if name not in hidden and (has_money or name != "revenue")]


def _beside(name: str, own: dict[str, Any], others: dict[str, Any], *, least: int) -> BesideAverage:
    title, kind = AMOUNTS[name]
    few = (_whole(others, "n"), _whole(others, f"n_with_{name}"))
    is_withheld = any(is_small(n, least) for n in few)
    total = float(own[name] or 0) + float(others[name] or 0)
    return BesideAverage(
        name=name,
        title=title,
        kind=kind,
        value=float(own[name] or 0),
        total=None if is_withheld else total,
        n_users=None if is_withheld else _whole(own, "n") + few[0],
    )


def _whole(side: dict[str, Any], name: str) -> int:
    return int(side[name] or 0)
