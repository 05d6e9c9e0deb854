"""Draw the pages of one day's visits: which, in which order, and for how long."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from segkit.demo.catalogue import N_PRODUCTS, group_spans, pages
from segkit.demo.kinds import GROUPS, KINDS, STAGES
from segkit.demo.plan import Bools, Ints, Plan
from segkit.demo.visits import Visits, pick_rows

GROUP = {group: i for i, group in enumerate(GROUPS)}
LONGEST_US = 1_200_000_000.0
_POPULARITY = 2.2
_BLOCK = 32.0


@dataclass(frozen=True, kw_only=True)
class Rows:
    """Page views of one day, sorted by visit and time.

    `visit` is the place of the visit, `at` UTC µs, `item` the product in mind, `first` and `last`
    the places of the visit's first and last row.
    """

    visit: Ints
    kind: Ints
    group: Ints
    page: Ints
    item: Ints
    at: npt.NDArray[np.int64]
    first: Ints
    last: Ints
    is_human: Bools

    def __len__(self) -> int:
        return len(self.visit)


def draw_rows(plan: Plan, visits: Visits, rng: np.random.Generator) -> Rows:
    """Draw the page views of visits; one that ends in an order ends in cart and checkout."""
    visit = np.repeat(np.arange(visits.size, dtype=np.int32), visits.n_pages)
    group = pick_rows(plan.mix, visits.user[visit], rng)
    stage = np.array([STAGES[g] for g in GROUPS], dtype=np.float64)[group]
    stage += rng.random(len(visit)) * 1.6
    buying = np.flatnonzero(visits.buys).astype(np.int32)
    visit = np.concatenate([visit, buying, buying])
    ends = [np.full(len(buying), GROUP[name], dtype=np.int16) for name in ("cart", "checkout")]
    group = np.concatenate([group, *ends])
    stage = np.concatenate([stage, np.full(len(buying), 10.0), np.full(len(buying), 11.0)])
    order = np.argsort(visit * _BLOCK + stage, kind="stable")
    visit, group = visit[order], group[order]
    kind = visits.kind[visit]
    page = _draw_pages(group, kind, rng)
    first, last = _bounds(visit)
    return Rows(
        visit=visit,
        kind=kind,
        group=group,
        page=page,
        item=_draw_items(page, kind, first, rng),
        at=_draw_times(visits, visit, kind, first, rng),
        first=first,
        last=last,
        is_human=~np.array([k.is_bot for k in KINDS])[kind],
    )


def _draw_pages(group: Ints, kind: Ints, rng: np.random.Generator) -> Ints:
    """Draw a page of the group; a few are far more popular, every kind has its own shelf."""
    starts, sizes = group_spans()
    size = sizes[group]
    rank = (size * rng.random(len(group), dtype=np.float32) ** _POPULARITY).astype(np.int32)
    shelf = np.array([k.shelf for k in KINDS])[kind]
    shift = np.where(
        group == GROUP["product"], shelf, np.where(group == GROUP["category"], kind, 0)
    )
    return (starts[group] + (np.minimum(rank, size - 1) + shift) % size).astype(np.int16)


def _draw_items(page: Ints, kind: Ints, first: Ints, rng: np.random.Generator) -> Ints:
    """Give the product in mind: the last one seen in the visit, else one of the kind's shelf."""
    product = np.array([p.product for p in pages()], dtype=np.int32)[page]
    at = np.arange(len(page))
    seen = np.maximum.accumulate(np.where(product >= 0, at, -1)) if len(page) else at
    shelf = np.array([k.shelf for k in KINDS], dtype=np.int32)[kind]
    wanted = (shelf + rng.integers(0, 30, len(page), dtype=np.int32)) % N_PRODUCTS
    return np.where(seen >= first, product[seen], wanted).astype(np.int16)


def _bounds(visit: Ints) -> tuple[Ints, Ints]:
    """Give the places of the first and the last row of each row's visit."""
    at = np.arange(len(visit))
    begins = np.flatnonzero(np.r_[True, visit[1:] != visit[:-1]]) if len(visit) else at
    lengths = np.diff(np.r_[begins, len(visit)])
    first = np.repeat(begins, lengths)
    return first, np.repeat(begins + lengths - 1, lengths)


def _draw_times(
    visits: Visits, visit: Ints, kind: Ints, first: Ints, rng: np.random.Generator
) -> npt.NDArray[np.int64]:
    """Let every page last at least 4 s (a crawler's 1 s), never so long that the visit ends."""
    least = np.array([1e6 if k.is_bot else 4e6 for k in KINDS])[kind]
    mean = np.array([k.dwell_s * 1e6 for k in KINDS])[kind]
    stay = least + np.minimum(rng.standard_exponential(len(visit)) * mean, LONGEST_US)
    passed = np.cumsum(stay)
    since_first = passed - passed[first]
    at = visits.start[visit] + since_first.astype(np.int64)
    return np.asarray(at // 1000 * 1000, dtype=np.int64)
