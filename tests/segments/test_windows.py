"""Windows at a clock: calendar periods, edges, clipping at T."""

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from segkit.errors import DefinitionError, NotYetError
from segkit.periods import Clock
from segkit.segments.clocks import clock_of, undated
from segkit.segments.shapes import Place
from segkit.segments.windows import WINDOW, span_of
from tests.segments.tiny import segment

BERLIN = ZoneInfo("Europe/Berlin")
CLOCK = Clock.at_end_of(date(2026, 3, 29), BERLIN)

SPANS: list[tuple[Any, str | None, str]] = [
    ("ever", None, "2026-03-29"),
    ({"last": "1d"}, "2026-03-29", "2026-03-29"),
    ({"last": "2w"}, "2026-03-16", "2026-03-29"),
    ({"last": "1mo"}, "2026-02-28", "2026-03-29"),
    ({"last": "7d", "ending": "7d"}, "2026-03-16", "2026-03-22"),
    ({"from": "2026-03-01", "to": "2026-04-30"}, "2026-03-01", "2026-03-29"),
    ({"since": "2026-03-01"}, "2026-03-01", "2026-03-29"),
    ({"before": "2026-03-01"}, None, "2026-02-28"),
    ({"older_than": "7d"}, None, "2026-03-22"),
    ({"calendar": "this_day"}, "2026-03-29", "2026-03-29"),
    ({"calendar": "last_day"}, "2026-03-28", "2026-03-28"),
    ({"calendar": "this_week"}, "2026-03-23", "2026-03-29"),
    ({"calendar": "last_week"}, "2026-03-16", "2026-03-22"),
    ({"calendar": "this_month"}, "2026-03-01", "2026-03-29"),
    ({"calendar": "last_month"}, "2026-02-01", "2026-02-28"),
    ({"calendar": "this_quarter"}, "2026-01-01", "2026-03-29"),
    ({"calendar": "last_quarter"}, "2025-10-01", "2025-12-31"),
    ({"calendar": "this_year"}, "2026-01-01", "2026-03-29"),
    ({"calendar": "last_year"}, "2025-01-01", "2025-12-31"),
]


@pytest.mark.parametrize(("during", "first", "last"), SPANS, ids=lambda v: str(v)[:40])
def test_a_window_is_whole_days_of_the_zone(during: Any, first: str | None, last: str) -> None:
    span = span_of(WINDOW.read(during, Place()), CLOCK)

    assert (span.from_day and span.from_day.isoformat()) == first
    assert span.to_day.isoformat() == last
    assert span.on_days
    assert span.end <= CLOCK.at


def test_a_window_after_t_is_empty() -> None:
    span = span_of(WINDOW.read({"since": "2026-05-01"}, Place()), CLOCK)

    assert span.start == span.end


def test_a_day_without_midnight_begins_when_it_begins() -> None:
    clock = Clock.at_end_of(date(2018, 11, 4), ZoneInfo("America/Sao_Paulo"))

    span = span_of(WINDOW.read({"last": "1d"}, Place()), clock)

    assert span.start == datetime(2018, 11, 4, 3, tzinfo=UTC)
    assert span.on_days


@pytest.mark.parametrize(
    "during", [{"any": "3d", "inside": {"last": "30d"}}, {"after": {"first": "a"}, "for": "7d"}]
)
def test_windows_of_each_user_are_refused_by_name(during: Any) -> None:
    with pytest.raises(NotYetError, match="is part of the language but cannot be evaluated yet"):
        span_of(WINDOW.read(during, Place()), CLOCK)


CLOCKS: list[tuple[dict[str, Any], str]] = [
    ({}, "2026-03-29T22:00:00+00:00"),
    ({"timezone": "Asia/Tokyo"}, "2026-03-29T15:00:00+00:00"),
    ({"as_of": "2026-03-28"}, "2026-03-28T23:00:00+00:00"),
    ({"as_of": "2026-03-28", "timezone": "Asia/Tokyo"}, "2026-03-28T15:00:00+00:00"),
    ({"as_of": "2026-03-28T12:00:00+01:00"}, "2026-03-28T11:00:00+00:00"),
    ({"as_of": {"last_complete": "day"}}, "2026-03-29T22:00:00+00:00"),
    ({"as_of": {"last_complete": "week"}}, "2026-03-29T22:00:00+00:00"),
    ({"as_of": {"last_complete": "month"}}, "2026-02-28T23:00:00+00:00"),
    ({"as_of": {"last_complete": "quarter"}}, "2025-12-31T23:00:00+00:00"),
]


@pytest.mark.parametrize(("document", "at"), CLOCKS, ids=lambda v: str(v)[:50])
def test_a_definition_s_clock_goes_before_the_given_one(document: Any, at: str) -> None:
    definition = segment({"did": {"event": "a"}}, **document)

    clock = clock_of(definition, CLOCK)

    assert clock.at.astimezone(UTC).isoformat() == at
    assert clock_of(undated(definition), CLOCK).day == CLOCK.day


def test_an_instant_stays_an_instant_in_another_zone() -> None:
    given = Clock(datetime(2026, 3, 29, 12, tzinfo=UTC), BERLIN)
    definition = segment({"did": {"event": "a"}}, timezone="Asia/Tokyo")

    assert clock_of(definition, given).at == given.at
    complete = segment({"did": {"event": "a"}}, as_of={"last_complete": "day"})
    assert clock_of(complete, given).day == date(2026, 3, 28)


def test_today_depends_on_when_it_is_asked_and_is_refused() -> None:
    with pytest.raises(NotYetError, match="`as_of: today` is part of the language"):
        clock_of(segment({"did": {"event": "a"}}, as_of="today"), CLOCK)


@pytest.mark.parametrize(
    "during", [{}, {"last": "1d", "since": "2026-01-01"}, {"for": "3d"}, "all"]
)
def test_what_is_no_window_is_refused(during: Any) -> None:
    with pytest.raises(DefinitionError, match=r"not a window|Expected a window"):
        WINDOW.read(during, Place())
