"""Hold the conditions that are part of the language but cannot be evaluated yet.

They are read, written, described and given an id like all others, so that no definition is lost;
checking and evaluating refuse them by name.
"""

from dataclasses import dataclass
from typing import Any, ClassVar

from segkit.periods import Duration
from segkit.segments.bounds import BOUND, Bound
from segkit.segments.conditions import EVER, Condition
from segkit.segments.forms import PARTS
from segkit.segments.shapes import (
    DURATION,
    FLAG,
    TEXT,
    TEXTS,
    Field,
    Part,
    Place,
    choice,
    list_of,
    shape,
)
from segkit.segments.targets import DURING_FIELD, TARGET, TARGET_FIELD, Target
from segkit.segments.windows import Window


class Later(Condition):
    """A condition that is read and written, but not evaluated yet."""

    @property
    def later(self) -> str:
        """Its name."""
        return self.kind


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step of a sequence, timed from the step before it."""

    target: Target
    within: Duration | None = None
    after: Duration | None = None
    directly: bool = False
    without: Target | None = None


@dataclass(frozen=True, kw_only=True)
class Sequence(Later):
    """Steps in order, by any choice of events."""

    kind: ClassVar[str] = "sequence"
    steps: tuple[Step, ...]
    scope: str = "user"
    total_within: Duration | None = None
    same: tuple[str, ...] = ()
    during: Window = EVER
    times: Bound | None = None


@dataclass(frozen=True, kw_only=True)
class NoSequence(Sequence):
    """No choice of events makes the sequence, inside the universe."""

    kind: ClassVar[str] = "no_sequence"


@dataclass(frozen=True, kw_only=True)
class Score(Later):
    """A stored score of the user satisfies a bound."""

    kind: ClassVar[str] = "score"
    model: str
    bound: Bound


@dataclass(frozen=True, kw_only=True)
class Sql(Later):
    """A query returns the unit ids; not explainable."""

    kind: ClassVar[str] = "sql"
    query: str


_STEP = shape(
    Step,
    "step",
    TARGET_FIELD,
    Field("within", "within", DURATION, None),
    Field("after", "after", DURATION, None),
    Field("directly", "directly", FLAG, default=False),
    Field("without", "without", TARGET, None),
)


def _read_steps(node: Any, place: Place) -> tuple[Step, ...]:  # noqa: ANN401
    steps = list_of(_STEP).read(node, place)
    if len(steps) < 2:  # noqa: PLR2004  an order needs two
        raise place.refuse("A sequence needs at least 2 steps, found 1.", "use `did` for one step.")
    return steps


_SEQUENCE_FIELDS = (
    Field("steps", "steps", Part(_read_steps, list_of(_STEP).write)),
    Field("scope", "scope", choice("user", "visit"), "user"),
    Field("total_within", "total_within", DURATION, None),
    Field("same", "same", TEXTS, ()),
    DURING_FIELD,
    Field("times", "times", BOUND, None),
)
_IS = Field("is", "bound", BOUND)

PARTS |= {
    "sequence": shape(Sequence, "sequence", *_SEQUENCE_FIELDS),
    "no_sequence": shape(NoSequence, "no_sequence", *_SEQUENCE_FIELDS),
    "score": shape(Score, "score", Field("model", "model", TEXT), _IS),
    "sql": Part(lambda node, place: Sql(query=TEXT.read(node, place)), lambda c, _normal: c.query),
}
