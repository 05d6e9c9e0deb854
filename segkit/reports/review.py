"""Review many segments on one page: what moved since the period before and since a year ago."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from ibis import Table

from segkit.compare.review import Alert, Reviewed, ReviewFacts, find_alerts, review_segment
from segkit.config import Role
from segkit.errors import EmptyError, SegkitError
from segkit.measures.facts import as_json
from segkit.measures.sizes import (
    SizeRow,
    Span,
    build_doings,
    count_universe,
    keep_members,
    measure_sizes,
    no_members,
    withhold_sizes,
)
from segkit.periods import Grain, add_months, local_day
from segkit.reports.report import FACTS, Sink
from segkit.reports.shown import Shown
from segkit.segments.over_time import Timeline
from segkit.store.tables import Tables
from segkit.views.fragment import Fragment, gather, note
from segkit.views.review import (
    render_review_alerts,
    render_review_cover,
    render_review_notes,
    render_review_table,
    review_notes,
)

PAST = 10
"""So many earlier periods are looked at: one more than it takes to tell usual from unusual."""
SECTIONS = ("cover", "alerts", "table", "notes")
TimelineOn = Callable[[Sequence[date]], Timeline]


@dataclass(frozen=True, kw_only=True)
class Subject:
    """One segment to be reviewed: `timeline` gives its users at the ends of some days.

    Segments with the same `universe`, its text, have the same users to take members from.
    """

    segment: str
    title: str
    definition: str
    least: int
    universe: str
    timeline: TimelineOn


@dataclass(frozen=True, kw_only=True)
class ReviewRequest:
    """A review as it is asked for, already resolved; `silent` are segments that cannot be read."""

    tables: Tables
    subjects: Sequence[Subject]
    as_of: date
    period: Grain
    days: int
    clearance: Role
    min_size: int
    silent: Sequence[Alert] = ()


def period_end(as_of: date, back: int, period: Grain) -> date:
    """Give the last day of the period some periods before the one that ends on a day.

    >>> period_end(date(2026, 2, 28), 1, "month"), period_end(date(2026, 6, 28), 2, "week")
    (datetime.date(2026, 1, 31), datetime.date(2026, 6, 14))
    """
    if period == "month":
        return add_months(as_of + timedelta(days=1), -back) - timedelta(days=1)
    return as_of - timedelta(days=back * (7 if period == "week" else 1))


class Review(Shown):
    """The review of some segments; it computes nothing until a section is asked for.

    Parameters
    ----------
    request
        What is asked, already resolved.
    sink
        Where `finish` writes; None outside of a run.
    """

    sections = SECTIONS

    def __init__(self, request: ReviewRequest, *, sink: Sink | None = None) -> None:
        self.request = request
        self._sink = sink

    def facts(self) -> ReviewFacts:
        """Give every number of the review.

        Raises
        ------
        EmptyError
            When there is no segment to review, or no event on or before the day.
        """
        return self._facts

    @cached_property
    def _facts(self) -> ReviewFacts:
        request = self.request
        if not request.subjects and not request.silent:
            raise EmptyError.build(
                "There is no segment to review.", hint="write one to segments/, or name some."
            )
        spans, year = self._spans()
        counted = _count_all(request, spans, year)
        segments, silent = _reviewed(request, counted, has_year=year is not None)
        return self._gathered(spans, year, segments, (*request.silent, *silent))

    def _spans(self) -> tuple[tuple[Span, ...], Span | None]:
        """Give the periods that the data covers, oldest first, and the one a year ago, if any."""
        request = self.request
        first_on = self._day(request.tables.catalogue.first_at)
        if first_on is None or first_on > request.as_of:
            raise EmptyError.build(
                f"There is no event on or before {request.as_of}.",
                hint="ask for a later day, or load data of that time.",
            )

        def span(back: int) -> Span:
            ends = (period_end(request.as_of, n, request.period) for n in (back + 1, back))
            return Span(before_on=next(ends), end_on=next(ends))

        past = [span(back) for back in range(PAST, 0, -1)]
        year = span({"day": 364, "week": 52, "month": 12}[request.period])
        covered = [one for one in past if one.before_on >= first_on]
        return (*covered, span(0)), year if year.before_on >= first_on else None

    def _day(self, instant: Any) -> date | None:  # noqa: ANN401  an instant or None
        return None if instant is None else local_day(instant, self.request.tables.zone)

    def _gathered(
        self,
        spans: Sequence[Span],
        year: Span | None,
        segments: Sequence[Reviewed],
        silent: Sequence[Alert],
    ) -> ReviewFacts:
        request, catalogue = self.request, self.request.tables.catalogue
        facts = ReviewFacts(
            as_of=request.as_of,
            period=request.period,
            days=request.days,
            before_on=spans[-2].end_on if len(spans) > 1 else None,
            year_on=year.end_on if year else None,
            n_history=max(len(spans) - 1, 0),
            timezone=request.tables.zone.key,
            snapshot=request.tables.snapshot,
            engine=request.tables.engine.name,
            clearance=request.clearance,
            min_size=request.min_size,
            data_first_on=self._day(catalogue.first_at),
            data_last_on=self._day(catalogue.last_at),
            segments=tuple(segments),
            alerts=find_alerts(segments, silent),
        )
        return replace(facts, notes=review_notes(facts))

    def controls(self) -> Fragment:
        """Give nothing, where nobody looks on who could change the question."""
        return gather([])

    def cover(self) -> Fragment:
        """Give what was asked, of which segments, from which data."""
        return render_review_cover(self.facts())

    def alerts(self) -> Fragment:
        """Give what to look at first."""
        return render_review_alerts(self.facts())

    def table(self) -> Fragment:
        """Give one row a segment: its numbers, their changes, its size over time."""
        return render_review_table(self.facts())

    def notes(self) -> Fragment:
        """Give what was left out, withheld or assumed."""
        return render_review_notes(self.facts())

    def document(self) -> dict[str, Any]:
        """Give the facts as plain JSON values, as `facts.json` holds them."""
        tree: dict[str, Any] = as_json(self.facts())
        return tree

    def finish(self) -> Fragment:
        """Write the facts into the folder of the run; outside of a run say so."""
        if self._sink is None:
            return gather([note("Nothing was written: this is no run. `segkit review` makes one.")])
        text = json.dumps(self.document(), indent=1, ensure_ascii=False, allow_nan=False)
        self._sink.write(FACTS, text.encode())
        return gather([note(f"Written: {FACTS}.")])

    def __repr__(self) -> str:
        n, asked = len(self.request.subjects), self.request
        return f"Review of {n} segments by {asked.period} to {asked.as_of}. Sections: " + ", ".join(
            SECTIONS
        )


Counted = dict[str, tuple[SizeRow, ...] | str]
"""Rows by segment, or the sentence why there are none."""


def _count_all(request: ReviewRequest, spans: Sequence[Span], year: Span | None) -> Counted:
    """Count every segment; one that cannot be evaluated stops no other."""
    tables = request.tables
    asked = (*spans, *([year] if year else ()))
    days = sorted({day for one in asked for day in (one.before_on, one.end_on)})
    counted: Counted = {}
    members: list[Table] = []
    universes: dict[str, tuple[int, ...]] = {}
    for place, subject in enumerate(request.subjects):
        try:
            timeline = subject.timeline(days)
            members.append(keep_members(tables, timeline, place))
            if subject.universe not in universes:
                universes[subject.universe] = count_universe(tables, timeline, asked, days)
        except SegkitError as error:
            counted[subject.segment] = str(error).partition("\n")[0]
    doings = build_doings(tables, asked, request.days)
    found = measure_sizes(tables, members, doings, asked, days) if members else {}
    for place, subject in enumerate(request.subjects):
        if subject.segment not in counted:
            rows = found.get(place) or no_members(asked)
            sizes = zip(rows, universes[subject.universe], strict=True)
            counted[subject.segment] = tuple(replace(row, n_universe=n) for row, n in sizes)
    return counted


def _reviewed(
    request: ReviewRequest, counted: Counted, *, has_year: bool
) -> tuple[list[Reviewed], list[Alert]]:
    segments, silent = [], []
    for subject in request.subjects:
        rows = counted[subject.segment]
        if isinstance(rows, str):
            silent.append(Alert(segment=subject.segment, title=subject.title, reason=rows))
            continue
        least = max(subject.least, request.min_size)
        course = withhold_sizes(rows[: -1 if has_year else None], least)
        then = withhold_sizes(rows[-1:], least)[0] if has_year else None
        segments.append(
            review_segment(
                course,
                then,
                segment=subject.segment,
                title=subject.title,
                definition=subject.definition,
            )
        )
    return segments, silent
