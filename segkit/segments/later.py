"""Hold the conditions that are part of the language but cannot be evaluated yet.

They are read, written, described and given an id like all others, so that no definition is lost;
checking and evaluating refuse them by name.
"""

import re
from dataclasses import dataclass
from typing import Any, ClassVar

from segkit.errors import name_some
from segkit.periods import Duration
from segkit.segments.bounds import BOUND, Bound
from segkit.segments.conditions import EVER, Condition
from segkit.segments.forms import BOUND_FIELD, CONDITION, PARTS
from segkit.segments.shapes import (
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
    shape,
    whole,
)
from segkit.segments.targets import DURING_FIELD, METRIC, TARGET, TARGET_FIELD, Metric, Target
from segkit.segments.windows import WINDOW, Window

COMPARISONS = ("eq", "ne", "gt", "gte", "lt", "lte")
CUTS = ("top", "bottom", "percentile", "bucket")
_PERCENT = re.compile(r"^\d+(\.\d+)?%$")


class Later(Condition):
    """A condition that is read and written, but not evaluated yet."""

    @property
    def later(self) -> str:
        """Its name."""
        return self.kind


@dataclass(frozen=True, kw_only=True)
class FirstTime(Later):
    """The first ever occurrence falls in the window."""

    kind: ClassVar[str] = "first_time"
    target: Target
    during: Window


@dataclass(frozen=True, kw_only=True)
class Periods:
    """How many of the last whole periods must satisfy the bound."""

    bound: Bound
    of_last: int


@dataclass(frozen=True, kw_only=True)
class Regularly(Later):
    """The count a period is in bound in enough of the last whole periods."""

    kind: ClassVar[str] = "regularly"
    target: Target
    bound: Bound
    per: Duration
    periods: Periods


@dataclass(frozen=True, kw_only=True)
class Stopped(Later):
    """Did it in a window, and not at all in the last stretch of it."""

    kind: ClassVar[str] = "stopped"
    target: Target
    active_in: Window
    silent_for: Duration


@dataclass(frozen=True, kw_only=True)
class Resumed(Later):
    """Did it in the window, not in the stretch before, but before that."""

    kind: ClassVar[str] = "resumed"
    target: Target
    silent_for: Duration
    during: Window


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
class SameVisit(Later):
    """A condition that is met inside one visit."""

    kind: ClassVar[str] = "same_visit"
    of: Condition
    during: Window = EVER


@dataclass(frozen=True, kw_only=True)
class Measure(Later):
    """A metric satisfies a bound."""

    kind: ClassVar[str] = "measure"
    of: Metric
    bound: Bound


@dataclass(frozen=True, kw_only=True)
class Compare(Later):
    """A metric stands in a relation to another one, times and plus a number."""

    kind: ClassVar[str] = "compare"
    left: Metric
    op: str
    right: Metric
    times: float = 1
    plus: float = 0


@dataclass(frozen=True, kw_only=True)
class Bucket:
    """Some of so many equal groups, the last being the highest."""

    of: int
    among: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Rank(Later):
    """The user stands high or low enough by a metric, among some people."""

    kind: ClassVar[str] = "rank"
    by: Metric
    top: int | str | None = None
    bottom: int | str | None = None
    percentile: Bound | None = None
    bucket: Bucket | None = None
    among: Condition | None = None
    ties: str = "include"


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


def _read_cut(node: Any, place: Place) -> int | str:  # noqa: ANN401
    if isinstance(node, str) and _PERCENT.match(node) and 0 < float(node[:-1]) <= 100:  # noqa: PLR2004
        return node
    if isinstance(node, int) and not isinstance(node, bool) and node > 0:
        return node
    raise place.refuse(f"`{node}` is neither a number of users nor a share.", "write 100 or 10%.")


def _read_rank(node: Any, place: Place) -> Rank:  # noqa: ANN401
    told = _RANK.read(node, place)
    given = [cut for cut in CUTS if getattr(told, cut) is not None]
    if len(given) != 1:
        found = name_some(given) if given else "none"
        raise place.refuse(
            f"Expected exactly one cut of {name_some(CUTS)}, found {found}.", "write {top: 10%}."
        )
    return told


def _read_same_visit(node: Any, place: Place) -> SameVisit:  # noqa: ANN401
    if not isinstance(node, dict):
        raise place.refuse("`same_visit` must be a mapping of one condition and `during`.")
    during = WINDOW.read(node["during"], place.at("during")) if "during" in node else EVER
    rest = {key: body for key, body in node.items() if key != "during"}
    return SameVisit(of=CONDITION.read(rest, place), during=during)


def _write_same_visit(condition: SameVisit, normal: bool) -> dict[str, Any]:  # noqa: FBT001
    tree: dict[str, Any] = CONDITION.write(condition.of, normal)
    return (
        tree
        if condition.during == EVER
        else tree | {"during": WINDOW.write(condition.during, normal)}
    )


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
_CUT: Part[int | str] = Part(_read_cut, lambda cut, _normal: cut)
_BUCKET = shape(
    Bucket,
    "bucket",
    Field("of", "of", whole(least=2)),
    Field("in", "among", list_of(whole(least=1))),
)
_RANK = shape(
    Rank,
    "rank",
    Field("by", "by", METRIC),
    Field("top", "top", _CUT, None),
    Field("bottom", "bottom", _CUT, None),
    Field("percentile", "percentile", BOUND, None),
    Field("bucket", "bucket", _BUCKET, None),
    Field("among", "among", CONDITION, None),
    Field("ties", "ties", choice("include", "exclude"), "include"),
)
_PERIODS = shape(
    Periods, "periods", Field("is", "bound", BOUND), Field("of_last", "of_last", whole(least=1))
)
_DURING = Field("during", "during", WINDOW)
_SILENT = Field("silent_for", "silent_for", DURATION)
_IS = Field("is", "bound", BOUND)

PARTS |= {
    "first_time": shape(FirstTime, "first_time", TARGET_FIELD, _DURING),
    "regularly": shape(
        Regularly,
        "regularly",
        TARGET_FIELD,
        BOUND_FIELD,
        Field("per", "per", DURATION),
        Field("periods", "periods", _PERIODS),
    ),
    "stopped": shape(
        Stopped, "stopped", TARGET_FIELD, Field("active_in", "active_in", WINDOW), _SILENT
    ),
    "resumed": shape(Resumed, "resumed", TARGET_FIELD, _SILENT, _DURING),
    "sequence": shape(Sequence, "sequence", *_SEQUENCE_FIELDS),
    "no_sequence": shape(NoSequence, "no_sequence", *_SEQUENCE_FIELDS),
    "same_visit": Part(_read_same_visit, _write_same_visit),
    "measure": shape(Measure, "measure", Field("of", "of", METRIC), _IS),
    "compare": shape(
        Compare,
        "compare",
        Field("left", "left", METRIC),
        Field("op", "op", choice(*COMPARISONS)),
        Field("right", "right", METRIC),
        Field("times", "times", NUMBER, 1),
        Field("plus", "plus", NUMBER, 0),
    ),
    "rank": Part(_read_rank, _RANK.write),
    "score": shape(Score, "score", Field("model", "model", TEXT), _IS),
    "sql": Part(lambda node, place: Sql(query=TEXT.read(node, place)), lambda c, _normal: c.query),
}
