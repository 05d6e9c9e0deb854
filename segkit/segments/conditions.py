"""Say who is meant: the conditions that this version evaluates.

Conditions combine with `&`, `|` and `~`. The rest of the language stands in
`segkit.segments.later`; how all of them are read and written in `segkit.segments.forms`.
"""

from dataclasses import dataclass, field, replace
from datetime import date
from typing import ClassVar, Literal, TypeAlias

from segkit.periods import Duration
from segkit.segments.algebra import SetNode
from segkit.segments.bounds import Bound, at_least
from segkit.segments.targets import COUNT, Calc, Target
from segkit.segments.windows import Ever, Window

EVER = Ever()
ONCE = replace(at_least(1), is_default=True)
TOUCHES = ("first", "last", "last_non_direct", "any", "every")


@dataclass(frozen=True)
class Condition:
    """A rule that holds or does not hold for every user; combine rules with `&`, `|` and `~`."""

    kind: ClassVar[str] = ""

    @property
    def later(self) -> str:
        """What of it cannot be evaluated yet; empty when all of it can."""
        return ""

    def __and__(self, other: "Condition") -> "Condition":
        return All(of=(*_members(self, All), *_members(other, All)))

    def __or__(self, other: "Condition") -> "Condition":
        return AnyOf(of=(*_members(self, AnyOf), *_members(other, AnyOf)))

    def __invert__(self) -> "Condition":
        return self.of if isinstance(self, Not) else Not(of=self)


def _members(condition: Condition, kind: "type[All | AnyOf]") -> tuple[Condition, ...]:
    return condition.of if isinstance(condition, kind) else (condition,)


@dataclass(frozen=True, kw_only=True)
class All(Condition):
    """Every condition holds."""

    kind: ClassVar[str] = "all"
    of: tuple[Condition, ...]


@dataclass(frozen=True, kw_only=True)
class AnyOf(Condition):
    """At least one condition holds."""

    kind: ClassVar[str] = "any"
    of: tuple[Condition, ...]


@dataclass(frozen=True, kw_only=True)
class Not(Condition):
    """The condition does not hold, inside the universe."""

    kind: ClassVar[str] = "not"
    of: Condition


@dataclass(frozen=True, kw_only=True)
class AtLeast(Condition):
    """At least `n` of the conditions hold."""

    kind: ClassVar[str] = "at_least"
    n: int
    of: tuple[Condition, ...]


@dataclass(frozen=True, kw_only=True)
class Did(Condition):
    """The value that `calc` makes of the matching events of `during` satisfies the bound."""

    kind: ClassVar[str] = "did"
    target: Target
    calc: Calc = COUNT
    bound: Bound = ONCE
    during: Window = EVER


def is_bounded(condition: "Did | DidNot") -> bool:
    """Whether `is` was given, be it what it is by default: a picked value has no default bound."""
    return not condition.bound.is_default


@dataclass(frozen=True, kw_only=True)
class DidNot(Condition):
    """The opposite of `did` inside the universe; without `calc` and `is`: not even once."""

    kind: ClassVar[str] = "did_not"
    target: Target
    calc: Calc = COUNT
    bound: Bound = ONCE
    during: Window = EVER

    @property
    def positive(self) -> Did:
        """The `did` that must not hold."""
        return Did(target=self.target, calc=self.calc, bound=self.bound, during=self.during)


@dataclass(frozen=True, kw_only=True)
class SinceLast(Condition):
    """The time since the last matching event satisfies the bound; unknown for who never did it."""

    kind: ClassVar[str] = "since_last"
    target: Target
    bound: Bound


@dataclass(frozen=True, kw_only=True)
class SinceFirst(Condition):
    """The time since the first matching event satisfies the bound; unknown for who never did it."""

    kind: ClassVar[str] = "since_first"
    target: Target
    bound: Bound


@dataclass(frozen=True, kw_only=True)
class EverDuring:
    """Any value that an attribute had in a window."""

    window: Window


AttributeTime: TypeAlias = Literal["latest", "first", "ever"] | date | EverDuring


@dataclass(frozen=True, kw_only=True)
class Attribute(Condition):
    """A user label satisfies the bound, at T or at another time."""

    kind: ClassVar[str] = "attribute"
    name: str
    bound: Bound
    at: AttributeTime = "latest"

    @property
    def later(self) -> str:
        """What of it cannot be evaluated yet."""
        return "" if self.at == "latest" else "attribute: {at: anything but latest}"


@dataclass(frozen=True, kw_only=True)
class VisitAttribute(Condition):
    """The attribute of the first, last, any or every visit in `during` satisfies the bound."""

    kind: ClassVar[str] = "visit_attribute"
    name: str
    bound: Bound
    touch: str = "any"
    during: Window = EVER


@dataclass(frozen=True, kw_only=True)
class InSegment(Condition):
    """The user is a member of another segment, at T or in its past."""

    kind: ClassVar[str] = "in_segment"
    id: str
    as_of: date | None = None
    ever_during: Window | None = None
    entered_during: Window | None = None
    left_during: Window | None = None
    for_at_least: Duration | None = None

    @property
    def later(self) -> str:
        """What of it cannot be evaluated yet."""
        past = ("as_of", "ever_during", "entered_during", "left_during", "for_at_least")
        return next(
            (f"in_segment: {{{key}: …}}" for key in past if getattr(self, key) is not None), ""
        )


@dataclass(frozen=True, kw_only=True)
class SetOf(Condition):
    """The user is in a union, intersection or difference of other segments."""

    kind: ClassVar[str] = "set"
    tree: SetNode


@dataclass(frozen=True, kw_only=True)
class InList(Condition):
    """The user's id stands in a list, or a label of the user in a column of a file.

    `match` is `user_id`, `device_id` or the name of an attribute.
    """

    kind: ClassVar[str] = "in_list"
    ids: tuple[str, ...] = ()
    file: str | None = None
    column: str | None = None
    match: str = "user_id"
    sha256: bool = False
    unmatched: str = "report"

    @property
    def later(self) -> str:
        """What of it cannot be evaluated yet."""
        return "in_list: {sha256: true}" if self.sha256 else ""


@dataclass(frozen=True, kw_only=True)
class KeptPattern:
    """One pattern of a kept model as it is now: its id and name, the model's days and content.

    `content` is the SHA-256 of all that scoring uses.
    """

    id: str
    name: str
    days: int
    content: str


@dataclass(frozen=True, kw_only=True)
class InPattern(Condition):
    """The likeliest pattern of the user, by a kept model, is this one, and it is likely enough.

    `pattern` is its id, or its name. `kept` is what stood behind both when it was last looked up;
    it belongs to the definition's id, but is no part of what was written.
    """

    kind: ClassVar[str] = "in_pattern"
    model: str
    pattern: str
    min_probability: float = 0.5
    kept: KeptPattern | None = field(default=None, compare=False)


@dataclass(frozen=True, kw_only=True)
class Sample(Condition):
    """The user's stable hash, a share from 0 to 1, lies in the half-open range."""

    kind: ClassVar[str] = "sample"
    salt: str
    range: tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class Consent(Condition):
    """The last known state of the user's consent for a purpose."""

    kind: ClassVar[str] = "consent"
    purpose: str
    state: str
