import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segkit.errors import RunError
from segkit.runs import publish
from segkit.runs.manifest import MANIFEST, read_manifest

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{7*7}}",
    "{x.__class__}",
    "../../x",
    "a/b",
    "..",
    ".",
    "",
    "nul\x00l",
    "cr\r\nlf",
    "\u202eevil",
    "x" * 300,
    "🛒",
    "=cmd()",
    "latest",
    "CON",
]
NAMES = [f"20260701T10000{n}Z-00000{n}" for n in range(5)]


def _publish(
    out: Path,
    *,
    report: str = "segment_report-loyal",
    period: str = "2026-06-30",
    run: str = NAMES[0],
) -> Path:
    building = publish.open_building(out, run)
    (building / "report.html").write_text(f"<p>{run}</p>", "utf-8")
    place = out / report / period / run
    publish.publish(building, place, {"segment": "loyal", "period": period, "run": run})
    publish.point_latest(place.parent.parent)
    return place


def test_run_names_sort_by_time_and_never_collide() -> None:
    early = {publish.new_run_id(datetime(2026, 7, 1, 9, tzinfo=UTC)) for _ in range(50)}
    late = publish.new_run_id(datetime(2026, 7, 1, 10, tzinfo=UTC))

    assert len(early) == 50
    assert all(name < late for name in early)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_stays_one_plain_folder(tmp_path: Path, name: str) -> None:
    folder = tmp_path / publish.report_folder("segment_report", name)
    folder.mkdir()

    assert folder.resolve().parent == tmp_path.resolve()
    assert folder.name.isascii()
    assert len(folder.name) < 120


@given(st.lists(st.text(max_size=60), unique=True, min_size=2, max_size=6))
def test_two_names_never_share_a_folder(names: list[str]) -> None:
    folders = {publish.report_folder("segment_report", name).lower() for name in names}

    assert len(folders) == len(names)


def test_a_published_run_is_whole_and_latest_points_to_it(tmp_path: Path) -> None:
    place = _publish(tmp_path)

    manifest = read_manifest(place)

    assert manifest is not None
    assert set(manifest["outputs"]) == {"report.html"}
    assert (tmp_path / "segment_report-loyal" / "latest").resolve() == place.resolve()
    assert not list(tmp_path.glob(".building-*"))


def test_latest_prefers_the_later_period_then_the_later_run(tmp_path: Path) -> None:
    _publish(tmp_path, period="2026-06-30", run=NAMES[0])
    newest = _publish(tmp_path, period="2026-06-30", run=NAMES[1])
    _publish(tmp_path, period="2026-05-31", run=NAMES[2])

    assert (tmp_path / "segment_report-loyal" / "latest").resolve() == newest.resolve()


@pytest.mark.parametrize("file", ["report.html", MANIFEST])
def test_latest_keeps_the_previous_run_when_the_newest_was_damaged(
    tmp_path: Path, file: str
) -> None:
    good = _publish(tmp_path, run=NAMES[0])
    bad = _publish(tmp_path, run=NAMES[1])
    content = bytearray((bad / file).read_bytes())
    content[len(content) // 2] ^= 1
    (bad / file).write_bytes(content)

    publish.point_latest(bad.parent.parent)

    assert (tmp_path / "segment_report-loyal" / "latest").resolve() == good.resolve()


@pytest.mark.parametrize("moment", ["_sync", "seal_manifest", "write_whole"])
def test_a_full_disk_leaves_no_folder_and_the_older_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    older = _publish(tmp_path, run=NAMES[0])
    before = {path.name: path.read_bytes() for path in older.iterdir()}

    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(publish, moment, fail)
    with pytest.raises(RunError, match="could not be published: No space left on device") as caught:
        _publish(tmp_path, run=NAMES[1])

    assert caught.value.exit_code == 40
    assert [path.name for path in older.parent.iterdir()] == [NAMES[0]]
    assert {path.name: path.read_bytes() for path in older.iterdir()} == before
    assert (tmp_path / "segment_report-loyal" / "latest").resolve() == older.resolve()


def test_a_folder_where_reports_out_should_be_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "reports_out").write_text("a file", "utf-8")

    with pytest.raises(RunError, match="could not be published") as caught:
        publish.open_building(tmp_path / "reports_out", NAMES[0])

    assert caught.value.exit_code == 40


def test_a_killed_run_leaves_a_folder_that_the_next_one_removes(tmp_path: Path) -> None:
    gone = tmp_path / f".building-{NAMES[0]}-999999999"
    own = tmp_path / f".building-{NAMES[1]}-{os.getpid()}"
    gone.mkdir()
    own.mkdir()

    publish.open_building(tmp_path, NAMES[2])

    assert not gone.exists()
    assert own.exists()


def test_an_interrupted_write_leaves_the_old_file_and_no_part(tmp_path: Path) -> None:
    path = tmp_path / "index.html"
    publish.write_whole(path, b"old")

    with pytest.raises(TypeError, match="bytes-like"):
        publish.write_whole(path, "not bytes")  # type: ignore[arg-type]

    assert path.read_bytes() == b"old"
    assert [found.name for found in tmp_path.iterdir()] == ["index.html"]


def test_only_the_newest_failed_runs_are_kept(tmp_path: Path) -> None:
    building = publish.open_building(tmp_path, NAMES[0])
    (building / "executed.ipynb").write_text("{}", "utf-8")
    for n in range(publish.KEPT_FAILED + 3):
        kept = publish.keep_failed(building, tmp_path, f"20260701T10000{n}Z-000000")

    assert (kept / "executed.ipynb").exists()
    assert len(list((tmp_path / publish.FAILED).iterdir())) == publish.KEPT_FAILED
