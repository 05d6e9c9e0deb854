"""Hold a segment's definition: one rule with its name, unit, universe, clock and policy.

A definition never changes. Its id is the SHA-256 of its normal form, which leaves out names,
titles, tests and governance: two documents that say the same have one id, whoever wrote them and
however.
"""

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any, TypeAlias

import segkit.segments.later
import segkit.segments.lifecycle
import segkit.segments.same_visit
import segkit.segments.standing  # noqa: F401  all register their conditions
from segkit.errors import WorkspaceError
from segkit.formats import html_table
from segkit.periods import Duration, read_zone
from segkit.segments.bounds import BOUND, Bound, is_instant
from segkit.segments.conditions import Condition
from segkit.segments.forms import CONDITION, PARTS
from segkit.segments.shapes import (
    DATE,
    DURATION,
    FLAG,
    TEXT,
    TEXTS,
    Field,
    Part,
    Place,
    choice,
    kind_of,
    list_of,
    only_key,
    same,
    shape,
    whole,
)

_ID = re.compile(r"^[a-z][a-z0-9_]*$")
GOVERNANCE = ("segment", "title", "description", "owner", "tags", "status", "policy", "expect")
"""Keys that are not part of the meaning, and so not of the definition id."""


@dataclass(frozen=True)
class Everyone:
    """Every user known at T."""


@dataclass(frozen=True, kw_only=True)
class ActiveIn:
    """Every user with at least one event in the last `length`."""

    length: Duration


@dataclass(frozen=True, kw_only=True)
class MembersOf:
    """The members of another segment."""

    id: str


Universe: TypeAlias = Everyone | ActiveIn | MembersOf | Condition


@dataclass(frozen=True, kw_only=True)
class LastComplete:
    """The end of the last complete day, week, month, quarter or year."""

    period: str


AsOf: TypeAlias = date | datetime | LastComplete | str


@dataclass(frozen=True, kw_only=True)
class Hold:
    """How membership outlasts the condition, and what ends it."""

    hold_for: Duration | None = None
    drop_when: Condition | None = None
    drop: str = "while_true"


@dataclass(frozen=True, kw_only=True)
class Policy:
    """For what the segment may be used, how small it may be shown, what of it may leave."""

    purpose: str | None = None
    min_size: int = 10
    export: str = "none"
    attributes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Expectation:
    """A test: a golden user, bounds on size or share, or a relation to other segments."""

    user: str | None = None
    member: bool | None = None
    size: Bound | None = None
    share: Bound | None = None
    subset_of: str | None = None
    disjoint_with: str | None = None


EVERYONE = Everyone()
NO_HOLD = Hold()
DEFAULT_POLICY = Policy()
LAST_DAY = LastComplete(period="day")


