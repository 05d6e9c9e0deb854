"""Say what pages groups of users see, and which ways set each group apart from all the others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from segkit.compare.path_contrast import choose_ways, find_telling
from segkit.measures.roles import holds_mail
from segkit.measures.withhold import find_withheld, keep_part
from segkit.patterns.collect import Span
from segkit.patterns.paths.facts import TellingPath
from segkit.patterns.paths.grams import unpack
from segkit.patterns.paths.steps import (
    PathSteps,
    PathUnit,
    Walks,
    choose_places,
    read_walks,
    sides_of,
)

MOST_PAGES = 5
MOST_PATHS = 3


@dataclass(frozen=True, kw_only=True)
class GroupPage:
    """A page group that `n_users` of a group's users saw; `n_others` of all others'.

    `n_others` is None where withheld.
    """

    page: str
    n_users: int
    n_others: int | None


@dataclass(frozen=True, kw_only=True)
class GroupPaths:
    """The pages and ways of one group.

    `n_users` of the group and `n_others` of all other groups have a path in the window: the
    denominators of all that follows. None where too few; then there is nothing else.
    """

    group: str
    n_users: int | None
    n_others: int | None
    pages: tuple[GroupPage, ...]
    paths: tuple[TellingPath, ...]


def find_group_paths(  # noqa: PLR0913  each has its own meaning
    span: Span,
    groups: Mapping[str, Sequence[int]],
    *,
    purchases: Sequence[str],
    min_size: int,
    of: PathSteps = "pages",
    unit: PathUnit = "visit",
    most: int = MOST_PATHS,
) -> dict[str, GroupPaths]:
    """Give for each group of users its top pages and the ways that set it apart.

    Parameters
    ----------
    span
        The window; whose users it holds does not matter.
    groups
        Numbers of users (`user_no`) by the group's id, as of a pattern; no user in two.
    purchases
        Events that count as orders.
    min_size
        The least users behind a number.
    of, unit
        As for `segkit.patterns.paths.steps`.
    most
        The most ways of a group.

    Returns
    -------
    dict
        By group, in the order given. At most 5 pages, most users first; at most `most`
        ways, surest first, each against all other groups together.

    Notes
    -----
    A page's users are withheld across groups, so that what one hides the others do not tell.
    """
    engine = span.tables.engine
    sides = sides_of(engine, groups)
    everyone = replace(span, users=sides.select("user_no"))
    places = choose_places(
        everyone,
        of=of,
        purchases=purchases,
        min_users=min_size,
        is_nameable=lambda name: not holds_mail(name),
    )
    walks = read_walks(everyone, sides, places, n_sides=len(groups), unit=unit, purchases=purchases)
    sizes = [n_users for _, n_users in walks.count_paths()]
    gone = find_withheld(sizes, sum(sizes), min_size)
    pages = _share_out(walks, range(1, len(walks.names) + 1), sizes, min_size)
    ways = _share_out(walks, choose_ways(walks.count_codes()), sizes, min_size)
    return {
        group: _describe(
            group, side, (walks, sizes), (pages, ways), most=most, is_gone=side in gone
        )
        for side, group in enumerate(groups)
    }


Shown = Mapping[int, Sequence[tuple[int | None, int | None]]]


def _share_out(
    walks: Walks, codes: Sequence[int], sizes: Sequence[int], min_size: int
) -> dict[int, list[tuple[int | None, int | None]]]:
    """Give (users of the group, users of all others) of each way by group, None where withheld."""
    users = walks.count_users(codes)
    shown: dict[int, list[tuple[int | None, int | None]]] = {}
    for code in codes:
        counts = [users.get((side, code), 0) for side in range(len(sizes))]
        total = sum(counts)
        kept = [keep_part(n, size, min_size) for n, size in zip(counts, sizes, strict=True)]
        hidden = find_withheld(kept, total, min_size)
        others = [
            keep_part(total - n, sum(sizes) - size, min_size)
            for n, size in zip(counts, sizes, strict=True)
        ]
        shown[code] = [
            (None, None) if side in hidden else (n, m)
            for side, (n, m) in enumerate(zip(counts, others, strict=True))
        ]
    return shown


def _describe(
    group: str,
    side: int,
    seen: tuple[Walks, Sequence[int]],
    shown: tuple[Shown, Shown],
    *,
    most: int,
    is_gone: bool,
) -> GroupPaths:
    walks, sizes = seen
    if is_gone or not sizes[side]:
        n_none = None if is_gone else 0
        return GroupPaths(group=group, n_users=n_none, n_others=None, pages=(), paths=())
    n_others = sum(sizes) - sizes[side]
    found = [
        GroupPage(page=walks.names[code - 1], n_users=n, n_others=m)
        for code, pairs in shown[0].items()
        for n, m in [pairs[side]]
        if n
    ]
    found.sort(key=lambda page: (-page.n_users, page.page))
    ways = {unpack(code): pairs[side] for code, pairs in shown[1].items()}
    return GroupPaths(
        group=group,
        n_users=sizes[side],
        n_others=n_others,
        pages=tuple(found[:MOST_PAGES]),
        paths=find_telling(ways, (sizes[side], n_others), walks.names, most=most),
    )
