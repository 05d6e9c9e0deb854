"""Find the members of a segment at several instants in one go, as bits of one integer a user.

A trend asks who was in at the end of every week. Evaluated week by week, each condition would read
its rows anew each time; here the rows of all windows are read once and counted window by window.
What cannot be counted so is evaluated instant by instant, and joined to the rest by its bits.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import and_, or_

import ibis
from ibis import Table
from ibis.expr.types import BooleanValue, IntegerValue

from segkit.periods import Clock
from segkit.segments.clocks import check_clock, clock_of
from segkit.segments.conditions import (
    All,
    AnyOf,
    AtLeast,
    Attribute,
    Condition,
    Did,
    DidNot,
    InList,
    InSegment,
    Not,
    Sample,
    SinceFirst,
    SinceLast,
    VisitAttribute,
)
from segkit.segments.counted_spans import count_in
from segkit.segments.evaluate import Membership, leaf_of, universe_table
from segkit.segments.holds import Value, instant_literal, truth
from segkit.segments.kinds import holds_for_number
from segkit.segments.leaves import has_lapsed, lapses_by_days, since_rows
from segkit.segments.model import ActiveIn, Definition, Everyone, MembersOf, Universe
from segkit.segments.sources import Context, hull, inside, inside_days, rows_of
from segkit.segments.standing import Measure
from segkit.segments.standing_leaves import as_did
from segkit.segments.steady import identified, visited
from segkit.segments.targets import COUNTS
from segkit.segments.windows import Anchored, Ever, Rolling, span_of

MOST_CLOCKS = 62
Contexts = Sequence[Context]
Truth = Callable[[Table], IntegerValue]


@dataclass(frozen=True, kw_only=True)
class Timeline:
    """Who could be and who was in a segment at some instants.

    Lazy tables of `user_no` and `bits`, one row a user with any bit: bit i stands for the i-th
    instant.
    """

    universe: Table
    members: Table


def evaluate_at_all(membership: Membership, clocks: Sequence[Clock]) -> Timeline:
    """Give the universe and the members of an evaluated definition at other clocks, at most 62.

    Exactly those whom `evaluate` gives clock by clock.

    Raises
    ------
    ValueError
        When there are more clocks than bits.
    NotYetError
        When a part of the language cannot be evaluated yet.
    DefinitionError
        When a duration counts hours and a clock is the end of a day.
    """
    if len(clocks) > MOST_CLOCKS:
        raise ValueError(f"{len(clocks)} clocks, where {MOST_CLOCKS} fit the bits of one integer")
    definition = membership.definition
    at = [clock_of(definition, clock) for clock in clocks]
    for clock in at:
        check_clock(definition, clock)
    contexts = [replace(membership.context, clock=clock) for clock in at]
    universe, members = _found(definition, contexts)
    return Timeline(universe=universe, members=members)


def _found(definition: Definition, contexts: Contexts) -> tuple[Table, Table]:
    """Give the universe and the members."""
    bare = [replace(context, universe=None) for context in contexts]
    universe = _universe(definition.universe, bare)
    within = [
        replace(context, universe=universe.filter(_has_bit(universe, place)).select("user_no"))
        for place, context in enumerate(bare)
    ]
    return universe, _kept_by(definition.where, universe, within)


def _has_bit(table: Table, place: int) -> BooleanValue:
    return (table.bits >> place) & 1 == 1


def _mask(contexts: Contexts) -> int:
    return (1 << len(contexts)) - 1


def _bit(place: int) -> IntegerValue:
    return ibis.literal(1 << place, "int64")


def _universe(universe: Universe, contexts: Contexts) -> Table:
    match universe:
        case Everyone():
            return _everyone(contexts)
        case ActiveIn() | MembersOf():
            return _one_by_one([universe_table(universe, context) for context in contexts])
        case _:
            return _kept_by(universe, _everyone(contexts), contexts)


def _everyone(contexts: Contexts) -> Table:
    """Give every user who is not a bot, known from when first seen, or told of, or always."""
    users = contexts[0].tables.users
    known_at = users.first_seen_at.fill_null(users.identified_at)
    branches = [(known_at.isnull(), _mask(contexts))]
    for at in sorted({context.clock.at for context in contexts}):
        later = sum(1 << i for i, c in enumerate(contexts) if c.clock.at >= at)
        branches.append((known_at < instant_literal(at), later))
    bits = ibis.cases(*[(test, ibis.literal(bits, "int64")) for test, bits in branches], else_=0)
    known = users.filter(~users.is_bot.fill_null(False))  # noqa: FBT003  Ibis takes the value so
    known = known.select("user_no", bits=bits.cast("int64"))
    return known.filter(known.bits != 0)


def _one_by_one(tables: Sequence[Table]) -> Table:
    """Give the users of some tables, each once in any, with a bit a table."""
    listed = [table.select("user_no", bit=_bit(place)) for place, table in enumerate(tables)]
    every = ibis.union(*listed) if listed[1:] else listed[0]
    return every.group_by("user_no").agg(bits=every.bit.sum().cast("int64"))


def _kept_by(condition: Condition, users: Table, contexts: Contexts) -> Table:
    """Give those of some users and bits for whom a condition holds, with the bits of when."""
    joined = _Joined(contexts)
    told = joined.truth(condition)
    table = joined.onto(users)
    kept = table.select("user_no", bits=table.bits & told(table))
    return kept.filter(kept.bits != 0)


@dataclass(frozen=True)
class _Leaf:
    """Users with the bits of when a condition is the opposite of `default` for them."""

    table: Table
    default: bool


def _leaf(condition: Condition, contexts: Contexts) -> _Leaf:
    """Give the leaf of a condition that has no conditions inside."""
    if isinstance(condition, Measure):
        condition = as_did(condition)
    leaf = _in_one_pass(condition, contexts)
    if leaf is not None:
        return leaf
    if isinstance(condition, InSegment):
        return _Leaf(_members_of(condition.id, contexts), default=False)
    if _is_timeless(condition, contexts[0]):
        once = leaf_of(condition, contexts[0])
        always = ibis.literal(_mask(contexts), "int64")
        return _Leaf(once.table.select("user_no", bits=always), once.default)
    leaves = [leaf_of(condition, context) for context in contexts]
    return _Leaf(_one_by_one([leaf.table for leaf in leaves]), leaves[0].default)


def _in_one_pass(condition: Condition, contexts: Contexts) -> _Leaf | None:
    """Give the leaf of what is read once for all instants; None where that cannot be."""
    held = None
    match condition:
        case Did(calc=calc) if calc.name in COUNTS:
            return _counted(condition, contexts)
        case SinceFirst() | SinceLast():
            return _since(condition, contexts)
        case VisitAttribute():
            held = visited(condition, contexts)
        case Attribute():
            held = identified(condition, contexts)
    return None if held is None else _differing(held.users, held.at, default=held.default)


def _members_of(segment: str, contexts: Contexts) -> Table:
    definition = contexts[0].library[segment]
    for context in contexts:
        check_clock(definition, context.clock)
    return _found(definition, contexts)[1]


def _is_timeless(condition: Condition, context: Context) -> bool:
    """Say whether a condition holds at every instant or at none."""
    labels = context.tables.catalogue.attributes
    match condition:
        case Sample():
            return True
        case InList(match=name):
            return name not in labels or not labels[name].has_history
        case Attribute(name=name):
            return name in labels and not labels[name].has_history
        case _:
            return False


def _counted(condition: Did, contexts: Contexts) -> _Leaf | None:
    """Give the leaf of a count, all windows in one pass; None where that cannot be.

    It cannot where windows need different tables, hang on each user's own event, or roll.
    """
    if isinstance(condition.during, Anchored | Rolling):
        return None
    spans = [span_of(condition.during, context.clock) for context in contexts]
    whole = hull(spans)
    if len({span.on_days for span in (*spans, whole)}) > 1:
        return None
    latest = _latest(contexts)
    rows = rows_of(condition.target, condition.calc, whole, latest)
    users = count_in(rows, condition.calc, spans)
    default = holds_for_number(condition.bound, 0)
    zone = latest.clock.zone
    held = [
        truth(condition.bound, Value("number", users[f"n{place}"].fill_null(0)), zone)
        for place in range(len(spans))
    ]
    return _differing(users, held, default=default)


def _differing(users: Table, held: Sequence[BooleanValue], *, default: bool) -> _Leaf:
    """Give the leaf of users with, instant by instant, whether a condition holds; never null."""
    bits = [
        told.ifelse(*((0, _bit(place)) if default else (_bit(place), 0)))
        for place, told in enumerate(held)
    ]
    differing = users.select("user_no", bits=reduce(or_, bits))
    return _Leaf(differing.filter(differing.bits != 0), default)


def _since(condition: SinceFirst | SinceLast, contexts: Contexts) -> _Leaf | None:
    """Give the leaf of the time since something, all instants in one pass; None where it cannot be.

    The first row before an instant is the first of all, if that lies before it.
    """
    kinds = {
        (lapses_by_days(condition, context), span_of(Ever(), context.clock).on_days)
        for context in contexts
    }
    if len(kinds) > 1:
        return None
    rows, when = since_rows(condition, _latest(contexts))
    is_instant, is_last = rows.at is not None, isinstance(condition, SinceLast)
    spans = [span_of(Ever(), context.clock) for context in contexts]
    if is_last:
        tests = [inside(when, span) if is_instant else inside_days(when, span) for span in spans]
        chosen = {f"e{place}": when.max(where=test) for place, test in enumerate(tests)}
    else:
        chosen = {"e0": when.min()}
    users = rows.table.group_by("user_no").agg(**chosen)
    default = condition.bound.wants_unknown
    held = []
    for place, (context, span) in enumerate(zip(contexts, spans, strict=True)):
        at = users[f"e{place if is_last else 0}"]
        is_known = at.notnull() & (inside(at, span) if is_instant else inside_days(at, span))
        told = has_lapsed(condition, at, context, is_instant=is_instant)
        held.append(is_known.ifelse(told, default))
    return _differing(users, held, default=default)


def _latest(contexts: Contexts) -> Context:
    return max(contexts, key=lambda context: context.clock.at)


class _Joined:
    """The leaves of a condition, each joined once onto the users."""

    def __init__(self, contexts: Contexts) -> None:
        self.contexts = contexts
        self.mask = _mask(contexts)
        self.leaves: dict[Condition, tuple[str, _Leaf]] = {}

    def truth(self, condition: Condition) -> Truth:
        """Give how the joined table tells when a condition holds."""
        match condition:
            case All(of=parts):
                return self._all_told(parts, and_)
            case AnyOf(of=parts):
                return self._all_told(parts, or_)
            case AtLeast(n=n, of=parts):
                return self._at_least(n, parts)
            case Not(of=part):
                return self._opposite(self.truth(part))
            case DidNot():
                return self._opposite(self.truth(condition.positive))
        name, leaf = self._leaf_of(condition)

        def told(table: Table) -> IntegerValue:
            return table[name].fill_null(0)

        return self._opposite(told) if leaf.default else told

    def _opposite(self, told: Truth) -> Truth:
        return lambda table: self.mask - told(table)

    def _all_told(
        self,
        parts: Sequence[Condition],
        together: Callable[[IntegerValue, IntegerValue], IntegerValue],
    ) -> Truth:
        told = [self.truth(part) for part in parts]
        return lambda table: reduce(together, [t(table) for t in told])

    def _at_least(self, n: int, parts: Sequence[Condition]) -> Truth:
        told = [self.truth(part) for part in parts]

        def bit(table: Table, place: int) -> IntegerValue:
            n_true = sum((t(table) >> place) & 1 for t in told)
            return (n_true >= n).ifelse(_bit(place), 0)

        return lambda table: reduce(or_, [bit(table, i) for i in range(len(self.contexts))])

    def _leaf_of(self, condition: Condition) -> tuple[str, _Leaf]:
        if condition not in self.leaves:
            self.leaves[condition] = (f"k{len(self.leaves)}", _leaf(condition, self.contexts))
        return self.leaves[condition]

    def onto(self, users: Table) -> Table:
        """Give the users with their bits, and one column a leaf: its bits, null for none."""
        joined = users
        for name, leaf in self.leaves.values():
            listed = leaf.table.select(**{f"{name}_user": "user_no", name: "bits"})
            joined = joined.left_join(listed, joined.user_no == listed[f"{name}_user"])
        return joined
