import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import psutil
import pytest
from playwright.sync_api import Browser, Page, expect

from segkit.cli.main import main
from segkit.workspace import Workspace
from tests.apps.browsing import (
    WAIT_MS,
    asked_for,
    browser,
    hindrances_at,
    make_explored,
    opened,
    seen_again,
    server,
    settle,
    type_anew,
)
from tests.apps.conftest import Served, kernels_of

__all__ = ["browser", "server"]

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ASKED = "live/segment_report?segment=buyers&as_of=2026-06-30&days=28&baseline=rest"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_explored(tmp_path_factory.mktemp("explored"))


@pytest.fixture
def page(browser: Browser, server: Served) -> Iterator[Page]:
    """Give an open live report whose sections are computed."""
    with opened(browser, server, ASKED) as page:
        yield page


def test_every_section_is_there_and_the_page_asks_no_other_host(page: Page) -> None:
    texts = page.locator(".sk-section").all_inner_texts()

    assert len(texts) == 18
    assert not any("Computing" in text for text in texts)
    assert "15" in page.locator(".sk-cards").first.inner_text()
    assert page.locator(".sk-section table").count() > 3


def test_each_control_by_mouse_changes_the_report_and_the_address(page: Page) -> None:
    controls = page.locator(".sk-controls")
    controls.get_by_label("Segment", exact=True).select_option(label="Came on 10 days")
    expect(page.locator("#title")).to_have_text("Came on 10 days", timeout=WAIT_MS)
    settle(page)
    first = asked_for(page)
    controls.get_by_label("Last day").fill("2026-06-21")
    expect(page).to_have_url(re.compile("as_of=2026-06-21"), timeout=WAIT_MS)
    settle(page)
    controls.get_by_label("Days up to it").fill("14")
    controls.get_by_label("Days up to it").blur()
    expect(page).to_have_url(re.compile("days=14"), timeout=WAIT_MS)
    settle(page)
    controls.get_by_label("Set against").select_option(label="Everyone")
    expect(page).to_have_url(re.compile("baseline=everyone"), timeout=WAIT_MS)
    settle(page)

    cover = page.locator(".sk-section").first.inner_text()
    assert first["segment"] == "regulars"
    assert asked_for(page) == {
        "segment": "regulars",
        "as_of": "2026-06-21",
        "days": "14",
        "baseline": "everyone",
    }
    assert "14 days, 2026-06-08 to 2026-06-21" in cover


def test_each_control_by_keyboard_alone(page: Page) -> None:
    keyboard = page.keyboard
    page.locator(".sk-skip").focus()
    for _ in range(40):
        keyboard.press("Tab")
        if page.evaluate("document.activeElement.tagName") == "SELECT":
            break
    keyboard.type("Came on 20")
    expect(page).to_have_url(re.compile("segment=daily"), timeout=WAIT_MS)
    settle(page)
    keyboard.press("Tab")
    for key in ("0", "6", "2", "0", "2", "0", "2", "6"):
        keyboard.press(key)
    expect(page).to_have_url(re.compile("as_of=2026-06-20"), timeout=WAIT_MS)
    settle(page)
    page.locator(".sk-controls").get_by_label("Last day").focus()
    while page.evaluate("document.activeElement.type") != "number":
        keyboard.press("Tab")
    type_anew(page, "21")
    expect(page).to_have_url(re.compile("days=21"), timeout=WAIT_MS)
    settle(page)
    keyboard.press("ArrowDown")
    expect(page).to_have_url(re.compile("baseline=everyone"), timeout=WAIT_MS)
    settle(page)

    assert asked_for(page)["days"] == "21"


def test_a_link_reproduces_the_view(page: Page, browser: Browser) -> None:
    page.locator(".sk-controls").get_by_label("Segment", exact=True).select_option(index=1)
    expect(page.locator("#title")).not_to_have_text("Bought at least once", timeout=WAIT_MS)
    settle(page)
    sections = page.locator(".sk-section").all_inner_texts()

    chosen = "document.querySelector('.sk-controls select').selectedIndex"

    assert seen_again(browser, page.url, chosen) == (sections, 1)


