"""Measure `segkit serve` as readers meet it: python benchmarks/serve.py WORKSPACE SEGMENT TITLE.

TITLE is that of another segment, to change to.

Prints one JSON document: seconds until a page paints, a live report is usable, a changed control is
answered; what 20 visitors at once get; the memory of the server beside the kernels, in MiB.
"""

import json
import re
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import httpx
import psutil
from playwright.sync_api import Browser, Page, expect, sync_playwright

OF_A_PAGE = ("segkit.runs.kernel", "segkit.workspace.draw_apart")
"""What a live page runs in processes of its own: its kernel, and what draws for it."""
VISITORS = 20
WAIT_MS = 120_000
BUSY = re.compile("sk-busy")
PAINT = "performance.getEntriesByName('first-contentful-paint')[0].startTime"


def paint(browser: Browser, address: str, *, times: int = 7) -> float:
    """Give the median seconds until the portal's first paint, each in a new context."""
    seen = []
    for _ in range(times):
        context = browser.new_context()
        page = context.new_page()
        page.goto(address)
        page.wait_for_timeout(200)
        seen.append(page.evaluate(PAINT) / 1000)
        context.close()
    return round(statistics.median(seen), 3)


def settle(page: Page) -> None:
    """Wait until every section is computed."""
    expect(page.locator("body")).not_to_have_class(BUSY, timeout=WAIT_MS)


def explore(browser: Browser, address: str, segment: str, other: str) -> dict[str, Any]:
    """Open a live report and change its controls; give the seconds of each step."""
    page = browser.new_page()
    page.set_default_timeout(WAIT_MS)
    begun = time.monotonic()
    found: dict[str, Any] = {}

    def take(name: str) -> None:
        found[name] = round(time.monotonic() - begun, 2)

    page.goto(f"{address}live/segment_report?segment={segment}", wait_until="commit")
    page.wait_for_selector(".sk-controls select")
    take("controls")
    page.wait_for_selector(".sk-section .sk-cards")
    take("headline")
    settle(page)
    take("all")
    controls = page.locator(".sk-controls")
    headline = page.locator(".sk-section .sk-cards").first
    choice = controls.get_by_label("Segment", exact=True)
    for name, change in (
        ("segment", lambda: choice.select_option(label=other)),
        ("days", lambda: controls.get_by_label("Days up to it").fill("28")),
    ):
        before, at = str(headline.text_content()), page.url
        begun = time.monotonic()
        change()
        controls.get_by_label("Days up to it").press("Tab")
        if name == "segment":
            expect(headline).not_to_have_text(before, timeout=WAIT_MS)
            take(f"change of {name}: headline")
        expect(page).not_to_have_url(at, timeout=WAIT_MS)
        take(f"change of {name}: all")
    page.close()
    return found


def storm(address: str, segment: str) -> dict[str, Any]:
    """Let 20 visitors come at once; give their statuses and the longest wait, in seconds."""

    def visit(_: int) -> tuple[int, float]:
        begun = time.monotonic()
        url = f"{address}live/segment_report?segment={segment}&days=90"
        answer = httpx.get(url, timeout=WAIT_MS / 1000)
        return answer.status_code, time.monotonic() - begun

    with ThreadPoolExecutor(VISITORS) as visitors:
        answers = list(visitors.map(visit, range(VISITORS)))
    codes = [code for code, _ in answers]
    longest = {str(c): round(max(s for code, s in answers if code == c), 2) for c in set(codes)}
    return {"n": {str(code): codes.count(code) for code in set(codes)}, "longest_s": longest}


def memory(server: psutil.Process) -> dict[str, float]:
    """Give the proportional memory of front, Voilà and kernels, in MiB."""
    found: dict[str, float] = {"front": server.memory_full_info().pss, "voila": 0, "kernels": 0}
    n_kernels = 0
    for process in server.children(recursive=True):
        words = process.cmdline()
        n_kernels += OF_A_PAGE[0] in words
        found["kernels" if {*OF_A_PAGE} & {*words} else "voila"] += process.memory_full_info().pss
    return {name: round(size / 2**20) for name, size in found.items()} | {"n_kernels": n_kernels}


@contextmanager
def serving(workspace: str) -> Iterator[tuple[str, psutil.Process]]:
    """Serve a workspace meanwhile; give the address and the process."""
    command = [sys.executable, "-m", "segkit", "-w", workspace, "serve", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        assert process.stdout is not None  # noqa: S101
        address = process.stdout.readline().strip()
        time.sleep(5)
        yield address, psutil.Process(process.pid)
        process.terminate()


@contextmanager
def browsing() -> Iterator[Browser]:
    """Open a browser meanwhile."""
    with sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        yield browser
        browser.close()


def main(workspace: str, segment: str, other: str) -> None:
    """Measure and print."""
    with serving(workspace) as (address, server):
        with browsing() as browser:
            found: dict[str, Any] = {"portal_first_paint_s": paint(browser, address)}
            found["live_s"] = explore(browser, address, segment, other)
        time.sleep(25)
        found["visitors"] = storm(address, segment)
        found["memory_mib"] = memory(server)
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main(*sys.argv[1:])
