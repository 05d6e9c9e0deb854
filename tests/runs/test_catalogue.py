import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from segkit.errors import RunError
from segkit.runs import catalogue, publish
from segkit.runs.failures import note_failure
from segkit.runs.manifest import MANIFEST
from segkit.runs.verify import Verdict
from segkit.views.fragment import style_sheet

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)


def _publish(out: Path, n: int, **changes: Any) -> Path:
    run = f"20260701T12000{n}Z-00000{n}"
    building = publish.open_building(out, run)
    (building / "report.html").write_text("<p>1</p>", "utf-8")
    document = {
        "report": "segment_report",
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

    assert "0</span> of 0 runs" in page


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


def test_segments_periods_and_states_are_offered_as_filters(tmp_path: Path) -> None:
    _publish(tmp_path, 1)
    _publish(tmp_path, 2, segment="gold", period="2026-06-29", exit_code=10, warnings=["Odd."])
    _publish(tmp_path, 3, corrects="20260701T120001Z-000001")

    page = catalogue.write_catalogue(tmp_path, workspace="Shop").read_text("utf-8")

    assert "<option>gold</option><option>loyal</option>" in page
    assert "<option>2026-06-30</option><option>2026-06-29</option>" in page
    assert "<option>corrected</option><option>ready</option><option>warning</option>" in page
    assert 'data-state="warning" data-period="2026-06-29" data-segments="|gold|"' in page
    assert "warning<small>Odd.</small>" in page


def test_the_newest_run_of_a_report_shows_its_sizes_over_the_periods(tmp_path: Path) -> None:
    for n, size in ((1, 100), (2, 150), (3, None), (4, 200)):
        run, period = f"20260701T12000{n}Z-00000{n}", f"2026-06-{20 + n}"
        building = publish.open_building(tmp_path, run)
        (building / "report.html").write_text("<p>1</p>", "utf-8")
        document = {
            "segment": "loyal",
            "report": "segment_report",
            "period": period,
            "finished_at": (NOON + timedelta(seconds=n)).isoformat(),
            "summary": {"title": f"Loyal {n}", "n_users": size, "share": None},
        }
        publish.publish(building, tmp_path / "loyal" / period / run, document)

    page = catalogue.write_catalogue(tmp_path, workspace="Shop").read_text("utf-8")

    assert page.count("<svg") == 1
    assert "Users over 4 periods: 100 to 200, lowest 100, highest 200" in page


def _fail(out: Path, code: str, **about: Any) -> None:
    """Keep a failed run whose notebook raised in a cell, as the kernel writes it."""
    kept = out / ".failed" / "20260701T120009Z-000009"
    kept.mkdir(parents=True)
    frames = [
        "\x1b[31mKeyError\x1b[39m  Traceback (most recent call last)",
        f"Cell In[3], line 2\n----> 2 {code}",
        "File /home/ann/.venv/site-packages/pandas/core/frame.py:4102, in DataFrame.__getitem__(k)",
        "   4101 # eve@example.org",
        "File /srv/segkit/measures/people.py:12, in list_users(sides)\n     12 secret = 'hunter2'",
        "KeyError: 'eve@example.org'",
    ]
    error = {"output_type": "error", "ename": "KeyError", "evalue": "eve", "traceback": frames}
    cells = [
        {"cell_type": "markdown", "source": "# Title"},
        {"cell_type": "code", "source": "1", "outputs": []},
        {"cell_type": "code", "source": [code], "outputs": [error]},
    ]
    (kept / "executed.ipynb").write_text(json.dumps({"cells": cells}), "utf-8")
    verdict = Verdict(exit_code=30, title="Code cell 2 failed with KeyError.", **about)
    note_failure(
        kept,
        verdict,
        report="weekly",
        title="<script>Loyal",
        segments=("loyal",),
        period="2026-06-30",
        ended_at=(NOON + timedelta(seconds=9)).isoformat(),
    )


def test_a_failed_run_is_listed_with_the_way_into_the_error_and_no_value(tmp_path: Path) -> None:
    _publish(tmp_path, 1)
    _fail(tmp_path, "frame['eve@example.org']")

    page = catalogue.write_catalogue(tmp_path, workspace="Shop").read_text("utf-8")

    assert page.index("Code cell 2 failed with KeyError.") < page.index("Loyal 1")
    assert (
        "code cell 2, line 2\npandas/core/frame.py, line 4102, in __getitem__\n"
        "segkit/measures/people.py, line 12, in list_users\nKeyError</pre>"
    ) in page
    for value in ("eve@", "hunter2", "/home/ann", "<script>Loyal"):
        assert value not in page
    assert 'data-state="failed"' in page
    assert "of 2 runs" in page


def test_a_segment_without_members_is_no_failure(tmp_path: Path) -> None:
    _fail(tmp_path, "x", is_empty=True)

    page = catalogue.write_catalogue(tmp_path, workspace="Shop").read_text("utf-8")

    assert 'data-state="empty"' in page
    assert 'data-state="failed"' not in page


def test_a_broken_note_of_a_failure_hides_nothing_else(tmp_path: Path) -> None:
    _publish(tmp_path, 1)
    _fail(tmp_path, "x")
    (tmp_path / ".failed" / "20260701T120009Z-000009" / "failure.json").write_text("{", "utf-8")

    page = catalogue.write_catalogue(tmp_path, workspace="Shop").read_text("utf-8")

    assert "of 1 runs" in page


@pytest.mark.slow
@pytest.mark.browser
def test_filters_and_search_hide_what_does_not_fit(tmp_path: Path) -> None:
    from playwright.sync_api import sync_playwright  # noqa: PLC0415

    _publish(tmp_path, 1)
    _publish(tmp_path, 2, segment="gold", exit_code=10)
    _fail(tmp_path, "x")
    page_file = catalogue.write_catalogue(tmp_path, workspace="Shop")
    choices = (("segments", "gold"), ("segments", ""), ("state", "failed"), ("state", ""))
    with sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        page = browser.new_page(viewport={"width": 390, "height": 800})
        page.goto(page_file.as_uri())
        shown = []
        for by, value in choices:
            page.select_option(f"select[data-by={by}]", value)
            shown.append(page.locator("#rows tr:visible").count())
        page.fill("#search", "failed keyerror")
        shown.append(page.locator("#rows tr:visible").count())
        width = page.evaluate("document.documentElement.scrollWidth")
        browser.close()

    assert shown == [1, 3, 1, 3, 1]
    assert width == 390
