"""Hold one report on several segments as people use it: a section at a time, each computed once."""

import json
from collections.abc import Sequence
from functools import cached_property

from segkit.compare.changes import Changes, compare_reports
from segkit.compare.comparison import (
    BesideRow,
    ComparisonFacts,
    ComparisonHead,
    MixFacts,
    SegmentDiffers,
    SegmentLine,
)
from segkit.compare.facts import Overlap
from segkit.measures.facts import as_json
from segkit.reports.comparison_beside import build_beside
from segkit.reports.comparison_differs import build_differs
from segkit.reports.comparison_facts import build_head, build_notes, build_overlap, shows_others
from segkit.reports.comparison_mix import build_mix
from segkit.reports.comparison_study import ComparisonStudy
from segkit.reports.comparison_time import build_over_time
from segkit.reports.report import FACTS, Sink
from segkit.reports.request import ReportRequest
from segkit.views.changes import render_changes
from segkit.views.comparison import (
    render_beside,
    render_comparison_cover,
    render_comparison_notes,
    render_differs,
    render_shared,
)
from segkit.views.comparison_mix import render_mix
from segkit.views.comparison_time import render_over_time
from segkit.views.fragment import Fragment, gather, note, styled
from segkit.views.words import Words

SECTIONS = ("cover", "beside", "differs", "overlap", "changed", "over_time", "mix", "notes")
"""The sections in the order of the page."""


class ComparisonReport:
    """One report on 1 to 8 segments beside each other and a baseline.

    Parameters
    ----------
    requests
        One a segment, already resolved: all of one snapshot, instant, window and baseline.
    sink
        Where `finish` writes; None outside of a run.
    """

    sections = SECTIONS

    def __init__(self, requests: Sequence[ReportRequest], *, sink: Sink | None = None) -> None:
        self.study = ComparisonStudy(requests)
        self._sink = sink

    @cached_property
    def _overlap(self) -> Overlap | None:
        return build_overlap(self.study)

    @cached_property
    def _has_others(self) -> bool:
        return shows_others(self.study, self._overlap)

    @cached_property
    def _head(self) -> ComparisonHead:
        return build_head(self.study, has_others=self._has_others)

    @cached_property
    def _beside(self) -> tuple[BesideRow, ...]:
        return build_beside(self.study, has_others=self._has_others)

    @cached_property
    def _differs(self) -> tuple[tuple[SegmentDiffers, ...], int]:
        return build_differs(self.study, self._overlap)

    @cached_property
    def _lines(self) -> tuple[SegmentLine, ...]:
        return build_over_time(self.study)

    @cached_property
    def _mix(self) -> MixFacts:
        return build_mix(self.study)

    @cached_property
    def _notes(self) -> tuple[str, ...]:
        return build_notes(
            self.study,
            beside=self._beside,
            differs=self._differs[0],
            overlap=self._overlap,
            lines=self._lines,
            mix=self._mix,
        )

    def facts(self) -> ComparisonFacts:
        """Give every number of the report.

        Raises
        ------
        EmptyError
            When a universe or a segment holds nobody.
        """
        differs, n_judged = self._differs
        return ComparisonFacts(
            head=self._head,
            beside=self._beside,
            differs=differs,
            n_judged=n_judged,
            overlap=self._overlap,
            over_time=self._lines,
            mix=self._mix,
            notes=self._notes,
        )

    def controls(self) -> Fragment:
        """Give nothing, where nobody looks on who could change the question."""
        return gather([])

    def cover(self) -> Fragment:
        """Give what was asked, of which segments, over which days, from which data."""
        return render_comparison_cover(self._head)

    def beside(self) -> Fragment:
        """Give the headline measures: a row a measure, a column a segment, the baseline last."""
        return render_beside(self._head, self._beside)

    def differs(self) -> Fragment:
        """Give the strongest differences of each segment, of two also those to each other."""
        differs, n_judged = self._differs
        return render_differs(self._head, differs, n_judged=n_judged)

    def overlap(self) -> Fragment:
        """Give how the segments share their users."""
        return render_shared(self._head, self._overlap)

    @cached_property
    def changes(self) -> Changes | None:
        """What moved since the report before and since a year ago; None outside of a run."""
        if self._sink is None:
            return None
        return compare_reports(self.facts().to_dict(), self._sink.earlier())

    def changed(self) -> Fragment:
        """Give what moved in each segment since earlier reports, unusual moves first."""
        head = self._head
        return render_changes(self.changes, Words(currency=head.currency, timezone=head.timezone))

    def over_time(self) -> Fragment:
        """Give size, share and rates of every segment as lines, and level shifts in sentences."""
        return render_over_time(self._head, self._lines)

    def mix(self) -> Fragment:
        """Give how much of a change is who is in, and how much is what they do."""
        return render_mix(self._head, self._mix)

    def notes(self) -> Fragment:
        """Give what was left out, withheld or assumed."""
        return render_comparison_notes(self._head, self._notes)

    def finish(self) -> Fragment:
        """Write the facts into the folder of the run; outside of a run say so."""
        if self._sink is None:
            said = "Nothing was written: this is no run. `segkit compare` makes one."
            return gather([note(said)])
        document = {**self.facts().to_dict(), "changes": as_json(self.changes)}
        text = json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False)
        self._sink.write(FACTS, text.encode())
        return gather([note(f"Written: {FACTS}.")])

    def view(self) -> Fragment:
        """Give all sections, one below the other; what changed is told in a run."""
        parts = [getattr(self, name)() for name in SECTIONS if name != "changed" or self._sink]
        html = "".join(part.html for part in parts)
        return Fragment(html, "\n\n".join(part.text for part in parts))

    def _repr_mimebundle_(self, **_wishes: object) -> dict[str, str]:
        """Give the whole report to whoever displays it."""
        shown = self.view()
        return {"text/html": styled(shown), "text/plain": shown.text}

    def __repr__(self) -> str:
        asked = self.study.first
        named = ", ".join(request.segment for request in self.study.requests)
        return (
            f"ComparisonReport on {named}: {asked.days} days to {asked.clock.day}, against "
            f"{asked.baseline_title}. Sections: {', '.join(SECTIONS)}."
        )
