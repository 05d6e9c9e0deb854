"""The fixtures that every test leans on do what they say."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.files import MAX_BYTES, file_faults

ROOT = Path(__file__).parents[2]
ELSEWHERE = ("192.0.2.1", 9)  # an address for documentation: nothing answers there


def test_a_socket_to_another_machine_is_refused() -> None:
    with (
        socket.socket() as plug,
        pytest.raises(
            pytest.fail.Exception, match=r"a test reached for the network: '192\.0\.2\.1'"
        ),
    ):
        plug.connect(ELSEWHERE)


def test_looking_up_another_machine_is_refused() -> None:
    with pytest.raises(pytest.fail.Exception, match="a test reached for the network"):
        socket.getaddrinfo("example.org", 443)


def test_a_socket_within_this_machine_is_allowed() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket() as plug:
        plug.connect(server.getsockname())

        assert plug.getpeername() == server.getsockname()


def test_the_fixed_clock_stands_still(fixed_clock: Callable[[], datetime]) -> None:
    assert fixed_clock() == fixed_clock() == datetime(2026, 7, 1, 10, 0, tzinfo=UTC)


def test_the_machine_zone_is_the_one_asked_for(machine_zone: str) -> None:
    offset = time.localtime(1_767_225_600).tm_gmtoff

    assert offset == {"UTC": 0, "America/St_Johns": -12_600}[machine_zone]


@given(st.integers())
def test_properties_are_drawn_alike_in_every_run(number: int) -> None:
    assert settings().derandomize == (os.environ.get("HYPOTHESIS_PROFILE", "ci") == "ci")
    assert settings().deadline is None
    assert isinstance(number, int)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("named", "outcome"), [(None, "1 skipped"), ("/", "1 error")], ids=["unset", "poor folder"]
)
def test_shared_data_is_skipped_when_unset_and_demanded_when_set(
    tmp_path: Path, named: str | None, outcome: str
) -> None:
    (tmp_path / "conftest.py").write_text((ROOT / "tests" / "conftest.py").read_text("utf-8"))
    (tmp_path / "test_x.py").write_text("def test_x(shared):\n    assert shared\n", "utf-8")
    rest = {k: v for k, v in os.environ.items() if k != "SEGKIT_SHARED"}

    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env=rest if named is None else {**rest, "SEGKIT_SHARED": named},
    )

    assert outcome in done.stdout


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"x" * MAX_BYTES + b"\n", "500,001 bytes, at most 500,000"),
        (b"-----BEGIN RSA " + b"PRIVATE KEY-----\n", "holds a private key"),
        (b"x", "does not end in a line break"),
        (b"x\n\n", "ends in empty lines"),
    ],
    ids=["large", "key", "open end", "empty end"],
)
def test_a_file_that_does_not_belong_is_refused(tmp_path: Path, content: bytes, fault: str) -> None:
    path = tmp_path / "x"
    path.write_bytes(content)

    assert list(file_faults(path)) == [fault]


@pytest.mark.parametrize("folder", ["segkit", "tests", "tools", "docs", "notebooks", "templates"])
def test_every_file_of_the_project_belongs(folder: str) -> None:
    faults = [
        f"{path.relative_to(ROOT)}: {fault}"
        for path in sorted((ROOT / folder).rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
        for fault in file_faults(path)
    ]

    assert "\n".join(faults) == ""
