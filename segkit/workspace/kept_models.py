"""Answer what definitions ask of the pattern models that a workspace keeps.

A model scores everyone by what was frozen in it; nothing is fitted.
"""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from ibis import Table

from segkit.errors import DefinitionError, PatternError
from segkit.periods import Clock
from segkit.segments.conditions import InPattern, KeptPattern
from segkit.store.tables import Tables

if TYPE_CHECKING:
    from segkit.patterns.frozen import FrozenPatterns
    from segkit.workspace.space import Workspace

FOLDER = "patterns"


class KeptModels:
    """The models of `patterns/*.json`, as `segkit.segments.pattern_models.PatternModels`.

    A file is read again when it has changed. What a model says at one instant of one snapshot is
    kept in the engine, so that a report scores each instant once.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._read: dict[str, tuple[tuple[int, int], FrozenPatterns]] = {}
        self._told: dict[tuple[str, str, str], Table] = {}

    def names(self) -> tuple[str, ...]:
        """Give the names of all kept models, sorted."""
        return tuple(sorted(path.stem for path in (self._root / FOLDER).glob("*.json")))

    def patterns(self, model: str) -> Mapping[str, KeptPattern]:
        """Give the patterns of a model by id.

        Raises
        ------
        DefinitionError
            When the model is not there or cannot be read.
        """
        frozen = self._frozen(model)
        return {
            group.id: KeptPattern(
                id=group.id, name=group.name, days=frozen.days, content=frozen.content
            )
            for group in frozen.model.groups
        }

    def members(
        self, pattern: InPattern, kept: KeptPattern, *, users: Table, tables: Tables, clock: Clock
    ) -> Table:
        """Give those of some users (`user_no`) whose likeliest pattern at T this is.

        The days that count are the model's: whole days of the zone in which the tables count
        them, the last of which is over at T. Who is no eligible user of these days is in none.
        """
        frozen = self._frozen(pattern.model)
        key = (frozen.content, tables.snapshot, clock.at.isoformat())
        if key not in self._told:
            here = Clock(clock.at, tables.zone)
            day = here.day if here.is_day_end else here.day - timedelta(days=1)
            self._told[key] = _score(frozen, users, tables, Clock.at_end_of(day, tables.zone))
        told = self._told[key]
        place = [group.id for group in frozen.model.groups].index(kept.id)
        chosen = (told.place == place) & (told.chance >= pattern.min_probability)
        return told.filter(chosen).select("user_no")

    def _frozen(self, model: str) -> "FrozenPatterns":
        from segkit.patterns.frozen import FrozenPatterns  # noqa: PLC0415  numpy is slow to import

        file = f"{FOLDER}/{model}.json"
        if model not in self.names():
            raise DefinitionError.build(
                f"There is no pattern model `{model}`: {file} is not there.",
                hint="find patterns and keep them: `segkit patterns fit SEGMENT --name NAME`.",
            )
        path = self._root / file
        try:
            stamp = path.stat().st_mtime_ns, path.stat().st_size
            if model not in self._read or self._read[model][0] != stamp:
                self._read[model] = stamp, FrozenPatterns.from_json(path.read_text("utf-8"))
        except (OSError, UnicodeDecodeError, PatternError) as exc:
            raise DefinitionError.build(
                f"The pattern model `{model}` cannot be read.",
                hint=f"restore {file}, or fit the patterns anew.",
            ) from exc
        return self._read[model][1]


def find_kept(workspace: "Workspace", segment: str) -> "FrozenPatterns | None":
    """Give the patterns of a segment that are kept under its own id; None where there are none.

    Raises
    ------
    PatternError
        When they cannot be read.
    """
    if not (workspace.root / FOLDER / f"{segment}.json").is_file():
        return None
    from segkit.workspace.patterns import read_patterns  # noqa: PLC0415  slow to import

    kept = read_patterns(workspace, segment)
    return kept if kept.segment == segment else None


def _score(frozen: "FrozenPatterns", users: Table, tables: Tables, clock: Clock) -> Table:
    """Give `user_no`, `place` of the likeliest group and its `chance`; one row an eligible user."""
    import numpy as np  # noqa: PLC0415  slow to import

    from segkit.patterns.collect import Span, collect_features  # noqa: PLC0415
    from segkit.patterns.fit import score  # noqa: PLC0415

    kept = tables.engine.keep(users.select("user_no"), "pattern_users")
    span = Span(tables=tables, users=kept, clock=clock, days=frozen.days)
    features, _ = collect_features(
        span,
        purchases=frozen.purchases,
        left_out=frozen.goals,
        groups=frozen.page_groups,
        channels=frozen.channels,
    )
    scores = score(frozen.model, features)
    inside = np.flatnonzero(scores.group >= 0)
    group = scores.group[inside]
    told = {
        "user_no": features.user_no[inside],
        "place": group.astype(np.int64),
        "chance": scores.probabilities[inside, group],
    }
    return tables.engine.laid(told, "pattern_scores")
