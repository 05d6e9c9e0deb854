"""Chat rooms are told once, over a real HTTP server; what may have arrived is not posted again."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import segkit as sk
from segkit.errors import DefinitionError
from segkit.mail.hooks import drain_hooks, write_slack, write_teams
from segkit.mail.letter import Letter
from segkit.mail.notices import INCOMPLETE, find_notifier
from segkit.mail.outbox import Job, Outbox
from segkit.runs.manifest import read_manifest
from segkit.runs.schedule.read import read_spec
from tests.mail.rooms import Rooms, open_rooms
from tests.mail.weeks import WEEKLY, publish_week, write_schedule

VARIABLE = "SEGKIT_WEBHOOK_SHOP"
HOSTILE = "<!channel> [x](javascript:alert(1)) <script> & *b*"
LETTER = Letter(
    run="r", thread="t", subject=HOSTILE, html="", text="", digest=("Warning: a", "Users: 5")
)


@pytest.fixture
def rooms() -> Iterator[Rooms]:
    """Give a server of chat rooms."""
    with open_rooms() as opened:
        yield opened


@pytest.fixture
def outbox(tmp_path: Path) -> Outbox:
    """Give an empty outbox."""
    return Outbox(tmp_path / "outbox.sqlite")


def post(outbox: Outbox, address: str) -> list[tuple[Any, Any]]:
    """Send what is due to a room at an address; give states and reasons."""
    drain_hooks(outbox, lambda _job: LETTER, {VARIABLE: address}, timeout_s=0.4)
    return [(row["state"], row["reason"]) for row in outbox.count_states()]


@pytest.mark.parametrize(
    ("path", "state", "reason"),
    [
        ("200", "sent", ""),
        ("404", "bounced", "the server answered 404"),
        ("302", "bounced", "the server answered 302"),
        ("429", "queued", "the server answered 429"),
        ("503", "queued", "the server answered 503"),
        ("cut", "unknown", "the connection ended after the message began to leave"),
        ("mute", "unknown", "the connection ended after the message began to leave"),
    ],
)
def test_each_answer_has_its_state_and_nothing_is_posted_twice(
    rooms: Rooms, outbox: Outbox, path: str, state: str, reason: str
) -> None:
    outbox.queue("r", [VARIABLE], channel="slack")

    found = [post(outbox, rooms.address(path)) for _ in range(2)]

    assert found == [[(state, reason)]] * 2
    assert len(rooms.posted) <= 1


def test_a_room_that_is_busy_is_left_alone_as_long_as_it_says(rooms: Rooms, outbox: Outbox) -> None:
    outbox.queue("r", [VARIABLE], channel="teams")

    post(outbox, rooms.address("429"))

    import time  # noqa: PLC0415

    assert outbox.claim(time.time() + 590, "teams") is None
    assert outbox.claim(time.time() + 610, "teams") is not None


@pytest.mark.parametrize(
    ("address", "state", "reason"),
    [
        ("", "failed", f"{VARIABLE} is not set"),
        ("http://example.org/x", "bounced", "the variable holds no https address"),
        ("file:///etc/passwd", "bounced", "the variable holds no https address"),
        ("http://[::1", "bounced", "the variable holds no web address"),
        ("http://127.0.0.1:1/secret", "queued", "no connection to the chat server"),
    ],
)
def test_a_wrong_address_is_said_without_the_address(
    outbox: Outbox, address: str, state: str, reason: str
) -> None:
    outbox.queue("r", [VARIABLE], channel="slack")

    assert post(outbox, address) == [(state, reason)]


def test_text_of_the_data_does_nothing_in_a_room() -> None:
    slack, teams = write_slack(LETTER, "https://r.example.org/x"), write_teams(LETTER, "")

    assert slack["text"].startswith("&lt;!channel&gt;")
    assert {block["text"]["type"] for block in slack["blocks"][:-1]} == {"plain_text"}
    assert slack["blocks"][0]["text"]["text"] == HOSTILE
    assert slack["blocks"][-1]["elements"][0]["url"] == "https://r.example.org/x"
    card = teams["attachments"][0]["content"]
    assert card["body"][0]["text"].startswith(r"\<\!channel\> \[x\]\(javascript:alert\(1\)\)")
    assert [block["text"] for block in card["body"][1:]] == ["Warning: a", "Users: 5"]
    assert card["actions"] == []


def test_a_published_report_is_posted_to_its_rooms_once_and_needs_no_mail_server(
    tmp_path: Path, rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SEGKIT_SMTP_HOST", raising=False)
    monkeypatch.setenv(VARIABLE, rooms.address("200"))
    (tmp_path / "segkit.toml").write_text('name = "x"\n', "utf-8")
    write_schedule(tmp_path, f"{WEEKLY}channels: {{buyers: [slack:{VARIABLE}]}}\n")
    publish_week(tmp_path, 1, 1000)
    folder = publish_week(tmp_path, 0, 1204, warnings=["Odd."])

    for _ in range(2):
        notices = find_notifier(sk.open(tmp_path))
        assert notices is not None
        for recipient in ("ann@example.org", f"slack:{VARIABLE}"):
            notices.published(folder, read_manifest(folder) or {}, recipient)
        code = notices.drain()

    ((_, document),) = rooms.posted
    lines = [block["text"]["text"] for block in document["blocks"]]
    assert code == 0
    assert lines[:3] == [
        "Loyal customers, week 22: 1,204 (+20.4%) – 1 warning",
        "Warning: Odd.",
        "Users: 1,204 (+20.4% from 1,000 on 2026-05-24)",
    ]


def test_a_room_that_is_down_is_exit_code_50(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SEGKIT_SMTP_HOST", raising=False)
    monkeypatch.setenv(VARIABLE, "http://127.0.0.1:1/x")
    (tmp_path / "segkit.toml").write_text('name = "x"\n', "utf-8")
    write_schedule(tmp_path)
    folder = publish_week(tmp_path)
    notices = find_notifier(sk.open(tmp_path))
    assert notices is not None

    notices.published(folder, read_manifest(folder) or {}, f"teams:{VARIABLE}")

    assert notices.drain() == INCOMPLETE


@pytest.mark.parametrize(
    "room", ["https://hooks.slack.com/services/T/B/x", "slack:MY_SECRET", "irc:SEGKIT_WEBHOOK_X"]
)
def test_a_secret_address_or_another_variable_in_a_schedule_is_refused(room: str) -> None:
    with pytest.raises(DefinitionError, match="xpected slack:VARIABLE or teams:VARIABLE"):
        read_spec(f"{WEEKLY}channels: {{all: ['{room}']}}\n", "reports/weekly.yml")


def test_jobs_of_rooms_are_not_mailed(outbox: Outbox) -> None:
    outbox.queue("r", [VARIABLE], channel="slack")

    assert outbox.claim(0.0) is None
    assert isinstance(outbox.claim(0.0, "slack"), Job)
