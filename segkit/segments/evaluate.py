"""Find the members of a segment: universe first, then its condition, as lazy Ibis tables.

A condition becomes leaves (users who differ from a default) and their Boolean combination. What
must hold together is done by semi and anti joins; everything else by left joins of leaves onto the
universe.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import and_, or_
from typing import Any

from ibis import Table
from ibis.expr.types import BooleanValue

from segkit.errors import DefinitionError
from segkit.periods import Clock, Duration
from segkit.segments.algebra import SetLeaf, SetNode
from segkit.segments.check import check_definition
from segkit.segments.clocks import check_clock, clock_of
from segkit.segments.conditions import (
    All,
    AnyOf,
    AtLeast,
    Condition,
    DidNot,
    InPattern,
    InSegment,
    Not,
    SetOf,
)
from segkit.segments.holds import instant_literal
from segkit.segments.leaves import LEAVES as PLAIN
from segkit.segments.leaves import Leaf
from segkit.segments.lifecycle import FirstTime, Regularly, Resumed, Stopped
from segkit.segments.lifecycle_leaves import (
    first_time_leaf,
    regularly_leaf,
    resumed_leaf,
    stopped_leaf,
)
from segkit.segments.model import ActiveIn, Definition, Everyone, MembersOf, Universe
from segkit.segments.pattern_models import NO_MODELS, PatternModels, find_pattern
from segkit.segments.same_visit import SameVisit, users_with, visits_of
from segkit.segments.shapes import Place
from segkit.segments.sources import Context, inside, inside_days
from segkit.segments.standing import Compare, Measure, Rank
from segkit.segments.standing_leaves import compare_leaf, measure_leaf, rank_leaf
from segkit.store.tables import Tables

LEAVES: Mapping[type[Condition], Callable[[Any, Context], Leaf]] = PLAIN | {
    Measure: measure_leaf,
    Compare: compare_leaf,
    FirstTime: first_time_leaf,
    Regularly: regularly_leaf,
    Stopped: stopped_leaf,
    Resumed: resumed_leaf,
}
"""How each kind of condition without conditions inside finds its users."""


@dataclass(frozen=True, kw_only=True)
class Membership:
    """Who is in a segment at T, and who could be: lazy tables of `user_no`, each user once.

    `context` is what it was evaluated in.
    """

    definition: Definition
    context: Context
    universe: Table
    members: Table

    @property
    def clock(self) -> Clock:
        """T and the zone whose days are counted."""
        return self.context.clock


def no_lists(file: str) -> Sequence[Mapping[str, str]]:
    """Refuse every list; the default where none can be read."""
    raise DefinitionError.build(
        f"The list `{file}` cannot be read here.", hint="evaluate it through a workspace."
    )


def evaluate(
    definition: Definition,
    *,
    tables: Tables,
    clock: Clock,
    library: Mapping[str, Definition] | None = None,
    lists: Callable[[str], Sequence[Mapping[str, str]]] = no_lists,
    models: PatternModels = NO_MODELS,
) -> Membership:
    """Give the universe and the members of a definition.

    Parameters
    ----------
    definition
        What to evaluate; it is checked first.
    tables
        One snapshot.
    clock
        T and the zone, where the definition does not bring its own.
    library
        The other segments by id, for `in_segment`, `set` and `universe: {segment: …}`; evaluated
        at the same T and zone.
    lists
        Gives the rows of a file named by `in_list`.
    models
        Gives the kept pattern models that `in_pattern` names.

    Raises
    ------
    UnknownNameError
        When an event, property, attribute, experiment, segment or pattern model is unknown.
    NotYetError
        When a part of the language cannot be evaluated yet.
    DefinitionError
        When bounds do not fit, references form a cycle, or a sum would mix currencies.
    """
    known = library or {}
    for finding in check_definition(
        definition, catalogue=tables.catalogue, library=known, models=models
    ):
        if finding.severity == "error":
            raise finding.error()
    at = clock_of(definition, clock)
    context = Context(tables=tables, clock=at, library=known, lists=lists, models=models)
    return _membership(definition, context)


def _membership(definition: Definition, context: Context) -> Membership:
    check_clock(definition, context.clock)
    context = replace(context, universe=None)
    universe = universe_table(definition.universe, context)
    members = kept_by(definition.where, universe, replace(context, universe=universe))
    return Membership(definition=definition, context=context, universe=universe, members=members)


def universe_table(universe: Universe, context: Context) -> Table:
    """Give the users who can be members at T; column `user_no`."""
    match universe:
        case Everyone():
            return everyone(context)
        case ActiveIn(length=length):
            return everyone(context).semi_join(_active(context, length), "user_no")
        case MembersOf(id=segment):
            return everyone(context).semi_join(members_of(segment, context), "user_no")
        case _:
            return kept_by(universe, everyone(context), context)


def everyone(context: Context) -> Table:
    """Give every user known at T who is not a bot.

    Known is who was first seen before T, and who never came but stands in another table by then.
    """
    users, at = context.tables.users, instant_literal(context.clock.at)
    seen = users.first_seen_at < at
    told = users.first_seen_at.isnull() & (
        users.identified_at.isnull() | (users.identified_at < at)
    )
    known = seen.fill_null(False) | told.fill_null(False)  # noqa: FBT003  Ibis takes the value so
    return users.filter(~users.is_bot.fill_null(False) & known).select("user_no")  # noqa: FBT003


def _active(context: Context, length: Duration) -> Table:
    span = context.clock.last(length)
    if context.on_rollup_days and span.on_days:
        days = context.tables.user_days
        return days.filter(inside_days(days.day, span)).select("user_no").distinct()
    events = context.tables.events
    kept = events.filter(events.bot_reason.isnull() & inside(events.time, span))
    return kept.select("user_no").distinct()


def members_of(segment: str, context: Context) -> Table:
    """Give the members of a segment of the library at T (`user_no`)."""
    return membership_of(segment, context).members


def membership_of(segment: str, context: Context) -> Membership:
    """Give who is and who could be in a segment of the library, at the same T and zone."""
    return _membership(context.library[segment], context)


def kept_by(condition: Condition, users: Table, context: Context) -> Table:
    """Give those of some users (`user_no`, each once) for whom a condition holds."""
    match condition:
        case All(of=parts):
            return reduce(lambda kept, part: kept_by(part, kept, context), parts, users)
        case Not() | DidNot() | AnyOf() | AtLeast():
            pass
        case _:
            return _kept_by_leaf(leaf_of(condition, context), users, holds=True)
    opposite = condition.of if isinstance(condition, Not) else None
    if isinstance(condition, DidNot):
        opposite = condition.positive
    if opposite is not None and not isinstance(opposite, All | AnyOf | AtLeast | Not | DidNot):
        return _kept_by_leaf(leaf_of(opposite, context), users, holds=False)
    joined = _Joined(context)
    told = joined.truth(condition)
    table = joined.onto(users)
    return table.filter(told(table)).select("user_no")


def _kept_by_leaf(leaf: Leaf, users: Table, *, holds: bool) -> Table:
    if leaf.default == holds:
        return users.anti_join(leaf.table, "user_no")
    return users.semi_join(leaf.table, "user_no")


def leaf_of(condition: Condition, context: Context) -> Leaf:
    """Give the leaf of a condition that has no conditions inside."""
    if isinstance(condition, InSegment):
        return Leaf(members_of(condition.id, context), default=False)
    if isinstance(condition, SetOf):
        return Leaf(_set_table(condition.tree, context), default=False)
    if isinstance(condition, InPattern):
        return _pattern_leaf(condition, context)
    if isinstance(condition, SameVisit):
        return Leaf(_with_a_visit(condition, context), default=False)
    if isinstance(condition, Rank):
        return rank_leaf(condition, people_of(condition, context), context)
    return LEAVES[type(condition)](condition, context)


def _with_a_visit(condition: SameVisit, context: Context) -> Table:
    visits, as_users, inner = visits_of(condition, context)
    return users_with(kept_by(condition.of, as_users, inner), visits)


def people_of(condition: Rank, context: Context) -> Table:
    """Give the people among whom is ranked: of the universe, by default all of it."""
    users = everyone(context) if context.universe is None else context.universe
    return users if condition.among is None else kept_by(condition.among, users, context)


def _pattern_leaf(condition: InPattern, context: Context) -> Leaf:
    kept = find_pattern(condition, context.models, Place())
    found = context.models.members(
        condition, kept, users=everyone(context), tables=context.tables, clock=context.clock
    )
    return Leaf(found.select("user_no"), default=False)


def _set_table(node: SetNode, context: Context) -> Table:
    if isinstance(node, SetLeaf):
        return members_of(node.id, context)
    first, *rest = (_set_table(operand, context) for operand in node.of)
    match node.operator:
        case "|":
            return reduce(lambda a, b: a.union(b), rest, first).distinct()
        case "&":
            return reduce(lambda a, b: a.semi_join(b, "user_no"), rest, first)
        case _:
            return reduce(lambda a, b: a.anti_join(b, "user_no"), rest, first)


class _Joined:
    """The leaves of one Boolean combination, each joined once onto the users."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.leaves: dict[Condition, tuple[str, Leaf]] = {}

    def truth(  # noqa: PLR0911  one way a condition
        self, condition: Condition
    ) -> Callable[[Table], BooleanValue]:
        """Give how the joined table tells whether a condition holds; never null."""
        match condition:
            case All(of=parts):
                told = [self.truth(part) for part in parts]
                return lambda table: reduce(and_, [t(table) for t in told])
            case AnyOf(of=parts):
                told = [self.truth(part) for part in parts]
                return lambda table: reduce(or_, [t(table) for t in told])
            case AtLeast(n=n, of=parts):
                told = [self.truth(part) for part in parts]
                return lambda table: sum(t(table).cast("int32") for t in told) >= n
            case Not(of=part):
                inner = self.truth(part)
                return lambda table: ~inner(table)
            case DidNot():
                positive = self.truth(condition.positive)
                return lambda table: ~positive(table)
        name, leaf = self._leaf(condition)
        if leaf.default:
            return lambda table: table[name].isnull()
        return lambda table: table[name].notnull()

    def _leaf(self, condition: Condition) -> tuple[str, Leaf]:
        if condition not in self.leaves:
            self.leaves[condition] = (f"k{len(self.leaves)}", leaf_of(condition, self.context))
        return self.leaves[condition]

    def onto(self, users: Table) -> Table:
        """Give the users with one column a leaf: the user where the leaf has him, else null."""
        joined = users
        for name, leaf in self.leaves.values():
            listed = leaf.table.select(leaf.table.user_no.name(name))
            joined = joined.left_join(listed, joined.user_no == listed[name])
        return joined
