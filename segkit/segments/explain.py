"""Say of one user which conditions of a definition hold and which do not, down the tree.

Each condition is asked of the user as a rule of its own, by the evaluation that finds members;
nothing here decides anything. All answers come by one query.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import reduce
from typing import Any

import ibis
from ibis import Table

from segkit.errors import DefinitionError, EmptyError
from segkit.segments.algebra import ids_of
from segkit.segments.bounds import Bound
from segkit.segments.conditions import (
    All,
    AnyOf,
    AtLeast,
    Attribute,
    Condition,
    InList,
    InSegment,
    Not,
    SetOf,
    VisitAttribute,
)
from segkit.segments.describe import describe_condition, describe_universe, of_this_visit
from segkit.segments.evaluate import Membership, everyone, kept_by, membership_of, universe_table
from segkit.segments.later import Sql
from segkit.segments.model import ActiveIn, Definition, Everyone, MembersOf, Universe
from segkit.segments.references import references_of
from segkit.segments.same_visit import SameVisit, visits_of
from segkit.segments.seen import Seen, seen_of
from segkit.segments.shapes import Place, walk
from segkit.segments.sources import Context
from segkit.segments.targets import (
    Calc,
    EventTarget,
    ExperienceTarget,
    PageTarget,
    VisitTarget,
)

_TARGETS = (EventTarget, PageTarget, VisitTarget, ExperienceTarget)
_HEADS = {
    "all": "all of these hold",
    "any": "at least one of these holds",
    "not": "this does not hold",
}
_IDS = ("user_id", "device_id")
_ANY = Bound(ops=(("known", True),))


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Whether one condition holds for one user, what was seen, and the same of what is inside it.

    Attributes
    ----------
    kind
        The key of the condition in the language; `segment` for a whole definition, `universe` for
        who can be a member.
    text
        The condition as a description says it, or how those inside are joined.
    place
        Where it stands in the definition: `where.all[0].did`; empty for a whole definition.
    names
        The labels and properties that it reads by name.
    holds
        Whether it does; None where whoever reads may not know.
    segment
        The segment that it asks about; None for other conditions.
    """

    kind: str
    text: str
    place: str
    holds: bool | None
    seen: tuple[Seen, ...] = ()
    parts: tuple["Verdict", ...] = ()
    names: tuple[str, ...] = ()
    segment: str | None = None


def check_explainable(definition: Definition, library: Mapping[str, Definition]) -> None:
    """Refuse a definition whose members come from a query, by itself or by what it builds on.

    Raises
    ------
    DefinitionError
        With the segment that holds the query.
    """
    met, waiting = {definition.segment}, [definition]
    while waiting:
        asked = waiting.pop()
        if any(isinstance(part, Sql) for part, _ in walk(asked, Place())):
            raise DefinitionError.build(
                f"The segment `{asked.segment}` is not explainable: its members come from `sql`.",
                hint="ask who is in it, or say the rule by conditions.",
            )
        for name, _ in references_of(asked):
            if name in library and name not in met:
                met.add(name)
                waiting.append(library[name])


def explain(membership: Membership, user_no: int) -> Verdict:
    """Give why one user is a member of a segment at T, or is not.

    Parameters
    ----------
    membership
        The evaluated definition, over the tables of everyone or, where it reads only a user's own
        rows, over those of this user.
    user_no
        The user.

    Raises
    ------
    EmptyError
        When nothing was known of the user at T.
    """
    context = membership.context
    explainer = _Explainer(user_no)
    known = explainer.ask(everyone(context))
    root = explainer.definition(membership, Place())
    counts = explainer.answers(context)
    if not counts[known]:
        raise EmptyError.unknown_user_at(context.clock.day)
    return _verdict(root, counts)


@dataclass(kw_only=True)
class _Node:
    """A verdict before its question is answered; inside a visit `n_visits` asks for all of them."""

    kind: str
    text: str
    place: Place
    asked: int
    seen: tuple[Seen, ...] = ()
    parts: list["_Node"] = field(default_factory=list)
    names: tuple[str, ...] = ()
    segment: str | None = None
    n_visits: int | None = None


def _verdict(node: _Node, counts: Mapping[int, int]) -> Verdict:
    n, seen = counts[node.asked], node.seen
    if node.n_visits is not None:
        told = Seen(what="visits where this holds", value=n, of=counts[node.n_visits])
        seen = (told, *seen)
    return Verdict(
        kind=node.kind,
        text=node.text,
        place=node.place.dotted,
        holds=n > 0,
        seen=seen,
        parts=tuple(_verdict(part, counts) for part in node.parts),
        names=node.names,
        segment=node.segment,
    )


