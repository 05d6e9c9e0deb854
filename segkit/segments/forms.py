"""Declare how every condition is read and written.

A condition is a mapping with exactly one key; `PARTS` holds the form of each. The conditions of
`segkit.segments.later` add theirs.
"""

from dataclasses import replace
from datetime import date
from typing import Any, TypeVar

from segkit.segments.algebra import read_set, write_set
from segkit.segments.bounds import BOUND, LAPSE, equal_to
from segkit.segments.conditions import (
    ONCE,
    TOUCHES,
    All,
    AnyOf,
    AtLeast,
    Attribute,
    AttributeTime,
    Condition,
    Consent,
    Did,
    DidNot,
    EverDuring,
    InList,
    InPattern,
    InSegment,
    Not,
    Sample,
    SetOf,
    SinceFirst,
    SinceLast,
    VisitAttribute,
    is_bounded,
)
from segkit.segments.shapes import (
    DATE,
    DURATION,
    FLAG,
    NUMBER,
    TEXT,
    TEXTS,
    Field,
    Part,
    Place,
    choice,
    list_of,
    only_key,
    shape,
    whole,
)
from segkit.segments.targets import CALC_FIELD, COUNT, DURING_FIELD, PICKS, TARGET_FIELD
from segkit.segments.windows import WINDOW

T = TypeVar("T")
PARTS: dict[str, Part[Any]] = {}
"""Every condition by its key: how its body is read and written."""


def read_condition(node: Any, place: Place) -> Condition:  # noqa: ANN401
    """Read a mapping with exactly one condition."""
    kind = only_key(node, sorted(PARTS), place, "a condition")
    condition: Condition = PARTS[kind].read(node[kind], place.at(kind))
    return condition


def write_condition(condition: Condition, normal: bool) -> dict[str, Any]:  # noqa: FBT001
    """Write a condition; the normal form reduces `did_not X` to `did X is eq 0`."""
    if (
        normal
        and isinstance(condition, DidNot)
        and condition.calc == COUNT
        and condition.bound == ONCE
    ):
        never = Did(target=condition.target, bound=equal_to(0), during=condition.during)
        return write_condition(never, normal)
    return {condition.kind: PARTS[condition.kind].write(condition, normal)}


CONDITION: Part[Condition] = Part(read_condition, write_condition)
CONDITIONS = list_of(CONDITION)
BOUND_FIELD = Field("is", "bound", BOUND, ONCE)
DID_BOUND_FIELD = replace(
    BOUND_FIELD, is_said=lambda did: did.calc.name in PICKS and is_bounded(did)
)
LAPSE_FIELD = Field("is", "bound", LAPSE)


def _wrapped(cls: type[All | AnyOf | Not], part: Part[Any]) -> Part[Any]:
    return Part(
        lambda node, place: cls(of=part.read(node, place)),
        lambda c, normal: part.write(c.of, normal),
    )


def _read_at(node: Any, place: Place) -> AttributeTime:  # noqa: ANN401
    if isinstance(node, dict):
        only_key(node, ("ever_during",), place, "a time of an attribute")
        return EverDuring(window=WINDOW.read(node["ever_during"], place.at("ever_during")))
    if node in ("latest", "first", "ever"):
        word: AttributeTime = node
        return word
    return DATE.read(node, place)


def _write_at(at: AttributeTime, normal: bool) -> Any:  # noqa: ANN401, FBT001
    if isinstance(at, EverDuring):
        return {"ever_during": WINDOW.write(at.window, normal)}
    return at.isoformat() if isinstance(at, date) else at


def _short(long: Part[T], read_short: Any, write_short: Any) -> Part[T]:  # noqa: ANN401  two functions
    """Give the part that may also be one text: `in_segment: staff`."""

    def read(node: Any, place: Place) -> T:  # noqa: ANN401
        return read_short(node, place) if isinstance(node, str) else long.read(node, place)

    def write(value: T, normal: bool) -> Any:  # noqa: ANN401, FBT001
        tree = long.write(value, normal)
        return write_short(tree)

    return Part(read, write)


def _read_range(node: Any, place: Place) -> tuple[float, float]:  # noqa: ANN401
    pair = list_of(NUMBER, least=2).read(node, place)
    if len(pair) != 2 or not 0 <= pair[0] < pair[1] <= 1:  # noqa: PLR2004
        raise place.refuse(
            "Expected two shares from 0 to 1, low and high.", "write [0, 0.1] for the first tenth."
        )
    return pair[0], pair[1]


def _read_list(node: Any, place: Place) -> InList:  # noqa: ANN401
    told = _LIST.read(node, place)
    if bool(told.ids) == (told.file is not None):
        raise place.refuse(
            "Expected either `ids` or `file`.",
            "write {ids: [a, b]} or {file: lists/x.csv, column: email}.",
        )
    if told.file is not None and told.column is None:
        raise place.refuse(
            "`in_list` with `file` lacks `column`.", "name the column that holds the ids."
        )
    if told.ids and told.column is not None:
        raise place.refuse("`column` belongs to `file`, not to `ids`.")
    return told


