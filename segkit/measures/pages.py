"""Rank the pages that users viewed, exactly, without counting the users of every page.

Distinct users are dear, rows of the day rollup are cheap, and a page never has more users than
rows. So rows pick the candidates, and users are counted for them alone; more candidates are taken
until no page left out could still belong.
"""

from collections.abc import Sequence
from dataclasses import replace

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
    found = sides.engine.rows(counted)
    rows = sorted(((str(p), int(n), int(v)) for p, n, v in found), key=lambda r: (-r[1], r[0]))
    counts = _count_users(sides, rows)
    shown = build_breakdown(
        SHAPE,
        counts,
        totals=(sides.n_segment, sides.n_baseline),
        min_size=sides.min_size,
        volumes={path: views for path, _, views in rows},
    )
    return replace(shown, n_more=len(rows) - len(shown.rows))


def _count_users(sides: Sides, rows: Sequence[tuple[str, int, int]]) -> dict[str, tuple[int, int]]:
    """Give (segment users, baseline users) of every page that may be among the first rows."""
    counts: dict[str, tuple[int, int]] = {}
    while len(counts) < len(rows):
        fresh = [path for path, _, _ in rows[len(counts) : len(counts) + CANDIDATES]]
        counts |= dict(zip(fresh, _users_of(sides, fresh), strict=True))
        nameable = sorted((n for n, m in counts.values() if n + m >= sides.min_size), reverse=True)
        least = nameable[TOP_ROWS - 1] if len(nameable) >= TOP_ROWS else 0
        if len(counts) < len(rows) and rows[len(counts)][1] < least:
            break
    return counts


def _users_of(sides: Sides, paths: Sequence[str]) -> list[tuple[int, int]]:
    """Give the users of both sides of some pages, in their order: a bit a page, one row a user."""
    days = sides.tables.page_days
    read = days.filter(sides.is_inside(days))
    bit = sides.engine.numbered(read.page_path, {path: 1 << i for i, path in enumerate(paths)})
    users = sides.joined(read.group_by("user_no").agg(bits=all_bits(bit)))
    counted = sides.engine.count_bits(
        users.select("in_segment", "bits"), {"bits": len(paths)}, by="in_segment"
    )
    none = [0] * len(paths)
    own, other = (counted.get(side, {"bits": none})["bits"] for side in (True, False))
    return list(zip(own, other, strict=True))
