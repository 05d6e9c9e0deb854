import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from segkit.errors import EmptyError, QuarantineError, SourceError, StoreError, UnknownNameError
from segkit.store.layout import one_writer
from segkit.store.snapshot import FORMAT, latest, read_snapshot
from tests.store.support import TOML, load_now, message, page, rows, some_messages, write_lines


def test_rows_read_are_kept_repeated_or_quarantined(tmp_path: Path) -> None:
    good = [page("10:00:00", id="a", device="d1"), page("10:01:00", id="b", device="d1")]
    write_lines(tmp_path, "one", [*good, good[0], "{broken", page("10:02:00", id="c")])

    result = load_now(tmp_path)

    (source,) = result.sources
    assert (source.rows_read, source.kept, source.repeated, source.quarantined) == (5, 2, 1, 2)
    assert [(path, no) for path, no in rows(tmp_path, "quarantine", "path", "row_no")] == [
        ("raw/one.ndjson", 4),
        ("raw/one.ndjson", 5),
    ]


def test_the_same_file_again_changes_nothing(tmp_path: Path) -> None:
    write_lines(tmp_path, "one", [page("10:00:00", id="a", device="d1")])
    first = load_now(tmp_path)

    second = load_now(tmp_path)

    assert first.is_new
    assert not second.is_new
    assert second.snapshot == first.snapshot
    assert "1 files were loaded before" in second.notes[0]


def test_the_same_event_in_another_file_counts_once(tmp_path: Path) -> None:
    event = page("10:00:00", id="a", device="d1")
    write_lines(tmp_path, "one", [event])
    load_now(tmp_path)
    write_lines(tmp_path, "two", [event, page("10:05:00", id="b", device="d1")])

    result = load_now(tmp_path)

    assert (result.sources[0].kept, result.sources[0].repeated) == (1, 1)
    assert len(rows(tmp_path, "events")) == 2


def test_a_late_event_joins_the_visits_it_lies_between(tmp_path: Path) -> None:
    write_lines(
        tmp_path,
        "one",
        [page("10:00:00", id="a", device="d"), page("10:50:00", id="b", device="d")],
    )
    load_now(tmp_path)
    before = rows(tmp_path, "visits", "n_events")
    write_lines(tmp_path, "two", [page("10:25:00", id="late", device="d")])

    load_now(tmp_path)

    assert before == [(1,), (1,)]
    assert rows(tmp_path, "visits", "n_events", "engaged_s") == [(3, 3000)]


def test_later_days_leave_the_numbers_of_earlier_visits(tmp_path: Path) -> None:
    write_lines(
        tmp_path,
        "one",
        [page("10:00:00", id="a", device="d"), page("12:00:00", id="b", device="d")],
    )
    load_now(tmp_path)
    before = rows(tmp_path, "visits", "visit_no")
    write_lines(tmp_path, "two", [page("2026-01-06T10:00:00Z", id="c", device="d")])

    load_now(tmp_path)

    assert set(before) < set(rows(tmp_path, "visits", "visit_no"))


def test_identify_gives_the_anonymous_past_to_the_person(tmp_path: Path) -> None:
    write_lines(
        tmp_path,
        "one",
        [page("10:00:00", id="a", device="d1"), page("10:01:00", id="b", device="d2")],
    )
    load_now(tmp_path)
    write_lines(
        tmp_path,
        "two",
        [message("identify", "11:00:00", id="c", device="d1", user="ann", traits={"age": 31})],
    )

    load_now(tmp_path)

    people = dict(rows(tmp_path, "users", "user_key", "n_events"))
    assert people == {"ann": 1, "d2": 1}
    assert len(rows(tmp_path, "events")) == 2


def test_a_shared_device_gives_each_person_their_own_time(tmp_path: Path) -> None:
    write_lines(
        tmp_path,
        "one",
        [
            page("09:00:00", id="a", device="d"),
            page("10:00:00", id="b", device="d", user="ann"),
            page("10:30:00", id="c", device="d"),
            page("11:00:00", id="e", device="d", user="ben"),
            page("11:30:00", id="f", device="d"),
        ],
    )

    load_now(tmp_path)

    assert rows(tmp_path, "users", "user_key", "n_events") == [("ann", 3), ("ben", 2)]


def test_an_alias_makes_two_user_ids_one_person(tmp_path: Path) -> None:
    write_lines(
        tmp_path,
        "one",
        [
            page("10:00:00", id="a", user="old"),
            page("11:00:00", id="b", user="new"),
            message("alias", "12:00:00", id="c", user="new", previousId="old"),
        ],
    )

    load_now(tmp_path)

    assert rows(tmp_path, "users", "user_key", "n_events") == [("new", 2)]


