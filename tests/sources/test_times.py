# ruff: noqa: DTZ001  wall times are what is tested
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segkit.config import ColumnMap, SourceConfig
from segkit.errors import SourceError, WorkspaceError
from segkit.sources.files import find_files
from segkit.sources.read import read_files
from segkit.store.engine import Engine

Reader = Callable[..., Any]
UNREADABLE = "time is not a date that `iso` reads, of 1900 to 2199"


def read_times(
    read: Reader, values: list[str], *, timezone: str | None = None, **spec: Any
) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = read(
        "t;u\n" + "".join(f"{value};u1\n" for value in values),
        format="csv",
        delimiter=";",
        timezone=timezone,
        map={"time": {"column": "t"} | spec, "user_id": "u", "event": {"value": "hit"}},
    )["events"]
    return rows


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2020-08-28T14:23:48.206+05:30", datetime(2020, 8, 28, 8, 53, 48, 206000, UTC)),
        ("2020-08-28T14:23:48-0700", datetime(2020, 8, 28, 21, 23, 48, 0, UTC)),
        ("2020-08-28t14:23:48.206z", datetime(2020, 8, 28, 14, 23, 48, 206000, UTC)),
        ("2020-08-28 14:23:48 UTC", datetime(2020, 8, 28, 14, 23, 48, 0, UTC)),
        ("2020-08-28 14:23:48 +02:00", datetime(2020, 8, 28, 12, 23, 48, 0, UTC)),
        ("2020-08-28T14:23Z", datetime(2020, 8, 28, 14, 23, 0, 0, UTC)),
        ("2020-08-28T14:23:48.123456789Z", datetime(2020, 8, 28, 14, 23, 48, 123456, UTC)),
        ("2020-08-28T14:23:48,5+00", datetime(2020, 8, 28, 14, 23, 48, 500000, UTC)),
        ("  2020-08-28T14:23:48Z ", datetime(2020, 8, 28, 14, 23, 48, 0, UTC)),
    ],
)
def test_iso_texts_with_an_offset_are_instants(read: Reader, text: str, instant: datetime) -> None:
    (row,) = read_times(read, [text])

    assert (row["time"], row["fault"]) == (instant, None)


@pytest.mark.parametrize(
    ("text", "local"),
    [
        ("2020-08-28 14:23:48.25", datetime(2020, 8, 28, 14, 23, 48, 250000)),
        ("2020-08-28T14:23", datetime(2020, 8, 28, 14, 23)),
        ("2020-08-28", datetime(2020, 8, 28)),
    ],
)
def test_iso_texts_without_an_offset_are_read_off_in_the_zone(
    read: Reader, text: str, local: datetime
) -> None:
    (row,) = read_times(read, [text], timezone="America/New_York")

    assert row["time"] == local.replace(tzinfo=ZoneInfo("America/New_York"))


@pytest.mark.parametrize(
    "text",
    ["infinity", "epoch", "safaff", "2020-13-01", "2020-08-28 25:00:00", "20200828", "1899-12-31",
     "2200-01-01", "2020-08-28T14:23:48 Europe/Berlin", "2020-08-28 (BC)"],
)  # fmt: skip
def test_what_is_no_date_is_a_fault_of_its_row(read: Reader, text: str) -> None:
    good, bad, empty = read_times(read, ["2020-08-28", text, ""], timezone="UTC")

    assert [row["fault"] for row in (good, bad, empty)] == [None, UNREADABLE, "no time"]
    assert [row["raw"] for row in (good, bad, empty)] == [None, f"{text};u1", ";u1"]


@pytest.mark.parametrize(
    ("format_", "text"),
    [
        ("epoch_s", "1598624628.5"),
        ("epoch_ms", "1598624628500"),
        ("epoch_us", "1598624628500000"),
        ("%d.%m.%Y %H:%M:%S.%f %z", "28.08.2020 16:23:48.5 +0200"),
    ],
)
def test_formats_give_the_same_instant(read: Reader, format_: str, text: str) -> None:
    (row,) = read_times(read, [text], format=format_)

    assert row["time"] == datetime(2020, 8, 28, 14, 23, 48, 500000, UTC)


@pytest.mark.parametrize("text", ["1e300", "99999999999999999999999", "-9e18", "nan"])
def test_numbers_out_of_range_are_faults_not_overflows(read: Reader, text: str) -> None:
    _, bad = read_times(read, ["1598624628", text], format="epoch_s")

    assert bad["fault"] == "time is not a date that `epoch_s` reads, of 1900 to 2199"


def test_a_source_of_naive_times_is_refused_whole(read: Reader) -> None:
    with pytest.raises(SourceError, match=r"2 of 2 times have no offset(.|\n)*timezone = "):
        read_times(read, ["2020-08-28", "2020-08-29"])


def test_a_few_naive_times_among_instants_are_faults(read: Reader) -> None:
    good, bad = read_times(read, ["2020-08-28T00:00:00Z", "2020-08-29"])

    assert good["fault"] is None
    assert bad["fault"] == "time has no offset and the source no timezone"


def test_a_file_without_any_readable_time_is_refused(read: Reader) -> None:
    with pytest.raises(SourceError, match=r"none of the times can be read as `iso`(.|\n)*%Y%m%d"):
        read_times(read, ["19970101", "19970112"], timezone="UTC")