@dataclass(frozen=True)
class Definition:
    """One segment: its id and the condition that members fulfil, with everything that qualifies it.

    Parameters
    ----------
    segment
        The id, in snake_case.
    where
        The condition; build it with `sk.did(...)` and its like, or give the plain form of the
        language.
    title
        What people read; made from the id when empty.
    universe
        Who can be a member and the base of every share: `"everyone"`, `{"active": "30d"}`,
        `{"segment": id}` or a condition.
    policy, membership, as_of, expect
        As in the language, also in their plain form.

    Raises
    ------
    DefinitionError
        When a part is not of the language.
    """

    segment: str
    where: Condition
    title: str = ""
    description: str = ""
    owner: str = ""
    tags: tuple[str, ...] = ()
    status: str = "draft"
    unit: str = "user"
    universe: Universe = EVERYONE
    timezone: str | None = None
    as_of: AsOf | None = None
    identity: str = "stitched"
    membership: Hold = NO_HOLD
    policy: Policy = DEFAULT_POLICY
    expect: tuple[Expectation, ...] = ()

    def __post_init__(self) -> None:
        """Read what was given in plain form, and check the rest as a document would be."""
        place = Place(f"segment {self.segment}")
        if not self.title:
            object.__setattr__(self, "title", self.segment.replace("_", " ").capitalize())
        where: object = self.where
        if isinstance(where, Everyone | ActiveIn | MembersOf):
            raise place.at("where").refuse(
                f"`{type(where).__name__}` is not a condition.",
                "give one made by sk.did(...) and its like; who can be a member is `universe`.",
            )
        for f in FIELDS:
            given = getattr(self, f.attr)
            if isinstance(given, tuple) and f.attr == "tags":
                given = list(given) or None
            if isinstance(given, dict | list | str) and given != f.default:
                object.__setattr__(self, f.attr, f.part.read(given, place.at(f.key)))

    @cached_property
    def id(self) -> str:
        """The definition id: SHA-256 of the normal form, as 64 hexadecimal digits."""
        return hashlib.sha256(canonical_json(self).encode()).hexdigest()

    def __repr__(self) -> str:
        return f"Segment({self.segment!r}, title={self.title!r}, id={self.id[:12]})"

    def _repr_html_(self) -> str:
        """Give title, meaning in words and id, as a notebook shows it."""
        from segkit.segments.describe import describe  # noqa: PLC0415  it describes this class

        rows = {
            "segment": self.segment,
            "title": self.title,
            "who": describe(self),
            "about": self.description,
            "definition": self.id[:12],
        }
        return html_table((), [pair for pair in rows.items() if pair[1]], n_texts=2)


def _read_id(node: Any, place: Place) -> str:  # noqa: ANN401
    if not isinstance(node, str) or not _ID.match(node):
        raise place.refuse(
            f"`{node}` is not an id.",
            "use lower-case letters, digits and _, beginning with a letter.",
        )
    return node


def read_universe(node: Any, place: Place) -> Universe:  # noqa: ANN401
    """Read a universe from its plain form."""
    if node == "everyone":
        return EVERYONE
    if not isinstance(node, dict):
        raise place.refuse(
            f"Expected a universe, found {kind_of(node)}.",
            "write everyone, {active: 30d}, {segment: id} or a condition.",
        )
    key = only_key(node, ("active", "segment", *sorted(PARTS)), place, "a universe")
    if key == "active":
        return ActiveIn(length=DURATION.read(node[key], place.at(key)))
    if key == "segment":
        return MembersOf(id=TEXT.read(node[key], place.at(key)))
    return CONDITION.read(node, place)


def _write_universe(universe: Universe, normal: bool) -> Any:  # noqa: ANN401, FBT001
    match universe:
        case Everyone():
            return "everyone"
        case ActiveIn(length=length):
            return {"active": DURATION.write(length, normal)}
        case MembersOf(id=segment):
            return {"segment": segment}
        case _:
            return CONDITION.write(universe, normal)


def _read_as_of(node: Any, place: Place) -> AsOf:  # noqa: ANN401
    if isinstance(node, dict):
        only_key(node, ("last_complete",), place, "an as_of")
        period = choice("day", "week", "month", "quarter", "year")
        return LastComplete(period=period.read(node["last_complete"], place.at("last_complete")))
    if node in ("today", "yesterday"):
        return str(node)
    if is_instant(node):
        return datetime.fromisoformat(node)
    return DATE.read(node, place)


def _write_as_of(as_of: AsOf, _normal: bool) -> Any:  # noqa: ANN401, FBT001
    if isinstance(as_of, LastComplete):
        return {"last_complete": as_of.period}
    return as_of if isinstance(as_of, str) else as_of.isoformat()


def _read_zone(node: Any, place: Place) -> str:  # noqa: ANN401
    try:
        read_zone(TEXT.read(node, place))
    except WorkspaceError as exc:
        raise place.refuse(
            f"Unknown time zone `{node}`.", "use an IANA name like Europe/Berlin."
        ) from exc
    return str(node)