def test_too_many_bad_rows_refuse_the_load_whole(tmp_path: Path) -> None:
    write_lines(tmp_path, "one", [page("10:00:00", id="a", device="d1")])
    first = load_now(tmp_path)
    write_lines(tmp_path, "two", ["{bad", "{worse", page("10:05:00", id="b", device="d1")])

    with pytest.raises(
        QuarantineError, match=r"2 of 3 rows are bad \(66.7%, allowed 50.0%\).*nothing was loaded"
    ):
        load_now(tmp_path)

    assert latest(tmp_path) == first.snapshot
    assert len(rows(tmp_path, "events")) == 1


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="web"):
        load_now(tmp_path)

    assert latest(tmp_path) is None


def test_an_unknown_source_is_named_with_near_names(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match=r"Unknown source `wen`.*\nHint: Did you mean `web`"):
        load_now(tmp_path, sources=["wen"])


def test_a_workspace_without_sources_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EmptyError, match="no sources"):
        load_now(tmp_path, toml='name = "x"')


def test_a_second_load_at_the_same_time_is_refused(tmp_path: Path) -> None:
    write_lines(tmp_path, "one", [page("10:00:00", id="a", device="d1")])

    with one_writer(tmp_path), pytest.raises(StoreError, match="Another load"):
        load_now(tmp_path)


def test_repeated_ids_with_other_content_are_said(tmp_path: Path) -> None:
    write_lines(
        tmp_path,
        "one",
        [page("10:00:00", "/a", id="x", device="d"), page("10:00:05", "/b", id="x", device="d")],
    )

    result = load_now(tmp_path)

    assert rows(tmp_path, "events", "page_path") == [("/a",)]
    assert "1 repeated event ids carry different content" in result.notes[0]


def test_content_identity_keeps_events_that_differ(tmp_path: Path) -> None:
    same = page("10:00:00", "/a", id="x", device="d")
    write_lines(tmp_path, "one", [same, page("10:00:05", "/b", id="x", device="d"), same])

    result = load_now(tmp_path, TOML + 'identity = "content"\n')

    assert (result.sources[0].kept, result.sources[0].repeated) == (2, 1)


def test_bots_stay_in_the_events_and_out_of_visits_and_users(tmp_path: Path) -> None:
    bot = page("10:00:00", id="a", device="crawler")
    bot["context"]["userAgent"] = (
        "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
    )
    write_lines(tmp_path, "one", [bot, page("10:00:00", id="b", device="d")])

    load_now(tmp_path)

    assert len(rows(tmp_path, "events")) == 2
    assert len(rows(tmp_path, "visits")) == 1
    assert rows(tmp_path, "users", "user_key", "is_bot") == [("crawler", True), ("d", False)]


def test_another_zone_counts_the_days_anew(tmp_path: Path) -> None:
    write_lines(tmp_path, "one", [page("23:30:00", id="a", device="d")])
    load_now(tmp_path)
    berlin = rows(tmp_path, "user_days", "day")
    utc = TOML.replace("Europe/Berlin", "UTC")

    with pytest.raises(StoreError, match="counts days in Europe/Berlin, the workspace in UTC"):
        rows(tmp_path, "user_days", "day", toml=utc)
    load_now(tmp_path, utc)

    assert [str(day) for (day,) in berlin] == ["2026-01-06"]
    assert [str(day) for (day,) in rows(tmp_path, "user_days", "day", toml=utc)] == ["2026-01-05"]


def test_another_map_reads_all_files_again(tmp_path: Path) -> None:
    write_lines(
        tmp_path,
        "one",
        [page("10:00:00", "/a", id="x", device="d"), page("10:00:05", "/b", id="x", device="d")],
    )
    load_now(tmp_path)

    result = load_now(tmp_path, TOML + 'identity = "content"\n')

    assert len(rows(tmp_path, "events", toml=TOML)) == 2
    assert any("read again" in note for note in result.notes)


def test_another_map_is_refused_when_a_loaded_file_is_gone(tmp_path: Path) -> None:
    write_lines(tmp_path, "one", [page("10:00:00", id="x", device="d")])
    load_now(tmp_path)
    (tmp_path / "raw/one.ndjson").rename(tmp_path / "raw/moved.txt")
    write_lines(tmp_path, "two", [page("11:00:00", id="y", device="d")])

    with pytest.raises(
        StoreError, match=r"1 files that were loaded are gone or changed: `raw/one.ndjson`"
    ):
        load_now(tmp_path, TOML + 'identity = "content"\n')

    assert len(rows(tmp_path, "events")) == 1