@pytest.mark.parametrize("format_", ["yyyy-mm-dd", "%Q", "%Y-%m-%d %Z"])
def test_a_format_that_is_none_is_refused(read: Reader, format_: str) -> None:
    with pytest.raises(SourceError, match="is not a time format"):
        read_times(read, ["2020-08-28"], format=format_)


def test_an_unknown_zone_of_the_source_is_refused(read: Reader) -> None:
    with pytest.raises(WorkspaceError, match="Unknown time zone `Mars/Base`"):
        read_times(read, ["2020-08-28"], timezone="Mars/Base")


WALLS = [
    datetime(2026, 3, 29, 1, 59, 59, 999999),  # before Berlin's gap
    datetime(2026, 3, 29, 2, 0),  # in it
    datetime(2026, 3, 29, 2, 59, 59),
    datetime(2026, 3, 29, 3, 0),
    datetime(2026, 10, 25, 1, 59, 59),
    datetime(2026, 10, 25, 2, 30),  # twice
    datetime(2026, 10, 25, 3, 0),
]


def test_clock_changes_are_exact(read: Reader) -> None:
    berlin = ZoneInfo("Europe/Berlin")

    rows = read_times(read, [wall.isoformat() for wall in WALLS], timezone="Europe/Berlin")

    expected = [wall.replace(tzinfo=berlin).astimezone(UTC) for wall in WALLS]
    assert [row["time"] for row in rows] == expected


@given(
    walls=st.lists(
        st.datetimes(datetime(1995, 1, 1), datetime(2035, 1, 1)), min_size=1, max_size=40
    ),
    zone=st.sampled_from(["America/St_Johns", "Australia/Lord_Howe", "Africa/Casablanca", "UTC"]),
)
@settings(max_examples=20)
@pytest.mark.slow
def test_wall_times_of_any_zone_agree_with_zoneinfo(
    engine: Engine, tmp_path_factory: pytest.TempPathFactory, walls: list[datetime], zone: str
) -> None:
    folder = tmp_path_factory.mktemp("walls")
    pq.write_table(pa.table({"t": pa.array(walls, pa.timestamp("us"))}), folder / "a.parquet")
    source = SourceConfig(
        name="walls",
        format="parquet",
        path="a.parquet",
        timezone=zone,
        map={
            "time": ColumnMap(column="t"),
            "user_id": ColumnMap(value="u"),
            "event": ColumnMap(value="hit"),
        },
    )

    (file,) = find_files(source, folder)
    events = read_files(engine.backend, source, [file], stage=folder)["events"]
    found = engine.rows(events.order_by("row_no").select("time"))

    expected = [wall.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC) for wall in walls]
    assert [row[0] for row in found] == expected


MOMENT = datetime(2026, 7, 1, 12, 0)


@pytest.mark.parametrize(
    ("array", "spec", "hours"),
    [
        (pa.array([MOMENT.replace(tzinfo=UTC)], pa.timestamp("us", "UTC")), {}, 0),
        (pa.array([MOMENT.replace(tzinfo=UTC)], pa.timestamp("ms", "Asia/Tokyo")), {}, 0),
        (pa.array([MOMENT], pa.timestamp("ns")), {"timezone": "Europe/Berlin"}, -2),
        (pa.array([MOMENT.date()], pa.date32()), {"timezone": "Europe/Berlin"}, -14),
        (pa.array([20260701], pa.int32()), {"timezone": "UTC", "format": "%Y%m%d"}, -12),
        (pa.array([1782907200]), {"format": "epoch_s"}, 0),
        (pa.array([1782907200000.0]), {"format": "epoch_ms"}, 0),
    ],
    ids=["instant", "other zone", "wall ns", "date", "integer day", "epoch", "float epoch"],
)
def test_typed_columns_become_instants(
    read: Reader, tmp_path: Path, array: Any, spec: dict[str, str], hours: int
) -> None:
    pq.write_table(pa.table({"t": array, "u": ["u1"]}), tmp_path / "a.parquet")

    (row,) = read(
        tmp_path / "a.parquet",
        format="parquet",
        map={"time": {"column": "t"} | spec, "user_id": "u", "event": {"value": "hit"}},
    )["events"]

    assert row["time"] == MOMENT.replace(tzinfo=UTC) + timedelta(hours=hours)


@pytest.mark.parametrize(
    ("array", "spec", "message"),
    [
        (pa.array([MOMENT]), {}, "the times have no zone"),
        (pa.array([20260701]), {}, "holds numbers"),
        (pa.array([MOMENT]), {"format": "%Y", "timezone": "UTC"}, "is a time already"),
    ],
    ids=["wall", "number", "format"],
)
def test_typed_columns_that_need_more_are_refused(
    read: Reader, tmp_path: Path, array: Any, spec: dict[str, str], message: str
) -> None:
    pq.write_table(pa.table({"t": array, "u": ["u1"]}), tmp_path / "a.parquet")

    with pytest.raises(SourceError, match=message):
        read(
            tmp_path / "a.parquet",
            format="parquet",
            map={"time": {"column": "t"} | spec, "user_id": "u", "event": {"value": "hit"}},
        )
