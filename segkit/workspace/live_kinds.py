"""Say of each kind of live report which controls it has, and what its page says of itself.

Imported when controls are shown: their library is slow to import.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from segkit.reports.request import REST
from segkit.workspace.asking import EVERYBODY, MOST_DAYS
from segkit.workspace.kept_back import kept_back
from segkit.workspace.live_controls import (
    Control,
    Options,
    choose_day,
    choose_number,
    choose_one,
    choose_several,
    enter_text,
)
from segkit.workspace.live_panel import Shown
from segkit.workspace.live_report import Wish
from segkit.workspace.reporting import MOST_SEGMENTS
from segkit.workspace.reviewing import TRACKED

if TYPE_CHECKING:
    from segkit.workspace.space import Workspace

BASELINES = (("Everyone else", REST), ("Everyone", EVERYBODY))
PERIODS = (("Day", "day"), ("Week", "week"), ("Month", "month"))
MOST_REVIEWED = 100
MOST_PAGES = 100_000


@dataclass(frozen=True, kw_only=True)
class LiveKind:
    """One kind of live report.

    `controls` makes its controls for a wish, `tell` says what a report is about, `command` gives
    the words after `segkit` that make the report of a wish as a run; None where it may not be run.
    The values of `private` parameters never reach the server: the page keeps them behind the `#` of
    its address.
    """

    controls: "Callable[[Workspace, Wish], list[Control]]"
    tell: Callable[[Any], Shown]
    command: Callable[[Wish, Any], list[str]] | None = None
    private: frozenset[str] = frozenset()


def _list_segments(workspace: "Workspace") -> Options:
    """Give title and id of every segment that the reader may choose."""
    hidden = kept_back()
    return [
        (entry.title, entry.segment)
        for entry in workspace.segments.entries
        if not entry.fault and entry.segment not in hidden
    ]


def _choose_window(workspace: "Workspace", wish: Wish) -> list[Control]:
    """Give the controls of what looks back on a window and sets it against something."""
    baselines = [*BASELINES, *_list_segments(workspace)]
    return [
        choose_day("as_of", "Last day", wish["as_of"]),
        choose_number("days", "Days up to it", wish["days"], most=MOST_DAYS),
        choose_one("baseline", "Set against", wish["baseline"], baselines),
    ]


def _control_report(workspace: "Workspace", wish: Wish) -> list[Control]:
    segments = _list_segments(workspace)
    return [
        choose_one("segment", "Segment", wish["segment"], segments),
        *_choose_window(workspace, wish),
    ]


def _tell_report(report: Any) -> Shown:  # noqa: ANN401  a Report
    asked = report.request
    users = {"segment": asked.segment, "as_of": asked.clock.day.isoformat()}
    may_leave = asked.policy.export != "none"
    return Shown(
        title=asked.title,
        snapshot=asked.tables.snapshot,
        users=urlencode(users) if may_leave else "",
    )


def _control_comparison(workspace: "Workspace", wish: Wish) -> list[Control]:
    segments = _list_segments(workspace)
    label = f"Segments, up to {MOST_SEGMENTS}"
    return [
        *_choose_window(workspace, wish),
        choose_several("segments", label, wish["segments"], segments, most=MOST_SEGMENTS),
    ]


def _tell_comparison(report: Any) -> Shown:  # noqa: ANN401  a ComparisonReport
    requests = report.study.requests
    named = ", ".join(request.title for request in requests)
    return Shown(title=f"Comparison: {named}", snapshot=requests[0].tables.snapshot)


def _control_review(workspace: "Workspace", wish: Wish) -> list[Control]:
    named = "" if wish["segments"] == TRACKED else wish["segments"]
    label = "Segments; with none ticked all that are tracked"
    segments = _list_segments(workspace)
    return [
        choose_day("as_of", "Last day", wish["as_of"]),
        choose_one("period", "Set against the one before", wish["period"], PERIODS),
        choose_number("days", "Days of activity", wish["days"], most=MOST_DAYS),
        choose_several("segments", label, named, segments, most=MOST_REVIEWED, empty=TRACKED),
    ]


def _tell_review(review: Any) -> Shown:  # noqa: ANN401  a Review
    n = len(review.request.subjects)
    return Shown(
        title=f"Review of {n} segment{'' if n == 1 else 's'}",
        snapshot=review.request.tables.snapshot,
    )


def _set(wish: Wish, *names: str) -> list[str]:
    return [word for name in names for word in ("--set", f"{name}={wish[name]}")]


def _command_report(wish: Wish, report: Any) -> list[str]:  # noqa: ANN401
    words = ["report", wish["segment"], "--as-of", wish["as_of"], *_set(wish, "days", "baseline")]
    return [*words, "--clearance", report.request.clearance]


def _command_comparison(wish: Wish, report: Any) -> list[str]:  # noqa: ANN401
    words = ["compare", *wish["segments"].split(","), "--as-of", wish["as_of"]]
    words += _set(wish, "days", "baseline")
    return [*words, "--clearance", report.study.requests[0].clearance]


def _command_review(wish: Wish, report: Any) -> list[str]:  # noqa: ANN401
    named = [] if wish["segments"] == TRACKED else wish["segments"].split(",")
    words = ["review", *named, "--as-of", wish["as_of"], *_set(wish, "days", "period")]
    return [*words, "--clearance", report.request.clearance]


def _control_profile(workspace: "Workspace", wish: Wish) -> list[Control]:
    cleared = workspace.clearance() == "personal"
    label = "Id of a user or device, or e-mail" if cleared else "Id of a user or device"
    return [
        enter_text("user", label, wish["user"]),
        choose_day("as_of", "Last day", wish["as_of"]),
        choose_number("days", "Days beside the average", wish["days"], most=MOST_DAYS),
        choose_number("page", "Page of the timeline", wish["page"], most=MOST_PAGES),
    ]


def _tell_profile(profile: Any) -> Shown:  # noqa: ANN401  a UserProfile or NoProfile
    return Shown(title="User profile", snapshot=profile.tables.snapshot)


KINDS = {
    "segment_report": LiveKind(
        controls=_control_report, tell=_tell_report, command=_command_report
    ),
    "compare_segments": LiveKind(
        controls=_control_comparison, tell=_tell_comparison, command=_command_comparison
    ),
    "weekly_review": LiveKind(controls=_control_review, tell=_tell_review, command=_command_review),
    "user_profile": LiveKind(
        controls=_control_profile, tell=_tell_profile, private=frozenset({"user"})
    ),
}
"""The kinds of live reports, by the name of their notebook."""
