"""Find the behaviour patterns of a workspace's segment, keep them, and ask them again later."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from segkit.errors import EmptyError, PatternError, UnknownNameError
from segkit.measures.activity import find_purchases
from segkit.measures.withhold import find_withheld, is_small, keep_part
from segkit.patterns.collect import Span, collect_features
from segkit.patterns.facts import PatternFacts, PatternRow, count_patterns, groups_of
from segkit.patterns.features import Features
from segkit.patterns.fit import Scores, fit_patterns, score
from segkit.patterns.frozen import FrozenPatterns
from segkit.patterns.names import Term, name_patterns
from segkit.segments.model import Definition
from segkit.workspace.asking import check_days, policy_of
from segkit.workspace.folder import write_text
from segkit.workspace.kept_models import FOLDER
from segkit.workspace.pattern_segments import segment_of

if TYPE_CHECKING:
    from segkit.views import Fragment
    from segkit.workspace.space import Workspace

SMALL = "Patterns of fewer than {least} users, and others that would give them away, are withheld."


class Patterns:
    """Frozen patterns and what they say of a segment's users in one window.

    `frozen` is the data that `save` writes; `features` and `scores` have one entry a user who came
    in the window. `name` is what they are kept as, empty for what is not kept.
    """

    def __init__(
        self,
        workspace: "Workspace",
        frozen: FrozenPatterns,
        *,
        features: Features,
        scores: Scores,
        asked: tuple[Definition, date],
        name: str = "",
    ) -> None:
        self.name = name
        self.frozen, self.features, self.scores = frozen, features, scores
        self._workspace = workspace
        self._definition, self._as_of = asked

    @cached_property
    def facts(self) -> PatternFacts:
        """The numbers that may be shown: patterns of too few users are withheld."""
        model, features, scores = self.frozen.model, self.features, self.scores
        found = name_patterns(features, groups_of(model, scores))
        terms: Mapping[str, tuple[Term, ...]] = {g: n.terms for g, n in found.items()}
        rows = count_patterns(model, scores, features, terms)
        least = self._least
        counts = [row.n_users for row in rows]
        small = find_withheld(counts, len(scores.labels), least)
        shown = [_blank(row) if i in small else _keep(row, least) for i, row in enumerate(rows)]
        if len(self._workspace.tables.catalogue.currencies) > 1:
            shown = [replace(row, revenue=None) for row in shown]
        n_eligible = int(np.isfinite(scores.distance).sum())
        return PatternFacts(
            segment=self._definition.segment,
            as_of=self._as_of.isoformat(),
            days=self.frozen.days,
            n_users=len(scores.labels),
            n_eligible=keep_part(n_eligible, len(scores.labels), least),
            reason=model.reason,
            patterns=tuple(shown),
            stability=tuple((s.k, s.mean_jaccard, s.mean_rand) for s in model.stability),
            silhouette=model.silhouette,
            silhouette_noise=model.silhouette_noise,
            notes=(SMALL.format(least=least),) if small else (),
        )

    @property
    def _least(self) -> int:
        privacy = self._workspace.config.privacy
        return max(privacy.min_size, policy_of(self._definition, privacy).min_size)

    def rename(self, names: dict[str, str]) -> "Patterns":
        """Give the same with other names for some patterns, by their id (`p1`, `p2`, …).

        Raises
        ------
        UnknownNameError
            No pattern has the id.
        """
        return Patterns(
            self._workspace,
            self.frozen.rename(names),
            features=self.features,
            scores=self.scores,
            asked=(self._definition, self._as_of),
            name=self.name,
        )

    def save(self, name: str) -> Path:
        """Write the frozen patterns to `patterns/<name>.json` and give the path.

        Raises
        ------
        PatternError
            When `name` is no plain name.
        WorkspaceError
            When the file cannot be written.
        """
        path = write_text(path_of(self._workspace.root, name), self.frozen.to_json())
        self.name = name
        return path

    def segment(
        self,
        pattern: str,
        *,
        id: str = "",  # noqa: A002  as the language calls it
        title: str = "",
        everyone: bool = False,
    ) -> Definition:
        """Give one of the patterns as a segment: who of the segment asked behaves so.

        Parameters
        ----------
        pattern
            Its id (`p1`, `p2`, …) or its name.
        id
            The segment's id; by default made of the name that the patterns are kept as.
        title
            What people read; by default the pattern's name.
        everyone
            Whether users outside of the segment that the patterns were asked of count too.

        Raises
        ------
        PatternError
            When the patterns are not kept yet.
        UnknownNameError
            When there is no such pattern, or the segment that was asked is not in the library.
        """
        return segment_of(
            self._workspace,
            (self.name, self.frozen),
            pattern,
            id=id,
            title=title,
            universe="" if everyone else self._definition.segment,
        )

    def save_segment(
        self,
        pattern: str,
        *,
        id: str = "",  # noqa: A002  as the language calls it
        title: str = "",
        everyone: bool = False,
        replace: bool = False,
    ) -> Path:
        """Write what `segment` gives to `segments/<id>.yml` and give the path.

        Raises
        ------
        SegkitError
            As `segment`, and when the file holds another definition and `replace` is false.
        """
        found = self.segment(pattern, id=id, title=title, everyone=everyone)
        return self._workspace.save(found, replace=replace)

    def show(self) -> "Fragment":
        """Give the patterns as a table: size, what sets them apart, what they bring."""
        from segkit.views.patterns import render_patterns  # noqa: PLC0415  views are slow to import

        return render_patterns(self.facts)

    def _repr_mimebundle_(self, **wishes: object) -> dict[str, str]:
        return self.show()._repr_mimebundle_(**wishes)


def _blank(row: PatternRow) -> PatternRow:
    return replace(
        row, n_users=None, share=None, n_buyers=None, buyer_share=None, revenue=None, terms=()
    )


def _keep(row: PatternRow, least: int) -> PatternRow:
    """Give a pattern without its buyers where they, or who is no buyer, are too few."""
    if keep_part(row.n_buyers, row.n_users, least) is not None:
        return row
    return replace(row, n_buyers=None, buyer_share=None, revenue=None)


def find_patterns(  # noqa: PLR0913  each has its own meaning, and most have a default
    workspace: "Workspace",
    segment: str | Definition,
    as_of: str | date | None = None,
    days: int = 30,
    *,
    seed: int = 0,
    k: int | None = None,
    method: str = "consensus",
) -> Patterns:
    """Find the behaviour patterns among the members of a segment.

    Parameters
    ----------
    workspace, segment, as_of
        As for a report: who is looked at, at the end of which day.
    days
        Length of the window whose behaviour counts.
    seed, k, method
        As for `segkit.patterns.fit.fit_patterns`: by default as many groups as are found again
        in resamples, which can be none.

    Raises
    ------
    EmptyError
        When too few members came in the window to say anything.
    SegkitError
        When segment, day or method is none, or nothing is loaded.
    """
    definition, span, purchases = _open(workspace, segment, as_of, days)
    features, groups = collect_features(span, purchases=purchases)
    _refuse_few(workspace, definition, features, span)
    fit = fit_patterns(features, seed=seed, k=k, method=method, window=_window(span))
    named = name_patterns(features, groups_of(fit.model, fit.scores))
    frozen = FrozenPatterns(
        segment=definition.segment,
        definition=definition.id,
        as_of=span.clock.day,
        days=days,
        purchases=purchases,
        page_groups=groups,
        channels=features.blocks["source"].columns,
        model=fit.model.rename({group: found.name for group, found in named.items()}),
    )
    asked = definition, span.clock.day
    return Patterns(workspace, frozen, features=features, scores=fit.scores, asked=asked)


def assign_patterns(
    workspace: "Workspace",
    name: str,
    segment: str | Definition | None = None,
    as_of: str | date | None = None,
) -> Patterns:
    """Ask kept patterns about a segment's users at another day; nothing is fitted.

    The segment is by default the one that the patterns were found in.

    Raises
    ------
    UnknownNameError
        When there are no patterns of that name.
    EmptyError
        When too few members came in the window to say anything.
    """
    frozen = read_patterns(workspace, name)
    definition, span, _ = _open(workspace, segment or frozen.segment, as_of, frozen.days)
    features, _ = collect_features(
        span,
        purchases=frozen.purchases,
        groups=frozen.page_groups,
        channels=frozen.channels,
    )
    _refuse_few(workspace, definition, features, span)
    scores = score(frozen.model, features)
    asked = definition, span.clock.day
    return Patterns(workspace, frozen, features=features, scores=scores, asked=asked, name=name)


def list_patterns(workspace: "Workspace") -> dict[str, FrozenPatterns]:
    """Give the kept patterns of a workspace by name.

    Raises
    ------
    PatternError
        When one of them cannot be read.
    """
    found = sorted((workspace.root / FOLDER).glob("*.json"))
    return {path.stem: read_patterns(workspace, path.stem) for path in found}


def read_patterns(workspace: "Workspace", name: str) -> FrozenPatterns:
    """Give kept patterns by name.

    Raises
    ------
    UnknownNameError
        When there are none of that name, with near names.
    PatternError
        When they cannot be read.
    """
    path = path_of(workspace.root, name)
    if not path.is_file():
        known = [other.stem for other in sorted(path.parent.glob("*.json"))]
        raise UnknownNameError.of_kind("patterns", name, known, where=f"{FOLDER}/")
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        raise PatternError.build(
            "The patterns cannot be read.", where=str(path), hint="restore the file."
        ) from exc
    return FrozenPatterns.from_json(text, where=str(path))


def path_of(root: Path, name: str) -> Path:
    """Give where patterns of a name are kept.

    Raises
    ------
    PatternError
        When the name is not one of letters, digits, `_` and `-`.
    """
    if not name or not all(c.isalnum() or c in "_-" for c in name):
        raise PatternError.build(
            f"`{name[:40]}` is no name for patterns.",
            hint="use letters, digits, _ and -, like loyal_2026.",
        )
    return root / FOLDER / f"{name}.json"


def _open(
    workspace: "Workspace", segment: str | Definition, as_of: str | date | None, days: int
) -> tuple[Definition, Span, tuple[str, ...]]:
    members = workspace.members(segment, as_of)
    tables = workspace.tables
    kept = tables.engine.keep(members.membership.members.select("user_no"), "pattern_users")
    span = Span(tables=tables, users=kept, clock=members.membership.clock, days=check_days(days))
    purchases = tuple(workspace.config.report.purchases) or find_purchases(tables.catalogue)
    return members.definition, span, purchases


def _window(span: Span) -> tuple[date, date]:
    return span.first_day, span.clock.day


def _refuse_few(
    workspace: "Workspace", definition: Definition, features: Features, span: Span
) -> None:
    privacy = workspace.config.privacy
    n, least = len(features.user_no), max(privacy.min_size, policy_of(definition, privacy).min_size)
    if n and not is_small(n, least):
        return
    found = "nobody" if not n else f"fewer than {least} users"
    raise EmptyError.build(
        f"Of segment `{definition.segment}` {found} came in the {span.days} days to "
        f"{span.clock.day}.",
        hint="take a longer window, another day or a larger segment.",
    )
