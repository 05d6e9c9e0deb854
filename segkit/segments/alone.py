"""Say whether a segment can be asked of one user alone, without reading anybody else's rows.

Nearly every condition looks at a user's own rows. A rank stands among others, and a kept pattern is
scored against what others do; whoever is in such a segment is found among all.
"""

from collections.abc import Mapping

from segkit.segments.conditions import InPattern
from segkit.segments.later import Score, Sql
from segkit.segments.model import Definition
from segkit.segments.references import references_of
from segkit.segments.shapes import Place, walk
from segkit.segments.standing import Rank

AMONG_OTHERS = (Rank, InPattern, Score, Sql)


def stands_alone(definition: Definition, library: Mapping[str, Definition]) -> bool:
    """Whether a definition, with every segment that it builds on, reads only a user's own rows."""
    return _stands_alone(definition, library, set())


def _stands_alone(
    definition: Definition, library: Mapping[str, Definition], seen: set[str]
) -> bool:
    if any(isinstance(part, AMONG_OTHERS) for part, _ in walk(definition, Place())):
        return False
    for name, _ in references_of(definition):
        if name in seen or name not in library:
            continue
        seen.add(name)
        if not _stands_alone(library[name], library, seen):
            return False
    return True
