"""Fixtures that every test may lean on: no network, one clock, one kind of chance, one zone."""

import os
import socket
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

SHARED = "SEGKIT_SHARED"
SHARED_FOLDERS = ("data", "segments", "vectors")
MACHINE_ZONE = "America/St_Johns"

settings.register_profile(
    "ci",
    derandomize=True,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("explore", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


def pytest_configure() -> None:
    """Put the machine in a zone of half hours, so that code which leans on it is found out."""
    os.environ.setdefault("TZ", MACHINE_ZONE)
    time.tzset()


def _is_local(address: Any) -> bool:
    if not isinstance(address, tuple):
        return True
    host = str(address[0])
    return host in {"", "localhost", "::1"} or host.startswith("127.")


@pytest.fixture(autouse=True)
def no_network(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse sockets to other machines and look-ups of their names; marker `network` lifts it."""
    if request.node.get_closest_marker("network"):
        return
    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex
    look_up = socket.getaddrinfo

    def refuse_unless_local(address: Any) -> None:
        if not _is_local(address):
            pytest.fail(f"a test reached for the network: {address[0]!r}", pytrace=True)

    def local_connect(self: socket.socket, address: Any) -> None:
        refuse_unless_local(address)
        connect(self, address)

    def local_connect_ex(self: socket.socket, address: Any) -> int:
        refuse_unless_local(address)
        return connect_ex(self, address)

    def local_look_up(host: Any, *args: Any, **kwargs: Any) -> Any:
        refuse_unless_local((host.decode() if isinstance(host, bytes) else host or "",))
        return look_up(host, *args, **kwargs)

    monkeypatch.setattr(socket.socket, "connect", local_connect)
    monkeypatch.setattr(socket.socket, "connect_ex", local_connect_ex)
    monkeypatch.setattr(socket, "getaddrinfo", local_look_up)


@pytest.fixture(scope="session")
def shared() -> Path:
    """Give the folder of shared data; skip without the variable, fail where folders lack."""
    named = os.environ.get(SHARED)
    if not named:
        pytest.skip(f"{SHARED} is not set")
    folder = Path(named).expanduser().resolve()
    lacking = [name for name in SHARED_FOLDERS if not (folder / name).is_dir()]
    if lacking:
        pytest.fail(f"{SHARED} names a folder that lacks {lacking}", pytrace=False)
    return folder


@pytest.fixture
def fixed_clock() -> Callable[[], datetime]:
    """Give a clock that stands still at 10:00 UTC on 1 July 2026, for whatever asks for one."""
    return lambda: datetime(2026, 7, 1, 10, 0, tzinfo=UTC)


@pytest.fixture(params=["UTC", MACHINE_ZONE])
def machine_zone(request: pytest.FixtureRequest) -> Iterator[str]:
    """Run the test once in each of two machine zones; its result must not care."""
    zone = str(request.param)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", zone)
        time.tzset()
        yield zone
    time.tzset()
