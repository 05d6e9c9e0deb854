"""Hold found patterns as plain data, frozen, so that next week's groups mean the same.

A model is text: JSON with every float written so that it is read back exactly. It holds all that
scoring needs and none of the users it was made from.
"""

import json
from dataclasses import asdict, dataclass, replace
from datetime import date
from functools import cache
from typing import Self

from pydantic import TypeAdapter, ValidationError

from segkit.errors import PatternError, UnknownNameError
from segkit.patterns.encode import Encoding
from segkit.patterns.scorer import Scorer
from segkit.patterns.stability import Stability
from segkit.patterns.tiers import Limits

VERSION = 1


@dataclass(frozen=True, kw_only=True)
class Group:
    """One pattern: `n_users` of the fitting sample by the frozen scorer, "mixed" left out.

    `share` is of the fitting sample, `jaccard` the clusterwise stability that `badge` words.
    """

    id: str
    name: str
    n_users: int
    share: float
    jaccard: float
    badge: str


@dataclass(frozen=True, kw_only=True)
class DistanceSpread:
    """Distances of the fitting sample to the nearest centre, on the axes.

    `alarm` is what the mean of another sample of the same size and the same behaviour exceeds
    once in a hundred times; the percentiles are those of single users.
    """

    mean: float
    alarm: float
    p50: float
    p90: float
    p99: float


@dataclass(frozen=True, kw_only=True)
class PatternModel:
    """Everything that scoring needs, and the evidence the patterns rest on.

    `groups` is in the order of the scorer's rows, largest first, and empty where `reason` says
    why there are none; the scorer then holds everyone's centre alone. `silhouette` is the
    sample's and `silhouette_noise` that of normal noise of the same variances cut alike: pictures,
    not judges. `window` is the first and last day of the fitting features.
    """

    version: int
    method: str
    seed: int
    window: tuple[date, date] | None
    sample_hash: str
    n_fitted: int
    encoding: Encoding
    scorer: Scorer
    groups: tuple[Group, ...]
    reason: str
    stability: tuple[Stability, ...]
    silhouette: float
    silhouette_noise: float
    distance: DistanceSpread
    tier_limits: Limits

    def rename(self, names: dict[str, str]) -> Self:
        """Give the model with other names for some groups, by their id; labels stay the ids.

        Raises
        ------
        UnknownNameError
            No group has the id.
        """
        known = [group.id for group in self.groups]
        for wanted in names:
            if wanted not in known:
                raise UnknownNameError.of_kind("group", wanted, known)
        groups = tuple(replace(g, name=names.get(g.id, g.name)) for g in self.groups)
        return replace(self, groups=groups)

    def relabel(self, ids: dict[str, str]) -> Self:
        """Give the model with other ids for some groups, by the id they have.

        Raises
        ------
        PatternError
            Two groups would have the same id.
        """
        groups = tuple(replace(g, id=ids.get(g.id, g.id)) for g in self.groups)
        if len({group.id for group in groups}) < len(groups):
            raise PatternError.build(
                "Two patterns would have the same id.", hint="give every pattern an id of its own."
            )
        return replace(self, groups=groups)

    def to_json(self) -> str:
        """Give the model as text; `from_json` gives back an equal model."""
        return json.dumps(
            asdict(self), default=date.isoformat, allow_nan=False, sort_keys=True, indent=1
        )

    @classmethod
    def from_json(cls, text: str) -> "PatternModel":
        """Give the model that `to_json` wrote.

        Raises
        ------
        PatternError
            The text is no JSON, is of another version, or lacks or adds a part.
        """
        try:
            found = json.loads(text)
        except json.JSONDecodeError as exc:
            raise PatternError.build(
                f"The pattern model is no JSON: {exc.msg}.",
                where=f"line {exc.lineno}",
                hint="fit the patterns anew, or restore the file.",
            ) from exc
        version = found.get("version") if isinstance(found, dict) else None
        if version != VERSION:
            raise PatternError.build(
                f"The pattern model is of version {version!r}; this segkit reads {VERSION}.",
                hint="read it with the segkit that wrote it, or fit the patterns anew.",
            )
        try:
            return _adapter().validate_python(found)
        except ValidationError as exc:
            fault = exc.errors()[0]
            raise PatternError.build(
                f"The pattern model cannot be read: {fault['msg']}.",
                where=".".join(str(part) for part in fault["loc"]),
                hint="fit the patterns anew, or restore the file.",
            ) from exc


@cache
def _adapter() -> TypeAdapter[PatternModel]:
    return TypeAdapter(PatternModel)
