"""Tell for each section of a report what shows it: plain facts, and the view that draws them.

Whoever has the facts can draw them: this process, or another one meanwhile.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from segkit import views
from segkit.views.fragment import Fragment, absent, gather, note
from segkit.views.words import Words

if TYPE_CHECKING:
    from segkit.reports.report import Report

USER_FILES = ("users.csv", "users.parquet")


@dataclass(frozen=True)
class Drawing:
    """A section that is measured and not drawn yet: a view, and the facts that it shows."""

    render: Callable[..., Fragment]
    facts: tuple[Any, ...]
    options: Mapping[str, Any] = field(default_factory=dict)

    def draw(self) -> Fragment:
        """Draw it; the same facts give the same bytes, in whichever process."""
        return self.render(*self.facts, **self.options)


def say(sentence: str) -> Fragment:
    """Give a section of one sentence."""
    return gather([note(sentence)])


def _of_facts(render: Callable[..., Fragment]) -> "Callable[[Report], Drawing]":
    return lambda report: Drawing(render, (report.facts(),))


def _changed(report: "Report") -> Drawing:
    from segkit.views.changes import NO_RUN, render_changes  # noqa: PLC0415  only runs have any

    if report.changes is None:
        return Drawing(absent, (report.facts(), NO_RUN))
    return Drawing(render_changes, (report.changes, Words.of(report.facts().head)))


def _patterns(report: "Report") -> Drawing:
    from segkit.views.patterns import render_pattern_section  # noqa: PLC0415  slow to import

    found, reason = report.found_patterns
    return Drawing(say, (reason,)) if found is None else Drawing(render_pattern_section, (found,))


def _users(report: "Report") -> Drawing:
    files = USER_FILES if report.has_files else ()
    options = {"files": files, "most": report.request.list_rows}
    return Drawing(views.render_users, (report.facts(),), options)


DRAWINGS: "Mapping[str, Callable[[Report], Drawing]]" = {
    "cover": _of_facts(views.render_cover),
    "overview": _of_facts(views.render_overview),
    "top_users": _of_facts(views.render_top_users),
    "behaviour": _of_facts(views.render_behaviour),
    "pages": _of_facts(views.render_pages),
    "traffic": _of_facts(views.render_traffic),
    "when": _of_facts(views.render_when),
    "retention": lambda r: Drawing(views.render_retention, (r.facts(), r.followed)),
    "value": lambda r: Drawing(views.render_value, (r.facts(), r.customer_value)),
    "funnel": _of_facts(views.render_funnel),
    "attributes": _of_facts(views.render_attributes),
    "over_represented": lambda r: Drawing(views.render_over_represented, (r.judged,)),
    "differs": lambda r: Drawing(views.render_differences, (r.facts(), r.differences)),
    "changed": _changed,
    "trend": lambda r: Drawing(views.render_trend, (r.facts(), r.outlying)),
    "patterns": _patterns,
    "users": _users,
    "notes": lambda r: Drawing(views.render_notes, (r.noted,)),
}
"""The sections in the order of the page."""
