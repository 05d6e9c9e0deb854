"""Review many segments of a workspace at once."""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, cast

from segkit.errors import ParameterError, near_names
from segkit.periods import GRAINS, Clock
from segkit.segments.model import Definition

if TYPE_CHECKING:
    from segkit.reports.review import Review, Subject
    from segkit.segments.over_time import Timeline
    from segkit.workspace.library import Library
    from segkit.workspace.space import Workspace

TRACKED = "tracked"
"""The word for all of the workspace's own segments that are not deprecated."""


def list_tracked(library: "Library") -> tuple[str, ...]:
    """Give the ids of the workspace's own segments that can be read and are not deprecated."""
    own = [e.definition for e in library.entries if e.origin == "workspace" and e.definition]
    return tuple(d.segment for d in own if d.status != "deprecated")


class Reviews:
    """What a workspace can be asked about many of its segments at once."""

    def review(
        self,
        segments: str | Sequence[str] = TRACKED,
        as_of: str | date | None = None,
        days: int = 7,
        *,
        period: str = "week",
        clearance: str | None = None,
    ) -> Any:  # noqa: ANN401  a Review; its module is imported only here
        """Give the review of segments; it computes nothing until a section is asked for.

        Parameters
        ----------
        segments
            `tracked` (the workspace's own, deprecated ones apart), names with commas, or a list.
        as_of
            The last day; empty or None is the last day with data.
        days
            How many days up to a period's end are looked at for active and new users, 1 to 3660.
        period
            What is set against what: `day`, `week` (the 7 days before) or `month` (for a month's
            last day: the last day of the month before).
        clearance
            What the reader may see; by default as the run or `[privacy]` says.

        Raises
        ------
        SegkitError
            When a segment, the day, the period or the clearance is none, or nothing is loaded.
        """
        workspace = cast("Workspace", self)
        from segkit.workspace.live_asking import review_live  # noqa: PLC0415  views are slow

        return review_live(
            workspace, segments, as_of, days=days, period=period, clearance=clearance
        )


def open_review(
    workspace: "Workspace",
    segments: str | Sequence[str],
    as_of: str | date | None,
    *,
    days: int,
    period: str,
    clearance: str | None,
) -> "Review":
    """Give the review that `Workspace.review` promises."""
    from segkit.compare.review import Alert  # noqa: PLC0415  views are slow to import
    from segkit.reports.review import Review, ReviewRequest  # noqa: PLC0415
    from segkit.workspace.asking import check_days, run_folder  # noqa: PLC0415

    if period not in GRAINS:
        raise ParameterError.build(
            f"Unknown period `{period[:40]}`.", hint=near_names(period, GRAINS)
        )
    definitions = [workspace.find(name) for name in _named(workspace, segments)]
    end = workspace.everyone(as_of or None).membership.clock.day
    faulty = [] if segments != TRACKED else [
        Alert(segment=e.segment, title=e.segment, reason=str(e.fault).partition("\n")[0])
        for e in workspace.segments.entries
        if e.origin == "workspace" and e.definition is None
    ]  # fmt: skip
    request = ReviewRequest(
        tables=workspace.tables,
        subjects=[_subject(workspace, definition) for definition in definitions],
        as_of=end,
        period=period,
        days=check_days(days),
        clearance=workspace.clearance(clearance),
        min_size=workspace.config.privacy.min_size,
        silent=faulty,
    )
    return Review(request, sink=run_folder())


def _named(workspace: "Workspace", segments: str | Sequence[str]) -> Sequence[str]:
    if segments == TRACKED:
        return list_tracked(workspace.segments)
    if isinstance(segments, str):
        return [name.strip(" ") for name in segments.split(",")]
    return segments


def _subject(workspace: "Workspace", definition: Definition) -> "Subject":
    from segkit.reports.review import Subject  # noqa: PLC0415  views are slow to import
    from segkit.segments.clocks import undated  # noqa: PLC0415
    from segkit.segments.over_time import evaluate_at_all  # noqa: PLC0415
    from segkit.workspace.asking import policy_of  # noqa: PLC0415

    plain, zone = undated(definition), workspace.config.zone

    def timeline(ends: Sequence[date]) -> "Timeline":
        clocks = [Clock.at_end_of(day, zone) for day in ends]
        return evaluate_at_all(workspace.evaluate(plain, clocks[-1]), clocks)

    return Subject(
        segment=definition.segment,
        title=definition.title,
        definition=definition.id,
        least=policy_of(definition, workspace.config.privacy).min_size,
        universe=f"{definition.universe} {definition.timezone}",
        timeline=timeline,
    )
