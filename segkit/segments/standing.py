"""Say how a user's metric stands: against a value, against another metric, among other people."""

import re
from dataclasses import dataclass
from typing import Any, ClassVar

from segkit.errors import name_some
from segkit.segments.bounds import BOUND, Bound
from segkit.segments.conditions import Condition
from segkit.segments.forms import CONDITION, PARTS
from segkit.segments.shapes import NUMBER, Field, Part, Place, choice, list_of, shape, whole
from segkit.segments.targets import METRIC, Metric

COMPARISONS = ("eq", "ne", "gt", "gte", "lt", "lte")
CUTS = ("top", "bottom", "percentile", "bucket")
_PERCENT = re.compile(r"^\d+(\.\d+)?%$")


@dataclass(frozen=True, kw_only=True)
class Measure(Condition):
    """A metric satisfies a bound."""

    kind: ClassVar[str] = "measure"
    of: Metric
    bound: Bound


@dataclass(frozen=True, kw_only=True)
class Compare(Condition):
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
class Rank(Condition):
    """The user stands high or low enough by a metric, among some people of the universe.

    Exactly one of `top`, `bottom` (a number of users, or a share like `10%`), `percentile` (0 to
    100) and `bucket` is given.
    """

    kind: ClassVar[str] = "rank"
    by: Metric
    top: int | str | None = None
    bottom: int | str | None = None
    percentile: Bound | None = None
    bucket: Bucket | None = None
    among: Condition | None = None
    ties: str = "include"


def _read_cut(node: Any, place: Place) -> int | str:  # noqa: ANN401
    if isinstance(node, str) and _PERCENT.match(node) and 0 < float(node[:-1]) <= 100:  # noqa: PLR2004
        return node
    if isinstance(node, int) and not isinstance(node, bool) and node > 0:
        return node
    raise place.refuse(f"`{node}` is neither a number of users nor a share.", "write 100 or 10%.")


def _write_cut(cut: int | str, normal: bool) -> int | str:  # noqa: FBT001
    """Write a cut; the normal form of a share has no idle zeros: `10.0%` is `10%`."""
    return f"{float(cut[:-1]):g}%" if normal and isinstance(cut, str) else cut


def _read_rank(node: Any, place: Place) -> Rank:  # noqa: ANN401
    told = _RANK.read(node, place)
    given = [cut for cut in CUTS if getattr(told, cut) is not None]
    if len(given) != 1:
        found = name_some(given) if given else "none"
        raise place.refuse(
            f"Expected exactly one cut of {name_some(CUTS)}, found {found}.", "write {top: 10%}."
        )
    if told.bucket and max(told.bucket.among) > told.bucket.of:
        raise place.at("bucket", "in").refuse(
            f"There is no bucket {max(told.bucket.among)} of {told.bucket.of}.",
            "the highest is the number that `of` says.",
        )
    if told.ties != "include" and (told.percentile or told.bucket):
        raise place.at("ties").refuse(
            "`ties` belongs to `top` and `bottom`; users who tie share a percentile and a bucket."
        )
    return told


_CUT: Part[int | str] = Part(_read_cut, _write_cut)
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

PARTS |= {
    "measure": shape(Measure, "measure", Field("of", "of", METRIC), Field("is", "bound", BOUND)),
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
}
