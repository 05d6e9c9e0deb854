"""Keep the edges of scores as data, so that a cell means next week what it means today.

A score is a rank among buyers: score another week's buyers anew and every fifth is a fifth again,
whoever they are; a cell could then neither grow nor shrink. Frozen, the edges are plain numbers
(days, orders, money), and with them a cell is a definition like any other: conditions of the
segment language, which every engine evaluates and a person can read.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from functools import reduce
from math import floor
from operator import or_
from typing import Any

import numpy as np

from segkit.errors import ParameterError
from segkit.measures.value.scores import CELLS, LEVELS, RULES, Cell, Scores, find_cell
from segkit.measures.value.summary import Buyers, FloatArray, IntArray
from segkit.segments.build import Segment, all_of, did, did_not, last
from segkit.segments.conditions import Condition
from segkit.segments.model import EVERYONE, Universe

FORMAT = 1
_CENTS = 4
Edge = float | None


@dataclass(frozen=True, kw_only=True)
class ScoreTable:
    """The edges of the scores 2, 3, 4 and 5, found among the buyers of one day.

    A buyer has a score of recency of at least k when the last order is no more than `recency[k −
    2]` days ago; of frequency or money when orders or revenue are at least `orders[k − 2]` or
    `revenue[k − 2]`, in `currency`. None: nobody had that score. Orders are the events `purchases`,
    told apart by the property `order_id` where there is one, of the last `days` days, or all.
    """

    as_of: date
    days: int | None
    purchases: tuple[str, ...]
    order_id: str | None
    currency: str | None
    n_buyers: int
    recency: tuple[Edge, ...]
    orders: tuple[Edge, ...]
    revenue: tuple[Edge, ...]

    def to_json(self) -> str:
        """Give all of it as text; `from_json` gives back an equal one."""
        document = {"segkit_scores": FORMAT, **asdict(self), "as_of": self.as_of.isoformat()}
        return json.dumps(document, ensure_ascii=False, sort_keys=True, indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str, *, where: str = "") -> "ScoreTable":
        """Give what `to_json` wrote.

        Raises
        ------
        ParameterError
            When the text is no such JSON, of another format, or lacks a part.
        """
        try:
            found: dict[str, Any] = json.loads(text)
            written = found.pop("segkit_scores")
            if written != FORMAT:
                raise _unreadable(f"its format is {written!r}, expected {FORMAT}", where)
            lists = {n: tuple(found[n]) for n in ("purchases", "recency", "orders", "revenue")}
            table = cls(**found | lists | {"as_of": date.fromisoformat(found["as_of"])})
        except (AttributeError, KeyError, TypeError, ValueError) as exc:
            raise _unreadable("a part is missing or wrong", where) from exc
        if any(len(edges) != LEVELS - 1 for edges in (table.recency, table.orders, table.revenue)):
            raise _unreadable(f"a score has not {LEVELS - 1} edges", where)
        return table


def _unreadable(fault: str, where: str) -> ParameterError:
    return ParameterError.build(
        f"The scores cannot be read: {fault}.",
        where=where,
        hint="restore the file, or remove it and let the scores be found anew.",
    )


def freeze_scores(
    scores: Scores,
    *,
    purchases: Sequence[str],
    order_id: str | None = None,
    days: int | None = None,
) -> ScoreTable:
    """Give the edges of scores; scoring the same buyers by them gives the same scores.

    Raises
    ------
    ParameterError
        When there is no buyer.
    """
    buyers = scores.buyers
    if not len(buyers):
        raise ParameterError.build(
            f"Nobody ordered up to {buyers.end_on}, so there are no scores.",
            hint="name the events that are orders under [report] purchases in segkit.toml.",
        )
    return ScoreTable(
        as_of=buyers.end_on,
        days=days,
        purchases=tuple(purchases),
        order_id=order_id,
        currency=buyers.currency,
        n_buyers=len(buyers),
        recency=_edges(buyers.days_since_last, scores.r, max),
        orders=_edges(buyers.n_orders, scores.f, min),
        revenue=_plain_edges(buyers.revenue, scores.m),
    )


def _edges(
    values: IntArray | FloatArray, scores: IntArray, outermost: Callable[[list[float]], float]
) -> tuple[Edge, ...]:
    """Give, for each score from 2, the last value that has it or a higher one."""
    reached = [values[scores >= k].tolist() for k in range(2, LEVELS + 1)]
    return tuple(round(outermost(some), _CENTS) if some else None for some in reached)


def _plain_edges(values: FloatArray, scores: IntArray) -> tuple[Edge, ...]:
    """Give edges between the scores' values that are as plain as can be.

    An edge that is a value would tell to the cent what one buyer spent.
    """
    edges: list[Edge] = []
    for k in range(2, LEVELS + 1):
        above, below = values[scores >= k], values[scores < k]
        if not len(above):
            edges.append(None)
        else:
            high = float(above.min())
            edges.append(_plainest(float(below.max()), high) if len(below) else round(high, _CENTS))
    return tuple(edges)


def _plainest(low: float, high: float) -> float:
    """Give the number above `low`, not above `high`, that has the fewest digits.

    >>> _plainest(151.2, 155.7), _plainest(151.22, 151.27), _plainest(80, 1234)
    (155.0, 151.25, 1000.0)
    """
    for digits in range(-6, _CENTS):
        unit = 10.0**-digits
        for step in (unit, unit / 2):
            found = round(floor(round(high / step, 6)) * step, _CENTS)
            if low < found <= high:
                return found
    return round(high, _CENTS)


def score_by(table: ScoreTable, buyers: Buyers) -> Scores:
    """Give the scores of buyers by frozen edges."""
    r = _count(-buyers.days_since_last, [None if e is None else -e for e in table.recency])
    f, m = _count(buyers.n_orders, table.orders), _count(buyers.revenue, table.revenue)
    cells = [
        CELLS.index(find_cell(*s)) for s in zip(r.tolist(), f.tolist(), m.tolist(), strict=True)
    ]
    return Scores(buyers=buyers, r=r, f=f, m=m, place=np.array(cells, np.int64))


def _count(values: IntArray | FloatArray, edges: Sequence[Edge]) -> IntArray:
    reached = [np.round(values, _CENTS) >= edge for edge in edges if edge is not None]
    return np.asarray(1 + np.sum(reached, axis=0, dtype=np.int64) + np.zeros(len(values), np.int64))


@dataclass(frozen=True)
class _Box:
    """Scores of recency from `r[0]` to `r[1]`, of frequency + money from `fm[0]` to `fm[1]`."""

    r: tuple[int, int]
    fm: tuple[int, int]


def _boxes(cell: Cell) -> list[_Box]:
    """Give the boxes that make up a cell, whose rules are tried in order, without overlap."""
    boxes: list[_Box] = []
    for r in range(1, LEVELS + 1):
        sums = [fm for fm in range(2, 2 * LEVELS + 1) if _cell_of(r, fm) == cell]
        if not sums:
            continue
        fm = (sums[0], sums[-1])
        if boxes and boxes[-1] == _Box((boxes[-1].r[0], r - 1), fm):
            boxes[-1] = _Box((boxes[-1].r[0], r), fm)
        else:
            boxes.append(_Box((r, r), fm))
    return boxes


def _cell_of(r: int, fm: int) -> Cell:
    f = max(1, fm - LEVELS)
    return find_cell(r, f, fm - f)


def cell_condition(table: ScoreTable, cell: Cell) -> Condition | None:
    """Give the condition that a user is in a cell; None when no score reaches it.

    Notes
    -----
    Recency by whether there was an order in the last days, frequency and money by count and sum
    over the orders, one pair for every score of frequency that the cell admits.
    """
    found = [_box(table, box) for box in _boxes(cell)]
    return _any([condition for condition in found if condition is not None])


def _box(table: ScoreTable, box: _Box) -> Condition | None:
    recent = _recent(table, box.r)
    pairs = [_pair(table, f, box.fm) for f in range(1, LEVELS + 1)]
    spent = _any([pair for pair in pairs if pair is not None])
    if recent is None or spent is None:
        return None
    return all_of(*recent, spent) if recent else spent


def _any(conditions: list[Condition]) -> Condition | None:
    return reduce(or_, conditions) if conditions else None


def _recent(table: ScoreTable, r: tuple[int, int]) -> list[Condition] | None:
    """Give the conditions on the last order; None when nobody has such a score."""
    low, high = (_edge(table.recency, k) for k in (r[0], r[1] + 1))
    if (r[0] > 1 and low is None) or (low is not None and low == high):
        return None
    event = table.purchases
    found = [] if low is None else [did(event=event, during=last(f"{low + 1:.0f}d"))]
    return (
        found if high is None else [*found, did_not(event=event, during=last(f"{high + 1:.0f}d"))]
    )


def _pair(table: ScoreTable, f: int, fm: tuple[int, int]) -> Condition | None:
    """Give the condition of one score of frequency and the scores of money that go with it."""
    least, most = max(1, fm[0] - f), min(LEVELS, fm[1] - f)
    if least > most:
        return None
    orders = _bound(table.orders, (f, f), lowest=1)
    money = _bound(table.revenue, (least, most))
    if orders is None or money is None:
        return None
    count = {"distinct": table.order_id} if table.order_id else "count"
    during = last(f"{table.days}d") if table.days else "ever"
    bought = did(event=table.purchases, calc=count, is_=orders, during=during)
    if not money:
        return bought
    return bought & did(event=table.purchases, calc={"sum": "value"}, is_=money, during=during)


def _bound(
    edges: Sequence[Edge], scores: tuple[int, int], *, lowest: float | None = None
) -> dict[str, float] | None:
    """Give the bound of values with scores from one to another; None when there are none."""
    low, above = (_edge(edges, k) for k in (scores[0], scores[1] + 1))
    if (scores[0] > 1 and low is None) or (low is not None and low == above):
        return None
    low = lowest if low is None else low
    if above is not None and low is not None and above <= low:
        return None
    told = {"gte": low, "lt": above}
    return {name: _plain(value) for name, value in told.items() if value is not None}


def _edge(edges: Sequence[Edge], k: int) -> Edge:
    """Give the edge of a score; None for the lowest one, and for those that nobody has."""
    return edges[k - 2] if 2 <= k <= LEVELS else None  # noqa: PLR2004  the lowest score has no edge


def _plain(value: float) -> float:
    return int(value) if value == int(value) else value


def build_cell_segments(
    table: ScoreTable, *, prefix: str, universe: Universe = EVERYONE
) -> tuple[tuple[Segment, ...], tuple[Cell, ...]]:
    """Give the cells as definitions, and those that no buyer can be in by these edges.

    A definition's id is `prefix_cell`, its universe that of the buyers. It asks at any T who is
    in the cell by the frozen edges.
    """
    built, empty = [], []
    for rule in RULES:
        where = cell_condition(table, rule.cell)
        if where is None:
            empty.append(rule.cell)
            continue
        told = f"By the edges of scores found among {table.n_buyers:,} buyers on {table.as_of}."
        name = f"{prefix}_{rule.cell}"
        built.append(
            Segment(
                name,
                where,
                title=rule.title,
                description=told,
                tags=("rfm",),
                universe=universe,
            )
        )
    return tuple(built), tuple(empty)