def _write_list(value: InList, normal: bool) -> Any:  # noqa: ANN401, FBT001
    tree = _LIST.write(value, normal)
    if normal:
        tree.pop("unmatched", None)
        if "ids" in tree:
            tree["ids"] = sorted(set(tree["ids"]))
    return tree


def _read_share(node: Any, place: Place) -> float:  # noqa: ANN401
    share = NUMBER.read(node, place)
    if not 0 <= share <= 1:
        raise place.refuse(f"Expected a share from 0 to 1, found `{share}`.", "write 0.8.")
    return share


def _write_pattern(value: InPattern, normal: bool) -> Any:  # noqa: ANN401, FBT001
    """Write what was written; the normal form says what the model is, not what it is called."""
    tree = _IN_PATTERN.write(value, normal)
    if normal and value.kept is not None:
        del tree["model"]
        tree |= {"content": value.kept.content, "pattern": value.kept.id}
    return tree


_AT_LEAST = shape(
    AtLeast, "at_least", Field("n", "n", whole(least=1)), Field("of", "of", CONDITIONS)
)


def _read_at_least(node: Any, place: Place) -> AtLeast:  # noqa: ANN401
    told = _AT_LEAST.read(node, place)
    if told.n > len(told.of):
        raise place.at("n").refuse(f"`{told.n}` of {len(told.of)} conditions can never hold.")
    return told


_IN_SEGMENT = shape(
    InSegment,
    "in_segment",
    Field("id", "id", TEXT),
    Field("as_of", "as_of", DATE, None),
    *(Field(key, key, WINDOW, None) for key in ("ever_during", "entered_during", "left_during")),
    Field("for_at_least", "for_at_least", DURATION, None),
)
_LIST = shape(
    InList,
    "in_list",
    Field("ids", "ids", TEXTS, ()),
    Field("file", "file", TEXT, None),
    Field("column", "column", TEXT, None),
    Field("match", "match", TEXT, "user_id"),
    Field("sha256", "sha256", FLAG, default=False),
    Field("unmatched", "unmatched", choice("report", "ignore", "refuse"), "report"),
)
_IN_PATTERN = shape(
    InPattern,
    "in_pattern",
    Field("model", "model", TEXT),
    Field("pattern", "pattern", TEXT),
    Field("min_probability", "min_probability", Part(_read_share, NUMBER.write), 0.5),
)
_DID_FIELDS = (TARGET_FIELD, CALC_FIELD, DID_BOUND_FIELD, DURING_FIELD)
_NAME = Field("name", "name", TEXT)

PARTS |= {
    "all": _wrapped(All, CONDITIONS),
    "any": _wrapped(AnyOf, CONDITIONS),
    "not": _wrapped(Not, CONDITION),
    "at_least": Part(_read_at_least, _AT_LEAST.write),
    "did": shape(Did, "did", *_DID_FIELDS),
    "did_not": shape(DidNot, "did_not", *_DID_FIELDS),
    "since_last": shape(SinceLast, "since_last", TARGET_FIELD, LAPSE_FIELD),
    "since_first": shape(SinceFirst, "since_first", TARGET_FIELD, LAPSE_FIELD),
    "attribute": shape(
        Attribute,
        "attribute",
        _NAME,
        Field("is", "bound", BOUND),
        Field("at", "at", Part(_read_at, _write_at), "latest"),
    ),
    "visit_attribute": shape(
        VisitAttribute,
        "visit_attribute",
        _NAME,
        Field("is", "bound", BOUND),
        Field("touch", "touch", choice(*TOUCHES), "any"),
        DURING_FIELD,
    ),
    "in_segment": _short(
        _IN_SEGMENT,
        lambda node, place: InSegment(id=TEXT.read(node, place)),
        lambda t: t["id"] if len(t) == 1 else t,
    ),
    "set": Part(
        lambda node, place: SetOf(tree=read_set(TEXT.read(node, place), place)),
        lambda c, _normal: write_set(c.tree),
    ),
    "in_list": Part(_read_list, _write_list),
    "in_pattern": Part(_IN_PATTERN.read, _write_pattern),
    "sample": shape(
        Sample,
        "sample",
        Field("salt", "salt", TEXT),
        Field(
            "range",
            "range",
            Part(_read_range, lambda r, normal: [NUMBER.write(v, normal) for v in r]),
        ),
    ),
    "consent": shape(
        Consent,
        "consent",
        Field("purpose", "purpose", TEXT),
        Field("is", "state", choice("granted", "denied", "unknown")),
    ),
}
"""The conditions of this module."""
