"""Ask kept pattern models who is in a pattern, without knowing how they are made.

The models belong to a later stage, so whoever evaluates a definition hands them in, as files of
`in_list` are handed in. A definition names a model; what the model says is bound to it here, so
that its id changes with a refit.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from difflib import get_close_matches
from typing import Any, Protocol, TypeVar

from ibis import Table

from segkit.errors import DefinitionError, UnknownNameError
from segkit.periods import Clock
from segkit.segments.conditions import InPattern, KeptPattern
from segkit.segments.model import Definition
from segkit.segments.shapes import Place, walk
from segkit.store.tables import Tables

T = TypeVar("T")


class PatternModels(Protocol):
    """The kept models of a workspace, by name."""

    def names(self) -> Sequence[str]:
        """Give the names of all kept models, sorted."""
        ...

    def patterns(self, model: str) -> Mapping[str, KeptPattern]:
        """Give the patterns of a model by id; none where the model says that there are none.

        Raises
        ------
        DefinitionError
            When it cannot be read.
        """
        ...

    def members(
        self, pattern: InPattern, kept: KeptPattern, *, users: Table, tables: Tables, clock: Clock
    ) -> Table:
        """Give those of some users (`user_no`) who are in a pattern at T; each once."""
        ...


class NoModels:
    """No model at all; the default where none can be read."""

    def names(self) -> Sequence[str]:
        """Give no name."""
        return ()

    def patterns(self, model: str) -> Mapping[str, KeptPattern]:
        """Refuse every model."""
        raise DefinitionError.build(
            f"The pattern model `{model}` cannot be read here.",
            hint="evaluate it through a workspace.",
        )

    def members(self, pattern: InPattern, kept: KeptPattern, **_asked: object) -> Table:
        """Refuse every model."""
        raise DefinitionError.build(
            f"The pattern `{kept.id}` of `{pattern.model}` cannot be asked here.",
            hint="evaluate it through a workspace.",
        )


NO_MODELS = NoModels()


def find_pattern(condition: InPattern, models: PatternModels, place: Place) -> KeptPattern:
    """Give the kept pattern that a condition names, by its id or else by its name.

    Raises
    ------
    UnknownNameError
        When there is no such model or pattern, with near names.
    DefinitionError
        When the model cannot be read, holds no patterns, or two of them have that name.
    """
    known = models.names()
    if known and condition.model not in known:
        raise UnknownNameError.of_kind(
            "pattern model", condition.model, known, where=str(place.at("model"))
        )
    try:
        held = models.patterns(condition.model)
    except DefinitionError as error:
        sentence, _, hint = str(error).partition("\nHint: ")
        raise place.at("model").refuse(sentence, hint) from error
    if not held:
        raise place.at("model").refuse(
            f"The pattern model `{condition.model}` found no separate groups.",
            "fit patterns of another segment or a longer window.",
        )
    if condition.pattern in held:
        return held[condition.pattern]
    named = [kept for kept in held.values() if kept.name == condition.pattern]
    if len(named) > 1:
        ids = ", ".join(f"`{kept.id}`" for kept in named)
        raise place.at("pattern").refuse(
            f"Several patterns of `{condition.model}` are called `{condition.pattern}`: {ids}.",
            "name one of them by its id.",
        )
    if not named:
        names = [*held, *(kept.name for kept in held.values())]
        near = get_close_matches(condition.pattern, names)
        raise UnknownNameError.of_kind(
            "pattern", condition.pattern, near or held, where=str(place.at("pattern"))
        )
    return named[0]


def patterns_fault(
    definition: Definition, models: PatternModels, start: Place
) -> Iterator[tuple[DefinitionError, Place]]:
    """Give a refusal for every pattern that cannot be asked."""
    for part, place in walk(definition, start):
        if isinstance(part, InPattern):
            try:
                find_pattern(part, models, place)
            except DefinitionError as error:
                is_model = f"({place.at('model')})" in str(error)
                yield error, place.at("model" if is_model else "pattern")


def bind(definition: Definition, models: PatternModels) -> Definition:
    """Give the definition in which every `in_pattern` holds what its model is now.

    Its id then changes when the model is fitted anew, and not when a pattern is renamed. What
    cannot be found stays as it is; evaluating refuses it.
    """
    if not any(isinstance(part, InPattern) for part, _ in walk(definition, Place())):
        return definition
    return _bound(definition, models)


def _bound(value: T, models: PatternModels) -> T:
    if isinstance(value, InPattern):
        try:
            return replace(value, kept=find_pattern(value, models, Place()))
        except DefinitionError:
            return replace(value, kept=None)
    if isinstance(value, tuple):
        return tuple(_bound(item, models) for item in value)  # type: ignore[return-value]
    if is_dataclass(value) and not isinstance(value, type):
        inner: dict[str, Any] = {f.name: getattr(value, f.name) for f in fields(value)}
        held = {key: _bound(part, models) for key, part in inner.items()}
        changed = {key: part for key, part in held.items() if part is not inner[key]}
        return replace(value, **changed) if changed else value
    return value
