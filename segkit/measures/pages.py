"""Rank the pages that users viewed, exactly, without counting the users of every page.

Distinct users are dear, rows of the day rollup are cheap, and a page never has more users than
rows. So rows pick the candidates, and users are counted for them alone; more candidates are taken
until no page left out could still belong.
"""

from collections.abc import Sequence
from dataclasses import replace

import ibis
from ibis import Table

from segkit.measures.activity import bit_of, has_bit
from segkit.measures.facts import Breakdown
from segkit.measures.latest import all_bits
from segkit.measures.sides import TOP_ROWS, Shape, Sides, build_breakdown

CANDIDATES = 40
SHAPE = Shape(
    name="pages", title="Pages", of="users", is_partition=False, volume_title="Page views"
)


def measure_pages(sides: Sides) -> Breakdown:
    """Give the pages by users who viewed them in the window, of all users of the side.

    Returns
    -------
    Breakdown
        At most 15 rows; `volume` are the segment's page views of the page, `n_more` the other
        pages that it viewed.
    """
    days = sides.tables.page_days
    own = days.filter(sides.is_inside(days)).semi_join(sides.members, "user_no")
    counted = own.group_by("page_path").agg(n_rows=own.count(), n_views=own.n_views.sum())
    ranked = counted.mutate(
        place=ibis.row_number().over(order_by=[ibis.desc("n_rows"), ibis.asc("page_path")])
    )
    pages = sides.engine.keep(ranked, "pages")
    rows = sorted((int(i), str(p), int(n), int(v)) for p, n, v, i in sides.engine.rows(pages))
    counts = _count_users(sides, pages, rows)
    shown = build_breakdown(
        SHAPE,
        counts,
        totals=(sides.n_segment, sides.n_baseline),
        min_size=sides.min_size,
        volumes={path: views for _, path, _, views in rows},
    )
    return replace(shown, n_more=len(rows) - len(shown.rows))


def _count_users(
    sides: Sides, pages: Table, rows: Sequence[tuple[int, str, int, int]]
) -> dict[str, tuple[int, int]]:
    """Give (segment users, baseline users) of every page that may be among the first rows."""
    counts: dict[str, tuple[int, int]] = {}
    while len(counts) < len(rows):
        fresh = rows[len(counts) : len(counts) + CANDIDATES]
        found = _users_of(sides, pages, len(counts), len(fresh))
        counts |= {row[1]: pair for row, pair in zip(fresh, found, strict=True)}
        nameable = sorted((n for n, m in counts.values() if n + m >= sides.min_size), reverse=True)
        least = nameable[TOP_ROWS - 1] if len(nameable) >= TOP_ROWS else 0
        if len(counts) < len(rows) and rows[len(counts)][2] < least:
            break
    return counts


def _users_of(sides: Sides, pages: Table, first: int, n_pages: int) -> list[tuple[int, int]]:
    """Give the users of both sides of some pages, by place: a bit a page, one row a user."""
    days = sides.tables.page_days
    bits = pages.filter(pages.place.between(first, first + n_pages - 1))
    bits = bits.select("page_path", bit=bit_of((bits.place - first).cast("int64")))
    hits = days.filter(sides.is_inside(days)).inner_join(bits, "page_path")
    users = sides.joined(hits.group_by("user_no").agg(bits=all_bits(hits.bit)))
    table = users.group_by("in_segment").agg(
        **{f"page_{i}": has_bit(users.bits, i).sum() for i in range(n_pages)}
    )
    found = {row[0]: row[1:] for row in sides.engine.rows(table)}
    none = (0,) * n_pages
    own, other = found.get(True, none), found.get(False, none)
    return [(int(n), int(m)) for n, m in zip(own, other, strict=True)]
