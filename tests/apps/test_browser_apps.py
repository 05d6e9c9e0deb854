"""The pages beside the segment report: each opened, each control used by mouse and by keyboard."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page

from tests.apps.browsing import (
    asked_for,
    browser,
    comes_to,
    hindrances_at,
    make_explored,
    opened,
    seen_again,
    server,
    tab_to,
    type_anew,
)
from tests.apps.conftest import Served

__all__ = ["browser", "server"]

pytestmark = [pytest.mark.browser, pytest.mark.slow]

COMPARED = "live/compare_segments?segments=buyers&as_of=2026-06-30&days=28&baseline=rest"
REVIEWED = "live/weekly_review?segments=tracked&as_of=2026-06-30&days=7&period=week"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_explored(tmp_path_factory.mktemp("apps"))


@pytest.fixture
def compared(browser: Browser, server: Served) -> Iterator[Page]:
    with opened(browser, server, COMPARED) as page:
        yield page


@pytest.fixture
def reviewed(browser: Browser, server: Served) -> Iterator[Page]:
    with opened(browser, server, REVIEWED) as page:
        yield page


def test_every_section_of_a_comparison_is_there(compared: Page) -> None:
    texts = compared.locator(".sk-section").all_inner_texts()

    assert len(texts) == 8
    assert not any("Computing" in text for text in texts)
    assert compared.locator("#title").inner_text() == "Comparison: Bought at least once"


@pytest.mark.long
def test_each_control_of_a_comparison_by_mouse(compared: Page) -> None:
    controls = compared.locator(".sk-controls")
    controls.get_by_label("Came on 10 days").check()
    comes_to(compared, "segments=buyers%2Cregulars")
    controls.get_by_label("Last day").fill("2026-06-21")
    comes_to(compared, "as_of=2026-06-21")
    controls.get_by_label("Days up to it").fill("14")
    controls.get_by_label("Days up to it").blur()
    comes_to(compared, "days=14")
    controls.get_by_label("Set against").select_option(label="Everyone")
    comes_to(compared, "baseline=everyone")
    controls.get_by_label("Bought at least once").uncheck()
    comes_to(compared, "segments=regulars")

    assert asked_for(compared) == {
        "segments": "regulars",
        "as_of": "2026-06-21",
        "days": "14",
        "baseline": "everyone",
    }
    assert compared.locator("#title").inner_text() == "Comparison: Came on 10 days"
    assert "14 days, 2026-06-08 to 2026-06-21" in compared.locator(".sk-section").first.inner_text()


@pytest.mark.long
def test_each_control_of_a_comparison_by_keyboard_alone(compared: Page) -> None:
    keyboard = compared.keyboard
    compared.locator(".sk-skip").focus()
    while compared.evaluate("document.activeElement.type") != "date":
        keyboard.press("Tab")
    for key in "06202026":
        keyboard.press(key)
    comes_to(compared, "as_of=2026-06-20")
    tab_to(compared, "Days up to it")
    type_anew(compared, "21")
    comes_to(compared, "days=21")
    keyboard.press("ArrowDown")
    comes_to(compared, "baseline=everyone")
    tab_to(compared, "Came on 20 days")
    keyboard.press("Space")
    comes_to(compared, "segments=buyers%2Cdaily")

    assert asked_for(compared)["as_of"] == "2026-06-20"


@pytest.mark.long
def test_a_link_to_a_comparison_reproduces_the_view(compared: Page, browser: Browser) -> None:
    compared.locator(".sk-controls").get_by_label("Came on 20 days").check()
    comes_to(compared, "daily")
    sections = compared.locator(".sk-section").all_inner_texts()

    ticked = "document.querySelectorAll('.sk-choices input:checked').length"

    assert seen_again(browser, compared.url, ticked) == (sections, 2)


def test_the_alerts_of_a_review_come_before_its_table(reviewed: Page) -> None:
    headings = reviewed.locator(".sk-contents a").all_inner_texts()
    texts = reviewed.locator(".sk-section").all_inner_texts()

    assert headings[:2] == ["Look at first", "All segments"]
    assert len(texts) == 4
    assert reviewed.locator("#title").inner_text() == "Review of 3 segments"


@pytest.mark.long
def test_each_control_of_a_review_by_mouse(reviewed: Page) -> None:
    controls = reviewed.locator(".sk-controls")
    controls.get_by_label("Set against the one before").select_option(label="Month")
    comes_to(reviewed, "period=month")
    controls.get_by_label("Last day").fill("2026-06-15")
    comes_to(reviewed, "as_of=2026-06-15")
    controls.get_by_label("Days of activity").fill("14")
    controls.get_by_label("Days of activity").blur()
    comes_to(reviewed, "days=14")
    controls.get_by_label("Came on 10 days").check()
    comes_to(reviewed, "segments=regulars")
    one = reviewed.locator("#title").inner_text()
    controls.get_by_label("Came on 10 days").uncheck()
    comes_to(reviewed, "segments=tracked")

    assert one == "Review of 1 segment"
    assert asked_for(reviewed) == {
        "segments": "tracked",
        "as_of": "2026-06-15",
        "days": "14",
        "period": "month",
    }


@pytest.mark.long
def test_each_control_of_a_review_by_keyboard_alone(reviewed: Page) -> None:
    keyboard = reviewed.keyboard
    reviewed.locator(".sk-skip").focus()
    tab_to(reviewed, "Set against the one before")
    keyboard.press("ArrowDown")
    comes_to(reviewed, "period=month")
    tab_to(reviewed, "Days of activity")
    type_anew(reviewed, "21")
    comes_to(reviewed, "days=21")
    tab_to(reviewed, "Came on 20 days")
    keyboard.press("Space")
    comes_to(reviewed, "segments=daily")
    reviewed.locator(".sk-controls").get_by_label("Last day").focus()
    for key in "06202026":
        keyboard.press(key)
    comes_to(reviewed, "as_of=2026-06-20")

    assert asked_for(reviewed)["period"] == "month"


@pytest.mark.long
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_keeps_people_out_of_any_app(
    browser: Browser, server: Served, scheme: Literal["light", "dark"]
) -> None:
    paths = [COMPARED, REVIEWED]

    assert hindrances_at(browser, server, scheme, paths) == {}
