"""Find the names in a definition that the data or the library do not hold."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from segkit.errors import DefinitionError, UnknownNameError
from segkit.schema import PAGE_EVENTS
from segkit.segments.conditions import Attribute, Consent, Did, DidNot, InList, VisitAttribute
from segkit.segments.kinds import (
    EVENT_COLUMNS,
    EVENT_TIME,
    MONEY_NAMES,
    USER_LABELS,
    VISIT_ATTRIBUTES,
)
from segkit.segments.model import Definition
from segkit.segments.references import references_of
from segkit.segments.shapes import Place, walk
from segkit.segments.targets import (
    Calc,
    EventTarget,
    ExperienceTarget,
    Metric,
    PageTarget,
    Target,
    VisitTarget,
)
from segkit.segments.windows import Anchor
from segkit.store.tables import Catalogue

Fault = tuple[DefinitionError, Place]
_QUOTES = frozenset("'\"\\")


@dataclass(frozen=True)
class Names:
    """Every name that a definition may use."""

    catalogue: Catalogue
    library: Mapping[str, Definition]

    def unknown(self, definition: Definition, start: Place) -> Iterator[Fault]:
        """Give a refusal for every unknown name, with near names."""
        for segment, place in references_of(definition, start):
            yield from _known("segment", segment, self.library, place)
        for part, place in walk(definition, start):
            yield from self._behaviour(part, place)
            yield from self._labelled(part, place)
            if isinstance(part, EventTarget | PageTarget | VisitTarget | ExperienceTarget):
                for name, _ in part.where:
                    yield from self._property(part, name, place.at("where"))
            if isinstance(part, Did | DidNot | Metric):
                yield from self._calc(part.target, part.calc, place.at("calc"))

    def _behaviour(self, part: object, place: Place) -> Iterator[Fault]:
        match part:
            case EventTarget(names=names):
                for name in names:
                    yield from _known("event", name, self.catalogue.events, place.at("event"))
            case Anchor(which=which, event=event):
                yield from _known("event", event, self.catalogue.events, place.at(which))
            case ExperienceTarget():
                yield from self._experience(part, place.at("experience"))

    def _labelled(self, part: object, place: Place) -> Iterator[Fault]:
        held = self.catalogue
        match part:
            case Attribute(name=name):
                yield from _known("attribute", name, self._labels, place.at("name"))
            case InList(match=name) if name not in {"user_id", "device_id"}:
                yield from _known("attribute", name, held.attributes, place.at("match"))
            case VisitAttribute(name=name):
                yield from _known("visit attribute", name, VISIT_ATTRIBUTES, place.at("name"))
            case Consent(purpose=purpose):
                yield from _known("purpose", purpose, held.purposes, place.at("purpose"))

    @property
    def _labels(self) -> list[str]:
        return [*self.catalogue.attributes, *USER_LABELS]

    def _calc(self, target: Target, calc: Calc, place: Place) -> Iterator[Fault]:
        if calc.of is not None and calc.of != EVENT_TIME:
            yield from self._property(target, calc.of, place)

    def _property(self, target: Target, name: str, place: Place) -> Iterator[Fault]:
        if isinstance(target, ExperienceTarget):
            yield place.refuse("Exposures have no properties.", "leave `where` out."), place
            return
        if isinstance(target, VisitTarget):
            yield from _known("visit attribute", name, VISIT_ATTRIBUTES, place)
            return
        names = PAGE_EVENTS if isinstance(target, PageTarget) else target.names
        told = [self.catalogue.events[event] for event in names if event in self.catalogue.events]
        if isinstance(target, EventTarget) and len(told) < len(names):
            return
        own = sorted({key for info in told for key in info.properties})
        found = list(_known("property", name, [*own, *MONEY_NAMES, *EVENT_COLUMNS], place))
        if not found and _QUOTES & set(name):
            yield (
                place.refuse(
                    "A property's name holds a quotation mark.", "rename it in the source's map."
                ),
                place,
            )
        yield from found

    def _experience(self, target: ExperienceTarget, place: Place) -> Iterator[Fault]:
        found = list(_known("experience", target.id, self.catalogue.experiments, place.at("id")))
        yield from found
        if found or target.variant is None:
            return
        for op, given in target.variant.ops:
            if op in {"eq", "ne", "in", "not_in"}:
                for variant in given if isinstance(given, tuple) else (given,):
                    known = self.catalogue.experiments[target.id]
                    yield from _known("variant", str(variant), known, place.at("variant"))


def _known(
    kind: str, name: str, known: "Mapping[str, object] | tuple[str, ...] | list[str]", place: Place
) -> Iterator[Fault]:
    if name not in known:
        yield UnknownNameError.of_kind(kind, name, known, where=str(place)), place
