"""Check a definition against what the data hold, before anything is computed.

A name that the catalogue does not hold is an error with near names, never an empty or full result.
So are parts of the language that cannot be evaluated yet, bounds that do not fit their value,
cycles of references and sums over currencies.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, Self

from segkit.errors import DefinitionError, NotYetError
from segkit.periods import Duration
from segkit.segments.bounds import Bound
from segkit.segments.check_names import Names
from segkit.segments.check_standing import (
    bound_faults,
    regularly_faults,
    rolling_faults,
    standing_faults,
)
from segkit.segments.conditions import Attribute, Did, DidNot, InList, VisitAttribute, is_bounded
from segkit.segments.kinds import (
    USER_LABELS,
    calc_fault,
    calc_kind,
    property_kind,
)
from segkit.segments.lifecycle import Regularly
from segkit.segments.model import NO_HOLD, Definition
from segkit.segments.pattern_models import NO_MODELS, PatternModels, patterns_fault
from segkit.segments.references import cycle_of
from segkit.segments.same_visit import SameVisit, same_visit_faults
from segkit.segments.shapes import Place, walk
from segkit.segments.standing import Compare, Measure, Rank
from segkit.segments.targets import (
    AMOUNTS,
    PICKS,
    Calc,
    EventTarget,
    Metric,
    PageTarget,
    Target,
    VisitTarget,
)
from segkit.store.tables import Catalogue


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that is wrong (`error`), or may not be what is meant (`warning`)."""

    severity: Literal["error", "warning"]
    segment: str
    place: str
    sentence: str
    hint: str = ""
    kind: type[DefinitionError] = DefinitionError

    @classmethod
    def of_error(cls, definition: Definition, error: DefinitionError, place: Place) -> Self:
        """Give the finding that an error makes."""
        text, _, hint = str(error).partition("\nHint: ")
        sentence = text.removesuffix(f" ({place})")
        return cls(
            severity="error",
            segment=definition.segment,
            place=str(place),
            sentence=sentence,
            hint=hint,
            kind=type(error),
        )

    def error(self) -> DefinitionError:
        """Give the error that refuses the definition for this finding."""
        return self.kind.build(self.sentence, where=self.place, hint=self.hint)

    def __str__(self) -> str:
        return f"{self.severity}: {self.error()}"


def check_definition(
    definition: Definition,
    *,
    catalogue: Catalogue,
    library: Mapping[str, Definition],
    models: PatternModels = NO_MODELS,
    where: str = "",
) -> list[Finding]:
    """Give everything that is wrong or doubtful with a definition; empty when all is well.

    Parameters
    ----------
    definition
        What to check.
    catalogue
        What the snapshot holds.
    library
        All segments by id, for references and cycles.
    models
        The kept pattern models, for `in_pattern`.
    where
        The file that holds the definition, for the places in messages.
    """
    start = Place(where or f"segment {definition.segment}")
    checks = (
        _later(definition, start),
        Names(catalogue, library).unknown(definition, start),
        patterns_fault(definition, models, start),
        _cycles(definition, library, start),
        _fits(definition, catalogue, start),
        _currencies(definition, catalogue, start),
        _clocks(definition, start),
    )
    errors = [
        Finding.of_error(definition, error, place) for found in checks for error, place in found
    ]
    return errors + list(_warnings(definition, catalogue, start))


def warnings_of(
    definition: Definition,
    *,
    catalogue: Catalogue,
    library: Mapping[str, Definition],
    models: PatternModels = NO_MODELS,
) -> list[str]:
    """Give what is doubtful with a definition that can be evaluated, as sentences.

    Raises
    ------
    DefinitionError
        The first thing that is wrong, with its place and a hint.
    """
    findings = check_definition(definition, catalogue=catalogue, library=library, models=models)
    for finding in findings:
        if finding.severity == "error":
            raise finding.error()
    return [str(finding.error()) for finding in findings]


Fault = tuple[DefinitionError, Place]


def not_yet(what: str, place: Place) -> Fault:
    """Give the refusal of a part of the language that is not evaluated yet."""
    sentence = f"`{what}` is part of the language but cannot be evaluated yet."
    return NotYetError.build(
        sentence, where=str(place), hint="see docs/segments.md for what can."
    ), place


def _later(definition: Definition, start: Place) -> Iterator[Fault]:
    if definition.unit != "user":
        yield not_yet(f"unit: {definition.unit}", start.at("unit"))
    if definition.identity != "stitched":
        yield not_yet(f"identity: {definition.identity}", start.at("identity"))
    if definition.membership != NO_HOLD:
        yield not_yet("membership", start.at("membership"))
    if definition.as_of in ("today", "yesterday"):
        yield not_yet(f"as_of: {definition.as_of}", start.at("as_of"))
    for part, place in walk(definition, start):
        what = getattr(part, "later", "")
        if what:
            yield not_yet(what, place)
        if isinstance(part, PageTarget) and part.group is not None:
            yield not_yet("page: {group: …}", place)


def _cycles(
    definition: Definition, library: Mapping[str, Definition], start: Place
) -> Iterator[Fault]:
    cycle = cycle_of(definition, library)
    if cycle:
        path = " → ".join(f"`{segment}`" for segment in cycle)
        yield (
            start.refuse(
                f"The segments refer to each other in a circle: {path}.", "take one reference out."
            ),
            start,
        )


