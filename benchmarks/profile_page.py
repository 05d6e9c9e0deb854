"""Measure a user's profile as readers meet it: python benchmarks/profile_page.py WORKSPACE USER.

Prints one JSON document: seconds from the address to the controls and to each section, for a page
opened first on a server just started, and for two opened after it; `kernel_cpu_s` are the processor
seconds of the page's process by then, which a busy machine does not stretch.
"""

import json
import sys
import time

import psutil
from playwright.sync_api import Browser
from serve import browsing, serving

WAIT_S = 60
MARK = """() => {
  const seen = {}, begun = performance.timeOrigin;
  const look = () => {
    if (document.querySelector(".sk-controls input")) seen.controls ??= Date.now() - begun;
    for (const part of document.querySelectorAll(".sk-section")) {
      const name = [...part.classList].find((c) => c.startsWith("sk-is-"))?.slice(6);
      const isAsking = part.innerText.includes("No user is chosen");
      if (name && part.innerText.trim() && !isAsking && !part.innerText.includes("Computing…"))
        seen[name] ??= Date.now() - begun;
    }
  };
  window.skSeen = seen;
  setInterval(look, 20);
}"""


def cpu_of_kernels(server: psutil.Process) -> float:
    """Give the processor seconds of the pages' processes."""
    children = server.children(recursive=True)
    kernels = [child for child in children if "segkit.runs.kernel" in child.cmdline()]
    return sum(sum(kernel.cpu_times()[:2]) for kernel in kernels)


def open_once(
    browser: Browser, address: str, user: str, server: psutil.Process
) -> dict[str, float]:
    """Open the page, close it again, and give the seconds of each part."""
    page, until = browser.new_page(), time.monotonic() + WAIT_S
    page.add_init_script(f"({MARK})()")
    page.goto(f"{address}live/user_profile#user={user}", wait_until="commit")
    found: dict[str, float] = {}
    while "notes" not in found and time.monotonic() < until:
        page.wait_for_timeout(100)
        found = page.evaluate("window.skSeen ?? {}")
    cpu = cpu_of_kernels(server)
    page.close()
    time.sleep(1)
    return {name: round(ms / 1000, 2) for name, ms in found.items()} | {
        "kernel_cpu_s": round(cpu, 2)
    }


def main(workspace: str, user: str) -> None:
    """Measure and print."""
    with serving(workspace) as (address, server), browsing() as browser:
        found = [open_once(browser, address, user, server) for _ in range(3)]
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main(*sys.argv[1:])
