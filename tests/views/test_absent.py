"""What the data do not tell is said in a sentence, not drawn as one bar of 100%."""

from dataclasses import replace
from datetime import date

from segkit import views
from segkit.measures.curves import average_cells
from segkit.measures.facts import (
    Breakdown,
    BreakdownRow,
    HourCell,
    RetentionCell,
    SegmentReportFacts,
)
from segkit.views.figures.lift import ONLY_HERE, describe_lifts
from tests.views.html import cells


def bare(name: str, title: str, value: str) -> Breakdown:
    """Give a breakdown whose one row says nothing."""
    return Breakdown(
        name=name,
        title=title,
        of="visits",
        denominator=100,
        baseline_denominator=100,
        is_partition=True,
        rows=(BreakdownRow(value=value, n=100, n_baseline=100),),
    )


def with_breakdowns(facts: SegmentReportFacts, *breakdowns: Breakdown) -> SegmentReportFacts:
    return replace(facts, behaviour=replace(facts.behaviour, breakdowns=breakdowns))


def test_without_page_views_no_page_is_drawn(facts: SegmentReportFacts) -> None:
    pages = replace(bare("pages", "Pages", ""), rows=())
    entry = bare("entry_pages", "Entry pages", "(no page)")

    fragment = views.render_pages(with_breakdowns(facts, pages, entry))

    assert fragment.text == (
        "Note: There are no page views in this window, so pages and entry pages are not shown."
    )


def test_direct_visits_and_unknown_devices_are_named_in_sentences(
    facts: SegmentReportFacts,
) -> None:
    given = (
        bare("channels", "Channels", "Direct"),
        bare("sources", "Sources", "(direct)"),
        bare("devices", "Devices", "(unknown)"),
    )

    text = views.render_traffic(with_breakdowns(facts, *given)).text

    assert "all count as direct; channels and sources are not shown." in text
    assert "Nothing is known of the visits' devices." in text
    assert "Share of" not in text


def test_one_known_value_beside_the_unknown_is_drawn(facts: SegmentReportFacts) -> None:
    known = bare("devices", "Devices", "mobile")
    rows = (*known.rows, *bare("devices", "Devices", "(unknown)").rows)

    fragment = views.render_traffic(with_breakdowns(facts, replace(known, rows=rows)))

    assert "<svg" in fragment.html
    assert "Nothing is known" not in fragment.text


def test_labels_of_which_nothing_is_known_are_named(facts: SegmentReportFacts) -> None:
    first = bare("first_device_type", "First device", "(unknown)")
    breakdowns = (*facts.attributes.breakdowns, first)
    given = replace(facts, attributes=replace(facts.attributes, breakdowns=breakdowns))

    fragment = views.render_attributes(given)

    assert fragment.text.endswith("Nothing is known of: First device.")


def test_data_of_days_alone_show_weekdays_and_no_hours(facts: SegmentReportFacts) -> None:
    hours = [
        HourCell(weekday=day, hour=hour, n_visits=0 if hour else 10 * day)
        for day in range(1, 8)
        for hour in range(24)
    ]

    fragment = views.render_when(replace(facts, behaviour=replace(facts.behaviour, hours=hours)))

    assert "tell days, but no time of day" in fragment.text
    assert "<svg" not in fragment.html
    assert cells(fragment.html)[0] == ["Monday", "10"]
    assert len(cells(fragment.html)) == 7


def months(*sizes: int) -> list[RetentionCell]:
    """Give whole monthly cohorts from January 2026."""
    return [
        RetentionCell(cohort=date(2026, 1 + c, 1), k=k, n_eligible=size, n_retained=size)
        for c, size in enumerate(sizes)
        for k in range(len(sizes) - c)
    ]


def retention(facts: SegmentReportFacts, *sizes: int) -> views.Fragment:
    behaviour = replace(facts.behaviour, retention=months(*sizes), retention_grain="month")
    return views.render_retention(replace(facts, behaviour=behaviour))


def test_months_are_spoken_of_as_months(facts: SegmentReportFacts) -> None:
    fragment = retention(facts, 400, 300)

    assert cells(fragment.html) == [
        ["2026-01", "400", "400 (100.0%)", "400 (100.0%)"],
        ["2026-02", "300", "300 (100.0%)", "not over"],
    ]
    assert "week" not in fragment.text
    assert "700 users first seen in the 2 months shown" in fragment.text


def test_curves_show_all_cohorts_together(facts: SegmentReportFacts) -> None:
    triangle = months(400, 300, 300)
    average = average_cells(
        [replace(cell, n_retained=200) if cell.k else cell for cell in triangle]
    )
    behaviour = replace(
        facts.behaviour, retention=triangle, retention_average=average, retention_grain="month"
    )

    fragment = views.render_retention(replace(facts, behaviour=behaviour))

    assert cells(fragment.html)[3:] == [
        ["0", "3", "1,000", "1,000", "100.0%"],
        ["1", "2", "700", "400", "57.1%"],
        ["2", "1", "400", "200", "50.0%"],
    ]
    assert fragment.html.count("<svg") == 2
    assert "All cohorts together: month 0 100.0%, month 1 57.1%, month 2 50.0%." in fragment.html


def test_empty_cohorts_at_the_ends_are_left_out_and_counted(facts: SegmentReportFacts) -> None:
    fragment = retention(facts, 0, 400, 0, 300, 0, 0)

    assert [row[:2] for row in cells(fragment.html)] == [
        ["2026-02", "400"],
        ["2026-03", "0"],
        ["2026-04", "300"],
    ]
    assert "Not shown: 3 months before or after, of nobody." in fragment.text


def test_nobody_new_is_said_in_a_sentence(facts: SegmentReportFacts) -> None:
    text = retention(facts, 0, 0).text

    assert text == (
        "Note: Nobody was in the segment at the end of the month in which they were first seen, "
        "in the whole months of this window."
    )


def test_a_segment_at_rest_has_no_figure_of_moves(facts: SegmentReportFacts) -> None:
    rows = [replace(row, n_users=900, n_entered=0, n_left=0) for row in facts.trend]

    fragment = views.render_trend(replace(facts, trend=rows))

    assert "Nobody entered or left." in fragment.text
    assert "Entered (up)" not in fragment.html
    assert "Entered (up)" in views.render_trend(facts).html


def test_a_value_of_nobody_in_the_baseline_is_said_to_be_only_here() -> None:
    row = BreakdownRow(value="Age: 45-54", n=100, n_baseline=0)

    assert describe_lifts([row]) == f"Age: 45-54 {ONLY_HERE}"


def test_bands_are_drawn_to_the_last(facts: SegmentReportFacts) -> None:
    rows = tuple(
        BreakdownRow(value=f"{n}-{n + 1}K", n=80, n_baseline=80, share=0.1, baseline_share=0.1)
        for n in range(12)
    )
    bands = replace(bare("income", "Income", ""), rows=rows, is_ordered=True)

    text = views.render_traffic(with_breakdowns(facts, bands)).text

    assert "Drawn: the first" not in text
    assert "Drawn: the first 10 of 12" in (
        views.render_traffic(with_breakdowns(facts, replace(bands, is_ordered=False))).text
    )