def _fits(  # noqa: C901  one question a kind of part
    definition: Definition, catalogue: Catalogue, start: Place
) -> Iterator[Fault]:
    for part, place in walk(definition, start):
        if isinstance(part, Did | DidNot | Metric):
            yield from _fits_calc(part.target, part.calc, place)
        if isinstance(part, Did | DidNot):
            yield from _fits_did(part, place)
        if isinstance(part, Measure | Compare | Rank):
            yield from standing_faults(part, place)
        if isinstance(part, Regularly):
            yield from regularly_faults(part, place)
        yield from rolling_faults(part, place)
        if isinstance(part, SameVisit):
            yield from same_visit_faults(part, place)
        if isinstance(part, EventTarget | PageTarget | VisitTarget):
            for name, bound in part.where:
                yield from bound_faults(bound, property_kind(part, name), place.at("where", name))
        if isinstance(part, Attribute):
            yield from _fits_attribute(part, catalogue, place)
        if isinstance(part, VisitAttribute):
            yield from bound_faults(part.bound, "text", place.at("is"))


def _fits_did(part: Did | DidNot, place: Place) -> Iterator[Fault]:
    if part.calc.name in PICKS and not is_bounded(part):
        sentence = f"`calc: {part.calc.name}` needs `is`."
        yield place.refuse(sentence, "say what the value must be."), place
        return
    yield from bound_faults(part.bound, calc_kind(part.target, part.calc), place.at("is"))


def _fits_calc(target: Target, calc: Calc, place: Place) -> Iterator[Fault]:
    fault = calc_fault(target, calc)
    if fault:
        yield (
            place.at("calc").refuse(f"`calc: {calc.name}` cannot be made here: {fault}."),
            place.at("calc"),
        )


def _fits_attribute(part: Attribute, catalogue: Catalogue, place: Place) -> Iterator[Fault]:
    info = catalogue.attributes.get(part.name)
    if info is None:
        yield from bound_faults(part.bound, USER_LABELS.get(part.name, "text"), place.at("is"))
        return
    values = [v for v in part.bound.values if ("known", v) not in part.bound.ops]
    if info.kind == "number":
        yield from bound_faults(part.bound, "number", place.at("is"))
    elif any(isinstance(v, bool) for v in values) and info.kind != "boolean":
        yield place.refuse(f"`{part.name}` is a {info.kind}, not true or false."), place
    else:
        yield from bound_faults(part.bound, "text", place.at("is"))


def _currencies(definition: Definition, catalogue: Catalogue, start: Place) -> Iterator[Fault]:
    if len(catalogue.currencies) <= 1:
        return
    for part, place in walk(definition, start):
        if not isinstance(part, Did | DidNot | Metric) or part.calc.name not in AMOUNTS:
            continue
        if part.calc.of is None or isinstance(part.target, VisitTarget):
            continue
        is_money = property_kind(part.target, part.calc.of) == "number"
        fixed = any(
            name == "currency" and bound.fixed is not None for name, bound in part.target.where
        )
        if is_money and not fixed:
            found = ", ".join(f"`{currency}`" for currency in catalogue.currencies)
            hint = f"fix one by where: {{currency: {catalogue.currencies[0]}}}."
            yield (
                place.refuse(f"`calc: {part.calc.name}` would mix the currencies {found}.", hint),
                place,
            )


def _clocks(definition: Definition, start: Place) -> Iterator[Fault]:
    if definition.as_of is None or hasattr(definition.as_of, "hour"):
        return
    for part, place in walk(definition, start):
        if isinstance(part, Duration) and part.is_clock:
            hint = "give `as_of` as an instant like 2026-06-30T12:00:00+02:00, or write days."
            yield (
                place.refuse(f"`{part}` counts hours or minutes, but `as_of` is a day.", hint),
                place,
            )


def _warnings(definition: Definition, catalogue: Catalogue, start: Place) -> Iterator[Finding]:
    for part, place in walk(definition, start):
        sentence = hint = ""
        if isinstance(part, Attribute):
            info = catalogue.attributes.get(part.name)
            if info and not info.has_history and definition.as_of is not None:
                sentence = (
                    f"`{part.name}` keeps only current values: at an earlier `as_of` it is today's."
                )
                hint = "load it with a time column to know its past."
            elif info and info.kind == "text" and _compares_numbers(part.bound):
                sentence = (
                    f"`{part.name}` holds texts; those that are not numbers count as unknown."
                )
        if isinstance(part, VisitAttribute) and part.name == "visit_type" and part.touch == "first":
            sentence, hint = (
                "The first visit known is always `new`.",
                "use touch: any with a window.",
            )
        if isinstance(part, InList) and part.file and part.unmatched == "refuse":
            sentence = (
                "`unmatched: refuse` is not applied yet; rows that match nobody are left out."
            )
        if sentence:
            yield Finding(
                severity="warning",
                segment=definition.segment,
                place=str(place),
                sentence=sentence,
                hint=hint,
            )


def _compares_numbers(bound: Bound) -> bool:
    return any(isinstance(v, int | float) and not isinstance(v, bool) for v in bound.values)
