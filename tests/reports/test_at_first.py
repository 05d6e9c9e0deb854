"""What a report says at first is what it says in the end, or not said yet; never more."""

from datetime import timedelta
from typing import Any

import pytest

from segkit.errors import EmptyError, UnknownNameError
from segkit.periods import Clock
from segkit.reports.at_first import find_first
from segkit.reports.report import Report
from segkit.reports.segment_report import open_report
from segkit.store.engine import Engine
from segkit.store.tables import Tables
from tests.measures.tiny import CLOCK, ZONE, build_tiny, everyone_at
from tests.reports.buyers import ask

SUNDAY = CLOCK.day - timedelta(days=(CLOCK.day.weekday() + 1) % 7)
"""A last day whose 7 days are a week, so that those new in them are a cohort too."""


@pytest.fixture(scope="module")
def tiny() -> Tables:
    return build_tiny(Engine(memory="500MB"))


def two_of_three_at(tables: Tables) -> Any:
    """Give how two of three users are found: some are new, some are not."""

    def members_at(clock: Clock) -> Any:
        everyone = everyone_at(tables, clock)
        return everyone.filter(everyone.user_no % 3 != 0)

    return members_at


@pytest.mark.parametrize("days", [7, 28])
@pytest.mark.parametrize("day", [CLOCK.day, SUNDAY])
@pytest.mark.parametrize("least", [1, 2, 4])
def test_what_is_said_at_first_is_never_taken_back(
    tiny: Tables, days: int, day: Any, least: int
) -> None:
    clock = Clock.at_end_of(day, ZONE)
    members = two_of_three_at(tiny)
    request = ask(tiny, days=days, clock=clock, members_at=members, min_size=least)
    report = open_report(request)

    first = find_first(report)
    last = report.facts

    said, overview = first.facts.overview, last.overview
    assert (said.n_users, said.n_universe) == (overview.n_users, overview.n_universe)
    assert said.n_active_7d == overview.n_active_7d
    assert said.n_new_7d == overview.n_new_7d if first.is_new_settled else said.n_new_7d is None
    assert first.facts.head.n_baseline == last.head.n_baseline


def test_the_cover_is_the_same_at_first_and_the_overview_says_what_it_waits_for(
    tiny: Tables,
) -> None:
    request = ask(tiny, clock=Clock.at_end_of(SUNDAY, ZONE), members_at=two_of_three_at(tiny))
    report = Report(request)

    first = report.at_first()

    assert first["cover"].html == report.cover().html
    assert "New in the past 7 days: … (computing)" in first["overview"].text
    assert first["overview"].text.splitlines()[:3] == report.overview().text.splitlines()[:3]


def test_at_first_is_refused_what_the_whole_report_is_refused(tiny: Tables) -> None:
    with pytest.raises(UnknownNameError, match="buy_now"):
        find_first(open_report(ask(tiny, funnel=("buy_now",))))
    with pytest.raises(EmptyError, match="no members"):
        Report(ask(tiny, members_at=lambda clock: everyone_at(tiny, clock).limit(0))).at_first()
