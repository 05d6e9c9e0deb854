"""Offer a served workspace to the tests of this folder: a real process on a port of loopback."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from segkit.runs import publish
from tests.tiny_shop import loaded_shop, shop

__all__ = ["loaded_shop", "serving", "shop"]

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
Serving = Callable[..., AbstractContextManager["Served"]]


@dataclass(frozen=True)
class Served:
    """A server that runs: its address, what it said on standard error so far, its process."""

    address: str
    errors: Path
    process: subprocess.Popen[str]

    def ask(self, path: str, **given: Any) -> httpx.Response:
        """Ask for an address as it is written, without following where it leads."""
        headers = given.pop("headers", {})
        method = given.pop("method", "GET")
        with httpx.Client(timeout=20, trust_env=False) as client:
            request = client.build_request(method, self.address, headers=headers, **given)
            raw = path.encode("ascii")
            return client.send(
                httpx.Request(
                    method,
                    request.url.copy_with(raw_path=raw),
                    headers=request.headers,
                    content=request.content,
                )
            )

    @property
    def said(self) -> str:
        """What it said on standard error."""
        return self.errors.read_text("utf-8")


def publish_report(root: Path, n: int = 1, **changes: Any) -> str:
    """Publish a small report made up by hand and give its folder below reports_out."""
    out = root / "reports_out"
    run = f"20260701T12000{n}Z-00000{n}"
    building = publish.open_building(out, run)
    (building / "report.html").write_text(f"<p>report {n}</p>", "utf-8")
    (building / "users.csv").write_text("user_id\nu01\n", "utf-8")
    document: dict[str, Any] = {
        "report": "segment_report",
        "segment": "buyers",
        "segments": ["buyers"],
        "clearance": "pseudonymous",
        "definition": "d1",
        "as_of": "2026-06-30",
        "period": "2026-06-30",
        "parameters": {"segment": "buyers", "as_of": "2026-06-30", "days": 28, "baseline": "rest"},
        "finished_at": (NOON + timedelta(seconds=n)).isoformat(),
        "summary": {"title": f"Buyers {n}", "n_users": 1234, "n_universe": 5000, "share": 0.2468},
        **changes,
    }
    folder = f"segment_report-{document['segment']}/{document['period']}/{run}"
    publish.publish(building, out / folder, document)
    return folder


@contextmanager
def served(root: Path, tmp_path: Path, *arguments: str, **environment: str) -> Iterator[Served]:
    """Run `segkit serve` on a free port; when the block is left it has ended."""
    errors = tmp_path / "serve.err"
    rest = {k: v for k, v in os.environ.items() if not k.startswith("SEGKIT_")}
    with errors.open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "segkit", "-w", str(root), "serve", "--port", "0", *arguments],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env={**rest, **environment},
        )
    try:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        assert address.startswith("http://"), errors.read_text("utf-8")
        yield Served(address.replace("0.0.0.0", "127.0.0.1"), errors, process)
    finally:
        process.terminate()
        process.wait(20)
        if process.stdout is not None:
            process.stdout.close()


def kernels_of(server: Served) -> list[psutil.Process]:
    """Give the kernels that a server started, however deep."""
    found = []
    for process in psutil.Process(server.process.pid).children(recursive=True):
        with suppress(psutil.Error):
            if "segkit.runs.kernel" in process.cmdline():
                found.append(process)
    return found


@pytest.fixture
def serving(tmp_path: Path) -> Serving:
    """Give what serves a workspace while a block runs."""

    def start(root: Path, *arguments: str, **environment: str) -> AbstractContextManager[Served]:
        return served(root, tmp_path, *arguments, **environment)

    return start


@pytest.fixture(scope="module")
def published_shop(
    loaded_shop: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """Give a tiny shop with two reports of the buyers and one of people in the audience only."""
    import shutil  # noqa: PLC0415

    root = Path(shutil.copytree(loaded_shop, tmp_path_factory.mktemp("served") / "shop"))
    earlier = {"as_of": "2026-06-23", "period": "2026-06-23"}
    small = {"title": "Buyers 1", "n_users": 1200, "n_universe": 5000, "share": 0.24}
    publish_report(root, 1, summary=small, **earlier)
    publish_report(root, 2)
    return root


@pytest.fixture(scope="module")
def server(published_shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Give one server of the published shop for all tests of a module."""
    with served(published_shop, tmp_path_factory.mktemp("said")) as running:
        yield running