def test_the_downloaded_list_is_that_of_the_command_line(
    page: Page, root: Path, tmp_path: Path
) -> None:
    with page.expect_download() as download:
        page.get_by_text("Download the user list (CSV)").click()
    named = ["--out", str(tmp_path / "own.csv"), "--as-of", "2026-06-30"]
    code = main(["-w", str(root), "segments", "members", "buyers", *named])

    assert code == 0
    assert Path(download.value.path()).read_bytes() == (tmp_path / "own.csv").read_bytes()


def test_the_page_is_busy_until_the_last_section_is_there(page: Page) -> None:
    status = page.locator("#status")
    page.evaluate(
        """() => {
          const late = document.createElement("div");
          late.className = "sk-section sk-is-late";
          late.textContent = "Computing…";
          document.querySelector(".sk-section").after(late);
          const state = document.querySelector(".sk-state");
          state.replaceWith(state.cloneNode(true));
        }"""
    )
    expect(page.locator("body")).to_have_class(re.compile("sk-busy"))
    expect(status).to_have_text("Computing…")

    page.evaluate("document.querySelector('.sk-is-late').textContent = 'There.'")

    expect(page.locator("body")).not_to_have_class(re.compile("sk-busy"))
    expect(status).to_contain_text("Computed in")


def test_a_day_without_anybody_is_refused_in_the_page_and_the_report_stays(page: Page) -> None:
    before = page.url
    page.locator(".sk-controls").get_by_label("Last day").fill("2020-01-01")

    expect(page.locator("#status.sk-faulty")).to_contain_text("nobody", timeout=WAIT_MS)
    assert page.url == before
    assert page.locator("#title").inner_text() == "Bought at least once"
    assert "15" in page.locator(".sk-cards").first.inner_text()


def test_a_page_whose_kernel_died_says_so_and_offers_to_load_again(
    page: Page, server: Served
) -> None:
    for kernel in kernels_of(server):
        kernel.kill()

    notice = page.locator("#notice")
    expect(notice).to_contain_text("computation has ended", timeout=WAIT_MS)
    notice.get_by_text("Load it again").click()
    settle(page)
    assert not page.locator("#notice").is_visible()


def test_a_page_older_than_the_newest_data_says_so(page: Page, root: Path) -> None:
    with (root / "data" / "web.csv").open("a", encoding="utf-8") as rows:
        rows.write("u01,2026-06-30T15:00:00Z,page_view,/p9,\n")
    Workspace.open(root).load()

    notice = page.locator("#notice")
    expect(notice).to_contain_text("Newer data is loaded", timeout=WAIT_MS)
    notice.get_by_text("Load it again").click()
    settle(page)
    assert not page.locator("#notice").is_visible()


def test_tables_that_came_later_sort_and_search(page: Page) -> None:
    users = page.locator(".sk-section table.sk-live").last
    first = users.locator("tbody tr").first.inner_text()

    users.locator("thead button").first.click()
    users.locator("thead button").first.click()

    assert users.locator("thead th[aria-sort]").count() == 1
    assert users.locator("tbody tr").first.inner_text() != first


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_keeps_people_out_of_any_page(
    browser: Browser, server: Served, scheme: Literal["light", "dark"]
) -> None:
    paths = ["", "reports/", "live/segment_report?segment=nobody", ASKED]

    assert hindrances_at(browser, server, scheme, paths) == {}


def test_a_closed_page_ends_its_kernel(page: Page, server: Served) -> None:
    kernels = kernels_of(server)
    page.goto(server.address)

    _, alive = psutil.wait_procs(kernels, timeout=30)

    assert alive == []
    assert page.get_by_text("No report is published yet").is_visible()
