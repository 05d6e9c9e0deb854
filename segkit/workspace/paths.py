"""Find the paths of a workspace's segment, beside those of everyone else in its universe."""

from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

import ibis
from ibis import Table

from segkit.compare.paths import BASELINE, SEGMENT, Asked, build_path_facts
from segkit.errors import EmptyError, ParameterError, near_names
from segkit.measures.activity import find_purchases
from segkit.measures.roles import holds_mail
from segkit.patterns.collect import Span
from segkit.patterns.paths.facts import PathFacts
from segkit.patterns.paths.steps import (
    PATH_STEPS,
    PATH_UNITS,
    PathSteps,
    PathUnit,
    Walks,
    choose_places,
    read_walks,
)
from segkit.segments.evaluate import Membership
from segkit.segments.model import Definition
from segkit.workspace.asking import check_days, policy_of

if TYPE_CHECKING:
    from segkit.views import Fragment
    from segkit.workspace.space import Workspace


class Paths:
    """The paths of a segment in one window; numbers are counted when they are asked for.

    `walks` holds one row a step in the engine, side 1 for the segment, 0 for everyone else.
    """

    def __init__(self, walks: Walks, asked: Asked) -> None:
        self.walks = walks
        self._asked = asked

    @cached_property
    def facts(self) -> PathFacts:
        """The numbers that may be shown: what tells of too few users is withheld."""
        return build_path_facts(self.walks, self._asked)

    def show(self) -> "Fragment":
        """Give the paths as figures and tables: next pages, surprising ways, orders, times."""
        from segkit.views.paths import render_paths  # noqa: PLC0415  views are slow to import

        return render_paths(self.facts)

    def _repr_mimebundle_(self, **wishes: object) -> dict[str, str]:
        return self.show()._repr_mimebundle_(**wishes)


def find_paths(  # noqa: PLR0913  each has its own meaning, and most have a default
    workspace: "Workspace",
    segment: str | Definition,
    as_of: str | date | None = None,
    days: int = 30,
    *,
    unit: PathUnit = "visit",
    of: PathSteps = "pages",
    seed: int = 0,
) -> Paths:
    """Find the paths that the members of a segment take, and what is telling about them.

    Parameters
    ----------
    workspace, segment, as_of
        As for a report: who is looked at, at the end of which day.
    days
        Length of the window whose paths count.
    unit
        What a path is: one `visit`, or all that a `user` did in the window.
    of
        What its steps are: `pages` (groups of pages) or `events`. Data without page views has
        events, or the kinds of goods bought, in their place.
    seed
        Of the search for types of order.

    Raises
    ------
    ParameterError
        When `unit` or `of` is none of these words, or `days` is no number of days.
    EmptyError
        When too few members have a path in the window to say anything.
    SegkitError
        When segment or day is none, or nothing is loaded.
    """
    _check_word("unit", unit, PATH_UNITS)
    _check_word("of", of, PATH_STEPS)
    members = workspace.members(segment, as_of)
    definition, privacy = members.definition, workspace.config.privacy
    least = max(privacy.min_size, policy_of(definition, privacy).min_size)
    sides = _sides(workspace, members.membership)
    span = Span(
        tables=workspace.tables,
        users=sides.select("user_no"),
        clock=members.membership.clock,
        days=check_days(days),
    )
    purchases = tuple(workspace.config.report.purchases) or find_purchases(
        workspace.tables.catalogue
    )
    places = choose_places(
        span,
        of=of,
        purchases=purchases,
        min_users=least,
        is_nameable=lambda name: not holds_mail(name),
    )
    walks = read_walks(span, sides, places, n_sides=2, unit=unit, purchases=purchases)
    asked = Asked(
        segment=definition.segment,
        as_of=span.clock.day.isoformat(),
        days=days,
        unit=unit,
        of=_steps_of(places.kind),
        min_size=least,
        seed=seed,
    )
    _refuse_few(walks.count_paths()[SEGMENT][1], asked)
    return Paths(walks, asked)


def _refuse_few(n_users: int, asked: Asked) -> None:
    if n_users >= asked.min_size:
        return
    found = f"fewer than {asked.min_size} users" if n_users else "nobody"
    raise EmptyError.build(
        f"Of segment `{asked.segment}` {found} left a path in the {asked.days} days to "
        f"{asked.as_of}.",
        hint="take a longer window, another day or a larger segment.",
    )


def _check_word(name: str, word: str, known: tuple[str, ...]) -> None:
    if word not in known:
        raise ParameterError.build(
            f"`{name}`: expected {' or '.join(known)}, found `{str(word)[:40]}`.",
            hint=near_names(str(word), known),
        )


def _steps_of(kind: str) -> str:
    return {"page": "pages", "event": "events", "item": "goods"}[kind]


def _sides(workspace: "Workspace", membership: Membership) -> Table:
    """Give one row a user of the universe: the side is 1 for members."""
    own = membership.members.select("user_no")
    others = membership.universe.select("user_no").anti_join(own, "user_no")
    both = ibis.union(
        own.mutate(side=ibis.literal(SEGMENT, "int32")),
        others.mutate(side=ibis.literal(BASELINE, "int32")),
    )
    return workspace.tables.engine.keep(both, "path_sides")
