"""Make a segment of a kept pattern, so that a kind of behaviour can be counted and reported on."""

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from segkit.errors import PatternError, UnknownNameError
from segkit.segments.conditions import InPattern
from segkit.segments.model import EVERYONE, Definition, MembersOf
from segkit.segments.pattern_models import find_pattern
from segkit.segments.shapes import Place

if TYPE_CHECKING:
    from segkit.patterns.frozen import FrozenPatterns
    from segkit.workspace.space import Workspace


def segment_of(
    workspace: "Workspace",
    kept: "tuple[str, FrozenPatterns]",
    pattern: str,
    *,
    id: str = "",  # noqa: A002  as the language calls it
    title: str = "",
    universe: str = "",
) -> Definition:
    """Give the segment of who is in a pattern of kept patterns (name and content).

    The pattern is named by its id, so that renaming it changes no member. `universe` is the
    segment whose members count; empty is everyone.

    Raises
    ------
    PatternError
        When nothing of that content is kept under the name.
    UnknownNameError
        When there is no such pattern, or no such segment in the library.
    """
    name, frozen = kept
    held = workspace.models.patterns(name) if name in workspace.models.names() else {}
    if not name or any(one.content != frozen.content for one in held.values()) or not held:
        raise PatternError.build(
            "These patterns are not kept, so no segment can name them.",
            hint='keep them first: patterns.save("NAME").',
        )
    asked = InPattern(model=name, pattern=_id_of(pattern, frozen))
    found = find_pattern(asked, workspace.models, Place(f"patterns/{name}.json"))
    shown = next(group.name for group in frozen.model.groups if group.id == found.id)
    if universe and universe not in workspace.segments:
        raise UnknownNameError.build(
            f"The patterns were asked of `{universe}`, which is no segment of the library.",
            where=f"patterns/{name}.json",
            hint="save that segment first, or take everyone who behaves so.",
        )
    return Definition(
        segment=id or _make_id(f"{name}_{found.id}"),
        where=replace(asked, pattern=found.id),
        title=title or shown,
        universe=MembersOf(id=universe) if universe else EVERYONE,
    )


def _id_of(pattern: str, frozen: "FrozenPatterns") -> str:
    """Give the id of a pattern that is named as in these patterns, which may be renamed ones."""
    named = [group.id for group in frozen.model.groups if group.name == pattern]
    return named[0] if len(named) == 1 else pattern


def _make_id(name: str) -> str:
    """Give a segment's id that is like a name.

    >>> _make_id("2026-Käufer_p1")
    's_2026_k_ufer_p1'
    """
    plain = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
    return plain if plain[:1].isalpha() else f"s_{plain}"
