"""Give the segments that come with segkit."""

from functools import cache
from importlib.resources import files
from types import MappingProxyType

from segkit.segments.check import check_definition
from segkit.segments.model import Definition
from segkit.segments.read import read_definitions
from segkit.store.tables import Catalogue


@cache
def _shipped() -> dict[str, Definition]:
    found: dict[str, Definition] = {}
    folder = files("segkit.segments") / "templates"
    for file in sorted(folder.iterdir(), key=lambda f: f.name):
        if file.name.endswith(".yml"):
            text = file.read_text("utf-8")
            found |= {d.segment: d for d in read_definitions(text, f"templates/{file.name}")}
    return found


def shipped() -> dict[str, Definition]:
    """Give the shipped segments by id, in the order of their files: a new dictionary each time."""
    return dict(_shipped())


def is_applicable(definition: Definition, catalogue: Catalogue) -> bool:
    """Whether a segment fits what a snapshot holds: no unknown name in it, and nothing doubtful.

    Age bands of a label that holds texts like `45-54` would have no members, and look like a fact.
    """
    library = MappingProxyType(_shipped())
    return not check_definition(definition, catalogue=catalogue, library=library)
