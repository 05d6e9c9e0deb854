"""Warn where `not` lets in people of whom nothing is known.

Unknown never satisfies a comparator, so `not` around one holds for everyone whose value is
unknown. That is right, and often not what was meant; it is worth a word where it moves more than
1% of the universe.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any

from segkit.periods import Clock
from segkit.segments.bounds import Bound
from segkit.segments.check import Finding
from segkit.segments.clocks import clock_of
from segkit.segments.conditions import (
    Attribute,
    Condition,
    Did,
    DidNot,
    Not,
    SinceFirst,
    SinceLast,
    VisitAttribute,
)
from segkit.segments.evaluate import kept_by, no_lists, universe_table
from segkit.segments.model import Definition
from segkit.segments.pattern_models import NO_MODELS, PatternModels
from segkit.segments.shapes import Place, walk
from segkit.segments.sources import Context
from segkit.segments.targets import ZERO_CALCS
from segkit.store.tables import Tables

LARGEST_SHARE = 0.01
"""Of the universe; a larger move is worth a warning."""


def warn_unknown(  # noqa: PLR0913  each has its own meaning, and most have a default
    definition: Definition,
    *,
    tables: Tables,
    clock: Clock,
    library: Mapping[str, Definition] | None = None,
    lists: Callable[[str], Sequence[Mapping[str, str]]] = no_lists,
    models: PatternModels = NO_MODELS,
    where: str = "",
) -> list[Finding]:
    """Give a warning for every `not` that over 1% of the universe meets by an unknown value.

    It evaluates each `not` twice, so it is not part of `check_definition`. The definition must be
    free of errors.
    """
    at = clock_of(definition, clock)
    context = Context(tables=tables, clock=at, library=library or {}, lists=lists, models=models)
    start = Place(where or f"segment {definition.segment}")
    return list(_warnings(definition, context, start))


def _warnings(definition: Definition, context: Context, start: Place) -> Iterator[Finding]:
    users = universe_table(definition.universe, context)
    engine, n_users = context.tables.engine, None
    for part, place in walk(definition.where, start.at("where")):
        opposite = _opposite(part)
        if opposite is None or "same_visit" in place.path:
            continue
        tolerant = _including_missing(opposite)
        if tolerant == opposite:
            continue
        n_users = engine.scalar(users.count()) if n_users is None else n_users
        strict_out = engine.scalar(kept_by(Not(of=opposite), users, context).count())
        tolerant_out = engine.scalar(kept_by(Not(of=tolerant), users, context).count())
        n_moved = strict_out - tolerant_out
        if n_moved > LARGEST_SHARE * n_users:
            yield Finding(
                severity="warning",
                segment=definition.segment,
                place=str(place),
                sentence=f"{n_moved} of {n_users} users meet this only because a value is unknown.",
                hint="add `missing: include` inside, or ask for {known: true} beside it.",
            )


def _opposite(part: object) -> Condition | None:
    if isinstance(part, Not):
        return part.of
    return part.positive if isinstance(part, DidNot) else None


def _including_missing(value: Any) -> Any:  # noqa: ANN401  any part of a condition
    """Give a condition in which unknown values satisfy every bound that they could fail."""
    if isinstance(value, tuple):
        return tuple(_including_missing(item) for item in value)
    if isinstance(value, Did) and value.calc.name not in ZERO_CALCS:
        return replace(value, bound=_tolerant(value.bound))
    if isinstance(value, Attribute | VisitAttribute | SinceFirst | SinceLast):
        return replace(value, bound=_tolerant(value.bound))
    if isinstance(value, Condition) and is_dataclass(value):
        inner = {f.name: getattr(value, f.name) for f in fields(value)}
        held = {
            k: _including_missing(v) for k, v in inner.items() if isinstance(v, Condition | tuple)
        }
        return replace(value, **held)
    return value


def _tolerant(bound: Bound) -> Bound:
    if bound.wants_unknown or ("known", True) in bound.ops:
        return bound
    return replace(bound, include_missing=True)
