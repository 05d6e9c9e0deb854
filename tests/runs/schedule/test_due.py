from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from segkit.runs.schedule.due import (
    Standing,
    find_due,
    find_overdue,
    list_next,
    name_spans,
    weigh_job,
)
from segkit.runs.schedule.period import Period
from segkit.runs.schedule.read import read_spec
from segkit.runs.schedule.spec import ReportSpec, RetrySpec
from tests.runs.schedule.conftest import WEEKLY

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = datetime(2026, 6, 29, 5, 30, tzinfo=UTC)
RETRIES = RetrySpec(times=2, pause="5min")


def spec(extra: str = "") -> ReportSpec:
    return read_spec(WEEKLY + extra, "weekly")


def row(state: str, *, period: str = "2026-W25", **more: Any) -> dict[str, Any]:
    plain = {"attempts": 1, "is_void": False, "phase": None, "changed_at": MONDAY.isoformat()}
    return {"state": state, "period": period, "key": "k", **plain, **more}


@pytest.mark.parametrize(
    ("now", "period"),
    [(MONDAY - timedelta(seconds=1), "2026-W25"), (MONDAY, "2026-W26")],
    ids=["a second before", "in the second"],
)
def test_a_week_is_due_from_its_instant_on(now: datetime, period: str) -> None:
    due = find_due(spec(), BERLIN, now, [])

    assert (str(due.period), due.passed) == (period, ())
    assert due.at == (MONDAY if period == "2026-W26" else MONDAY - timedelta(days=7))


def test_after_weeks_the_newest_is_due_and_those_between_are_passed_over() -> None:
    known = [
        row("done", period="2026-W22"),
        row("failed", period="2026-W24"),
        row("passed", period="2026-W25"),
        row("done", period="2026-05"),
        row("done", period="2026-W30"),
    ]

    due = find_due(spec(), BERLIN, MONDAY, known)

    assert str(due.period) == "2026-W26"
    assert [str(period) for period in due.passed] == ["2026-W25"]


def test_a_new_report_passes_nothing_over() -> None:
    assert find_due(spec(), BERLIN, MONDAY, []).passed == ()


@pytest.mark.parametrize(
    ("found", "standing"),
    [
        (None, Standing(state="due")),
        (row("new"), Standing(state="due")),
        (row("waiting"), Standing(state="due")),
        (row("passed"), Standing(state="due")),
        (row("done"), Standing(state="made")),
        (row("skipped"), Standing(state="made")),
        (row("claimed", attempts=9), Standing(state="due")),
        (row("claimed", is_void=True, attempts=2), Standing(state="due")),
        (row("claimed", is_void=True, attempts=3), Standing(state="given up")),
        (row("claimed", is_void=True, attempts=3, phase="publish"), Standing(state="due")),
        (row("failed", attempts=3), Standing(state="given up")),
    ],
)
def test_a_job_stands_as_its_row_says(found: dict[str, Any] | None, standing: Standing) -> None:
    assert weigh_job(found, RETRIES, MONDAY) == standing


@pytest.mark.parametrize(
    ("attempts", "after_s", "state"),
    [
        (1, 0, "resting"),
        (1, 299, "resting"),
        (1, 300, "due"),
        (2, 599, "resting"),
        (2, 600, "due"),
        (1, -1, "due"),
    ],
)
def test_a_failed_job_rests_twice_as_long_each_time(
    attempts: int, after_s: int, state: str
) -> None:
    failed = row("failed", attempts=attempts)

    standing = weigh_job(failed, RETRIES, MONDAY + timedelta(seconds=after_s))

    assert standing.state == state
    if state == "resting":
        assert standing.again_at == MONDAY + timedelta(seconds=300 * attempts)


def test_a_deadline_passes_for_the_week_that_it_belongs_to() -> None:
    late = spec("deadline: 4h\n")

    before = find_overdue(late, BERLIN, MONDAY + timedelta(hours=4, seconds=-1))
    after = find_overdue(late, BERLIN, MONDAY + timedelta(hours=4))

    assert (str(before.period), str(after.period)) == ("2026-W25", "2026-W26")
    assert after.at == MONDAY


def test_the_next_instants_follow_the_clock_on_the_wall() -> None:
    found = list_next(spec(), BERLIN, datetime(2026, 10, 14, tzinfo=UTC), 3)

    assert [(str(due.period), due.at.isoformat()) for due in found] == [
        ("2026-W42", "2026-10-19T05:30:00+00:00"),
        ("2026-W43", "2026-10-26T06:30:00+00:00"),
        ("2026-W44", "2026-11-02T06:30:00+00:00"),
    ]


def test_periods_in_a_row_are_named_as_one_span() -> None:
    days = [Period.of(date(2026, 6, day), "day") for day in (1, 2, 3, 5)]

    assert name_spans(days) == "2026-06-01 to 2026-06-03, 2026-06-05"
    assert name_spans([]) == ""
