"""Say what pages groups of users see, and which ways set each group apart from all the others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from segkit.compare.path_contrast import choose_ways, find_telling, telling_p
from segkit.measures.roles import holds_mail
from segkit.measures.withhold import find_withheld, keep_part
from segkit.patterns.collect import Span
from segkit.patterns.paths.facts import TellingPath
from segkit.patterns.paths.grams import Places, unpack
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

Shown = Mapping[int, Sequence[tuple[int | None, int | None]]]


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


@dataclass(frozen=True, kw_only=True)
class ReadGroups:
    """The pages and ways of groups of users, counted and not judged yet."""

    groups: tuple[str, ...]
    sizes: tuple[int, ...]
    gone: frozenset[int]
    names: Sequence[str]
    pages: Shown
    ways: Shown

    @property
    def p_values(self) -> tuple[float, ...]:
        """Of every way of every group that is told."""
        return tuple(p for side in range(len(self.groups)) for p in self._p_values(side))

    def tell(
        self, *, beside: Sequence[float] = (), most: int = MOST_PATHS
    ) -> dict[str, GroupPaths]:
        """Give each group's pages and ways, the ways of all groups judged as one family.

        Parameters
        ----------
        beside
            The p-values of what else the report compares: of the same family.
        most
            The most ways of a group.
        """
        return {group: self._describe(side, beside, most) for side, group in enumerate(self.groups)}

    def _is_told(self, side: int) -> bool:
        return side not in self.gone and bool(self.sizes[side])

    def _totals(self, side: int) -> tuple[int, int]:
        return self.sizes[side], sum(self.sizes) - self.sizes[side]

    def _ways(self, side: int) -> dict[Places, tuple[int | None, int | None]]:
        return {unpack(code): pairs[side] for code, pairs in self.ways.items()}

    def _p_values(self, side: int) -> tuple[float, ...]:
        return telling_p(self._ways(side), self._totals(side)) if self._is_told(side) else ()

    def _describe(self, side: int, beside: Sequence[float], most: int) -> GroupPaths:
        group = self.groups[side]
        if not self._is_told(side):
            n_none = None if side in self.gone else 0
            return GroupPaths(group=group, n_users=n_none, n_others=None, pages=(), paths=())
        others = [p for i in range(len(self.groups)) if i != side for p in self._p_values(i)]
        totals = self._totals(side)
        ways = find_telling(
            self._ways(side), totals, self.names, beside=[*others, *beside], most=most
        )
        return GroupPaths(
            group=group, n_users=totals[0], n_others=totals[1], pages=self._top(side), paths=ways
        )

    def _top(self, side: int) -> tuple[GroupPage, ...]:
        found = [
            GroupPage(page=self.names[code - 1], n_users=n, n_others=m)
            for code, pairs in self.pages.items()
            for n, m in [pairs[side]]
            if n
        ]
        found.sort(key=lambda page: (-page.n_users, page.page))
        return tuple(found[:MOST_PAGES])


def read_group_paths(
    span: Span,
    groups: Mapping[str, Sequence[int]],
    *,
    purchases: Sequence[str],
    min_size: int,
    of: PathSteps = "pages",
    unit: PathUnit = "visit",
) -> ReadGroups:
    """Count for each group of users its pages and the ways that may set it apart.

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

    Returns
    -------
    ReadGroups
        `tell` gives by group, in the order given, at most 5 pages, most users first, and some
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
    return ReadGroups(
        groups=tuple(groups),
        sizes=tuple(sizes),
        gone=gone,
        names=walks.names,
        pages=pages,
        ways=ways,
    )


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
