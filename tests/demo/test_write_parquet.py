"""The large shop: parts in the order of time, about the wanted size, the same people."""

from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from segkit.config import read_config
from segkit.demo import write_events_parquet
from segkit.errors import ParameterError


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("large")
    write_events_parquet(folder, events=60_000, users=600, days=60, seed=1, part_rows=20_000)
    return folder


def test_parts_are_full_and_follow_each_other_in_time(large: Path) -> None:
    parts = [pd.read_parquet(path) for path in sorted(large.glob("raw/events/*.parquet"))]

    rows = [len(part) for part in parts]
    times = pd.concat(part.time for part in parts)

    assert set(rows[:-1]) == {20_000}
    assert 0 < rows[-1] <= 20_000
    assert times.is_monotonic_increasing
    assert str(times.dtype) == "datetime64[us, UTC]"


def test_the_number_of_events_is_about_the_wanted_one(large: Path) -> None:
    n = sum(pq.read_metadata(path).num_rows for path in large.glob("raw/events/*.parquet"))

    assert n == pytest.approx(60_000, rel=0.1)


def test_equal_seeds_give_equal_parts(large: Path, tmp_path: Path) -> None:
    again = write_events_parquet(
        tmp_path, events=60_000, users=600, days=60, seed=1, part_rows=20_000
    )

    assert [p.read_bytes() for p in again] == [
        p.read_bytes() for p in sorted(large.glob("raw/events/*.parquet"))
    ]


def test_every_user_comes_and_has_labels_and_a_kind(large: Path) -> None:
    events = pd.read_parquet(large / "raw" / "events")

    attributes = pd.read_csv(large / "raw" / "attributes.csv")
    kinds = pd.read_parquet(large / "truths" / "users.parquet")

    assert set(events.user_id) == set(attributes.member_id) == set(kinds.user_key)
    assert len(attributes) == 600
    assert kinds.kind.value_counts()["one_time_buyer"] == 120
    assert "kind" not in attributes.columns


def test_only_purchases_bear_money(large: Path) -> None:
    events = pd.read_parquet(large / "raw" / "events")

    paid = events.event == "purchase"

    assert (events.value.notna() == paid).all()
    assert (events.currency.notna() == paid).all()
    assert (events.value.dropna() * 100 % 5 < 1e-6).mean() > 0.4


def test_the_toml_maps_columns_that_the_files_have(large: Path) -> None:
    config = read_config((large / "segkit.toml").read_text("utf-8"), where="segkit.toml")
    log, members = config.sources

    columns = pq.read_schema(large / "raw" / "events" / "part-00000.parquet").names
    heads = pd.read_csv(large / "raw" / "attributes.csv", nrows=1).columns

    assert {m.column for m in log.map.values()} == set(columns)
    assert {m.column for m in members.map.values()} <= set(heads)


def test_fewer_events_than_users_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="5 events of 10 users in 7 days"):
        write_events_parquet(tmp_path, events=5, users=10, days=7)