def test_current_only_labels_follow_the_newest_file(tmp_path: Path) -> None:
    toml = (
        TOML + '[[sources]]\nname = "crm"\nformat = "csv"\ntable = "attributes"\npath = '
        '"crm.csv"\n[sources.map]\nuser_id = "id"\n'
    )
    write_lines(tmp_path, "one", [page("10:00:00", id="x", user="ann")])
    found = []
    for plan in ("free", "pro", "free"):
        (tmp_path / "crm.csv").write_text(f"id,plan\nann,{plan}\nzoe,free\n", "utf-8")
        load_now(tmp_path, toml)
        found.append(rows(tmp_path, "attributes", "name", "value", toml=toml))

    assert found == [
        [("plan", "free"), ("plan", "free")],
        [("plan", "free"), ("plan", "pro")],
        [("plan", "free"), ("plan", "free")],
    ]
    assert rows(tmp_path, "users", "user_key", "n_events", toml=toml) == [("ann", 1), ("zoe", 0)]


@pytest.mark.parametrize("seed", [4, 5])
def test_totals_of_all_tables_agree(tmp_path: Path, seed: int) -> None:
    write_lines(tmp_path, "all", some_messages(seed, n=200))

    load_now(tmp_path)

    n_events = len(rows(tmp_path, "events"))
    assert sum(n for (n,) in rows(tmp_path, "visits", "n_events")) == n_events
    assert sum(n for (n,) in rows(tmp_path, "user_days", "n_events")) == n_events
    assert sum(n for (n,) in rows(tmp_path, "users", "n_events")) == n_events
    assert sum(v for (v,) in rows(tmp_path, "visits", "value")) == sum(
        v or 0 for (v,) in rows(tmp_path, "events", "value")
    )
    assert sum(n for (n,) in rows(tmp_path, "page_days", "n_views")) == sum(
        n for (n,) in rows(tmp_path, "visits", "n_page_views")
    )


@pytest.mark.slow
def test_a_killed_load_leaves_the_snapshot_before_whole(tmp_path: Path) -> None:
    write_lines(tmp_path, "one", some_messages(6, n=200))
    (tmp_path / "segkit.toml").write_text(TOML, "utf-8")
    first = load_now(tmp_path)
    before = rows(tmp_path, "events")
    more = [
        {**m, "messageId": f"x{i}-{m['messageId']}"}
        for i in range(200)
        for m in some_messages(7, n=200)
    ]
    write_lines(tmp_path, "two", more)
    code = (
        "import sys; from pathlib import Path; from tests.store.support import load_now; "
        "load_now(Path(sys.argv[1]))"
    )

    for wait in (0.3, 0.8, 1.2, 1.6, 2.0):
        child = subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path)],
            env={**os.environ, "PYTHONPATH": str(Path.cwd())},
        )
        time.sleep(wait)
        child.send_signal(signal.SIGKILL)
        child.wait()
        if latest(tmp_path) != first.snapshot:
            break
        assert rows(tmp_path, "events") == before

    load_now(tmp_path)
    assert len(rows(tmp_path, "events")) == len(before) + sum(
        m["type"] in {"page", "track"} for m in more
    )
    assert json.loads((tmp_path / "store/snapshots" / f"{latest(tmp_path)}.json").read_text())[
        "id"
    ] == latest(tmp_path)


def test_the_snapshot_lists_what_it_holds(tmp_path: Path) -> None:
    write_lines(
        tmp_path,
        "one",
        [
            page("10:00:00", id="a", device="d"),
            message(
                "track",
                "10:01:00",
                id="b",
                device="d",
                event="purchase",
                properties={"value": 3, "currency": "EUR", "coupon": "X"},
            ),
            message(
                "identify",
                "10:02:00",
                id="c",
                device="d",
                user="u",
                traits={"age": 31, "since": "2025-01-01", "vip": True, "plan": "pro"},
            ),
        ],
    )
    load_now(tmp_path)

    catalogue = read_snapshot(tmp_path).catalogue

    assert set(catalogue.events) == {"page_view", "purchase"}
    assert "coupon" in catalogue.events["purchase"].properties
    assert {k: v.kind for k, v in catalogue.attributes.items()} == {
        "age": "number",
        "since": "date",
        "vip": "boolean",
        "plan": "text",
    }
    assert all(info.has_history for info in catalogue.attributes.values())
    assert (catalogue.n_users, catalogue.currencies) == (1, ("EUR",))


def test_a_store_of_an_older_format_is_refused_by_load_and_readers(tmp_path: Path) -> None:
    write_lines(tmp_path, "one", [page("10:00:00", id="a", device="d")])
    load_now(tmp_path)
    path = tmp_path / "store/snapshots" / f"{latest(tmp_path)}.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"format": FORMAT - 1}), "utf-8")
    told = r"has format 1, expected 2\..*\nHint: remove the folder `store` and run `segkit load`"

    with pytest.raises(StoreError, match=told):
        rows(tmp_path, "events")
    with pytest.raises(StoreError, match=told):
        load_now(tmp_path)

    shutil.rmtree(tmp_path / "store")
    load_now(tmp_path)
    assert len(rows(tmp_path, "events")) == 1
