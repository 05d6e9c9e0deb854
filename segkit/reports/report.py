"""Hold one report as people use it: a section at a time, each number computed once.

A report computes nothing until a section is asked for; then all facts at once, because every
section must tell of the same groups. Sections are views of these facts.
"""

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from segkit import views
from segkit.compare.changes import Changes, compare_reports
from segkit.compare.facts import Differences, OutlyingDay
from segkit.compare.quantities import Document
from segkit.errors import EmptyError, PatternError
from segkit.measures.facts import MembersFollowed, SegmentReportFacts, as_json
from segkit.measures.value.facts import CustomerValue
from segkit.patterns.facts import PatternFacts
from segkit.reports.collector import no_collection
from segkit.reports.document import facts_document
from segkit.reports.drawings import DRAWINGS, USER_FILES, Drawing
from segkit.reports.request import ReportRequest
from segkit.reports.segment_report import SegmentReport, open_report
from segkit.reports.shown import Shown
from segkit.reports.user_file import UserFile
from segkit.reports.user_files import export_users
from segkit.views.fragment import Fragment, gather, note

if TYPE_CHECKING:
    from segkit.compare.differences import ExaminedSides
    from segkit.reports.pattern_facts import CountedPatterns
    from segkit.reports.pattern_study import Apart, PatternStudy

FACTS = "facts.json"
SECTIONS = tuple(DRAWINGS)
"""The sections in the order of the page."""


class Sink(Protocol):
    """The folder of a run, as far as a report needs it."""

    def write(self, name: str, content: bytes) -> None:
        """Write one file whole."""

    def earlier(self) -> Sequence[Document]:
        """Give the documents of earlier reports of the same segment."""


