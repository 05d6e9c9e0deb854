"""Find the behaviour patterns of a workspace's segment, keep them, and ask them again later."""

from dataclasses import replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from ibis import Table

from segkit.errors import PatternError, UnknownNameError
from segkit.measures.activity import find_purchases
from segkit.measures.roles import mask_mails
from segkit.patterns.facts import PatternFacts
from segkit.patterns.features import Features
from segkit.patterns.fit import Scores
from segkit.patterns.frozen import FrozenPatterns
from segkit.periods import Clock
from segkit.reports.pattern_facts import build_pattern_facts
from segkit.reports.pattern_request import PatternRequest, goals_of, one_currency
from segkit.reports.pattern_study import PatternStudy
from segkit.segments.model import Definition
from segkit.workspace.asking import check_days, policy_of, run_folder
from segkit.workspace.folder import write_text
from segkit.workspace.kept_models import FOLDER
from segkit.workspace.pattern_segments import segment_of

if TYPE_CHECKING:
    from segkit.reports.pattern_report import PatternReport
    from segkit.views import Fragment
    from segkit.workspace.space import Workspace


class Patterns:
    """Frozen patterns and what they say of a segment's users in one window.

    `frozen` is the data that `save` writes; `features` and `scores` have one entry a user who came
    in the window. `name` is what they are kept as, empty for what is not kept.
    """

    def __init__(self, workspace: "Workspace", study: PatternStudy, *, name: str = "") -> None:
        self.name = name
        self._workspace = workspace
        self.study = study

    @property
    def frozen(self) -> FrozenPatterns:
        """The model with all that it is asked by."""
        return self.study.frozen

    @property
    def features(self) -> Features:
        """The raw features, one entry a user."""
        return self.study.now.features

    @property
    def scores(self) -> Scores:
        """What the model says of each user, in the order of the features."""
        return self.study.now.scores

    @cached_property
    def facts(self) -> PatternFacts:
        """The numbers of this window that may be shown: what tells of too few is withheld."""
        return build_pattern_facts(self.study, is_whole=False)

    def drift(self) -> "Fragment":
        """Give whether kept patterns still fit the users of this window."""
        from segkit.views.pattern_time import render_drift  # noqa: PLC0415  views are slow

        return render_drift(self.facts)

    def report(self) -> "PatternReport":
        """Give the whole report on these patterns, with past windows and the days after."""
        from segkit.reports.pattern_report import PatternReport  # noqa: PLC0415  views are slow

        return PatternReport(self.study, sink=run_folder())

    def rename(self, names: dict[str, str]) -> "Patterns":
        """Give the same with other names for some patterns, by their id (`p1`, `p2`, …).

        Raises
        ------
        UnknownNameError
            No pattern has the id.
        """
        return Patterns(self._workspace, self.study.renamed(names), name=self.name)

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
            universe="" if everyone else self.study.request.segment,
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
    request = ask_patterns(workspace, segment, as_of, days)
    study = PatternStudy(replace(request, seed=seed, k=k, method=method))
    _ = study.frozen
    return Patterns(workspace, study)


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
    study = PatternStudy(ask_kept(workspace, name, segment, as_of))
    _ = study.now
    return Patterns(workspace, study, name=name)


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


def ask_kept(
    workspace: "Workspace",
    name: str,
    segment: str | Definition | None = None,
    as_of: str | date | None = None,
) -> PatternRequest:
    """Give the request to ask kept patterns, over their own number of days; nothing is scored yet.

    Raises
    ------
    SegkitError
        When there are no patterns of that name, segment or day is none, or nothing is loaded.
    """
    frozen = read_patterns(workspace, name)
    request = ask_patterns(workspace, segment or frozen.segment, as_of, frozen.days)
    return replace(request, purchases=frozen.purchases, frozen=frozen, name=name)


def ask_patterns(
    workspace: "Workspace", segment: str | Definition, as_of: str | date | None, days: int
) -> PatternRequest:
    """Give the request for the patterns of a segment; nothing is found yet.

    Raises
    ------
    SegkitError
        When segment, day or number of days is none, or nothing is loaded.
    """
    asked = workspace.find(segment)
    definition, clock = workspace.clock(asked, as_of or None)
    config, tables = workspace.config, workspace.tables
    purchases = tuple(config.report.purchases) or find_purchases(tables.catalogue)
    clearance, text = workspace.clearance(), workspace.describe(asked)

    def members_at(at: Clock) -> Table:
        return workspace.evaluate(definition, at).members

    return PatternRequest(
        tables=tables,
        segment=definition.segment,
        title=definition.title,
        definition=definition.id,
        definition_text=text if clearance == "personal" else mask_mails(text),
        members_at=members_at,
        clock=clock,
        days=check_days(days),
        purchases=purchases,
        goals=goals_of(config.report.funnel, purchases),
        clearance=clearance,
        columns=config.privacy.columns,
        least=max(config.privacy.min_size, policy_of(definition, config.privacy).min_size),
        currency=one_currency(tables, config.currency),
    )
