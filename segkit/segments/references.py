"""Follow the references between segments."""

from collections.abc import Iterator, Mapping

from segkit.segments.algebra import ids_of
from segkit.segments.conditions import InSegment, SetOf
from segkit.segments.model import Definition, MembersOf
from segkit.segments.shapes import Place, walk


def references_of(
    definition: Definition, start: Place | None = None
) -> Iterator[tuple[str, Place]]:
    """Give every segment that a definition's members depend on, with its place."""
    for part, place in walk(definition, start or Place()):
        match part:
            case InSegment(id=segment) | MembersOf(id=segment):
                yield segment, place
            case SetOf(tree=tree):
                for segment in ids_of(tree):
                    yield segment, place


def cycle_of(definition: Definition, library: Mapping[str, Definition]) -> tuple[str, ...]:
    """Give the ids of a circle that a definition reaches, closed by its first; empty when none."""
    return _circle(definition, (definition.segment,), library, set())


def _circle(
    definition: Definition, path: tuple[str, ...], library: Mapping[str, Definition], done: set[str]
) -> tuple[str, ...]:
    for segment, _ in references_of(definition):
        if segment in path:
            return (*path[path.index(segment) :], segment)
        if segment in done or segment not in library:
            continue
        found = _circle(library[segment], (*path, segment), library, done)
        if found:
            return found
        done.add(segment)
    return ()