class Report(Shown):
    """One segment report.

    Parameters
    ----------
    request
        What is asked, already resolved.
    sink
        Where `finish` writes; None outside of a run.
    """

    sections = SECTIONS

    def __init__(self, request: ReportRequest, *, sink: Sink | None = None) -> None:
        self.request = request
        self._sink = sink

    @cached_property
    def opened(self) -> SegmentReport:
        """The report with its groups settled; its tables can be looked into."""
        return open_report(self.request)

    def facts(self) -> SegmentReportFacts:
        """Give the numbers of the report; patterns, differences and value are asked for apart.

        Over-represented values are judged among all labels here; `judged` has them as the page.

        Raises
        ------
        EmptyError
            When the universe or the segment holds nobody.
        """
        return self.opened.facts

    @cached_property
    def exported(self) -> UserFile | None:
        """The whole user list as it may leave; None where policy, clearance or size forbid it."""
        return export_users(self.opened)

    def controls(self) -> Fragment:
        """Give nothing, where nobody looks on who could change the question."""
        return gather([])

    def cover(self) -> Fragment:
        """Give what was asked, of whom, over which days, from which data."""
        return self.measured("cover").draw()

    def measured(self, name: str) -> Drawing:
        """Give a section of `sections` with all that it shows measured, to be drawn later."""
        return DRAWINGS[name](self)

    @property
    def has_files(self) -> bool:
        """Whether the whole user list is written beside the page."""
        return self._sink is not None and self.exported is not None

    def at_first(self) -> dict[str, Fragment]:
        """Give the sections that can be said before the rest is measured, as far as they can.

        Raises
        ------
        EmptyError
            When the universe or the segment holds nobody.
        UnknownNameError
            When the funnel names an event that the data does not have.
        """
        from segkit.reports.at_first import find_first  # noqa: PLC0415  only live pages ask

        with no_collection():
            first = find_first(self.opened)
        overview = views.render_overview(first.facts, is_new_settled=first.is_new_settled)
        return {"cover": views.render_cover(first.facts), "overview": overview}

    def overview(self) -> Fragment:
        """Give size, share of the universe, active and new in the past 7 days."""
        return self.measured("overview").draw()

    def top_users(self) -> Fragment:
        """Give the 20 users with the most visits."""
        return self.measured("top_users").draw()

    def behaviour(self) -> Fragment:
        """Give the headline measures beside the baseline."""
        return self.measured("behaviour").draw()

    def pages(self) -> Fragment:
        """Give pages, entry and exit pages and events."""
        return self.measured("pages").draw()

    def traffic(self) -> Fragment:
        """Give channels, sources and devices."""
        return self.measured("traffic").draw()

    def when(self) -> Fragment:
        """Give visits by hour and weekday."""
        return self.measured("when").draw()

    def retention(self) -> Fragment:
        """Give who came back, by week of first visit."""
        return self.measured("retention").draw()

    @cached_property
    def followed(self) -> MembersFollowed | None:
        """How many of the members of each past week or month came in those after."""
        from segkit.reports.followed import find_followed  # noqa: PLC0415  asked for apart

        return find_followed(self.opened)

    @property
    def customer_value(self) -> CustomerValue | None:
        """What buyers are worth; None without orders in one currency, or where all is withheld."""
        return self.opened.value

    def value(self) -> Fragment:
        """Give the map of buyers, what they brought and may bring, and how sure that is."""
        return self.measured("value").draw()

    def funnel(self) -> Fragment:
        """Give how far members get on the way to the goal."""
        return self.measured("funnel").draw()

    def attributes(self) -> Fragment:
        """Give every label of the users."""
        return self.measured("attributes").draw()

    def over_represented(self) -> Fragment:
        """Give the values that set the segment apart."""
        return self.measured("over_represented").draw()

    @cached_property
    def _compared(self) -> "ExaminedSides | None":
        from segkit.reports.differs import examine_report  # noqa: PLC0415  slow to import

        return examine_report(self.opened)

    @cached_property
    def differences(self) -> Differences:
        """What sets the segment apart from its baseline, and what is so by definition.

        Judged in one family with what the patterns are compared by.
        """
        from segkit.reports.differs import find_differences  # noqa: PLC0415  slow to import

        patterns = self._counted_patterns[0]
        return find_differences(self._compared, patterns.p_values if patterns else ())

    @cached_property
    def judged(self) -> SegmentReportFacts:
        """The facts, their over-represented values judged with all that the report compares."""
        from segkit.reports.differs import judge_values  # noqa: PLC0415  slow to import

        return judge_values(self.opened, self.differences)

    def differs(self) -> Fragment:
        """Give how the segment differs: findings in words, figure and table, and what is given."""
        return self.measured("differs").draw()

    def trend(self) -> Fragment:
        """Give size, active, entered and left over time, and the days that lie out."""
        return self.measured("trend").draw()

    @cached_property
    def outlying(self) -> tuple[OutlyingDay, ...]:
        """The days on which the size or the active users lie out; none where periods are longer."""
        from segkit.reports.outlying import find_outlying  # noqa: PLC0415  numpy is slow to import

        return find_outlying(self.facts().trend)

    @cached_property
    def found_patterns(self) -> tuple[PatternFacts | None, str]:
        """The behaviour patterns; None and the reason where nothing can be said of them.

        Judged in one family with the differences.
        """
        (counted, reason), compared = self._counted_patterns, self._compared
        if counted is None:
            return None, reason
        return counted.judge(compared.p_values if compared else ()), ""

    @cached_property
    def _counted_patterns(self) -> "tuple[CountedPatterns | None, str]":
        from segkit.reports.pattern_facts import count_patterns  # noqa: PLC0415  slow

        if self.opened.is_withheld:
            return None, "Behaviour patterns are withheld with the whole report."
        try:
            return count_patterns(self._study, is_whole=False), ""
        except (EmptyError, PatternError) as exc:
            return None, f"No behaviour patterns: {str(exc).partition(chr(10))[0]}"

    @cached_property
    def _study(self) -> "PatternStudy":
        from segkit.reports.pattern_request import patterns_of  # noqa: PLC0415  slow
        from segkit.reports.pattern_study import PatternStudy  # noqa: PLC0415

        return PatternStudy(patterns_of(self.request, self.opened.purchases))

    def begin(self, apart: "Apart") -> None:
        """Let patterns be found beside all else, where somebody waits for every section."""
        if not self.opened.is_withheld:
            with suppress(EmptyError, PatternError):
                self._study.begin(apart)

    def patterns(self) -> Fragment:
        """Give the kinds of behaviour among the members, or that there are none."""
        return self.measured("patterns").draw()

    @cached_property
    def changes(self) -> Changes | None:
        """What moved since the report before and since a year ago; None outside of a run."""
        if self._sink is None or self.opened.is_withheld:
            return None
        return compare_reports(facts_document(self.judged), self._sink.earlier())

    def changed(self) -> Fragment:
        """Give what moved since earlier reports, unusual moves first."""
        return self.measured("changed").draw()

    @property
    def noted(self) -> SegmentReportFacts:
        """Give the facts with the reason why there are no patterns among their notes."""
        facts, (found, reason) = self.judged, self.found_patterns
        more = (reason,) if found is None else found.notes
        return replace(facts, notes=(*facts.notes, *(n for n in more if n not in facts.notes)))

    def users(self) -> Fragment:
        """Give the first users of the list, and in a run links to the whole."""
        return self.measured("users").draw()

    def notes(self) -> Fragment:
        """Give what was left out, withheld or assumed."""
        return self.measured("notes").draw()

    def finish(self) -> Fragment:
        """Write facts and user list into the folder of the run; outside of a run say so.

        The facts are written last: a run that has them has everything.
        """
        if self._sink is None:
            return gather([note("Nothing was written: this is no run. `segkit report` makes one.")])
        document = facts_document(
            self.noted,
            self.found_patterns[0],
            self.differences,
            self.customer_value,
            outlying=self.outlying,
            followed=self.followed,
        )
        document["changes"] = as_json(self.changes)
        written = [FACTS]
        if self.exported is not None:
            written = [*USER_FILES, FACTS]
            document["user_list"]["n_exported"] = len(self.exported.rows)
            self._sink.write(USER_FILES[0], self.exported.csv())
            self._sink.write(USER_FILES[1], self.exported.parquet())
        text = json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False)
        self._sink.write(FACTS, text.encode())
        return gather([note(f"Written: {', '.join(written)}.")])

    def __repr__(self) -> str:
        asked = self.request
        return (
            f"Report on {asked.segment!r}: {asked.days} days to {asked.clock.day}, "
            f"against {asked.baseline_title}. Sections: {', '.join(SECTIONS)}."
        )
