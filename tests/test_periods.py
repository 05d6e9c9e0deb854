# ruff: noqa: DTZ001  wall times are what is tested
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from segkit.periods import local_steps

ZONES = ["Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Africa/Casablanca", "UTC"]


@given(
    wall=st.datetimes(datetime(1910, 1, 3), datetime(2190, 1, 1)),
    zone=st.sampled_from(ZONES).map(ZoneInfo),
    before=st.integers(0, 400),
    after=st.integers(0, 400),
)
def test_local_steps_agree_with_zoneinfo_for_the_first_of_two_wall_times(
    wall: datetime, zone: ZoneInfo, before: int, after: int
) -> None:
    steps = local_steps(zone, wall - timedelta(days=before), wall + timedelta(days=after))

    offset = next(
        seconds for i, (at, seconds) in reversed(list(enumerate(steps))) if i == 0 or at <= wall
    )

    expected = wall.replace(tzinfo=zone).astimezone(UTC)
    assert (wall - timedelta(seconds=offset)).replace(tzinfo=UTC) == expected


def test_local_steps_keep_the_offset_before_a_change_through_gap_and_repeat() -> None:
    berlin = ZoneInfo("Europe/Berlin")

    steps = local_steps(berlin, datetime(2026, 3, 1), datetime(2026, 11, 1))

    assert [offset for _, offset in steps] == [3600, 7200, 3600]
    assert [at for at, _ in steps][1:] == [datetime(2026, 3, 29, 3), datetime(2026, 10, 25, 3)]
