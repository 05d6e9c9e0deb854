import asyncio
import json
import os
import re
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from segkit.apps.asking import Asking
from segkit.apps.child import Child
from segkit.apps.readers import Reader
from segkit.apps.registry import APPS
from segkit.apps.relay import Relay
from segkit.apps.settings import decide
from segkit.workspace import Workspace
from tests.apps.conftest import Served, kernels_of, served
from tests.apps.frames import V1, frame
from tests.tiny_shop import write_tiny_shop

pytestmark = [pytest.mark.slow, pytest.mark.notebook]

SECRET = "a-secret-of-the-proxy"
ASKED = "/live/segment_report?segment=buyers&as_of=2026-06-30&days=28"
PAGES = {
    ASKED: 19,
    "/live/compare_segments?segments=buyers,known&as_of=2026-06-30&days=28": 9,
    "/live/weekly_review?as_of=2026-06-30": 5,
    "/live/user_profile?as_of=2026-06-30": 8,
}
"""Every live page, with its widgets: the controls, and one a section."""

ANN = {"x-segkit-proxy-secret": SECRET, "x-forwarded-user": "ann"}
BEN = {**ANN, "x-forwarded-user": "ben"}
CLEARED = {**ANN, "x-forwarded-groups": "support"}
SERVE = """
[serve]
kernels = 2
[serve.clearances]
support = "personal"
"""


def make_shop(folder: Path) -> Path:
    root = write_tiny_shop(folder)
    with (root / "segkit.toml").open("a", encoding="utf-8") as toml:
        toml.write(SERVE)
    Workspace.open(root).load()
    return root


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_shop(tmp_path_factory.mktemp("live"))


@pytest.fixture(scope="module")
def running(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    said = tmp_path_factory.mktemp("said")
    with served(root, said, SEGKIT_PROXY_SECRET=SECRET) as server:
        yield server


@pytest.fixture
def server(running: Served) -> Iterator[Served]:
    """Give the server; what a test left open is ended after it."""
    yield running
    for kernel in kernels_of(running):
        kernel.kill()
    time.sleep(2)


def kernel_of(page: str) -> str:
    (config,) = re.findall(r'id="jupyter-config-data"[^>]*>(.*?)</script>', page, re.DOTALL)
    return str(json.loads(config)["kernelId"])


def join(server: Served, kernel: str, headers: dict[str, str], **more: Any) -> ClientConnection:
    address = server.address.replace("http", "ws")
    return connect(
        f"{address}live/api/kernels/{kernel}/channels?session_id=s",
        additional_headers=headers,
        subprotocols=[V1],  # type: ignore[list-item]
        proxy=None,
        **more,
    )


def wait_until(holds: Any, *, seconds: float = 15) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.1)
    return False


@pytest.mark.parametrize(("asked", "n_widgets"), PAGES.items(), ids=lambda of: str(of)[6:20])
def test_a_page_brings_widgets_no_code_and_no_token(
    server: Served, asked: str, n_widgets: int
) -> None:
    answer = server.ask(asked, headers=ANN)

    assert answer.status_code == 200
    assert answer.text.count("application/vnd.jupyter.widget-view+json") == n_widgets
    assert "import segkit" not in answer.text
    assert SECRET not in answer.text
    assert "script-src 'self';" in answer.headers["content-security-policy"]
    assert not re.findall(r"(?:src|href)=\"(?:https?:)?//", answer.text)


@pytest.mark.parametrize("asked", PAGES, ids=lambda of: str(of)[6:20])
def test_code_over_the_websocket_is_refused_and_does_not_run(
    server: Served, tmp_path: Path, asked: str
) -> None:
    kernel = kernel_of(server.ask(asked, headers=ANN).text)
    trace = tmp_path / "ran"
    code = f"open({str(trace)!r}, 'w').close()"
    kinds = ("execute_request", "complete_request", "inspect_request", "input_reply")
    codes = []

    for kind in kinds:
        with join(server, kernel, ANN) as channel:
            content = {"code": code, "silent": False, "cursor_pos": 1, "value": code}
            channel.send(frame(kind, content))
            with suppress(ConnectionClosed):
                for _said in channel:
                    pass
            codes.append(channel.close_code)

    assert codes == [1008] * len(kinds)
    assert not trace.exists()


def test_a_page_talks_to_its_own_kernel_about_widgets(server: Served) -> None:
    kernel = kernel_of(server.ask(ASKED, headers=ANN).text)

    with join(server, kernel, ANN) as channel:
        channel.send(frame("comm_info_request", {"target_name": "jupyter.widget"}))
        said = b""
        while b"comm_info_reply" not in said:
            part = channel.recv(timeout=20)
            said = part if isinstance(part, bytes) else part.encode()

    assert said.count(b'"target_name"') >= 17


@pytest.mark.parametrize("asked", PAGES, ids=lambda of: str(of)[6:20])
def test_another_readers_kernel_is_not_there(server: Served, asked: str) -> None:
    kernel = kernel_of(server.ask(asked, headers=ANN).text)

    with pytest.raises((InvalidStatus, ConnectionClosed)):
        join(server, kernel, BEN)
    pulse = server.ask(f"/live/pulse/{kernel}", headers=BEN).json()
    model = server.ask(f"/live/api/kernels/{kernel}", headers=BEN).status_code
    server.ask(f"/live/voila/api/shutdown/{kernel}", method="POST", headers=BEN)

    assert pulse["is_living"] is False
    assert model == 404
    assert server.ask(f"/live/pulse/{kernel}", headers=ANN).json()["is_living"] is True


