from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from segkit.errors import RunError
from segkit.runs import catalogue, publish
from segkit.runs.manifest import MANIFEST
from segkit.views.fragment import style_sheet

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)


def _publish(out: Path, n: int, **changes: Any) -> Path:
    run = f"20260701T12000{n}Z-00000{n}"
    building = publish.open_building(out, run)
    (building / "report.html").write_text("<p>1</p>", "utf-8")
    document = {
        "segment": "loyal",
        "period": "2026-06-30",
        "finished_at": (NOON + timedelta(seconds=n)).isoformat(),
        "summary": {"title": f"Loyal {n}", "n_users": 1234, "n_universe": 5000, "share": 0.2468},
        **changes,
    }
    place = out / "segment_report-loyal" / "2026-06-30" / run
    publish.publish(building, place, document)
    return place


def test_whole_runs_are_listed_newest_first(tmp_path: Path) -> None:
    for n in (1, 3, 2):
        _publish(tmp_path, n)

    page = catalogue.write_catalogue(tmp_path, workspace="Shop").read_text("utf-8")

    assert [page.index(f"Loyal {n}") for n in (3, 2, 1)] == sorted(
        page.index(f"Loyal {n}") for n in (1, 2, 3)
    )
    assert "1,234" in page
    assert "24.7%" in page
    assert 'href="segment_report-loyal/2026-06-30/20260701T120003Z-000003/report.html"' in page


@pytest.mark.parametrize("file", ["report.html", MANIFEST])
def test_a_damaged_run_is_not_listed_even_after_it_was(tmp_path: Path, file: str) -> None:
    _publish(tmp_path, 1)
    bad = _publish(tmp_path, 2)
    before = catalogue.find_runs(tmp_path)
    content = bytearray((bad / file).read_bytes())
    content[len(content) // 2] ^= 1
    (bad / file).write_bytes(content)

    after = catalogue.find_runs(tmp_path)

    assert len(before) == 2
    assert [entry.manifest["summary"]["title"] for entry in after] == ["Loyal 1"]


def test_half_folders_building_folders_and_latest_are_not_listed(tmp_path: Path) -> None:
    place = _publish(tmp_path, 1)
    publish.point_latest(place.parent.parent)
    (place.parent / "20260701T120009Z-000009").mkdir()
    publish.open_building(tmp_path, "20260701T120008Z-000008")

    assert len(catalogue.find_runs(tmp_path)) == 1


def test_hostile_names_are_shown_as_they_are(tmp_path: Path) -> None:
    summary = {"title": '<script>alert("{{rows}}")</script>', "n_users": None, "share": None}
    _publish(tmp_path, 1, summary=summary)

    page = catalogue.write_catalogue(tmp_path, workspace="{{rows}}<b>").read_text("utf-8")

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(&quot;{{rows}}&quot;)" in page
    assert "Reports · {{rows}}&lt;b&gt;" in page


def test_the_page_has_the_style_of_the_reports_once(tmp_path: Path) -> None:
    page = catalogue.write_catalogue(tmp_path, workspace="Shop").read_text("utf-8")

    assert page.count(style_sheet()) == 1
    assert '<body class="sk-page">' in page
    assert "{{" not in page


def test_only_files_of_the_run_are_linked(tmp_path: Path) -> None:
    place = _publish(tmp_path, 1).relative_to(tmp_path).as_posix()

    page = catalogue.write_catalogue(tmp_path, workspace="Shop").read_text("utf-8")

    assert f'href="{place}/{MANIFEST}"' in page
    assert "users.csv" not in page


def test_the_page_asks_nothing_of_the_network(tmp_path: Path) -> None:
    _publish(tmp_path, 1)

    page = catalogue.write_catalogue(tmp_path, workspace="Shop").read_text("utf-8")

    assert "http:" not in page
    assert "https:" not in page
    assert "//" not in page.replace("</", "")


def test_an_empty_folder_gives_an_empty_catalogue(tmp_path: Path) -> None:
    page = catalogue.write_catalogue(tmp_path, workspace="Shop").read_text("utf-8")

    assert "0</span> of 0 reports" in page


def test_a_full_disk_keeps_the_old_catalogue(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = catalogue.write_catalogue(tmp_path, workspace="Old").read_bytes()

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(catalogue, "write_whole", fail)
    with pytest.raises(RunError, match="No space left on device"):
        catalogue.write_catalogue(tmp_path, workspace="New")

    assert (tmp_path / "index.html").read_bytes() == old
