"""Turn what people ask of a workspace into reports, on one segment or on several."""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from segkit.errors import ParameterError, name_some
from segkit.periods import Clock
from segkit.reports.report import Report
from segkit.reports.request import ReportRequest
from segkit.segments.model import Definition
from segkit.workspace.asking import Asked, build_request, check_days, run_folder
from segkit.workspace.kept_models import find_kept
from segkit.workspace.together import find_together

if TYPE_CHECKING:
    from segkit.patterns.frozen import FrozenPatterns
    from segkit.reports.comparison_report import ComparisonReport
    from segkit.workspace.space import Workspace

MOST_SEGMENTS = 8


def report_segment(
    workspace: "Workspace",
    segment: str | Definition,
    as_of: str | date | None,
    days: int,
    *,
    baseline: str,
    clearance: str | None,
) -> Report:
    """Give the report on a segment, as `Workspace.report` says."""
    asked = workspace.find(segment)
    definition, clock = workspace.clock(asked, as_of or None)
    request = _request(
        workspace, (definition, asked), clock, days, baseline=baseline, clearance=clearance,
        patterns=find_kept(workspace, definition.segment),
    )  # fmt: skip
    return Report(request, sink=run_folder())


def compare_segments(
    workspace: "Workspace",
    segments: str | Sequence[str | Definition],
    *,
    as_of: str | date | None = None,
    days: int = 90,
    baseline: str = "rest",
    clearance: str | None = None,
) -> "ComparisonReport":
    """Give the report on several segments, as `Workspace.compare` says.

    All are asked at the instant of the first.
    """
    from segkit.reports.comparison_report import ComparisonReport  # noqa: PLC0415  slow to import

    listed = list_names(segments)
    asked = [workspace.find(segment) for segment in listed]
    _check_segments([definition.segment for definition in asked])
    first, clock = workspace.clock(asked[0], as_of or None)
    day = as_of or clock.day
    definitions = [first, *(workspace.clock(other, day)[0] for other in asked[1:])]
    requests = [
        _request(
            workspace, (definition, given), clock, days, baseline=baseline, clearance=clearance
        )
        for definition, given in zip(definitions, asked, strict=True)
    ]
    return ComparisonReport(requests, sink=run_folder())


def list_names(segments: str | Sequence[str | Definition]) -> list[str | Definition]:
    """Give the segments one by one; a notebook hands them over as one text."""
    if isinstance(segments, str):
        return [name for part in segments.split(",") if (name := part.strip())]
    return list(segments)


def _check_segments(names: Sequence[str]) -> None:
    if not 1 <= len(names) <= MOST_SEGMENTS:
        raise ParameterError.build(
            f"A comparison is of 1 to {MOST_SEGMENTS} segments, found {len(names)}.",
            hint="name more or fewer segments.",
        )
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise ParameterError.build(
            f"Named twice in one comparison: {name_some(twice)}.", hint="name each segment once."
        )


def _request(  # noqa: PLR0913  one wish each
    workspace: "Workspace",
    given: tuple[Definition, Definition],
    clock: Clock,
    days: int,
    *,
    baseline: str,
    clearance: str | None,
    patterns: "FrozenPatterns | None" = None,
) -> ReportRequest:
    definition, asked = given
    return build_request(
        Asked(
            definition=definition,
            clock=clock,
            days=check_days(days),
            baseline=baseline,
            baseline_definition=workspace.baseline(baseline),
            text=workspace.describe(asked),
            library=workspace.segments.definitions,
        ),
        tables=workspace.tables,
        config=workspace.config,
        evaluate=workspace.evaluate,
        known=find_together(workspace),
        clearance=workspace.clearance(clearance),
        patterns=patterns,
    )
