"""The page about one person, the portal and the way in, in a real browser."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.apps.browsing import (
    browser,
    comes_to,
    hindrances,
    hindrances_at,
    make_explored,
    opened,
    server,
    settle,
    tab_to,
    type_anew,
)
from tests.apps.conftest import Served, publish_report, served

__all__ = ["browser", "server"]

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LOOKED_UP = "live/user_profile?as_of=2026-06-30&days=30&page=1#user=u03"
TOKEN = "a-token-of-the-tests"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = make_explored(tmp_path_factory.mktemp("people"))
    publish_report(root, 1)
    return root


@pytest.fixture
def page(browser: Browser, server: Served) -> Iterator[Page]:
    """Give the open profile of u03; no request says who that is."""
    with opened(browser, server, "") as page:
        urls: list[str] = []
        page.on("request", lambda request: urls.append(f"{request.url} {request.post_data}"))
        page.goto(server.address + LOOKED_UP)
        comes_to(page, "user=u03")
        yield page
        assert [url for url in urls if "u03" in url] == []


def first_section(page: Page) -> str:
    return page.locator(".sk-section").first.inner_text()


def test_a_link_opens_the_person_and_every_section(page: Page) -> None:
    texts = page.locator(".sk-section").all_inner_texts()

    assert len(texts) == 7
    assert "u03" in texts[0]
    assert "Events 1 to 21 of 21" in texts[2]
    assert "buyers" in texts[5]
    assert page.title() == "User profile"
    assert urlsplit(page.url).fragment == "user=u03"
    assert "u03" not in urlsplit(page.url).query


@pytest.mark.long
def test_each_control_by_mouse(page: Page) -> None:
    controls = page.locator(".sk-controls")
    controls.get_by_label("Id of a user or device").fill("u01")
    controls.get_by_label("Id of a user or device").blur()
    comes_to(page, "user=u01")
    controls.get_by_label("Page of the timeline").fill("2")
    controls.get_by_label("Page of the timeline").blur()
    comes_to(page, "page=2")
    timeline = page.locator(".sk-section").nth(2).inner_text()
    controls.get_by_label("Last day").fill("2026-06-20")
    comes_to(page, "as_of=2026-06-20")
    controls.get_by_label("Days beside the average").fill("7")
    controls.get_by_label("Days beside the average").blur()
    comes_to(page, "days=7")

    assert "Events 26 to 50 of 61" in timeline
    assert page.url.endswith("?as_of=2026-06-20&days=7&page=2#user=u01")
    assert "7 days, 2026-06-14 to 2026-06-20" in first_section(page)


@pytest.mark.long
def test_each_control_by_keyboard_alone(page: Page) -> None:
    keyboard = page.keyboard
    page.locator(".sk-skip").focus()
    tab_to(page, "Id of a user or device")
    keyboard.press("Control+a")
    keyboard.type("u02")
    keyboard.press("Enter")
    comes_to(page, "user=u02")
    keyboard.press("Tab")
    for key in "06202026":
        keyboard.press(key)
    comes_to(page, "as_of=2026-06-20")
    tab_to(page, "Days beside the average")
    type_anew(page, "14")
    comes_to(page, "days=14")
    type_anew(page, "2")
    comes_to(page, "page=2")

    assert "u02" in first_section(page)


@pytest.mark.long
def test_an_unknown_user_is_said_and_nobody_else_stays_in_the_page(page: Page) -> None:
    page.locator(".sk-controls").get_by_label("Id of a user or device").fill("nobody")
    page.keyboard.press("Enter")
    comes_to(page, "user=nobody")

    texts = page.locator(".sk-section").all_inner_texts()
    assert "No user is known by this id" in texts[0]
    assert "u03" not in "".join(texts)


@pytest.mark.long
def test_without_a_person_the_page_asks_for_one(browser: Browser, server: Served) -> None:
    with opened(browser, server, "live/user_profile") as page:
        said = first_section(page)

    assert "No user is chosen" in said


@pytest.mark.long
def test_links_within_the_page_keep_the_person_in_the_address(page: Page) -> None:
    page.locator(".sk-contents a", has_text="Segments").click()

    assert urlsplit(page.url).fragment == "user=u03"
    assert page.evaluate("document.activeElement.textContent").startswith("Segments")


@pytest.mark.long
def test_another_link_in_the_same_page_is_followed(page: Page) -> None:
    page.evaluate("window.location.hash = 'user=u05'")

    comes_to(page, "user=u05")
    assert "u05" in first_section(page)


@pytest.mark.long
def test_the_portal_leads_to_the_person_asked_for(browser: Browser, server: Served) -> None:
    with opened(browser, server, "") as page:
        page.get_by_role("link", name="User profile").click()
        settle(page)
        page.locator(".sk-controls").get_by_label("Id of a user or device").fill("u04")
        page.keyboard.press("Enter")
        comes_to(page, "user=u04")
        said = first_section(page)

    assert "u04" in said


@pytest.mark.long
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_keeps_people_out(
    browser: Browser, server: Served, scheme: Literal["light", "dark"]
) -> None:
    paths = ["", "reports/", LOOKED_UP, "live/user_profile?days=0"]

    assert hindrances_at(browser, server, scheme, paths) == {}


@pytest.mark.long
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_keeps_people_out_of_the_way_in(
    browser: Browser, root: Path, tmp_path: Path, scheme: Literal["light", "dark"]
) -> None:
    context = browser.new_context(color_scheme=scheme)
    page = context.new_page()
    with served(root, tmp_path, SEGKIT_SERVE_TOKEN=TOKEN) as closed:
        page.goto(closed.address)
        found = [hindrances(page)]
        page.get_by_label("Token or password").fill("wrong")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_be_visible()
        found.append(hindrances(page))
        page.get_by_label("Token or password").fill(TOKEN)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Reports")).to_be_visible()
    context.close()

    assert found == [[], []]
