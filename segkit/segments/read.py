"""Read segment definitions from YAML text."""

from segkit.segments.model import Definition, read_document
from segkit.segments.yaml12 import read_yaml


def read_definitions(text: str, where: str) -> list[Definition]:
    """Give the definitions that a text holds, one a document, in order; none for an empty text.

    Parameters
    ----------
    text
        One or several YAML documents, divided by `---`.
    where
        What the text is called in messages, usually the file's path in the workspace.

    Raises
    ------
    DefinitionError
        When the text is not YAML or not of the language; the message names file, line and path.
    """
    found: list[Definition] = []
    for tree, place in read_yaml(text, where):
        definition = read_document(tree, place)
        if any(other.segment == definition.segment for other in found):
            raise place.at("segment").refuse(
                f"The segment `{definition.segment}` is defined twice.",
                "give one of them another id.",
            )
        found.append(definition)
    return found
