"""Curves of the 13 people, of whom 35 days are watched up to 31 March, a Tuesday.

Buyers were first seen so: u01 on 3 March, u02 on 9, u03 on 23; u04 before the window. Later days
with an event, counted from that day: u01 7, 25 (22:30 UTC is 28 March), 26; u02 7, 15; u03 8.
"""

from datetime import date

import pytest

from segkit.errors import ParameterError, UnknownNameError
from segkit.measures.activity import Activity
from segkit.measures.curves import (
    RULES,
    RetentionCurves,
    ReturnRule,
    average_cells,
    find_rule,
    measure_curves,
)
from segkit.measures.facts import CurvePoint, RetentionCell
from segkit.measures.retention import measure_retention
from segkit.measures.sides import Sides
from segkit.store.engine import Engine
from segkit.store.tables import Tables
from tests.measures.tiny import build_tables, make_sides, with_visits


def points(found: RetentionCurves, cohort: date) -> list[tuple[int, int | None]]:
    (curve,) = (c for c in found.cohorts if c.cohort == cohort)
    return [(p.n_eligible, p.n_retained) for p in curve.points]


def test_on_a_day_is_that_day_alone(sides: Sides) -> None:
    rule = ReturnRule(name="x", title="", unit="day", spans=((0, 0), (7, 7), (8, 8), (26, 26)))

    found = measure_curves(sides, rule)

    # Weeks of 2, 9, 16 and 23 March; of the last one day 7 is over on 5 April.
    assert points(found, date(2026, 3, 2)) == [(1, 1), (1, 1), (1, 0), (0, None)]
    assert points(found, date(2026, 3, 9)) == [(1, 1), (1, 1), (1, 0), (0, None)]
    assert points(found, date(2026, 3, 16)) == [(0, 0), (0, 0), (0, 0), (0, None)]
    assert points(found, date(2026, 3, 23)) == [(1, 1), (0, None), (0, None), (0, None)]


def test_on_or_after_a_day_is_any_later_day_too(sides: Sides) -> None:
    rule = ReturnRule(name="x", title="", unit="day", spans=((1, None), (8, None), (16, None)))

    found = measure_curves(sides, rule)

    # u01 came on days 7, 25, 26 and u02 on days 7 and 15.
    assert points(found, date(2026, 3, 2)) == [(1, 1), (1, 1), (1, 1)]
    assert points(found, date(2026, 3, 9)) == [(1, 1), (1, 1), (1, 0)]


def test_a_bracket_holds_both_of_its_ends(sides: Sides) -> None:
    rule = ReturnRule(name="x", title="", unit="day", spans=((1, 6), (4, 7), (15, 16)))

    found = measure_curves(sides, rule)

    assert points(found, date(2026, 3, 9)) == [(1, 0), (1, 1), (1, 1)]


def test_a_span_counts_when_it_is_over_for_the_last_of_the_cohort(sides: Sides) -> None:
    # The week of 9 March ends on the 15th: 16 days on is 31 March, T; 17 days on is not over.
    rule = ReturnRule(name="x", title="", unit="day", spans=((16, 16), (17, 17)))

    assert points(measure_curves(sides, rule), date(2026, 3, 9)) == [(1, 0), (0, None)]


def test_days_can_be_followed_by_cohorts_of_a_month(tiny: Tables) -> None:
    rule = ReturnRule(name="x", title="", unit="day", spans=((0, 0), (7, 7)))

    found = measure_curves(make_sides(tiny, days=90), rule, cohort_grain="month")

    assert found.cohort_grain == "month"
    assert points(found, date(2026, 2, 1)) == [(1, 1), (1, 0)]
    assert points(found, date(2026, 3, 1)) == [(3, 3), (0, None)]


