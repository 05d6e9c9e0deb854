"""Score buyers from 1 to 5, and name what the scores of recency, frequency and money say together.

A score counts people, not values: 5 is the best fifth. Buyers with the same value always get the
same score, so where half of all buyers bought once, none of them has a 1 in frequency; cutting
sorted buyers into equal fifths would give them three different scores by the order of the rows.

The cells of the map, tried in this order on the score of recency (R) and on the sum of those of
frequency and money (F + M, from 2 to 10):

| cell | R | F + M | who |
|---|---|---|---|
| champions | 4-5 | 8-10 | bought lately, often and for much |
| loyal | 3-5 | 7-10 | come again, above the middle in every respect |
| potential loyalists | 4-5 | 5-6 | bought lately, more than once or for more than little |
| new | 5 | 2-4 | bought only now, and little yet |
| promising | 4 | 2-4 | bought lately, and little yet |
| needs attention | 3 | 5-6 | in the middle of everything |
| about to sleep | 3 | 2-4 | bought little, and some time ago |
| cannot lose | 1 | 8-10 | were among the best, and have been away for longest |
| at risk | 1-2 | 6-10 | bought often or for much, and have stayed away |
| hibernating | 2 | 2-5 | bought little, long ago |
| lost | 1 | 2-5 | bought little, and have been away for longest |
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

import numpy as np
import numpy.typing as npt

from segkit.errors import ParameterError, near_names
from segkit.measures.facts import ratio
from segkit.measures.sides import Sides
from segkit.measures.value.summary import Buyers, FloatArray, IntArray, sum_money
from segkit.measures.withhold import find_withheld
from segkit.segments.build import Segment, in_list

Cell = Literal[
    "champions", "loyal", "potential_loyalists", "new", "promising", "needs_attention",
    "about_to_sleep", "cannot_lose", "at_risk", "hibernating", "lost",
]  # fmt: skip
Spender = Literal["heavy", "medium", "light", "zero"]
LEVELS = 5
HEAVY, MEDIUM = 0.8, 0.5
SPENDERS: tuple[Spender, ...] = ("heavy", "medium", "light", "zero")
_NOISE = 1e-12


@dataclass(frozen=True, kw_only=True)
class CellRule:
    """Buyers with a score of recency in `r` and scores of frequency + money in `fm`, ends in."""

    cell: Cell
    title: str
    r: tuple[int, int]
    fm: tuple[int, int]

    def holds(self, r: int, f: int, m: int) -> bool:
        """Say whether three scores lie within the rule."""
        return self.r[0] <= r <= self.r[1] and self.fm[0] <= f + m <= self.fm[1]


RULES: tuple[CellRule, ...] = (
    CellRule(cell="champions", title="Champions", r=(4, 5), fm=(8, 10)),
    CellRule(cell="loyal", title="Loyal", r=(3, 5), fm=(7, 10)),
    CellRule(cell="potential_loyalists", title="Potential loyalists", r=(4, 5), fm=(5, 6)),
    CellRule(cell="new", title="New", r=(5, 5), fm=(2, 4)),
    CellRule(cell="promising", title="Promising", r=(4, 4), fm=(2, 4)),
    CellRule(cell="needs_attention", title="Needs attention", r=(3, 3), fm=(5, 6)),
    CellRule(cell="about_to_sleep", title="About to sleep", r=(3, 3), fm=(2, 4)),
    CellRule(cell="cannot_lose", title="Cannot lose", r=(1, 1), fm=(8, 10)),
    CellRule(cell="at_risk", title="At risk", r=(1, 2), fm=(6, 10)),
    CellRule(cell="hibernating", title="Hibernating", r=(2, 2), fm=(2, 5)),
    CellRule(cell="lost", title="Lost", r=(1, 1), fm=(2, 5)),
)
"""The cells in the order in which they are tried: the first rule that holds names the buyer."""
CELLS: tuple[Cell, ...] = tuple(rule.cell for rule in RULES)


def find_cell(r: int, f: int, m: int) -> Cell:
    """Give the cell of three scores from 1 to 5.

    >>> find_cell(5, 5, 5), find_cell(1, 5, 5), find_cell(3, 2, 2)
    ('champions', 'cannot_lose', 'about_to_sleep')

    Raises
    ------
    ParameterError
        When a score is not from 1 to 5.
    """
    if not all(1 <= score <= LEVELS for score in (r, f, m)):
        raise ParameterError.build(f"Scores are from 1 to {LEVELS}; found {r}, {f}, {m}.")
    return next(rule.cell for rule in RULES if rule.holds(r, f, m))


@dataclass(frozen=True, kw_only=True)
class Scores:
    """Grain: one entry a buyer, in the order of `buyers`: scores from 1 to 5, 5 the best.

    `r` scores few days since the last order, `f` orders, `m` revenue; `place` is that of the
    buyer's cell in `CELLS`.
    """

    buyers: Buyers
    r: IntArray
    f: IntArray
    m: IntArray
    place: IntArray

    def members(self, cell: str) -> IntArray:
        """Give the `user_no` of a cell's buyers, ascending.

        Raises
        ------
        ParameterError
            For a cell that the map does not have, with near names.
        """
        if cell not in CELLS:
            raise ParameterError.build(f"Unknown cell `{cell[:40]}`.", hint=near_names(cell, CELLS))
        found: IntArray = self.buyers.user_no[self.place == CELLS.index(cell)]
        return found


@dataclass(frozen=True, kw_only=True)
class BuyerGroup:
    """Buyers of one cell or class of spenders: `n_users` of `n_buyers`, and their revenue.

    `revenue` of `total_revenue`, that of all buyers, both in `currency`. `above` is what each
    buyer of a class of spenders spent more than; None where there is no such edge.
    """

    name: str
    title: str
    n_users: int | None
    n_buyers: int
    revenue: Decimal | None
    total_revenue: Decimal
    currency: str | None
    above: float | None = None

    @property
    def share(self) -> float | None:
        """Users / buyers."""
        return ratio(self.n_users, self.n_buyers)

    @property
    def revenue_share(self) -> float | None:
        """Revenue / total revenue; None when the total is not above 0."""
        if self.revenue is None or self.total_revenue <= 0:
            return None
        return float(self.revenue / self.total_revenue)


def score_values(values: npt.ArrayLike, *, levels: int = LEVELS) -> IntArray:
    """Give the score of each value, 1 for the lowest and `levels` for the highest; ties share one.

    Notes
    -----
    score = ceil(levels × average rank / n), where equal values share the mean of their ranks 1..n.

    Examples
    --------
    >>> score_values([1, 1, 1, 1, 1, 1, 2, 2, 3, 10]).tolist()
    [2, 2, 2, 2, 2, 2, 4, 4, 5, 5]
    """
    _, inverse, n = np.unique(np.asarray(values), return_inverse=True, return_counts=True)
    rank = np.cumsum(n) - (n - 1) / 2
    score = np.ceil(levels * rank / max(n.sum(), 1) - _NOISE).astype(np.int64)
    return np.asarray(score[inverse], np.int64)


def find_quantiles(values: npt.ArrayLike, shares: Sequence[float]) -> FloatArray:
    """Give the quantiles of some values at shares from 0 to 1, between two values linearly.

    >>> find_quantiles([1, 1, 1, 1, 1, 1, 2, 2, 3, 10], [0.5, 0.75]).tolist()
    [1.0, 2.0]

    Source: Hyndman and Fan 1996, type 7.
    """
    return np.asarray(np.quantile(np.asarray(values, np.float64), list(shares), method="linear"))


def score_buyers(buyers: Buyers) -> Scores:
    """Give the scores and the cell of every buyer.

    Source: Hughes 1994 for the three scores; the grid of recency against the mean of frequency and
    money, and the names of its cells, are common in trade (Putler, Mailchimp); the edges are ours.
    """
    r = score_values(-buyers.days_since_last)
    f, m = score_values(buyers.n_orders), score_values(buyers.revenue)
    place = _places()[r - 1, f - 1, m - 1]
    return Scores(buyers=buyers, r=r, f=f, m=m, place=place)


def _places() -> IntArray:
    """Give the place in `CELLS` of each of the 125 combinations of scores."""
    grid = np.ndindex(LEVELS, LEVELS, LEVELS)
    found = [CELLS.index(find_cell(r + 1, f + 1, m + 1)) for r, f, m in grid]
    return np.array(found, np.int64).reshape(LEVELS, LEVELS, LEVELS)


def measure_cells(scores: Scores) -> tuple[BuyerGroup, ...]:
    """Give users and revenue of every cell, in the order of `CELLS`, empty ones too."""
    named = [(rule.cell, rule.title, None) for rule in RULES]
    return _groups(scores.buyers, scores.place, named)


def _groups(
    buyers: Buyers, place: IntArray, named: Sequence[tuple[str, str, float | None]]
) -> tuple[BuyerGroup, ...]:
    total = sum_money(buyers.revenue)
    return tuple(
        BuyerGroup(
            name=name,
            title=title,
            n_users=int(np.count_nonzero(place == i)),
            n_buyers=len(buyers),
            revenue=sum_money(buyers.revenue[place == i]),
            total_revenue=total,
            currency=buyers.currency,
            above=above,
        )
        for i, (name, title, above) in enumerate(named)
    )


def withhold_groups(groups: Sequence[BuyerGroup], min_size: int) -> tuple[BuyerGroup, ...]:
    """Give groups without users and revenue of too few, protected by further ones."""
    counts = [group.n_users for group in groups]
    gone = find_withheld(counts, groups[0].n_buyers if groups else 0, min_size)
    return tuple(
        replace(group, n_users=None, revenue=None) if i in gone else group
        for i, group in enumerate(groups)
    )


def class_spenders(buyers: Buyers) -> tuple[IntArray, FloatArray]:
    """Give each buyer's place in `SPENDERS`, and the edges of heavy and medium.

    Notes
    -----
    Of those with revenue above 0: heavy spent more than the 0.8 quantile, medium more than the
    0.5 quantile, light the rest; who spent 0, or got back more than was spent, is zero. So heavy
    are at most a fifth, and fewer where many spent the same. The edges are nan when nobody spent.

    Source: the heavy, medium, light segmentation of retail (openretailscience).
    """
    spent = buyers.revenue[buyers.revenue > 0]
    edges = find_quantiles(spent, [HEAVY, MEDIUM]) if len(spent) else np.full(2, np.nan)
    place = 2 - (buyers.revenue > edges[1]).astype(np.int64) - (buyers.revenue > edges[0])
    return np.where(buyers.revenue > 0, place, 3), edges


def measure_spenders(buyers: Buyers) -> tuple[BuyerGroup, ...]:
    """Give users and revenue of heavy, medium, light and zero spenders."""
    place, edges = class_spenders(buyers)
    above = [None if np.isnan(edge) else float(edge) for edge in edges]
    named = [(s, s.capitalize(), e) for s, e in zip(SPENDERS, [*above, 0.0, None], strict=True)]
    return _groups(buyers, place, named)


def build_cell_segment(sides: Sides, scores: Scores, cell: str, *, segment: str) -> Segment:
    """Give a cell as a definition that can be saved: a list of the ids of its users at T.

    The language has no percentiles, so the list does not move on: it holds who was in the cell at
    T, by user id, or device id where no user id is known; who reads the file reads those ids.
    `segment` is the definition's id; `set: (champions | loyal) - staff` works on it as on any.

    Raises
    ------
    ParameterError
        When nobody is in the cell, or there is no such cell.
    """
    members = scores.members(cell)
    if not len(members):
        raise ParameterError.build(f"Nobody is in the cell `{cell}` on {sides.end_on}.")
    rows = ({"user_no": number} for number in members.tolist())
    own = sides.engine.keep(sides.engine.values(rows, {"user_no": "int64"}), "cell")
    users = sides.tables.users.semi_join(own, "user_no").order_by("user_key")
    ids = [str(key) for (key,) in sides.engine.rows(users.select("user_key"))]
    title = next(rule.title for rule in RULES if rule.cell == cell)
    return Segment(segment, in_list(ids=ids), title=f"{title} on {sides.end_on}")