_HOLD = shape(
    Hold,
    "membership",
    Field("hold_for", "hold_for", DURATION, None),
    Field("drop_when", "drop_when", CONDITION, None),
    Field("drop", "drop", choice("while_true", "forever"), "while_true"),
)
_POLICY = shape(
    Policy,
    "policy",
    Field("purpose", "purpose", TEXT, None),
    Field("min_size", "min_size", whole(least=1), 10),
    Field("export", "export", choice("none", "pseudonymous", "attributes"), "none"),
    Field("attributes", "attributes", TEXTS, ()),
)
_EXPECTATION = shape(
    Expectation,
    "expect",
    Field("user", "user", TEXT, None),
    Field("member", "member", FLAG, None),
    Field("size", "size", BOUND, None),
    Field("share", "share", BOUND, None),
    Field("subset_of", "subset_of", TEXT, None),
    Field("disjoint_with", "disjoint_with", TEXT, None),
)


def _read_expectation(node: Any, place: Place) -> Expectation:  # noqa: ANN401
    told = _EXPECTATION.read(node, place)
    if not node or (told.user is None) != (told.member is None):
        raise place.refuse(
            "A golden user needs both `user` and `member`.", "write {user: u_1, member: true}."
        )
    return told


FIELDS = (
    Field("segment", "segment", Part(_read_id, same)),
    Field("title", "title", TEXT),
    Field("description", "description", TEXT, ""),
    Field("owner", "owner", TEXT, ""),
    Field("tags", "tags", TEXTS, ()),
    Field("status", "status", choice("draft", "verified", "deprecated"), "draft"),
    Field("unit", "unit", choice("user", "visit", "device", "account"), "user"),
    Field("universe", "universe", Part(read_universe, _write_universe), EVERYONE),
    Field("timezone", "timezone", Part(_read_zone, same), None),
    Field("as_of", "as_of", Part(_read_as_of, _write_as_of), None),
    Field("identity", "identity", choice("stitched", "device", "login"), "stitched"),
    Field("where", "where", CONDITION),
    Field("membership", "membership", _HOLD, NO_HOLD),
    Field("policy", "policy", _POLICY, DEFAULT_POLICY),
    Field("expect", "expect", list_of(Part(_read_expectation, _EXPECTATION.write)), ()),
)
"""Every key of the document but `segkit`, in the order in which it is written."""

_DOCUMENT = shape(Definition, "segment", *FIELDS)


def read_document(node: Any, place: Place) -> Definition:  # noqa: ANN401
    """Read one document from its plain form."""
    if not isinstance(node, dict):
        raise place.refuse(
            f"Expected a segment's document, found {kind_of(node)}.", "begin with `segkit: 1`."
        )
    if "segkit" not in node:
        raise place.refuse(
            "The document lacks `segkit`.", "begin with `segkit: 1`, the version of the language."
        )
    if node["segkit"] != 1 or isinstance(node["segkit"], bool):
        raise place.at("segkit").refuse(
            f"Language version `{node['segkit']}` is unknown.", "this segkit reads version 1."
        )
    return _DOCUMENT.read({k: v for k, v in node.items() if k != "segkit"}, place)


def tree_of(definition: Definition, *, normal: bool = False) -> dict[str, Any]:
    """Give the document as plain values: as people write it, or in the id's normal form."""
    tree: dict[str, Any] = {"segkit": 1} | _DOCUMENT.write(definition, normal)
    if not normal:
        return tree
    meaning = {key: body for key, body in tree.items() if key not in GOVERNANCE}
    if meaning.get("as_of") == {"last_complete": "day"}:
        del meaning["as_of"]
    return meaning


def canonical_json(definition: Definition) -> str:
    """Give the normal form as JSON, keys sorted, no spaces; its SHA-256 is the definition id."""
    return json.dumps(
        tree_of(definition, normal=True), sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )


def definition_id(definition: Definition) -> str:
    """Give the SHA-256 of the definition's normal form."""
    return definition.id


def to_yaml(definition: Definition) -> str:
    """Give the document as YAML that reads back to the same definition."""
    from segkit.segments.yaml12 import write_yaml  # noqa: PLC0415  only where YAML is written

    return write_yaml(tree_of(definition))