def test_a_channel_opened_by_a_foreign_page_or_host_is_refused(server: Served) -> None:
    kernel = kernel_of(server.ask(ASKED, headers=ANN).text)

    for foreign in ("https://evil.example", "null"):
        with pytest.raises(InvalidStatus):
            join(server, kernel, ANN, origin=foreign)
    with pytest.raises(InvalidStatus):
        join(server, kernel, {})


def test_a_storm_of_visitors_meets_the_cap_and_a_friendly_page(server: Served) -> None:
    with ThreadPoolExecutor(6) as visitors:
        answers = list(visitors.map(lambda _: server.ask(ASKED, headers=ANN), range(6)))

    codes = sorted(answer.status_code for answer in answers)
    full = next(answer for answer in answers if answer.status_code == 503)
    assert codes == [200, 200, 503, 503, 503, 503]
    assert "All places are taken" in full.text
    assert full.headers["retry-after"] == "30"
    assert len(kernels_of(server)) == 2


def test_a_page_that_is_closed_ends_its_kernel_and_frees_its_place(server: Served) -> None:
    pages = [server.ask(ASKED, headers=ANN).text for _ in range(2)]
    full = server.ask(ASKED, headers=ANN).status_code

    for page in pages:
        path = f"/live/voila/api/shutdown/{kernel_of(page)}"
        server.ask(path, method="POST", headers=ANN)

    assert full == 503
    assert wait_until(lambda: not kernels_of(server))
    assert server.ask(ASKED, headers=ANN).status_code == 200


def test_a_kernel_that_is_killed_is_said_to_be_dead_and_not_started_again(server: Served) -> None:
    kernel = kernel_of(server.ask(ASKED, headers=ANN).text)
    before = server.ask(f"/live/pulse/{kernel}", headers=ANN).json()["is_living"]

    kernels_of(server)[0].kill()

    def is_dead() -> bool:
        return not server.ask(f"/live/pulse/{kernel}", headers=ANN).json()["is_living"]

    assert before is True
    assert wait_until(is_dead, seconds=5)
    time.sleep(2)
    assert kernels_of(server) == []


def test_a_page_whose_kernel_dies_while_it_is_made_ends(server: Served) -> None:
    with ThreadPoolExecutor(1) as visitor:
        asked = visitor.submit(server.ask, ASKED, headers=ANN)
        assert wait_until(lambda: kernels_of(server))
        kernels_of(server)[0].kill()

        page = asked.result(timeout=30).text

    assert "All reports" in page


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_no_process_outlives_the_server(root: Path, tmp_path: Path, how: signal.Signals) -> None:
    with served(root, tmp_path, SEGKIT_PROXY_SECRET=SECRET) as server:
        server.ask(ASKED, headers=ANN)
        family = psutil.Process(server.process.pid).children(recursive=True)
        os.kill(server.process.pid, how)
        server.process.wait(20)
        gone, alive = psutil.wait_procs(family, timeout=10)

    assert len(gone) >= 2
    assert alive == []


def test_the_clearance_of_the_reader_reaches_the_kernel_and_no_header_of_a_browser_does(
    server: Served,
) -> None:
    said = {}
    forged = {**ANN, "x-segkit-clearance": "personal", "cookie": "SEGKIT_CLEARANCE=personal"}
    asked = "/live/user_profile?as_of=2026-06-30"
    for name, headers in (("plain", forged), ("cleared", CLEARED)):
        kernel = kernel_of(server.ask(asked, headers=headers).text)
        said[name] = kernels_of(server)[-1].environ()["SEGKIT_CLEARANCE"]
        server.ask(f"/live/voila/api/shutdown/{kernel}", method="POST", headers=headers)
        assert wait_until(lambda: not kernels_of(server))

    assert said == {"plain": "pseudonymous", "cleared": "personal"}


def test_secrets_of_the_server_do_not_reach_kernels(server: Served) -> None:
    server.ask(ASKED, headers=ANN)

    (kernel,) = kernels_of(server)

    assert SECRET not in "".join(kernel.environ().values())


def test_kernels_that_no_page_opens_are_ended(root: Path) -> None:
    settings = decide(root, Workspace.open(root).config, host="127.0.0.1", environment={})
    child = Child(settings)
    child.settings = replace(child.settings, first_s=1.0, unseen_s=1.0)

    async def visit() -> tuple[int, bool]:
        relay = Relay(child.settings)
        try:
            assert await child.start()
            order = Asking(root, settings.config).order(
                APPS["segment_report"], [("segment", "buyers")], Reader()
            )
            page = await relay.render(order, Reader(), frozenset())
            assert not isinstance(page, int)
            text = ""
            async for part in page.body_iterator:
                text += part if isinstance(part, str) else bytes(part).decode()
            for _ in range(100):
                if not await relay.is_living(kernel_of(text), Reader()):
                    return len(text), False
                await asyncio.sleep(0.1)
            return len(text), True
        finally:
            await relay.close()

    try:
        length, is_living = asyncio.run(visit())
    finally:
        child.end()

    assert length > 10_000
    assert is_living is False
    assert not Path(child.settings.scratch).exists()


def test_the_pulse_tells_of_a_newer_snapshot(tmp_path: Path) -> None:
    root = make_shop(tmp_path / "shop")
    with served(root, tmp_path, SEGKIT_PROXY_SECRET=SECRET) as server:
        kernel = kernel_of(server.ask(ASKED, headers=ANN).text)
        before = server.ask(f"/live/pulse/{kernel}", headers=ANN).json()["snapshot"]
        with (root / "data" / "web.csv").open("a", encoding="utf-8") as rows:
            rows.write("u01,2026-06-30T15:00:00Z,page_view,/p9,\n")
        loaded = Workspace.open(root).load().snapshot
        after = server.ask(f"/live/pulse/{kernel}", headers=ANN).json()["snapshot"]

    assert before != after
    assert after == loaded