@pytest.mark.parametrize(("name", "grain"), [("week_on", "week"), ("month_on", "month")])
def test_weeks_and_months_agree_with_the_triangle(
    tiny: Tables, name: str, grain: str, activity: Activity
) -> None:
    sides = make_sides(tiny, days=35 if grain == "week" else 90)
    cells = measure_retention(sides, activity, grain="week" if grain == "week" else "month")

    found = measure_curves(sides, find_rule(name))

    drawn = {
        (c.cohort, p.low): (p.n_eligible, p.n_retained)
        for c in found.cohorts
        for p in c.points
        if p.n_retained is not None
    }
    assert drawn == {(c.cohort, c.k): (c.n_eligible, c.n_retained) for c in cells}
    assert found.average[: len(average_cells(cells))] == average_cells(cells)


def test_a_week_on_or_after_counts_later_weeks(sides: Sides) -> None:
    found = measure_curves(sides, find_rule("week_on_or_after"))

    # Week 2 after that of 2 March was empty for u01, week 3 was not.
    assert points(found, date(2026, 3, 2))[:5] == [(1, 1), (1, 1), (1, 1), (1, 1), (0, None)]


def test_only_the_named_events_are_a_return(sides: Sides) -> None:
    rule = ReturnRule(name="x", title="", unit="day", spans=((1, None),))

    found = measure_curves(sides, rule, events=["purchase"])

    assert points(found, date(2026, 3, 2)) == [(1, 1)]
    assert points(found, date(2026, 3, 9)) == [(1, 1)]
    assert points(found, date(2026, 3, 23)) == [(1, 0)]


def test_the_average_weighs_users_and_keeps_zeros(engine: Engine) -> None:
    # Ten users of the week of 2 March, of whom two came on day 1; a hundred of 9 March: none.
    days = [(n, "2026-03-02") for n in range(10)] + [(0, "2026-03-03"), (1, "2026-03-03")]
    days += [(n, "2026-03-09") for n in range(10, 110)]
    raw: list[dict[str, str | None]] = [
        {"user": f"u{n:03}", "time": f"{day}T12:00:00Z", "event": "page_view", "bot": None}
        for n, day in days
    ]
    sides = make_sides(
        build_tables(engine, with_visits(raw)), members=[f"u{n:03}" for n in range(110)]
    )
    rule = ReturnRule(name="x", title="", unit="day", spans=((1, 1), (29, 29)))

    first, last = measure_curves(sides, rule).average

    assert (first.n_retained, first.n_eligible, first.n_cohorts) == (2, 110, 2)
    assert first.share == pytest.approx(0.01818, abs=1e-5)
    assert (last.n_retained, last.n_eligible, last.share) == (None, 0, None)


def test_a_withheld_cell_is_in_neither_sum() -> None:
    cells = [
        RetentionCell(cohort=date(2026, 3, day), k=1, n_eligible=n, n_retained=r)
        for day, n, r in ((2, 20, 5), (9, 30, None), (16, 0, 0))
    ]

    assert average_cells(cells) == (
        CurvePoint(low=1, high=1, n_eligible=20, n_retained=5, n_cohorts=1),
    )


def test_a_window_without_a_whole_week_has_no_curves(tiny: Tables) -> None:
    found = measure_curves(make_sides(tiny, days=7), find_rule("day_on"))

    assert (found.cohorts, found.average) == ((), ())


def test_rules_are_named_by_unit_and_kind() -> None:
    assert set(RULES) == {
        "day_on", "day_on_or_after", "day_bracket", "week_on", "week_on_or_after", "month_on",
        "month_on_or_after",
    }  # fmt: skip
    assert find_rule("day_bracket").spans == ((0, 0), (1, 3), (4, 7), (8, 14), (15, 30))


def test_an_unknown_rule_is_refused_with_near_names() -> None:
    with pytest.raises(ParameterError, match=r"`day_onn`(.|\n)*day_on"):
        find_rule("day_onn")


def test_an_unknown_event_is_refused_with_near_names(sides: Sides) -> None:
    with pytest.raises(UnknownNameError, match=r"`purchse`(.|\n)*purchase"):
        measure_curves(sides, find_rule("day_on"), events=["purchse"])
