"""What the views of a comparison say and draw: names, units, denominators, shifts, both parts."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from segkit.compare.comparison import (
    BesideRow,
    ComparedSegment,
    ComparisonHead,
    LineRow,
    MixFacts,
    RateChange,
    SegmentLine,
    Shift,
    SideValue,
)
from segkit.compare.facts import OutlyingDay
from segkit.compare.mix import split_change
from segkit.views.comparison import (
    render_beside,
    render_comparison_cover,
    render_comparison_notes,
    render_differs,
    render_shared,
)
from segkit.views.comparison_mix import render_mix
from segkit.views.comparison_time import render_over_time

FIRST = date(2026, 6, 1)
EVIL = "<script>alert(1)</script>"
TITLES = ("Loyal users", "Live on the sale pages", "New <b>ones</b>", "Lapsing")


def segment(title: str) -> ComparedSegment:
    return ComparedSegment(
        segment=title.lower(), title=title, definition="d" * 20, definition_text=f"All {title}.",
        n_users=400, n_universe=1_000,
    )  # fmt: skip


HEAD = ComparisonHead(
    segments=tuple(map(segment, TITLES[:2])), as_of=date(2026, 6, 30), days=30, start_on=FIRST,
    timezone="UTC", currency="EUR", baseline="rest", baseline_title="everyone else",
    n_baseline=300, snapshot="s", engine="duckdb", clearance="public", min_size=10,
    data_first_on=FIRST, data_last_on=date(2026, 6, 30),
)  # fmt: skip


def line(title: str, *, shifts: tuple[Shift, ...] = ()) -> SegmentLine:
    rows = tuple(
        LineRow(
            period=str(FIRST + timedelta(days=at)), start_on=FIRST + timedelta(days=at),
            end_on=FIRST + timedelta(days=at), is_complete=at < 29, n_universe=1_000,
            n_users=400 + at, n_active=None if at == 3 else 100 + at, n_buyers=20,
        )
        for at in range(30)
    )  # fmt: skip
    return SegmentLine(segment=title, title=title, rows=rows, shifts=shifts, n_periods=29)


SHIFT = Shift(
    measure="active", period="2026-06-11", start_on=date(2026, 6, 11), before=0.1, after=0.25
)


def change(against: str = "time", *, is_given: bool = False, scale: int = 10) -> RateChange:
    before = {"pc": (20 * scale, 5 * scale), "mobile": (20 * scale, 8 * scale)}
    after = {"pc": (10 * scale, 3 * scale), "mobile": (30 * scale, 15 * scale)}
    part = split_change("device", "First device", before, after)
    assert part is not None
    return RateChange(
        segment="loyal", title="Loyal users", rate="buyers",
        against="time" if against == "time" else "baseline",
        before=SideValue(numerator=13 * scale, denominator=40 * scale),
        after=SideValue(numerator=18 * scale, denominator=40 * scale),
        is_given=is_given, parts=(part,),
    )  # fmt: skip


def mix(*changes: RateChange) -> MixFacts:
    return MixFacts(
        before_start_on=date(2026, 5, 2), before_end_on=date(2026, 5, 31), changes=changes
    )


def test_every_measure_stands_above_its_parts_and_interval() -> None:
    values = (SideValue(numerator=40, denominator=400, low=0.074, high=0.133),
              SideValue(numerator=None, denominator=400))  # fmt: skip
    row = BesideRow(
        name="buyers_share", title="Purchasers", kind="share", unit="of all users", values=values,
        baseline=SideValue(numerator=9_000, denominator=300),
    )  # fmt: skip
    money = replace(row, name="revenue", title="Revenue", kind="money")

    shown = render_beside(HEAD, [row, money])

    assert "10.0% = 40 / 400; 7.4% to 13.3%" in shown.text.replace("\n", " ")
    assert "withheld" in shown.html
    assert "30.00 EUR" in shown.html
    assert "In none of these (300 users)" in shown.html
    assert "Loyal users (400 users)" in shown.html


def test_another_baseline_is_named_in_its_column() -> None:
    head = replace(HEAD, baseline="known", baseline_title="known users")
    alone = replace(head, segments=head.segments[:1])
    size = SideValue(numerator=300, denominator=1)
    row = BesideRow(
        name="size", title="Size", kind="count", unit="users", values=(size, size), baseline=size
    )

    assert "Known users, in none of these" in render_beside(head, [row]).html
    assert "Known users (300 users)" in render_beside(alone, [replace(row, values=(size,))]).html


def test_few_lines_carry_names_and_many_a_key() -> None:
    few = render_over_time(HEAD, [line(title) for title in TITLES[:2]])
    many = render_over_time(HEAD, [line(title) for title in TITLES])

    assert ">Loyal users</text>" in few.html
    assert ">Live on the sale</text>" in few.html
    assert "sk-patterns" not in few.html
    assert ">Loyal users</text>" not in many.html
    assert "1 = Loyal users; 2 = Live on the sale pages" in many.text


def test_a_day_that_lies_out_is_said_and_ringed() -> None:
    day = OutlyingDay(measure="buyers", day=date(2026, 6, 11), value=0.05, usual=0.01)
    still, told = (
        render_over_time(HEAD, [replace(line("Loyal users"), outlying=days, n_days=29)])
        for days in ((), (day,))
    )

    assert "No single day lies out" in still.text
    assert "Ring" not in still.text
    assert (
        "Loyal users: the share of members who ordered on the day was unusually high on Thursday, "
        "2026-06-11: 5.0%, where its weekday and the days around would have 1.0%."
    ) in told.text
    assert "Ring: a day that lies out." in told.text


def test_a_level_shift_is_said_and_marked() -> None:
    still, moved = (
        render_over_time(HEAD, [line("Loyal users", shifts=shifts)]) for shifts in ((), (SHIFT,))
    )

    assert "No level shift" in still.text
    assert (
        "Loyal users: the share of members who came in a period rose with 2026-06-11 from 10.0% to "
        "25.0%"
    ) in moved.text
    assert moved.html.count("stroke-dasharray") > still.html.count("stroke-dasharray")


def test_lines_say_their_denominators_and_withheld_periods() -> None:
    shown = render_over_time(HEAD, [line("Loyal users")])

    assert "25.0%" in shown.html
    assert "100 / 400" in shown.html
    assert "withheld" in shown.html
    assert "2026-06-30 (not over)" in shown.html


def test_a_change_is_split_in_a_sentence_a_figure_and_a_table() -> None:
    shown = render_mix(HEAD, mix(change(), change("baseline")))

    assert (
        "Loyal users, members who ordered: 45.0% (180 of 400 users) against 32.5% (130 of 400 "
        "users) in 2026-05-02 to 2026-05-31, +12.5 points. By first device, which explains most, "
    ) in shown.text
    assert "of everyone else, +12.5 points" in shown.text
    assert "Loyal users: +12.5 points" in shown.html
    assert "Full bar: mix, hatched: behaviour" in shown.html
    assert "Share now, of 400 users" in shown.html


def test_a_rate_that_a_definition_reads_is_in_the_table_only() -> None:
    shown = render_mix(HEAD, mix(change(is_given=True)))

    assert "are in the table only" in shown.text
    assert "which explains most" not in shown.text
    assert "<svg" not in shown.html
    assert "The groups behind it" not in shown.text
    assert "Changes of rates, split into mix and behaviour" in shown.text


def test_few_users_have_no_figure_and_nothing_to_split_is_said() -> None:
    few = replace(
        change(scale=1), before=SideValue(numerator=13, denominator=29),
    )  # fmt: skip

    assert "No figure" in render_mix(HEAD, mix(few)).text
    assert "No rate can be split" in render_mix(HEAD, mix()).text


def test_hostile_titles_stay_text() -> None:
    head = replace(HEAD, segments=(segment(EVIL), segment("b")))
    parts = [
        render_comparison_cover(head),
        render_beside(head, []),
        render_differs(head, [], n_judged=0),
        render_shared(head, None),
        render_over_time(head, [line(EVIL)]),
        render_mix(head, mix(replace(change(), title=EVIL))),
        render_comparison_notes(head, [EVIL]),
    ]

    assert all("<script" not in part.html for part in parts)


@pytest.mark.parametrize("n_segments", [1, 2])
def test_without_an_overlap_the_reason_is_said(n_segments: int) -> None:
    head = replace(HEAD, segments=HEAD.segments[:n_segments])

    said = render_shared(head, None).text

    assert ("overlaps with none" in said) == (n_segments == 1)
