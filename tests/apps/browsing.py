"""Open live pages of a small shop in a real browser, for the tests of this folder."""

import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal
from urllib.parse import parse_qs, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

from segkit.workspace import Workspace
from tests.apps.conftest import Served, served
from tests.tiny_shop import write_tiny_shop

WAIT_MS = 60_000
ALWAYS = frozenset({"heading-order", "landmark-unique", "region"})
"""Lesser findings of axe that are refused too."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Run Debian's Chromium."""
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("Chromium is not installed")
    with sync_playwright() as play:
        running = play.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture(scope="module")
def server(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve the workspace that the module calls `root`."""
    with served(root, tmp_path_factory.mktemp("said")) as running:
        yield running


def make_explored(folder: Path, more: str = "") -> Path:
    """Give a loaded shop with three segments, and as many places as tests may take."""
    root = write_tiny_shop(folder)
    with (root / "segkit.toml").open("a", encoding="utf-8") as toml:
        toml.write(f"[serve]\nkernels = 16\n{more}")
    for name, days in (("regulars", 10), ("daily", 20)):
        text = (
            f"segkit: 1\nsegment: {name}\ntitle: Came on {days} days\n"
            f"where: {{did: {{event: page_view, is: {{gte: {days}}}}}}}\n"
        )
        (root / "segments" / f"{name}.yml").write_text(text, "utf-8")
    Workspace.open(root).load()
    return root


@contextmanager
def opened(browser: Browser, server: Served, asked: str) -> Iterator[Page]:
    """Open a live page whose sections are computed; nothing in it fails or asks another host."""
    context = browser.new_context(accept_downloads=True)
    page = context.new_page()
    page.set_default_timeout(WAIT_MS)
    urls: list[str] = []
    faults: list[str] = []
    page.on("request", lambda request: urls.append(request.url))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(server.address + asked)
    if asked.startswith("live/"):
        settle(page)
    yield page
    context.close()
    assert faults == []
    assert [url for url in urls if not url.startswith((server.address, "data:", "blob:"))] == []


def settle(page: Page) -> None:
    """Wait until every section shows what is asked for."""
    expect(page.locator("body")).not_to_have_class(re.compile("sk-busy"), timeout=WAIT_MS)
    waiting = page.locator(".sk-section", has_text="Computing…")
    expect(waiting).to_have_count(0, timeout=WAIT_MS)
    expect(page.locator("#status")).to_contain_text("Computed in", timeout=WAIT_MS)


def comes_to(page: Page, said: str) -> None:
    """Wait until the state says something and every section follows it."""
    state = page.locator(f".sk-state[data-private*='{said}'], .sk-state[data-query*='{said}']")
    expect(state).to_have_attribute("data-busy", "0", timeout=WAIT_MS)
    settle(page)


def seen_again(browser: Browser, url: str, script: str) -> tuple[list[str], int]:
    """Open an address anew; give its sections and what a script says of the first control."""
    other = browser.new_page()
    other.goto(url)
    settle(other)
    sections = other.locator(".sk-section").all_inner_texts()
    found: int = other.evaluate(script)
    other.close()
    return sections, found


def type_anew(page: Page, text: str) -> None:
    """Take what stands in the focused control away, type something else, and leave it."""
    page.keyboard.press("Control+a")
    page.keyboard.type(text)
    page.keyboard.press("Tab")


def asked_for(page: Page) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


def tab_to(page: Page, name: str) -> None:
    """Press Tab until a control of this accessible name has the focus."""
    script = "box => (box.labels?.[0]?.textContent ?? '').trim()"
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate_handle("document.activeElement").evaluate(script) == name:
            return
    pytest.fail(f"Tab never reaches {name}")


def hindrances(page: Page) -> list[str]:
    """Give what axe finds serious or worse, and whether the page is wider than its window."""
    faults = Axe().run(page).response["violations"]
    serious = [
        fault["id"]
        for fault in faults
        if fault["impact"] in {"serious", "critical"} or fault["id"] in ALWAYS
    ]
    beyond = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    return [*serious, *(["wider than the window"] if beyond > 0 else [])]


_NUMBER = """() => {
  let n = 0;
  const kinds = "a[href], button, input, select, summary, [tabindex]";
  for (const part of document.querySelectorAll(kinds)) {
    const box = part.getBoundingClientRect();
    if (part.tabIndex < 0 || part.disabled || !part.checkVisibility() || !box.width) continue;
    part.dataset.nth = n++;
  }
  return n;
}"""
_FOCUSED = """() => {
  const style = getComputedStyle(document.activeElement);
  const has_ring = style.outlineStyle !== "none" && style.outlineWidth !== "0px";
  return [document.activeElement.dataset.nth ?? "", has_ring];
}"""


def beyond_keys(page: Page) -> list[str]:
    """Give the controls of a page that Tab never reaches, or that do not show that they are."""
    n = page.evaluate(_NUMBER)
    reached: dict[str, bool] = {}
    for _ in range(2 * n + 20):
        page.keyboard.press("Tab")
        nth, has_ring = page.evaluate(_FOCUSED)
        if nth:  # a date has parts that Tab stops at, and the last one shows itself alone
            reached[nth] = reached.get(nth, False) or has_ring
    return [f"never reached: {i}" for i in range(n) if str(i) not in reached] + [
        f"no sign of focus: {nth}" for nth, has_ring in reached.items() if not has_ring
    ]


def hindrances_at(
    browser: Browser, server: Served, scheme: Literal["light", "dark"], paths: Sequence[str]
) -> dict[tuple[str, int], list[str]]:
    """Give the hindrances of some pages, narrow and wide, in a colour scheme; none are left out.

    A live page is looked at when its sections are computed, one that is refused as it is.
    """
    context = browser.new_context(color_scheme=scheme)
    page = context.new_page()
    found = {}
    for path in paths:
        answer = page.goto(server.address + path)
        assert answer is not None
        if path.startswith("live/") and answer.ok:
            settle(page)
        if "#" in path:
            comes_to(page, path.partition("#")[2])
        for width in (360, 1600):
            page.set_viewport_size({"width": width, "height": 900})
            found[path, width] = hindrances(page)
        found[path, width] += beyond_keys(page)
    context.close()
    return {where: faults for where, faults in found.items() if faults}
