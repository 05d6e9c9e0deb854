from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jupyter_server.services.kernels.connection.base import deserialize_msg_from_ws_v1

from segkit.apps.messages import ALLOWED, find_fault
from tests.apps.frames import frame, pack

WIDGET = {"comm_id": "a", "target_name": "jupyter.widget.control", "data": {}}


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("comm_open", WIDGET),
        ("comm_msg", {"comm_id": "a", "data": {"method": "update", "state": {"index": 1}}}),
        ("comm_close", {"comm_id": "a", "data": {}}),
        ("comm_info_request", {"target_name": "jupyter.widget"}),
        ("kernel_info_request", {}),
    ],
)
def test_what_widgets_need_is_passed_on(kind: str, content: dict[str, Any]) -> None:
    assert find_fault(frame(kind, content)) is None


@pytest.mark.parametrize(
    "kind",
    [
        *("execute_request", "complete_request", "inspect_request", "history_request"),
        *("is_complete_request", "input_reply", "shutdown_request", "interrupt_request"),
        *("debug_request", "create_subshell_request", "execute_request\u0000", "EXECUTE_REQUEST"),
        *("", "comm_msg "),
    ],
)
def test_nothing_that_runs_or_ends_is_passed_on(kind: str) -> None:
    assert find_fault(frame(kind, {"code": "1"})) == "a message that is not for widgets"


@pytest.mark.parametrize("channel", ["stdin", "iopub", "hb", "", "Shell", "shell\n"])
def test_only_the_channels_of_widgets_are_open(channel: str) -> None:
    assert find_fault(frame("comm_msg", channel=channel)) is not None


@pytest.mark.parametrize("target", ["jupyter.widget", "matplotlib", "", None, ["a"]])
def test_a_page_opens_no_comm_of_another_kind(target: object) -> None:
    assert find_fault(frame("comm_open", {"target_name": target})) is not None


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"\x00" * 7,
        b"\xff" * 64,
        frame("comm_msg")[:-5],
        (5).to_bytes(8, "little") + frame("comm_msg")[8:],
        (10**6).to_bytes(8, "little") + frame("comm_msg")[8:],
        pack("shell", ["comm_msg"], {}),
        pack("shell", {"msg_type": "comm_msg"}, [1]),
        pack("shell", {"msg_type": ["comm_msg"]}, {}),
        pack("shell", {}, {}),
    ],
    ids=range(10),
)
def test_a_broken_frame_is_not_passed_on(broken: bytes) -> None:
    assert find_fault(broken) is not None


def test_text_and_long_frames_are_not_passed_on() -> None:
    assert find_fault('{"header": {"msg_type": "comm_msg"}}') == "a frame that is text"
    assert find_fault(frame("comm_msg", {"data": "x" * 600_000})) == "a frame that is too long"


@given(st.binary(max_size=300))
def test_noise_never_fails_and_what_is_passed_is_read_alike_behind(noise: bytes) -> None:
    whole = frame("comm_msg", {"comm_id": "a"})
    for sent in (noise, whole[: len(noise)] + noise, noise + whole[len(noise) :]):
        if find_fault(sent) is None:
            channel, parts = deserialize_msg_from_ws_v1(sent)  # type: ignore[no-untyped-call]
            assert channel in {"shell", "control"}
            assert any(kind.encode() in parts[0] for kind in ALLOWED)
