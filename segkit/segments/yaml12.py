"""Read and write YAML as the language means it: 1.2 core values, no surprises.

`no`, `on`, `2026-01-01` and `010` stay texts; only `true`, `false`, `null` and plain numbers are
anything else. Duplicate keys are refused. Every value's line is kept, so that later refusals can
name it.
"""

import re
from collections.abc import Iterator
from typing import Any

import yaml

from segkit.errors import DefinitionError
from segkit.segments.shapes import Key, Place

_NULL = re.compile(r"^(null|Null|NULL|~|)$")
_TRUE = re.compile(r"^(true|True|TRUE)$")
_FALSE = re.compile(r"^(false|False|FALSE)$")
_INT = re.compile(r"^[-+]?(0|[1-9][0-9]*)$")
_OCTAL = re.compile(r"^0o[0-7]+$")
_HEX = re.compile(r"^0x[0-9a-fA-F]+$")
_FLOAT = re.compile(r"^[-+]?(\.[0-9]+|(0|[1-9][0-9]*)(\.[0-9]*)?)([eE][-+]?[0-9]+)?$")
_TAG = "tag:yaml.org,2002:"
MOST_VALUES = 20_000
DEEPEST = 60
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_core_scalar(text: str) -> str | int | float | bool | None:
    """Give the value of a plain (unquoted) scalar.

    >>> [
    ...     read_core_scalar(t)
    ...     for t in ("no", "010", "2026-01-01", "1_000", "10", "0.10", "true", "~")
    ... ]
    ['no', '010', '2026-01-01', '1_000', 10, 0.1, True, None]
    """
    if _INT.match(text):
        return int(text)
    if _FLOAT.match(text):
        return float(text)
    for pattern, value in ((_NULL, None), (_TRUE, True), (_FALSE, False)):
        if pattern.match(text):
            return value
    if _OCTAL.match(text) or _HEX.match(text):
        return int(text, 0)
    return text


class _Tree:
    """One document as plain values, with the line of every path."""

    def __init__(self, where: str) -> None:
        self.where = where
        self.lines: dict[tuple[Key, ...], int] = {}
        self.n_values = 0

    def build(self, node: Any, path: tuple[Key, ...]) -> Any:  # noqa: ANN401  a YAML node
        self.lines.setdefault(path, node.start_mark.line + 1)
        self.n_values += 1
        if self.n_values > MOST_VALUES or len(path) > DEEPEST:
            raise self.place(path).refuse(
                "The document is too large or too deep.", "split it into segments."
            )
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.build(item, (*path, i)) for i, item in enumerate(node.value)]
        return self._scalar(node, path)

    def place(self, path: tuple[Key, ...]) -> Place:
        return Place(self.where, path, self.lines)

    def _mapping(self, node: Any, path: tuple[Key, ...]) -> dict[Any, Any]:  # noqa: ANN401
        tree: dict[Any, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise self.place(path).refuse("A key is not a word.", "write keys as plain words.")
            key = key_node.value
            below = (*path, key)
            if key in tree:
                first = self.lines[below]
                self.lines[below] = key_node.start_mark.line + 1
                raise self.place(below).refuse(
                    f"The key `{key}` stands twice, first in line {first}.", "keep one of them."
                )
            self.lines[below] = key_node.start_mark.line + 1
            tree[key] = self.build(value_node, below)
        return tree

    def _scalar(self, node: Any, path: tuple[Key, ...]) -> Any:  # noqa: ANN401
        if node.tag not in {
            _TAG + kind
            for kind in ("str", "int", "float", "bool", "null", "timestamp", "merge", "value")
        }:
            raise self.place(path).refuse(
                f"The tag `{node.tag}` is not allowed.", "write plain values."
            )
        return read_core_scalar(node.value) if node.style in (None, "") else node.value


def read_yaml(text: str, where: str) -> Iterator[tuple[Any, Place]]:
    """Give the plain values of every document of a text with its place; empty ones are left out.

    Raises
    ------
    DefinitionError
        When the text is not YAML, a key stands twice, or a tag is not a plain one; it names the
        line.
    """
    try:
        nodes = list(yaml.compose_all(text, _Loader))
    except yaml.MarkedYAMLError as exc:
        line = f", line {exc.problem_mark.line + 1}" if exc.problem_mark else ""
        raise DefinitionError.build(
            f"This is not YAML: {exc.problem}.",
            where=f"{where}{line}",
            hint="look at quotes, colons and indentation.",
        ) from exc
    except (yaml.YAMLError, RecursionError) as exc:
        raise DefinitionError.build(
            "This is not YAML that can be read.",
            where=where,
            hint="save it as UTF-8 text without control characters.",
        ) from exc
    for node in nodes:
        tree = _Tree(where)
        value = tree.build(node, ())
        if value is not None:
            yield value, Place(where, (), tree.lines)


class _Dumper(yaml.SafeDumper):
    """Writes texts so that neither YAML 1.1 nor 1.2 takes them for something else."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002
        super().increase_indent(flow, False)  # noqa: FBT003  lists are indented below their key


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = (
        None if read_core_scalar(text) == text and isinstance(read_core_scalar(text), str) else "'"
    )
    return dumper.represent_scalar(f"{_TAG}str", text, style=style)


_Dumper.add_representer(str, _represent_text)
_Dumper.add_multi_representer(str, _represent_text)


def write_yaml(tree: dict[str, Any]) -> str:
    """Give plain values as YAML that `read_yaml` reads back to the same values."""
    return yaml.dump(tree, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)
