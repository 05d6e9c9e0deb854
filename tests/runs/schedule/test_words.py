from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segkit.errors import ParameterError
from segkit.periods import GRAINS, Grain
from segkit.runs.schedule.amounts import read_megabytes, read_seconds
from segkit.runs.schedule.period import Period, read_period
from segkit.runs.schedule.words import FORMS, read_every

ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe")
YEAR = (datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("clock", ["00:00", "01:45", "02:15", "02:30", "03:00", "23:59"])
def test_each_day_is_due_once_whatever_the_clock_does(zone: str, clock: str) -> None:
    every = read_every(f"day {clock}", "day")
    at, seen = YEAR[0], []

    while at < YEAR[1]:
        seen.append(every.newest_due(at, ZoneInfo(zone)))
        at += timedelta(minutes=45)

    assert seen == sorted(seen)
    days = sorted(set(seen))
    assert days == [Period(days[0].start + timedelta(n), "day") for n in range(len(days))]
    assert len(days) in {365, 366}


@pytest.mark.parametrize(
    ("zone", "day", "due"),
    [
        ("Europe/Berlin", date(2026, 3, 28), "2026-03-29T01:30:00+00:00"),
        ("Europe/Berlin", date(2026, 10, 24), "2026-10-25T00:30:00+00:00"),
        ("America/New_York", date(2026, 3, 7), "2026-03-08T07:30:00+00:00"),
        ("America/New_York", date(2026, 10, 31), "2026-11-01T07:30:00+00:00"),
        ("Australia/Lord_Howe", date(2026, 10, 3), "2026-10-03T15:30:00+00:00"),
        ("Australia/Lord_Howe", date(2026, 4, 4), "2026-04-04T16:00:00+00:00"),
    ],
    ids=["skipped", "twice", "skipped", "long after", "just after the gap", "just after the hour"],
)
def test_half_past_two_has_one_instant_on_days_of_a_clock_change(
    zone: str, day: date, due: str
) -> None:
    found = read_every("day 02:30", "day").due(Period(day, "day"), ZoneInfo(zone))

    assert found.isoformat() == due


@given(
    st.sampled_from(GRAINS),
    st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.sampled_from(ZONES),
)
def test_the_newest_due_is_due_and_the_next_is_not(grain: Grain, now: datetime, zone: str) -> None:
    every = read_every(FORMS[grain], grain)

    period = every.newest_due(now, ZoneInfo(zone))

    assert every.due(period, ZoneInfo(zone)) <= now < every.due(period.after(), ZoneInfo(zone))
    assert read_period(str(period), grain) == period
    assert period.after().before() == period


def test_a_month_without_the_day_is_due_on_its_last() -> None:
    every = read_every("month on day 31 at 06:00", "month")

    due = every.due(read_period("2026-01", "month"), ZoneInfo("UTC"))

    assert due.isoformat() == "2026-02-28T06:00:00+00:00"


@pytest.mark.parametrize(
    ("text", "grain", "sentence"),
    [
        ("Mondy 07:30", "week", "Did you mean `Monday`"),
        ("monday 07:30", "week", "Did you mean `Monday`"),
        ("1 07:30", "week", "expected words like `Monday 07:30`, found `1 07:30`"),
        ("0 8 * * 1", "week", "expected words like"),
        ("Monday 7:30", "week", "expected words like"),
        ("day 24:00", "day", "two digits each"),
        ("month on day 32 at 06:00", "month", "month on day 3 at 07:30"),
        ("Monday 07:30", "day", "expected words like `day 06:00`"),
    ],
)
def test_words_with_no_one_meaning_are_refused(text: str, grain: Grain, sentence: str) -> None:
    with pytest.raises(ParameterError, match=sentence.replace("*", r"\*")):
        read_every(text, grain)


@pytest.mark.parametrize(
    ("text", "grain"),
    [("2026-W54", "week"), ("2026-W1", "week"), ("2026-13", "month"), ("20260630", "day"),
     ("2026-06-30", "week"), ("../x", "day"), ("2026-06-30\0", "day"), ("", "month")],
)  # fmt: skip
def test_what_names_no_period_is_refused(text: str, grain: Grain) -> None:
    with pytest.raises(ParameterError, match=f"expected a {grain} like"):
        read_period(text, grain)


def test_amounts_have_a_unit_and_are_above_nothing() -> None:
    assert [read_seconds(t) for t in ("45s", "30min", "2h")] == [45, 1800, 7200]
    assert [read_megabytes(t) for t in ("200MB", "4GB")] == [200, 4000]
    for wrong in ("", "0s", "30", "1.5h", "-1s"):
        with pytest.raises(ValueError, match="expected a time like"):
            read_seconds(wrong)
    with pytest.raises(ValueError, match="expected a size like"):
        read_megabytes("4 gb")
