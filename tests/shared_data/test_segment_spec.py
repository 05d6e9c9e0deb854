"""149 messages of the Segment spec, copied and bent: each is kept, repeated or quarantined.

Counted in the file: 62 track, 42 identify, 14 page, 12 group, 10 screen, 9 alias; 119 different
lines. Without a time: lines 8 to 11; without an id: 63; an alias of one id: 110; a time that is
none: 127.
"""

import json
from datetime import datetime
from pathlib import Path

import pytest

import segkit
from segkit.errors import QuarantineError
from tests.shared_data.support import Loaded, check_nothing_new, load_documented, outcome

pytestmark = pytest.mark.shared

BAD = [
    (8, "no time"),
    (9, "no time"),
    (10, "no time"),
    (11, "no time"),
    (63, "no user or device id"),
    (110, "alias without two ids"),
    (127, "time is not a date that `iso` reads, of 1900 to 2199"),
]


@pytest.fixture(scope="module")
def data(shared: Path) -> Path:
    return shared / "data" / "segment-spec-rudder"


@pytest.fixture(scope="module")
def by_id(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    root = tmp_path_factory.mktemp("by_id")
    return load_documented(root, "segment_messages", "messages", data)


@pytest.fixture(scope="module")
def by_content(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    root = tmp_path_factory.mktemp("by_content")
    return load_documented(root, "segment_messages", "messages by content", data)


def events(loaded: Loaded) -> list[tuple[object, ...]]:
    """Give the events without their place in the file."""
    table = loaded.workspace.tables.events
    columns = (
        "event_id",
        "device_id",
        "user_id",
        "time",
        "event",
        "page_url",
        "value",
        "properties",
    )
    return sorted(loaded.rows(table.select(*columns)), key=repr)


def test_every_row_is_kept_repeated_or_quarantined(by_id: Loaded, by_content: Loaded) -> None:
    assert outcome(by_id.first) == {"messages": (50, 92, 7)}
    assert outcome(by_content.first) == {"messages": (72, 70, 7)}


def test_again_adds_nothing(by_content: Loaded) -> None:
    check_nothing_new(by_content)


def test_quarantine_names_line_and_reason(by_id: Loaded) -> None:
    table = by_id.workspace.tables.quarantine

    assert sorted(by_id.rows(table.select("row_no", "reason"))) == BAD


def test_more_bad_rows_than_the_usual_hundredth_refuse_the_load(data: Path, tmp_path: Path) -> None:
    toml = f'name = "m"\n[[sources]]\nname = "m"\nformat = "segment"\npath = "{data}/*.ndjson"\n'
    (tmp_path / "segkit.toml").write_text(toml, "utf-8")
    workspace = segkit.open(tmp_path)

    with pytest.raises(QuarantineError, match="7 of 149"):
        workspace.load()

    assert workspace.snapshot is None


def test_an_id_stands_for_one_event_and_no_id_for_one_each(by_id: Loaded) -> None:
    table = by_id.workspace.tables.events

    ids, missing = table.event_id.nunique(), table.event_id.isnull().sum()

    assert (by_id.scalar(ids), by_id.scalar(missing), by_id.scalar(table.count())) == (19, 4, 23)


def test_the_load_warns_that_repeated_ids_differ(by_id: Loaded, by_content: Loaded) -> None:
    (told,) = by_id.first.notes

    assert "29 repeated event ids carry different content" in told
    assert by_content.first.notes == ()


def test_exact_repeats_change_no_event(by_content: Loaded, data: Path, tmp_path: Path) -> None:
    (file,) = data.glob("*.ndjson")
    lines = file.read_text("utf-8").splitlines()
    different = list(dict.fromkeys(lines))
    (tmp_path / file.name).write_text("\n".join(different) + "\n", "utf-8")
    root = tmp_path / "workspace"
    root.mkdir()

    without = load_documented(root, "segment_messages", "messages by content", tmp_path)

    assert len(lines) - len(different) == 30
    assert outcome(without.first)["messages"][0] == outcome(by_content.first)["messages"][0]
    assert events(without) == events(by_content)
    assert len(events(by_content)) == 51


def test_times_with_an_offset_are_the_same_instants(by_content: Loaded, data: Path) -> None:
    (file,) = data.glob("*.ndjson")
    messages = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    texts = {m.get("timestamp") or "" for m in messages if m["type"] not in {"identify", "alias"}}
    given = {text for text in texts if text.endswith("+05:30")}

    times = {at for (at,) in by_content.rows(by_content.workspace.tables.events.select("time"))}

    assert "2020-01-24t11:59:02.402+05:30" in given
    assert {datetime.fromisoformat(text.upper()) for text in given} <= times
