"""The shop as a whole: equal bytes, counts that hold, refusals, files that a person edits."""

import hashlib
import re
import tomllib
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from segkit.config import read_config
from segkit.demo import ShopFiles, write_shop
from segkit.errors import ParameterError, WorkspaceError


def digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_equal_seeds_give_equal_bytes_in_any_machine_zone(
    tmp_path: Path, machine_zone: str
) -> None:
    first, second = tmp_path / "a", tmp_path / machine_zone / "b"

    write_shop(first, users=60, days=21, seed=3)
    write_shop(second, users=60, days=21, seed=3)

    assert digests(first) == digests(second)
    assert len(digests(first)) == 18


def test_another_seed_gives_another_shop(tmp_path: Path) -> None:
    write_shop(tmp_path / "a", users=60, days=21, seed=3)
    write_shop(tmp_path / "b", users=60, days=21, seed=4)

    same = digests(tmp_path / "a").items() & digests(tmp_path / "b").items()

    assert not [name for name, _ in same if name.startswith(("raw/", "truths/"))]


def test_lines_are_messages_repetitions_and_bad_ones(shop: ShopFiles, lines: pd.DataFrame) -> None:
    good = lines[lines.fault.isna()]

    assert len(lines) == shop.events.n_lines
    assert good.id.nunique() == shop.events.n_messages
    assert len(good) - good.id.nunique() == shop.events.n_repeated
    assert lines.fault.value_counts().to_dict() == shop.events.faults
    assert int((good.drop_duplicates("id").event != "identify").sum()) == shop.events.n_behaviour


def test_bad_lines_are_of_every_sort_and_below_half_a_percent(lines: pd.DataFrame) -> None:
    counts = lines.fault.value_counts()

    assert set(counts.index) == {"broken", "no_time", "no_id"}
    assert 0.0005 < counts.sum() / len(lines) < 0.005


def test_a_repetition_is_the_same_line_in_the_same_file_or_in_the_next(lines: pd.DataFrame) -> None:
    good = lines[lines.fault.isna()]

    repeated = good[good.duplicated("id", keep=False)].groupby("id")

    assert repeated.text.nunique().max() == 1
    assert set(repeated.file.nunique()) == {1, 2}


def test_late_messages_stand_in_a_later_file_than_their_time(
    shop: ShopFiles, lines: pd.DataFrame, log: pd.DataFrame
) -> None:
    first_file = lines[lines.fault.isna()].groupby("id").file.first()
    starts = first_file.str.extract(r"(\d{4}-\d\d-\d\d)")[0]
    day = log.set_index("id").local.dt.strftime("%Y-%m-%d")

    late = day < starts.reindex(day.index)

    assert int(late.sum()) == shop.events.n_late
    assert 0.002 < late.mean() < 0.01


def test_the_log_spans_exactly_its_days_and_everyone_comes(
    shop: ShopFiles, log: pd.DataFrame
) -> None:
    days = log.local.dt.date

    assert (days.min(), days.max()) == (shop.first_on, shop.last_on)
    assert days.nunique() == 120
    assert shop.last_on == date(2026, 5, 31)
    assert log[log.kind != "bot"].person.nunique() == shop.n_people == 2000


def test_stitching_finds_the_users_that_are_promised(shop: ShopFiles, log: pd.DataFrame) -> None:
    found = log[log.kind != "bot"].key.nunique()

    assert log.kind.notna().all()
    assert found == shop.n_users
    assert found > shop.n_people


def test_the_truths_lie_outside_every_source(shop: ShopFiles) -> None:
    config = read_config(shop.config.read_text("utf-8"), where="segkit.toml")

    loaded = {path for source in config.sources for path in shop.folder.glob(source.path)}

    assert len(loaded) == len(shop.event_files) + 3
    assert not {shop.truths, shop.truth_users} & loaded
    assert not [p for p in shop.folder.glob("raw/**/*") if p.is_file() and p not in loaded]


def test_the_toml_maps_columns_that_the_files_have(shop: ShopFiles) -> None:
    config = read_config(shop.config.read_text("utf-8"), where="segkit.toml")

    for source in config.sources:
        if source.format == "csv":
            heads = (shop.folder / source.path).read_text("utf-8").splitlines()[0].split(",")
            assert {m.column for m in source.map.values()} <= set(heads)
    assert config.privacy.columns == {"email": "personal", "member_id": "pseudonymous"}
    assert config.privacy.export == "pseudonymous"


def test_files_that_a_person_edited_stay(tmp_path: Path) -> None:
    files = write_shop(tmp_path, users=20, days=14)
    files.config.write_text('name = "mine"\n', "utf-8")
    events = digests(tmp_path / "raw")

    again = write_shop(tmp_path, users=20, days=14)

    assert tomllib.loads(again.config.read_text("utf-8")) == {"name": "mine"}
    assert digests(tmp_path / "raw") == events


def test_raw_files_of_another_shop_are_refused(tmp_path: Path) -> None:
    write_shop(tmp_path, users=20, days=14)

    with pytest.raises(
        WorkspaceError, match=r"holds raw files of another shop: `events-2026-05-18"
    ):
        write_shop(tmp_path, users=20, days=15)


@pytest.mark.parametrize(("users", "days"), [(9, 30), (10, 6)])
def test_a_shop_that_is_too_small_is_refused(tmp_path: Path, users: int, days: int) -> None:
    with pytest.raises(
        ParameterError, match=f"A shop of {users} users and {days} days is too small"
    ):
        write_shop(tmp_path, users=users, days=days)

    assert not list(tmp_path.iterdir())


def test_the_truths_page_gives_the_numbers(shop: ShopFiles) -> None:
    page = shop.truths.read_text("utf-8")

    numbers = {int(n) for n in re.findall(r"\b\d+\b", page)}

    assert {shop.events.n_lines, shop.events.n_late, shop.events.n_bot, 150 * 2 // 5} <= numbers
    assert "2026-03-29T01:00" in page


@pytest.mark.slow
def test_the_default_shop_has_about_400_000_events_in_less_than_60_mb(tmp_path: Path) -> None:
    files = write_shop(tmp_path)

    size = sum(path.stat().st_size for path in tmp_path.rglob("*") if path.is_file())

    assert files.n_people == 5000
    assert 380_000 < files.events.n_behaviour < 430_000
    assert size < 60e6
