"""What a notebook offers on Tab, and shows while it loads: asked of a kernel as JupyterLab asks."""

from collections.abc import Iterator
from typing import Any

import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import start_new_kernel

from tests.tiny_shop import write_tiny_shop

pytestmark = pytest.mark.notebook
OPEN = "import segkit as sk\nws = sk.open()"


class Kernel:
    """A kernel in the folder of a workspace, as its front end speaks to it."""

    def __init__(self, client: BlockingKernelClient) -> None:
        self.client = client

    def run(self, code: str) -> list[tuple[str, dict[str, Any]]]:
        """Run a cell and give what came back, kind and content."""
        heard: list[tuple[str, dict[str, Any]]] = []

        def hear(message: dict[str, Any]) -> None:
            heard.append((message["header"]["msg_type"], message["content"]))

        reply = self.client.execute_interactive(code, timeout=60, output_hook=hear)
        assert reply["content"]["status"] == "ok", reply["content"]
        return heard

    def complete(self, code: str) -> list[str]:
        """Give what Tab offers at the end of some code."""
        reply = self.client.complete(code, reply=True, timeout=60)
        found: list[str] = reply["content"]["matches"]
        return found


@pytest.fixture(scope="module")
def loading(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Kernel, list[Any]]]:
    """Give a kernel in the tiny shop, and what came back while it loaded there."""
    shop = write_tiny_shop(tmp_path_factory.mktemp("kernel"))
    manager, client = start_new_kernel(
        kernel_name="python3", cwd=str(shop), extra_arguments=["--transport=ipc"]
    )
    kernel = Kernel(client)
    try:
        heard = kernel.run(f"{OPEN}\nws.load()")
        kernel.run("get_ipython().Completer.use_jedi = False")
        yield kernel, heard
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


@pytest.fixture(scope="module")
def kernel(loading: tuple[Kernel, list[Any]]) -> Kernel:
    return loading[0]


@pytest.mark.parametrize(
    ("code", "offered"),
    [
        ("ws.segments.bu", ["buyers"]),
        ('ws.segments["bu', ["buyers"]),
        ("ws.events.pur", ["purchase"]),
        ('sk.did(event=ws.events["page', ["page_view"]),
        ("ws.attributes.pl", ["plan"]),
        ("ws.attributes['em", ["email"]),
    ],
)
def test_tab_offers_the_names_of_the_workspace(
    kernel: Kernel, code: str, offered: list[str]
) -> None:
    found = kernel.complete(code)

    assert [name.rpartition(".")[2] for name in found] == offered


def test_tab_offers_the_names_where_code_is_analysed_too(kernel: Kernel) -> None:
    kernel.run("get_ipython().Completer.use_jedi = True")

    assert kernel.complete("ws.segments.bu") == ["buyers"]
    assert kernel.complete('ws.segments["bu') == ["buyers"]
    assert kernel.complete("ws.events.pur") == ["purchase"]
    assert kernel.complete("ws.segments.buyers.ti") == ["timezone", "title"]


def test_a_load_shows_bars_that_are_gone_when_it_is_over(
    loading: tuple[Kernel, list[Any]],
) -> None:
    heard = loading[1]

    opened = [
        content["comm_id"]
        for kind, content in heard
        if kind == "comm_open" and content["data"]["state"].get("_model_name") == "IntProgressModel"
    ]
    closed = {content["comm_id"] for kind, content in heard if kind == "comm_close"}
    values = [
        content["data"]["state"]["value"]
        for kind, content in heard
        if kind == "comm_msg"
        and content["comm_id"] in opened
        and "value" in content["data"].get("state", {})
    ]
    assert opened
    assert set(opened) <= closed
    assert max(values) > 0


def test_the_result_of_a_load_shows_itself(loading: tuple[Kernel, list[Any]]) -> None:
    (shown,) = [content for kind, content in loading[1] if kind == "execute_result"]

    assert "<table>" in shown["data"]["text/html"]
    assert "web:" in shown["data"]["text/plain"]
    assert "kept" in shown["data"]["text/plain"]
