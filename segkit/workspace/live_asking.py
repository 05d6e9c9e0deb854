"""Ask a workspace for reports that follow controls, where somebody looks at the notebook."""

from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any

from segkit.errors import EmptyError, PrivacyError
from segkit.segments.model import Definition
from segkit.workspace.kept_back import kept_back, spell_tracked
from segkit.workspace.live_report import LiveReport, Wish, is_live
from segkit.workspace.profiling import Sites, open_profile, prepare_profiles
from segkit.workspace.reporting import compare_segments, list_names, report_segment
from segkit.workspace.reviewing import open_review

if TYPE_CHECKING:
    from segkit.workspace.space import Workspace

Ask = Callable[[Wish], Any]


def report_live(
    workspace: "Workspace",
    segment: str | Definition,
    as_of: str | date | None,
    days: int,
    *,
    baseline: str,
    clearance: str | None,
) -> Any:  # noqa: ANN401  a Report, or a LiveReport of one
    """Give the report on a segment; on one of the library it has controls where people look on."""
    report = report_segment(workspace, segment, as_of, days, baseline=baseline, clearance=clearance)
    if not isinstance(segment, str) or not is_live():
        return report
    day = report.request.clock.day.isoformat()
    wish = Wish.of(segment=report.request.segment, as_of=day, days=days, baseline=baseline)

    def ask(asked: Wish) -> Any:  # noqa: ANN401
        return report_segment(
            workspace,
            asked["segment"],
            asked["as_of"],
            asked["days"],
            baseline=asked["baseline"],
            clearance=clearance,
        )

    return follow(workspace, "segment_report", report, wish, ask=ask)


def compare_live(
    workspace: "Workspace",
    segments: str | Sequence[str | Definition],
    *,
    as_of: str | date | None = None,
    days: int = 90,
    baseline: str = "rest",
    clearance: str | None = None,
) -> Any:  # noqa: ANN401  a ComparisonReport, or a LiveReport of one
    """Give the report on several segments; on those of the library it has controls.

    Parameters and errors are those of `Workspace.compare`.
    """
    report = compare_segments(
        workspace, segments, as_of=as_of, days=days, baseline=baseline, clearance=clearance
    )
    names = list_names(segments)
    if not all(isinstance(name, str) for name in names) or not is_live():
        return report
    wish = Wish.of(
        segments=",".join(str(name) for name in names),
        as_of=report.study.first.clock.day.isoformat(),
        days=days,
        baseline=baseline,
    )

    def ask(asked: Wish) -> Any:  # noqa: ANN401
        return compare_segments(
            workspace,
            asked["segments"],
            as_of=asked["as_of"],
            days=asked["days"],
            baseline=asked["baseline"],
            clearance=clearance,
        )

    return follow(workspace, "compare_segments", report, wish, ask=ask)


def review_live(
    workspace: "Workspace",
    segments: str | Sequence[str],
    as_of: str | date | None,
    *,
    days: int,
    period: str,
    clearance: str | None,
) -> Any:  # noqa: ANN401  a Review, or a LiveReport of one
    """Give the review of segments, with controls where people look on.

    Parameters and errors are those of `Workspace.review`.
    """

    def ask(asked: Wish) -> Any:  # noqa: ANN401
        return open_review(
            workspace,
            spell_tracked(workspace.segments, asked["segments"], kept_back()),
            asked["as_of"],
            days=asked["days"],
            period=asked["period"],
            clearance=clearance,
        )

    if not is_live():
        return open_review(
            workspace, segments, as_of, days=days, period=period, clearance=clearance
        )
    named = segments if isinstance(segments, str) else ",".join(segments)
    wish = Wish.of(segments=named, as_of=str(as_of or ""), days=days, period=period)
    report = ask(wish)
    shown = wish.with_values(as_of=report.request.as_of.isoformat())
    return follow(workspace, "weekly_review", report, shown, ask=ask)


def follow(
    workspace: "Workspace",
    kind: str,
    report: Any,  # noqa: ANN401  whichever kind of report
    wish: Wish,
    *,
    ask: Ask,
) -> LiveReport:
    """Give a report that follows the controls of its kind, a name of `live_kinds.KINDS`."""

    def open_panel() -> Any:  # noqa: ANN401
        from segkit.workspace.live_kinds import KINDS  # noqa: PLC0415  slow to import
        from segkit.workspace.live_panel import Panel  # noqa: PLC0415
        from segkit.workspace.live_run import RunButton, is_served  # noqa: PLC0415

        known = KINDS[kind]
        controls = known.controls(workspace, wish)
        panel = Panel(
            wish, report, ask=ask, controls=controls, tell=known.tell, private=known.private
        )
        command = known.command
        if command is not None and not is_served():
            panel.add(RunButton(workspace.root, lambda: command(*panel.shown)))
        return panel

    return LiveReport(report, open_panel=open_panel)


def profile_live(
    workspace: "Workspace",
    user: str,
    as_of: str | date | None,
    *,
    days: int,
    page: int,
    clearance: str | None,
) -> Any:  # noqa: ANN401  a UserProfile, or a LiveReport of one
    """Give the profile of a user, with controls where people look on.

    There a user who is not known, or none at all, is said in the page. Otherwise parameters and
    errors are those of `Workspace.profile`.
    """
    if not is_live():
        return open_profile(workspace, user, as_of, days=days, page=page, clearance=clearance)
    ask = _profile_asker(workspace, clearance)
    day = workspace.everyone(as_of or None).membership.clock.day.isoformat()
    wish = Wish.of(user=user, as_of=day, days=days, page=page)
    return follow(workspace, "user_profile", ask(wish), wish, ask=ask)


def _profile_asker(workspace: "Workspace", clearance: str | None) -> Ask:
    """Give what asks for profiles; turning a page of the same one computes nothing else anew."""
    from segkit.reports.user_profile import NoProfile  # noqa: PLC0415  views are slow to import

    last: dict[Wish, Any] = {}
    sites: Sites = {}

    def ready(asked: Wish) -> None:
        prepare_profiles(workspace, asked["as_of"], asked["days"], sites)

    def ask(asked: Wish) -> Any:  # noqa: ANN401
        first = asked.with_values(page=1)
        if first in last:
            return last[first].turn(asked["page"])
        try:
            found = open_profile(
                workspace,
                asked["user"],
                asked["as_of"],
                days=asked["days"],
                page=asked["page"],
                clearance=clearance,
                sites=sites,
            )
            found.cover()
        except (EmptyError, PrivacyError) as error:
            prepare = partial(ready, asked) if isinstance(error, EmptyError) else None
            return NoProfile(str(error), tables=workspace.tables, prepare=prepare)
        last.clear()
        last[first] = found
        return found

    return ask
