from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

import segkit as sk
from segkit.errors import (
    DefinitionError,
    EmptyError,
    ParameterError,
    StoreError,
    UnknownNameError,
    WorkspaceError,
)
from segkit.workspace import Workspace, space


def test_the_nearest_workspace_above_is_opened(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    below = shop / "notebooks" / "mine"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)

    assert sk.open().root == shop
    assert sk.open(".").root == shop
    assert sk.open(shop / "segkit.toml").root == shop


def test_without_a_workspace_there_is_a_way_out(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match=r"no workspace here or above.*\nHint: .*segkit init"):
        sk.open(tmp_path)


def test_a_folder_that_is_not_there_never_means_the_one_above(shop: Path) -> None:
    with pytest.raises(WorkspaceError, match="There is no such folder"):
        sk.open(shop / "shopp")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"name = ", "is not TOML"),
        (b"name = 'x'\nsorces = []\n", r"Unknown key `sorces`.*\n.*`sources`"),
        (b"name = '\xff'\n", "is not UTF-8"),
    ],
    ids=["broken", "unknown key", "latin-1"],
)
def test_a_toml_that_cannot_be_read_is_refused(
    tmp_path: Path, content: bytes, sentence: str
) -> None:
    (tmp_path / "segkit.toml").write_bytes(content)

    with pytest.raises(WorkspaceError, match=sentence):
        sk.open(tmp_path)


def test_an_empty_store_says_how_to_fill_it(shop: Path) -> None:
    (shop / "store" / "CURRENT").unlink()
    ws = sk.open(shop)

    assert ws.snapshot is None
    with pytest.raises(StoreError, match=r"Nothing is loaded yet.*\nHint: run `segkit load`"):
        ws.members("buyers")


def test_members_are_counted_in_their_universe(shop: Path) -> None:
    members = sk.open(shop).members("buyers")

    assert (members.count, members.universe, members.share) == (15, 40, 0.375)
    assert len(members) == 15
    assert "15 of 40 users (37.5%)" in repr(members)
    assert "15 of 40 users" in members._repr_html_()


def test_members_are_those_of_the_day(shop: Path) -> None:
    ws = sk.open(shop)

    before = ws.members("buyers", as_of="2026-06-19")
    after = ws.members("buyers", as_of=date(2026, 6, 20))

    assert (before.count, after.count) == (0, 15)
    assert (before.as_of, after.as_of) == ("2026-06-19", "2026-06-20")


def test_an_instant_divides_a_day(shop: Path) -> None:
    ws = sk.open(shop)

    before = ws.members("buyers", as_of=datetime(2026, 6, 20, 13, 0, tzinfo=UTC))
    after = ws.members("buyers", as_of=datetime(2026, 6, 20, 13, 1, tzinfo=UTC))

    assert (before.count, after.count) == (0, 15)
    assert after.as_of == "2026-06-20T13:01:00+00:00"


def test_a_naive_instant_is_refused(shop: Path) -> None:
    with pytest.raises(ParameterError, match="has no time zone"):
        sk.open(shop).members("buyers", as_of=datetime(2026, 6, 20, 13))  # noqa: DTZ001


def test_a_text_that_is_no_day_is_refused(shop: Path) -> None:
    with pytest.raises(ParameterError, match="expected a date like 2026-06-30, found `last week`"):
        sk.open(shop).members("buyers", as_of="last week")


def test_a_definition_brings_its_own_day_unless_one_is_given(shop: Path) -> None:
    dated = sk.Segment("dated", sk.did(event="purchase"), title="Dated", as_of=date(2026, 6, 19))
    ws = sk.open(shop)

    assert ws.members(dated).count == 0
    assert ws.members(dated, as_of="2026-06-30").count == 15


