import json
import time
from pathlib import Path

import pytest

from segkit.workspace import Workspace
from segkit.workspace.asking import LAB_ROOT
from segkit.workspace.live_asking import follow
from segkit.workspace.live_report import LiveReport, Wish
from segkit.workspace.live_run import RunButton
from tests.workspace.test_live_panel import WISH, make_live


def press(live: LiveReport) -> str:
    """Press "Run as report", wait, and give what the page says then."""
    *_others, run = live.controls().children
    button, told = run.children
    button.click()
    assert button.disabled
    end = time.monotonic() + 100
    while button.disabled and time.monotonic() < end:
        time.sleep(0.1)
    assert not button.disabled
    return str(told.value)


@pytest.mark.slow
@pytest.mark.notebook
def test_the_report_that_is_shown_becomes_a_run(
    shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(LAB_ROOT, str(shop))
    live = make_live(shop)
    row, *_ = live.controls().children
    live.cover()
    row.children[2].value = 14
    assert live.wait()

    told = press(live)

    (page,) = (shop / "reports_out").glob("segment_report-buyers/*/*/report.html")
    manifest = json.loads((page.parent / "manifest.json").read_text("utf-8"))
    asked = {
        name: manifest["parameters"][name] for name in ("segment", "as_of", "days", "baseline")
    }
    assert asked == dict(WISH.values) | {"days": 14}
    assert str(page) in told
    assert f'href="/files/{page.relative_to(shop)}"' in told


def test_what_cannot_be_made_is_said_where_it_was_asked(shop: Path) -> None:
    button = RunButton(shop, lambda: ["report", "buyerz", "--as-of", "2026-06-30"])

    button.button.click()
    button.wait()

    assert "buyerz" in button.state.value
    assert "buyers" in button.state.value
    assert "alert" in button.state.value
    assert "Traceback" not in button.state.value
    assert not button.button.disabled


def test_a_served_page_has_no_such_button(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERVER_SOFTWARE", "voila/0.5.13")

    assert len(make_live(shop).controls().children) == 3


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.notebook
@pytest.mark.parametrize(
    ("kind", "wish", "folder"),
    [
        (
            "compare_segments",
            Wish.of(segments="buyers", as_of="2026-06-30", days=28, baseline="everyone"),
            "compare_segments-buyers",
        ),
        (
            "weekly_review",
            Wish.of(segments="tracked", as_of="2026-06-30", days=28, period="week"),
            "weekly_review",
        ),
    ],
)
def test_comparisons_and_reviews_become_runs_too(
    shop: Path, kind: str, wish: Wish, folder: str
) -> None:
    workspace = Workspace.open(shop)
    report = (
        workspace.compare(wish["segments"], as_of=wish["as_of"], days=28, baseline="everyone")
        if kind == "compare_segments"
        else workspace.review(as_of=wish["as_of"])
    )
    live = follow(workspace, kind, report, wish, ask=lambda _wish: report)

    told = press(live)

    assert "The report is ready" in told
    assert list((shop / "reports_out").glob(f"{folder}*/*/*/report.html"))
