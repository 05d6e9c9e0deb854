"""Read the algebra over segments: `(a | b) - c`, with parentheses wherever operators mix."""

import re
from dataclasses import dataclass
from typing import TypeAlias

from segkit.segments.shapes import Place

_TOKEN = re.compile(r"\s*([A-Za-z0-9_]+|[|&()-])")
_OPERATORS = {"|": "union", "&": "intersection", "-": "difference"}


@dataclass(frozen=True)
class SetLeaf:
    """One segment."""

    id: str


@dataclass(frozen=True)
class SetOperation:
    """The union `|`, intersection `&` or difference `-` of two or more sets, left to right."""

    operator: str
    of: "tuple[SetNode, ...]"


SetNode: TypeAlias = SetLeaf | SetOperation


def read_set(text: str, place: Place) -> SetNode:
    """Read an expression.

    Raises
    ------
    DefinitionError
        When operators mix without parentheses, or the expression does not close.
    """
    tokens, at = [], 0
    while at < len(text.rstrip()):
        match = _TOKEN.match(text, at)
        if not match:
            raise place.refuse(
                f"`{text[at:].strip()[:20]}` is not part of a set.",
                "use ids, |, &, - and parentheses.",
            )
        tokens.append(match[1])
        at = match.end()
    tree, rest = _read_operation(tokens, place)
    if rest:
        raise place.refuse(
            f"`{rest[0]}` stands where the set should end.", "balance the parentheses."
        )
    return tree


def _read_operation(tokens: list[str], place: Place) -> tuple[SetNode, list[str]]:
    first, rest = _read_operand(tokens, place)
    operands, operator = [first], ""
    while rest and rest[0] in _OPERATORS:
        if operator and rest[0] != operator:
            raise place.refuse(
                f"`{operator}` and `{rest[0]}` are mixed.",
                "set parentheses, for example (a | b) - c.",
            )
        operator = rest[0]
        operand, rest = _read_operand(rest[1:], place)
        operands.append(operand)
    return (SetOperation(operator, tuple(operands)) if operator else first), rest


def _read_operand(tokens: list[str], place: Place) -> tuple[SetNode, list[str]]:
    if not tokens or tokens[0] in {*_OPERATORS, ")"}:
        found = f"`{tokens[0]}`" if tokens else "the end"
        raise place.refuse(
            f"Expected a segment, found {found}.", "use ids, |, &, - and parentheses."
        )
    if tokens[0] != "(":
        return SetLeaf(tokens[0]), tokens[1:]
    inner, rest = _read_operation(tokens[1:], place)
    if not rest or rest[0] != ")":
        raise place.refuse("A parenthesis is not closed.", "balance the parentheses.")
    return inner, rest[1:]


def write_set(node: SetNode) -> str:
    """Write an expression with the fewest parentheses that it may have.

    >>> write_set(read_set("((a)|b)-c", Place()))
    '(a | b) - c'
    """
    if isinstance(node, SetLeaf):
        return node.id
    parts = [write_set(n) if isinstance(n, SetLeaf) else f"({write_set(n)})" for n in node.of]
    return f" {node.operator} ".join(parts)


def ids_of(node: SetNode) -> tuple[str, ...]:
    """Give the ids of an expression in the order in which they first stand there.

    >>> ids_of(read_set("(a | b) - a", Place()))
    ('a', 'b')
    """
    if isinstance(node, SetLeaf):
        return (node.id,)
    return tuple(dict.fromkeys(i for n in node.of for i in ids_of(n)))