def test_yesterday_is_counted_from_the_clock(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _stop_clock(monkeypatch, datetime(2026, 6, 20, 23, 0, tzinfo=UTC))

    assert sk.open(shop).members("buyers", as_of="yesterday").as_of == "2026-06-19"


def _stop_clock(monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    class Stopped(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return now.astimezone(tz)

    monkeypatch.setattr(space, "datetime", Stopped)


@pytest.mark.parametrize(
    ("now", "day"),
    [
        (datetime(2026, 8, 1, tzinfo=UTC), date(2026, 6, 30)),
        (datetime(2026, 6, 30, 15, tzinfo=UTC), date(2026, 6, 29)),
        (datetime(2026, 7, 1, 0, tzinfo=UTC), date(2026, 6, 30)),
    ],
    ids=["after the data", "within the last day", "as the last day ends"],
)
def test_the_last_day_has_data_and_is_over(
    shop: Path, monkeypatch: pytest.MonkeyPatch, now: datetime, day: date
) -> None:
    _stop_clock(monkeypatch, now)

    assert sk.open(shop).last_day() == day


def test_a_snapshot_without_events_has_no_last_day(
    shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ws = sk.open(shop)
    empty = type("Empty", (), {"catalogue": type("C", (), {"last_at": None}), "snapshot": "x"})
    monkeypatch.setitem(ws.__dict__, "tables", empty)

    with pytest.raises(EmptyError, match="holds no event"):
        ws.last_day()


def test_a_workspace_keeps_its_snapshot_until_it_is_refreshed(shop: Path) -> None:
    ws = sk.open(shop)
    before = ws.members("buyers").count
    with (shop / "data" / "web.csv").open("a", encoding="utf-8") as rows:
        rows.write("u16,2026-06-20T14:00:00Z,purchase,,10.00\n")
    result = sk.open(shop).load()

    kept = ws.members("buyers").count
    ws.refresh()

    assert (before, kept, ws.members("buyers").count) == (15, 15, 16)
    assert ws.snapshot == result.snapshot


def test_an_unknown_segment_has_near_names(shop: Path) -> None:
    with pytest.raises(UnknownNameError, match=r"Unknown segment `buyrs`.*\n.*`buyers`"):
        sk.open(shop).members("buyrs")


def test_a_saved_segment_is_a_file_that_reads_back(shop: Path) -> None:
    ws = sk.open(shop)
    seg = sk.Segment("hot", sk.did(event="purchase", is_=sk.gte(1)), title="Hot")

    path = ws.save(seg)

    assert path == shop / "segments" / "hot.yml"
    assert sk.open(shop).segments["hot"] == seg
    assert ws.save(seg) == path
    assert [p.name for p in path.parent.iterdir() if p.name.startswith(".")] == []


def test_another_definition_is_only_replaced_when_asked(shop: Path) -> None:
    ws = sk.open(shop)
    other = sk.Segment("buyers", sk.did(event="page_view"), title="Other")
    before = (shop / "segments" / "buyers.yml").read_bytes()

    with pytest.raises(DefinitionError, match="another definition of `buyers`"):
        ws.save(other)

    assert (shop / "segments" / "buyers.yml").read_bytes() == before
    ws.save(other, replace=True)
    assert ws.segments["buyers"].title == "Other"


def test_a_segment_of_another_file_is_not_doubled(shop: Path) -> None:
    (shop / "segments" / "buyers.yml").rename(shop / "segments" / "all.yml")

    with pytest.raises(DefinitionError, match="stands in another file"):
        sk.open(shop).save(sk.Segment("buyers", sk.did(event="purchase"), title="B"), replace=True)


def test_a_check_names_the_fault(shop: Path) -> None:
    wrong = sk.Segment("wrong", sk.did(event="purchse"), title="Wrong")

    with pytest.raises(UnknownNameError, match=r"`purchse`[\s\S]*`purchase`"):
        sk.open(shop).check(wrong)


def test_clearance_is_asked_then_of_the_run_then_of_the_workspace(
    shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ws = sk.open(shop)
    plain = ws.clearance()
    monkeypatch.setenv("SEGKIT_CLEARANCE", "public")

    assert (plain, ws.clearance(), ws.clearance("personal")) == (
        "pseudonymous",
        "public",
        "personal",
    )
    with pytest.raises(ParameterError, match="Unknown clearance `root`"):
        ws.clearance("root")


def test_a_workspace_shows_itself(shop: Path) -> None:
    ws = sk.open(shop)

    assert "tiny" in repr(ws)
    assert "285 of 40 users" in ws._repr_html_()


def test_a_workspace_can_be_opened_by_the_class(shop: Path) -> None:
    assert Workspace.open(shop).config.name == "tiny"
