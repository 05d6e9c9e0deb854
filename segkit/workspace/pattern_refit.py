"""Find kept patterns anew in a later window; names and ids go on where the users do."""

from dataclasses import replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from segkit.patterns.refit import RefitFacts
from segkit.reports.pattern_refit import build_refit_facts, carry
from segkit.reports.pattern_study import PatternStudy
from segkit.workspace.patterns import Patterns, ask_kept, ask_patterns

if TYPE_CHECKING:
    from segkit.views import Fragment
    from segkit.workspace.space import Workspace


class Refit:
    """Patterns found anew, and what became of the kept ones; nothing is written before `save`.

    `patterns` are the new ones, with the ids and names that were carried over; `before` are the
    kept ones, asked of the same users.
    """

    def __init__(self, workspace: "Workspace", before: PatternStudy, now: PatternStudy) -> None:
        self.patterns = Patterns(workspace, now)
        self.before = before

    @cached_property
    def facts(self) -> RefitFacts:
        """What became of each kept pattern; what tells of too few is withheld."""
        return build_refit_facts(self.before, self.patterns.study)

    def save(self) -> Path:
        """Write the new patterns over the kept ones and give the path.

        Raises
        ------
        WorkspaceError
            When the file cannot be written.
        """
        return self.patterns.save(self.before.request.name)

    def show(self) -> "Fragment":
        """Give what became of each pattern, and how users moved."""
        from segkit.views.pattern_refit import render_refit  # noqa: PLC0415  views are slow

        return render_refit(self.facts)

    def _repr_mimebundle_(self, **wishes: object) -> dict[str, str]:
        return self.show()._repr_mimebundle_(**wishes)


def refit_patterns(
    workspace: "Workspace",
    name: str,
    as_of: str | date | None = None,
    *,
    seed: int = 0,
    k: int | None = None,
) -> Refit:
    """Find kept patterns anew in the same segment, over as many days, at a later day.

    A new pattern that shares enough users with a kept one carries on its name and its id, so that
    segments that name it go on meaning it.

    Parameters
    ----------
    workspace, name
        The patterns that are kept under the name.
    as_of
        The day that is looked back from; by default as for a report.
    seed, k
        As for `segkit.patterns.fit.fit_patterns`.

    Raises
    ------
    UnknownNameError
        When there are no patterns of that name.
    EmptyError
        When too few members came in the window to say anything.
    SegkitError
        When day or k is none, or nothing is loaded.
    """
    before = PatternStudy(ask_kept(workspace, name, None, as_of))
    kept = before.frozen
    asked = ask_patterns(workspace, kept.segment, as_of, kept.days)
    found = PatternStudy(replace(asked, seed=seed, k=k, method=kept.model.method))
    return Refit(workspace, before, carry(before, found))
