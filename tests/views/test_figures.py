"""Figures are tested by their numbers, labels and words, and by what they leave behind."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import matplotlib as mpl
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from segkit.measures.facts import RetentionCell, SegmentReportFacts
from segkit.views.figures.bars import (
    breakdown_bars,
    describe_bars,
    draw_bars,
    funnel_bars,
    render_bars,
)
from segkit.views.figures.canvas import Panel, Sheet, to_svg
from segkit.views.figures.hours import draw_hours
from segkit.views.figures.lift import draw_lifts
from segkit.views.figures.trend import LETTER_WIDTH, draw_flow, draw_size, tick_room
from segkit.views.figures.triangle import draw_triangle
from segkit.views.triangle import Triangle
from tests.views.html import Page
from tests.views.sample import HOSTILE, breakdown


def make_sheet(facts: SegmentReportFacts, title: str = "Pages") -> Sheet:
    bars = breakdown_bars(facts.behaviour.breakdowns[0], has_baseline=True)
    panel = Panel(
        draw=lambda axes: draw_bars(bars, axes, title=title, quantity="Share of users (%)"),
        height=300,
    )
    return Sheet(panels=[panel], title=title, words=describe_bars(bars))


def axes_of(draw: Callable[[Axes], None]) -> Any:  # its artists differ by kind
    axes = Figure().subplots()
    draw(axes)
    return axes


def texts(axes: Axes) -> list[str]:
    return [text.get_text() for text in axes.texts]


def test_the_same_facts_give_the_same_bytes_whatever_a_person_set(
    facts: SegmentReportFacts,
) -> None:
    first = to_svg(make_sheet(facts))
    with mpl.rc_context({"axes.facecolor": "black", "font.size": 30, "svg.hashsalt": None}):
        second = to_svg(make_sheet(facts))

    assert first == second


def test_the_same_shares_are_drawn_once_and_others_anew(facts: SegmentReportFacts) -> None:
    bars = tuple(breakdown_bars(facts.behaviour.breakdowns[0], has_baseline=True))
    words = {"title": "Pages", "quantity": "Share (%)", "subject": "Pages of members"}

    first, again = render_bars(bars, **words), render_bars(tuple(bars), **words)
    other = render_bars(bars[:-1], **words)

    assert again is first
    assert other != first
    assert bars[-1].label in first


def test_drawing_leaves_global_settings_as_they_were(facts: SegmentReportFacts) -> None:
    before = dict(mpl.rcParams)

    to_svg(make_sheet(facts))

    assert dict(mpl.rcParams) == before


def test_a_figure_has_words_real_text_and_the_ink_of_the_page(facts: SegmentReportFacts) -> None:
    svg = to_svg(make_sheet(facts))

    page = Page(svg)
    (root,) = page.attributes("svg")
    (title,) = page.attributes("title")
    (desc,) = page.attributes("desc")
    assert root["role"] == "img"
    assert root["aria-labelledby"] == f"{title['id']} {desc['id']}"
    assert "/cart 47.6% (baseline 18.6%)" in page.text
    assert "Share of users (%)" in page.text
    assert "currentColor" in svg
    assert "#010203" not in svg
    assert "<metadata" not in svg
    assert not re.search(r"(?<!-)\bwidth=\"\d+pt", svg)


def test_names_inside_two_figures_never_meet(facts: SegmentReportFacts) -> None:
    one, other = to_svg(make_sheet(facts)), to_svg(make_sheet(facts, title="Other"))

    names = [set(re.findall(r'\bid="([^"]+)"', svg)) for svg in (one, other)]
    assert names[0]
    assert not names[0] & names[1]
    for svg, known in zip((one, other), names, strict=True):
        used = set(re.findall(r'(?:href="#|url\(#)([^")]+)', svg))
        assert used <= known


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_name_is_drawn_as_text(text: str) -> None:
    bars = breakdown_bars(breakdown("x", text, [(text, 500, 900)]), has_baseline=True)
    panel = Panel(draw=lambda axes: draw_bars(bars, axes, title=text, quantity=text), height=100)

    page = Page(to_svg(Sheet(panels=[panel], title=text, words=text)))

    assert page.names <= {
        "svg",
        "title",
        "desc",
        "g",
        "path",
        "text",
        "defs",
        "clippath",
        "rect",
        "use",
    }
    assert not [a for _, attributes in page.tags for a in attributes if a.startswith("on")]


def test_bars_start_at_zero_and_end_at_the_share(facts: SegmentReportFacts) -> None:
    bars = breakdown_bars(facts.behaviour.breakdowns[0], has_baseline=True)

    axes = axes_of(lambda a: draw_bars(bars, a, title="Pages", quantity="q"))

    assert axes.get_xlim() == (0, 1)
    assert [round(patch.get_width(), 3) for patch in axes.patches][:2] == [0.893, 0.519]
    assert {patch.get_x() for patch in axes.patches} == {0}


def test_a_withheld_share_is_a_gap_and_zero_is_a_bar_of_no_width() -> None:
    bars = breakdown_bars(
        breakdown("x", "X", [("hidden", None, 12), ("none", 0, 12)]), has_baseline=True
    )

    axes = axes_of(lambda a: draw_bars(bars, a, title="X", quantity="q"))

    assert [patch.get_width() for patch in axes.patches] == [0]
    assert texts(axes) == ["hidden", "withheld", "none", "0.0%"]


def test_the_interval_lies_around_the_share() -> None:
    (bar,) = breakdown_bars(breakdown("x", "X", [("a", 617, 941)]), has_baseline=True)

    assert bar.low is not None
    assert bar.high is not None
    assert bar.value is not None
    assert bar.low < bar.value < bar.high


def test_without_a_baseline_nothing_is_compared() -> None:
    (bar,) = breakdown_bars(breakdown("x", "X", [("a", 617, 941)]), has_baseline=False)

    assert (bar.baseline, bar.low, bar.high) == (None, None, None)


def test_funnel_shares_are_of_the_first_step(facts: SegmentReportFacts) -> None:
    bars = funnel_bars(facts.behaviour.funnel, has_baseline=True)

    assert [bar.value for bar in bars] == [1.0, 801 / 1010, 700 / 1010, 617 / 1010]
    assert [bar.baseline for bar in bars] == [1.0, 990 / 2700, None, 402 / 2700]


def test_lifts_are_placed_by_powers_of_two() -> None:
    rows = breakdown("o", "Over", [("twice", 494, 754), ("none", 10, 0)]).rows

    axes = axes_of(lambda a: draw_lifts(rows, a, title="Over"))

    (point,) = [line for line in axes.lines if line.get_marker() == "o"]
    assert point.get_xdata()[0] == pytest.approx(1, abs=0.01)
    (arrow,) = [line for line in axes.lines if line.get_marker() == ">"]
    assert arrow.get_xdata()[0] == axes.get_xlim()[1]
    assert texts(axes) == ["twice", "×2.00", "none", "only here"]
    assert "×1" in [tick.get_text() for tick in axes.get_xticklabels()]


def test_lift_ticks_are_short_and_none_is_cut_at_the_left_edge() -> None:
    (row,) = breakdown("o", "O", [("a", 494, 754)]).rows
    rows = [replace(row, lift=1.0, lift_low=1e-9, lift_high=1e9)]

    axes = axes_of(lambda a: draw_lifts(rows, a, title="Over"))

    labels = axes.get_xticklabels()
    assert [label.get_text() for label in labels] == [
        *("×1/64", "×1/16", "×0.25", "×1", "×4", "×16", "×64")
    ]
    assert [label.get_horizontalalignment() for label in labels[:2]] == ["left", "center"]


def test_larger_numbers_of_a_trend_get_more_room(facts: SegmentReportFacts) -> None:
    large = [replace(row, n_users=(row.n_users or 0) * 1000) for row in facts.trend]

    assert tick_room(large) - tick_room(facts.trend) == pytest.approx(len(",000") * LETTER_WIDTH)


def test_an_extreme_lift_stays_inside_the_axes() -> None:
    rows = [
        replace(
            breakdown("o", "O", [("a", 494, 754)]).rows[0], lift=1e9, lift_low=0.0, lift_high=1e12
        )
    ]

    axes = axes_of(lambda a: draw_lifts(rows, a, title="Over"))

    low, high = axes.get_xlim()
    assert all(low <= x <= high for line in axes.lines for x in line.get_xdata())


def test_hours_are_a_complete_grid_and_a_missing_hour_is_hatched(
    facts: SegmentReportFacts,
) -> None:
    axes = axes_of(lambda a: draw_hours(facts.behaviour.hours, a, timezone="UTC"))

    hatched = [patch for patch in axes.patches if patch.get_hatch()]
    assert len(axes.patches) == 7 * 24
    assert [(round(p.get_x() + 0.47), round(p.get_y() + 0.47)) for p in hatched] == [(4, 2)]


def test_unfinished_weeks_are_blank_and_hatched_and_zero_is_a_number() -> None:
    first = date(2026, 6, 1)
    cells = [
        RetentionCell(cohort=first, k=0, n_eligible=40, n_retained=40),
        RetentionCell(cohort=first, k=1, n_eligible=40, n_retained=0),
        RetentionCell(cohort=first, k=2, n_eligible=None, n_retained=None),
    ]

    axes = axes_of(lambda a: draw_triangle(Triangle(cells), a))

    assert texts(axes) == ["100", "0"]
    assert [bool(patch.get_hatch()) for patch in axes.patches] == [False, False, True]


def test_a_gap_breaks_the_line_and_an_unfinished_period_is_hollow(
    facts: SegmentReportFacts,
) -> None:
    axes = axes_of(lambda a: draw_size(facts.trend, a))

    solid = next(line for line in axes.lines if line.get_marker() == "o")
    hollow = [line for line in axes.lines if line.get_fillstyle() == "none"]
    assert [i for i, y in enumerate(solid.get_ydata()) if y != y] == [5, 13]  # noqa: PLR0124
    assert [list(line.get_xdata()) for line in hollow] == [[13], [13]]
    assert axes.get_ylim()[0] == 0


def test_who_entered_stands_above_zero_and_who_left_below(facts: SegmentReportFacts) -> None:
    axes = axes_of(lambda a: draw_flow(facts.trend, a))

    assert [patch.get_height() for patch in axes.patches][:2] == [60, -35]
    assert len(axes.patches) == 2 * 13
    assert [bool(patch.get_hatch()) for patch in axes.patches][-3:] == [False, True, True]
