"""Hold one report on patterns as people use it: a section at a time, each number computed once."""

import json
from functools import cached_property

from segkit.compare.changes import Changes, compare_reports
from segkit.measures.facts import as_json
from segkit.patterns.facts import PatternFacts
from segkit.reports.pattern_facts import build_pattern_facts
from segkit.reports.pattern_study import PatternStudy
from segkit.reports.report import FACTS, Sink
from segkit.reports.shown import Shown
from segkit.views.changes import render_changes
from segkit.views.fragment import Fragment, gather, note
from segkit.views.markup import Block
from segkit.views.pattern_cover import (
    render_pattern_cover,
    render_pattern_notes,
    render_pattern_proof,
)
from segkit.views.pattern_key import pattern_key
from segkit.views.pattern_people import render_profiles, render_strips
from segkit.views.pattern_time import (
    render_after,
    render_drift,
    render_flows,
    render_retest,
    render_windows,
)
from segkit.views.pattern_ways import render_ways
from segkit.views.patterns import (
    findings_block,
    plane_block,
    profile_block,
    render_patterns,
)
from segkit.views.words import Words

HEAD = ("segment", "title", "as_of", "days", "definition", "snapshot", "engine")
NONE = "There are no patterns to draw."
HIDDEN = "No {what} is drawn, because the users it would show are too few or withheld."


SECTIONS = (
    *("cover", "overview", "findings", "map", "profile", "strips", "profiles", "paths"),
    *("changed", "trend", "flows", "after", "retest", "proof", "drift", "notes"),
)
"""The sections in the order of the page."""


class PatternReport(Shown):
    """One report on the behaviour patterns of a segment.

    Parameters
    ----------
    study
        The patterns, found or asked.
    sink
        Where `finish` writes; None outside of a run.
    """

    sections = SECTIONS

    def __init__(self, study: PatternStudy, *, sink: Sink | None = None) -> None:
        self.study = study
        self._sink = sink

    @cached_property
    def _facts(self) -> PatternFacts:
        return build_pattern_facts(self.study, is_whole=True)

    def facts(self) -> PatternFacts:
        """Give every number of the report.

        Raises
        ------
        EmptyError
            When too few members came in the window to say anything.
        """
        return self._facts

    def cover(self) -> Fragment:
        """Give what was asked, of whom, over which days, by which model."""
        text = self.study.request.definition_text
        return render_pattern_cover(self._facts, definition_text=text)

    def overview(self) -> Fragment:
        """Give how many patterns there are, their sizes and what sets them apart."""
        return render_patterns(self._facts)

    def findings(self) -> Fragment:
        """Give each pattern in sentences, and apart from them what could be tried."""
        return gather([findings_block(self._facts)]) if self._facts.found else gather([note(NONE)])

    def map(self) -> Fragment:
        """Give where the patterns lie, and who sits between."""
        block = plane_block(self._facts)
        return self._keyed(block, "map")

    def profile(self) -> Fragment:
        """Give the strongest features by pattern as a heat map."""
        block = profile_block(self._facts)
        return self._keyed(block, "profile")

    def _keyed(self, block: Block | None, what: str) -> Fragment:
        if block is not None:
            return gather([pattern_key(self._facts), block])
        return gather([note(HIDDEN.format(what=what) if self._facts.found else NONE)])

    def strips(self) -> Fragment:
        """Give the strongest features one by one, with intervals."""
        return render_strips(self._facts)

    def profiles(self) -> Fragment:
        """Give each pattern by itself: rule, labels, what it brings, pages, typical members."""
        return render_profiles(self._facts)

    def paths(self) -> Fragment:
        """Give the ways that each pattern's users take more often than those of the others."""
        return render_ways(self._facts)

    @cached_property
    def changes(self) -> Changes | None:
        """What moved since the report before and since a year ago; None outside of a run."""
        if self._sink is None:
            return None
        return compare_reports(self._facts.to_dict(), self._sink.earlier())

    def changed(self) -> Fragment:
        """Give what moved since earlier reports, unusual moves first."""
        facts = self._facts
        return render_changes(self.changes, Words(currency=facts.currency, timezone=facts.timezone))

    def trend(self) -> Fragment:
        """Give sizes over past windows."""
        return render_windows(self._facts)

    def flows(self) -> Fragment:
        """Give who went from which pattern to which since the window before."""
        return render_flows(self._facts)

    def after(self) -> Fragment:
        """Give what each pattern did in the 30 days after, beside an RFM split."""
        return render_after(self._facts)

    def retest(self) -> Fragment:
        """Give how often two halves of the same users' visits say the same pattern."""
        return render_retest(self._facts)

    def proof(self) -> Fragment:
        """Give how sure the number of patterns is."""
        return render_pattern_proof(self._facts)

    def drift(self) -> Fragment:
        """Give whether a kept model still fits."""
        return render_drift(self._facts)

    def notes(self) -> Fragment:
        """Give the limits of the method and what was withheld or assumed."""
        return render_pattern_notes(self._facts)

    def finish(self) -> Fragment:
        """Write the facts into the folder of the run; outside of a run say so."""
        if self._sink is None:
            said = "Nothing was written: this is no run. `segkit patterns report` makes one."
            return gather([note(said)])
        document = self._facts.to_dict()
        first = {name: document.pop(name) for name in HEAD}
        document["changes"] = as_json(self.changes)
        text = json.dumps({**first, **document}, indent=1, ensure_ascii=False, allow_nan=False)
        self._sink.write(FACTS, text.encode())
        return gather([note(f"Written: {FACTS}.")])

    def __repr__(self) -> str:
        asked = self.study.request
        return f"PatternReport on {asked.segment!r}: {asked.days} days to {asked.clock.day}."