class _Explainer:
    """Gathers the questions about one user; a segment that is met again is not opened again."""

    def __init__(self, user_no: int) -> None:
        self.user_no = user_no
        self._questions: list[Table] = []
        self._opened: set[str] = set()

    def ask(self, users: Table, *, is_whole: bool = False) -> int:
        """Ask whether the user is among some, or with `is_whole` how many these are."""
        own = users if is_whole else users.filter(users.user_no == self.user_no)
        number = len(self._questions)
        self._questions.append(own.aggregate(n=own.count()).mutate(q=ibis.literal(number, "int64")))
        return number

    def answers(self, context: Context) -> dict[int, int]:
        """Give the answer to every question by its number."""
        joined = reduce(lambda left, right: left.union(right), self._questions)
        return {int(q): int(n) for n, q in context.tables.engine.rows(joined.select("n", "q"))}

    def definition(self, membership: Membership, place: Place) -> _Node:
        """Ask a whole definition: who can be a member, and the rule."""
        definition = membership.definition
        self._opened.add(definition.segment)
        context = replace(membership.context, universe=membership.universe)
        parts = [self.condition(definition.where, context, place.at("where"))]
        if not isinstance(definition.universe, Everyone):
            parts.insert(0, self._universe(definition.universe, membership, place.at("universe")))
        return _Node(
            kind="segment",
            text=definition.title,
            place=place,
            asked=self.ask(membership.members),
            parts=parts,
            segment=definition.segment,
        )

    def _universe(self, universe: Universe, membership: Membership, place: Place) -> _Node:
        context = replace(membership.context, universe=None)
        node = _Node(
            kind="universe",
            text=f"can be a member: {_lowered(describe_universe(universe))}",
            place=place,
            asked=self.ask(universe_table(universe, context)),
        )
        match universe:
            case ActiveIn():
                label = Attribute(name="last_active_at", bound=_ANY)
                (seen,) = seen_of(label, self.user_no, context)
                node.seen = (replace(seen, what="last active"),)
            case MembersOf(id=segment):
                node.segment, node.parts = segment, self._inside(segment, context, place)
            case Condition():
                node.text = "can be a member"
                node.parts = [self.condition(universe, context, place)]
        return node

    def _inside(self, segment: str, context: Context, place: Place) -> list[_Node]:
        """Give what a segment of the library is made of, where it is met for the first time."""
        if segment in self._opened:
            return []
        return self.definition(membership_of(segment, context), place).parts

    def condition(self, condition: Condition, context: Context, place: Place) -> _Node:
        """Ask one condition and those inside it."""
        here = place.at(condition.kind)
        node = _Node(
            kind=condition.kind,
            text=_text(condition),
            place=here,
            asked=self.ask(kept_by(condition, everyone(context), context)),
        )
        match condition:
            case All(of=parts) | AnyOf(of=parts) | AtLeast(of=parts):
                node.parts = [
                    self.condition(part, context, here.at(i)) for i, part in enumerate(parts)
                ]
            case Not(of=part):
                node.parts = [self.condition(part, context, here)]
            case InSegment(id=segment):
                node.segment, node.parts = segment, self._inside(segment, context, here)
            case SetOf(tree=tree):
                asked = [InSegment(id=segment) for segment in ids_of(tree)]
                node.parts = [self.condition(part, context, here) for part in asked]
            case SameVisit():
                self._same_visit(node, condition, context)
            case _:
                node.seen = seen_of(condition, self.user_no, context)
                node.names = tuple(dict.fromkeys(_names_in(condition)))
        return node

    def _same_visit(self, node: _Node, condition: SameVisit, context: Context) -> None:
        """Ask how many of the user's visits meet the condition, and each one inside it."""
        visits, as_users, inner = visits_of(condition, context)
        own = visits.filter(visits.user_no == self.user_no)
        keys = as_users.semi_join(own, as_users.user_no == own.own_visit)
        n_visits = self.ask(keys, is_whole=True)
        node.parts = [self._of_visits(condition.of, keys, inner, node.place, n_visits)]

    def _of_visits(
        self, condition: Condition, keys: Table, inner: Context, place: Place, n_visits: int
    ) -> _Node:
        here = place.at(condition.kind)
        inside: list[tuple[Condition, Place]] = []
        match condition:
            case All(of=parts) | AnyOf(of=parts) | AtLeast(of=parts):
                inside = [(part, here.at(i)) for i, part in enumerate(parts)]
            case Not(of=part):
                inside = [(part, here)]
        return _Node(
            kind=condition.kind,
            text=_text(of_this_visit(condition)),
            place=here,
            asked=self.ask(kept_by(condition, keys, inner), is_whole=True),
            parts=[self._of_visits(part, keys, inner, at, n_visits) for part, at in inside],
            names=() if inside else tuple(dict.fromkeys(_names_in(condition))),
            n_visits=n_visits,
        )


def _text(condition: Condition) -> str:
    if isinstance(condition, AtLeast):
        return f"at least {condition.n} of these {len(condition.of)} hold"
    return _HEADS.get(condition.kind) or describe_condition(condition)


def _lowered(text: str) -> str:
    return text[:1].lower() + text[1:]


def _names_in(condition: Condition) -> Iterator[str]:
    """Give the labels and properties that a condition reads by name."""
    for part, _ in walk(condition, Place()):
        yield from _names_of(part)


def _names_of(part: Any) -> Iterator[str]:  # noqa: ANN401  any part of a definition
    match part:
        case Attribute(name=name) | VisitAttribute(name=name):
            yield name
        case Calc(of=str() as name):
            yield name
        case InList(match=name) if name not in _IDS:
            yield name
        case _ if isinstance(part, _TARGETS):
            yield from (name for name, _ in part.where)
    if isinstance(part, PageTarget):
        bounds = {"page_url": part.url, "page_path": part.path, "page_title": part.title}
        yield from (name for name, bound in bounds.items() if bound is not None)
