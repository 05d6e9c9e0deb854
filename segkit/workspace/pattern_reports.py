"""Give the whole report on the behaviour patterns of a segment, as a notebook asks for it."""

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from segkit.errors import ParameterError
from segkit.reports.pattern_study import PatternStudy
from segkit.segments.model import Definition
from segkit.workspace.asking import run_folder
from segkit.workspace.patterns import ask_kept, ask_patterns, read_patterns

if TYPE_CHECKING:
    from segkit.reports.pattern_report import PatternReport
    from segkit.workspace.space import Workspace


def report_patterns(
    workspace: "Workspace",
    segment: str | Definition,
    as_of: str | date | None = None,
    days: int = 30,
    *,
    k: int | str | None = None,
    model: str = "",
) -> "PatternReport":
    """Give the report on the patterns of a segment; it computes nothing until a section is asked.

    Parameters
    ----------
    workspace, segment, as_of
        As for a segment report: who is looked at, at the end of which day.
    days
        Length of the window whose behaviour counts; kept patterns have a length of their own,
        which is taken instead.
    k
        The number of groups, 2 to 10; empty or None: as many as are found again in resamples.
    model
        The name of kept patterns to ask again; empty: patterns are found anew.

    Raises
    ------
    UnknownNameError
        When there are no patterns of the name.
    ParameterError
        When both `k` and `model` are given, or `k` is no whole number.
    SegkitError
        When segment, day or number of days is none, or nothing is loaded.
    """
    from segkit.reports.pattern_report import PatternReport  # noqa: PLC0415  views are slow

    groups = check_wish(workspace, k=k, model=model)
    request = (
        ask_kept(workspace, model, segment, as_of)
        if model
        else replace(ask_patterns(workspace, segment, as_of, days), k=groups)
    )
    return PatternReport(PatternStudy(request), sink=run_folder())


def check_wish(workspace: "Workspace", *, k: int | str | None, model: str) -> int | None:
    """Give the number of groups wished, None for none, if it goes with the kept patterns named.

    Raises
    ------
    UnknownNameError
        When there are no patterns of the name.
    ParameterError
        When both are given, or `k` is no whole number.
    """
    groups = None if k == "" else k
    if groups is not None and type(groups) is not int:
        raise ParameterError.build(
            f"`k`: expected a whole number, found `{str(k)[:40]}`.",
            hint="give the number of groups, like 5, or leave it empty.",
        )
    if model and groups is not None:
        raise ParameterError.build(
            f"`k` is {groups}, but the patterns `{model[:40]}` are kept and have their own number.",
            hint="give either k or model.",
        )
    if model:
        read_patterns(workspace, model)
    return groups
