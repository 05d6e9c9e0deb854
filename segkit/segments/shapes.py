"""Read and write the parts of a definition from one declaration each.

A part of the language (a bound, a window, a condition, a whole definition) is declared once as a
`Part`: how it is read from plain YAML values at a `Place`, and how it is written back. Reading,
round trip and definition id therefore cannot disagree.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date
from math import isfinite
from typing import Any, Generic, TypeAlias, TypeVar

from segkit.errors import DefinitionError, UnknownNameError, name_some, near_names
from segkit.periods import Duration

T = TypeVar("T")

Key: TypeAlias = str | int
Scalar: TypeAlias = str | int | float | bool

REQUIRED = object()
"""Stands for the default of a key that must be given."""


@dataclass(frozen=True)
class Place:
    """Where something stands: the file, the path of keys, the lines that are known."""

    file: str = ""
    path: tuple[Key, ...] = ()
    lines: Mapping[tuple[Key, ...], int] = field(default_factory=dict)

    def at(self, *keys: Key) -> "Place":
        """Give the place below this one."""
        return Place(self.file, (*self.path, *keys), self.lines)

    @property
    def dotted(self) -> str:
        """The path as people write it: `where.all[1].did`."""
        text = ""
        for key in self.path:
            text += f"[{key}]" if isinstance(key, int) else f".{key}" if text else key
        return text

    @property
    def line(self) -> int | None:
        """The line of the nearest known ancestor, from 1."""
        for length in range(len(self.path), -1, -1):
            if self.path[:length] in self.lines:
                return self.lines[self.path[:length]]
        return None

    def __str__(self) -> str:
        line = f"line {self.line}" if self.line else ""
        return ", ".join(part for part in (self.file, line, self.dotted) if part)

    def refuse(self, sentence: str, hint: str = "") -> DefinitionError:
        """Give the error that names this place."""
        return DefinitionError.build(sentence, where=str(self), hint=hint)

    def unknown(self, kind: str, name: object, known: Sequence[str]) -> DefinitionError:
        """Give the error for a word that the language does not have here, with near names."""
        hint = near_names(str(name), known)
        return UnknownNameError.build(f"Unknown {kind} `{name}`.", where=str(self), hint=hint)


@dataclass(frozen=True)
class Part(Generic[T]):
    """One part of the language: `read` takes plain values at a place, `write` gives them back.

    `write(value, True)` gives the normal form that the definition id is made of, `write(value,
    False)` what people read.
    """

    read: Callable[[Any, Place], T]
    write: Callable[[T, bool], Any]


def kind_of(node: object) -> str:
    """Name the kind of a plain value in the words of YAML."""
    if node is None:
        return "nothing"
    if node == "":
        return "an empty text"
    if isinstance(node, bool):
        return "true or false"
    names = {dict: "a mapping", list: "a list", str: "a text", int: "a number", float: "a number"}
    return names.get(type(node), type(node).__name__)


def same(value: Any, _normal: bool) -> Any:  # noqa: ANN401, FBT001  a plain value
    """Write a plain value as itself."""
    return value


def normal_scalar(value: Scalar, normal: bool) -> Scalar:  # noqa: FBT001
    """Write a whole float as an integer in the normal form: 500 and 500.0 are one."""
    if normal and isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def normal_duration(length: Duration, normal: bool) -> str:  # noqa: FBT001
    """Write a duration; the normal form knows minutes, days and months only.

    >>> normal_duration(Duration.parse("2w"), True), normal_duration(Duration.parse("2w"), False)
    ('14d', '2w')
    """
    if not normal:
        return str(length)
    factor, unit = {
        "mi": (1, "mi"),
        "h": (60, "mi"),
        "d": (1, "d"),
        "w": (7, "d"),
        "mo": (1, "mo"),
        "q": (3, "mo"),
        "y": (12, "mo"),
    }[length.unit]
    return f"{length.n * factor}{unit}"


def read_text(node: Any, place: Place) -> str:  # noqa: ANN401
    """Read a text that is not empty."""
    if not isinstance(node, str) or not node.strip():
        raise place.refuse(f"Expected a text, found {kind_of(node)}.", "put it in quotes.")
    return node


def read_scalar(node: Any, place: Place) -> Scalar:  # noqa: ANN401
    """Read a text, a finite number, true or false."""
    if not isinstance(node, str | int | float) or (isinstance(node, float) and not isfinite(node)):
        raise place.refuse(f"Expected a text, a number, true or false, found {kind_of(node)}.")
    return node


def read_number(node: Any, place: Place) -> float:  # noqa: ANN401
    """Read a finite number."""
    if isinstance(node, bool) or not isinstance(node, int | float):
        raise place.refuse(f"Expected a number, found {kind_of(node)}.")
    return float(read_scalar(node, place)) if isinstance(node, float) else node


def read_flag(node: Any, place: Place) -> bool:  # noqa: ANN401
    """Read true or false."""
    if not isinstance(node, bool):
        raise place.refuse(f"Expected true or false, found {kind_of(node)}.")
    return node


def read_duration(node: Any, place: Place) -> Duration:  # noqa: ANN401
    """Read a duration of at least one unit."""
    length = Duration.parse(node, where=str(place))
    if length.n == 0:
        raise place.refuse(f"`{node}` is no time at all.", "write at least 1 of a unit.")
    return length


def read_date(node: Any, place: Place) -> date:  # noqa: ANN401
    """Read a calendar date."""
    try:
        return (
            date.fromisoformat(node) if len(node) == len("2026-06-30") else date.fromisoformat("")
        )
    except (TypeError, ValueError) as exc:
        raise place.refuse(f"`{node}` is not a date.", "write it like '2026-06-30'.") from exc


def whole(*, least: int = 0) -> Part[int]:
    """Give the part that is a whole number of at least `least`."""

    def read(node: Any, place: Place) -> int:  # noqa: ANN401
        if isinstance(node, bool) or not isinstance(node, int) or node < least:
            raise place.refuse(f"Expected a whole number of at least {least}, found `{node}`.")
        return node

    return Part(read, same)


def choice(*words: str) -> Part[str]:
    """Give the part that is one of some words."""

    def read(node: Any, place: Place) -> str:  # noqa: ANN401
        if node not in words:
            raise place.refuse(f"Expected one of {name_some(words)}, found `{node}`.")
        return str(node)

    return Part(read, same)


def list_of(part: Part[T], *, least: int = 1) -> Part[tuple[T, ...]]:
    """Give the part that is a list of at least `least` of another part."""

    def read(node: Any, place: Place) -> tuple[T, ...]:  # noqa: ANN401
        if not isinstance(node, list) or len(node) < least:
            found = f"{len(node)}" if isinstance(node, list) else kind_of(node)
            raise place.refuse(f"Expected a list of at least {least}, found {found}.")
        return tuple(part.read(item, place.at(i)) for i, item in enumerate(node))

    def write(items: tuple[T, ...], normal: bool) -> list[Any]:  # noqa: FBT001
        return [part.write(item, normal) for item in items]

    return Part(read, write)


TEXT: Part[str] = Part(read_text, same)
SCALAR: Part[Scalar] = Part(read_scalar, normal_scalar)
NUMBER: Part[float] = Part(read_number, normal_scalar)
FLAG: Part[bool] = Part(read_flag, same)
DURATION: Part[Duration] = Part(read_duration, normal_duration)
DATE: Part[date] = Part(read_date, lambda day, _normal: day.isoformat())
TEXTS: Part[tuple[str, ...]] = list_of(TEXT)


@dataclass(frozen=True)
class Field:
    """One key of a mapping: its name, the attribute that holds it, its part and its default.

    A `flat` field has no key of its own: it reads and writes the keys named there, beside the
    others. `is_said` tells of a holder whose default value is written too, since it means
    something else there than a key that is not given.
    """

    key: str
    attr: str
    part: Part[Any]
    default: Any = REQUIRED
    flat: tuple[str, ...] = ()
    is_said: Callable[[Any], bool] = lambda _holder: False


SHAPES: dict[type, tuple[Field, ...]] = {}
"""The declared fields of every class that is written as a mapping."""


def shape(cls: type[T], what: str, *declared: Field) -> Part[T]:
    """Give the part that is a mapping with the declared keys, held by a dataclass."""
    known = [key for f in declared for key in (f.flat or (f.key,))]
    SHAPES[cls] = declared

    def read(node: Any, place: Place) -> T:  # noqa: ANN401
        check_keys(node, known, place, what)
        values: dict[str, Any] = {}
        for f in declared:
            if f.flat:
                values[f.attr] = f.part.read({k: v for k, v in node.items() if k in f.flat}, place)
            elif f.key in node:
                values[f.attr] = f.part.read(node[f.key], place.at(f.key))
            elif f.default is REQUIRED:
                raise place.refuse(
                    f"`{what}` lacks `{f.key}`.", f"its keys are {name_some(known, most=12)}."
                )
            else:
                values[f.attr] = f.default
        return cls(**values)

    return Part(read, lambda value, normal: _write_fields(value, declared, normal))


def _write_fields(value: object, declared: Sequence[Field], normal: bool) -> dict[str, Any]:  # noqa: FBT001
    tree: dict[str, Any] = {}
    for f in declared:
        held = getattr(value, f.attr)
        if f.flat:
            tree |= f.part.write(held, normal)
        elif f.default is REQUIRED or held != f.default or f.is_said(value):
            tree[f.key] = f.part.write(held, normal)
    return tree


def check_keys(node: Any, known: Sequence[str], place: Place, what: str) -> None:  # noqa: ANN401
    """Refuse what is not a mapping, and a mapping with a key that is not known here."""
    if not isinstance(node, dict):
        raise place.refuse(
            f"`{what}` must be a mapping, found {kind_of(node)}.",
            f"its keys are {name_some(known, most=12)}.",
        )
    for key in node:
        if key not in known:
            raise place.at(str(key)).unknown(f"key of `{what}`:", key, known)


def only_key(node: Any, known: Sequence[str], place: Place, what: str) -> str:  # noqa: ANN401
    """Give the only key of a mapping; refuse none, several and unknown ones."""
    if not isinstance(node, dict):
        raise place.refuse(
            f"Expected {what}, found {kind_of(node)}.",
            f"write a mapping with one of {name_some(known, most=40)}.",
        )
    for key in node:
        if key not in known:
            raise place.at(str(key)).unknown(
                what.removeprefix("a ").removeprefix("an "), key, known
            )
    if len(node) != 1:
        found = name_some(str(k) for k in node)
        raise place.refuse(
            f"Expected {what} with exactly one key, found {len(node)}: {found}.",
            "join several conditions by `all` or `any`."
            if "condition" in what
            else "choose one of them.",
        )
    return str(next(iter(node)))


def walk(value: object, place: Place) -> Iterator[tuple[object, Place]]:
    """Give a part and every part inside it with its place; conditions stand below their key."""
    kind = getattr(type(value), "kind", "")
    place = place.at(kind) if kind else place
    yield value, place
    if isinstance(value, tuple):
        for i, item in enumerate(value):
            yield from walk(item, place.at(i))
    elif type(value) in SHAPES:
        for f in SHAPES[type(value)]:
            below = place if f.flat else place.at(f.key)
            yield from walk(getattr(value, f.attr), below)
    elif is_dataclass(value):
        for plain in fields(value):
            yield from walk(getattr(value, plain.name), place)
