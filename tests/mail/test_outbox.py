"""Nobody is mailed twice, whatever the server does: a real SMTP server, scripted by address."""

from pathlib import Path

import pytest

from segkit.compare.changes import compare_reports
from segkit.errors import ParameterError, RunError
from segkit.mail.drain import drain_outbox
from segkit.mail.letter import Letter, Occasion
from segkit.mail.outbox import Job, Outbox
from segkit.mail.report_letter import compose_letter
from segkit.mail.smtp import Line, Server, read_server
from tests.mail.letters import make_facts
from tests.mail.post import HOST, Scripted, serving

RUN = "segment_report-loyal/2026-05-31/r1"


@pytest.fixture
def outbox(tmp_path: Path) -> Outbox:
    """Give an empty outbox."""
    return Outbox(tmp_path / "outbox.sqlite")


def compose(job: Job) -> Letter:
    """Give a letter of a run."""
    facts = make_facts(20)
    occasion = Occasion(run=job.run, link=job.link)
    return compose_letter(facts, compare_reports(facts, []), occasion=occasion)


def drain(outbox: Outbox, server: Server) -> Line:
    """Send what is due; give the line that was used."""
    line = Line(server)
    drain_outbox(outbox, line, server, compose)
    return line


def states(outbox: Outbox) -> dict[str, int]:
    """Give how many recipients are in each state."""
    return {str(row["state"]): int(row["n"]) for row in outbox.count_states()}


@pytest.mark.parametrize(
    ("name", "state", "n_got"),
    [
        ("ann", "sent", 1),
        ("never", "bounced", 0),
        ("full", "bounced", 0),
        ("later", "queued", 0),
        ("cut", "queued", 0),
        ("lost", "unknown", 1),
        ("slow", "unknown", 1),
    ],
)
def test_each_answer_has_its_state_and_the_next_recipient_is_mailed(
    post: tuple[Scripted, Server], outbox: Outbox, name: str, state: str, n_got: int
) -> None:
    scripted, server = post
    outbox.queue(RUN, [f"{name}@example.org", "bob@example.org"])

    drain(outbox, server)
    drain(outbox, server)

    assert scripted.got.count(f"{name}@example.org") == n_got
    assert scripted.got.count("bob@example.org") == 1
    assert states(outbox) == ({"sent": 2} if state == "sent" else {state: 1, "sent": 1})
    assert "@" not in str(outbox.count_states())


def test_a_run_is_queued_once_for_each_recipient(
    post: tuple[Scripted, Server], outbox: Outbox
) -> None:
    scripted, server = post

    n_new = [outbox.queue(RUN, ["ann@example.org", "ann@EXAMPLE.org"]) for _ in range(2)]
    drain(outbox, server)
    outbox.queue(RUN, ["ann@example.org"])
    drain(outbox, server)

    assert n_new == [1, 0]
    assert scripted.got == ["ann@example.org"]


def test_what_was_sending_when_the_program_was_killed_is_not_sent_again(
    post: tuple[Scripted, Server], outbox: Outbox
) -> None:
    scripted, server = post
    outbox.queue(RUN, ["ann@example.org"])
    outbox.claim(0.0)

    drain(outbox, server)

    assert scripted.got == []
    assert states(outbox) == {"unknown": 1}


def test_two_programs_do_not_send_one_outbox(outbox: Outbox) -> None:
    with (
        outbox.drain(),
        pytest.raises(RunError, match="Another program sends") as refused,
        outbox.drain(),
    ):
        pass

    assert refused.value.exit_code == 75


def test_a_refusal_for_now_is_tried_later_and_later_and_then_fails(outbox: Outbox) -> None:
    outbox.queue(RUN, ["ann@example.org"])
    waits, now = [], 0.0

    while (job := outbox.claim(now)) is not None:
        outbox.put_off(job, now, reason="the server answered 451")
        due = next((s for s in range(0, 4000, 60) if _is_due(outbox, now + s)), 0)
        waits.append(due)
        now += due

    assert waits == [60, 120, 240, 480, 960, 0]
    assert states(outbox) == {"failed": 1}


def _is_due(outbox: Outbox, at: float) -> bool:
    job = outbox.claim(at)
    if job is None:
        return False
    again = Job(run=job.run, recipient=job.recipient, attempts=job.attempts - 1, link="")
    with outbox._open() as store:  # noqa: SLF001  put back what was only looked at
        store.execute("UPDATE outbox SET state = 'queued', attempts = ?", (again.attempts,))
    return True


def test_who_wants_no_mail_gets_none(post: tuple[Scripted, Server], outbox: Outbox) -> None:
    scripted, server = post
    outbox.queue("before", ["ann@example.org"])

    outbox.suppress("ann@Example.org")
    outbox.queue(RUN, ["ann@example.org", "bob@example.org"])
    drain(outbox, server)

    assert scripted.got == ["bob@example.org"]
    assert states(outbox) == {"suppressed": 1, "sent": 1}


def test_one_connection_serves_many_recipients(
    post: tuple[Scripted, Server], outbox: Outbox
) -> None:
    scripted, server = post
    outbox.queue(RUN, [f"u{at}@example.org" for at in range(20)])

    line = drain(outbox, server)

    assert (len(scripted.got), line.n_opened) == (20, 1)


def test_a_server_without_tls_gets_nothing(post: tuple[Scripted, Server], outbox: Outbox) -> None:
    scripted, server = post
    secure = Server(host=server.host, port=server.port, sender=server.sender, timeout_s=0.5)
    outbox.queue(RUN, ["ann@example.org"])

    drain(outbox, secure)

    assert scripted.got == []
    assert outbox.count_states()[0]["reason"] == "no secure connection, or the login was refused"


def test_a_server_that_is_down_leaves_the_mail_queued(outbox: Outbox) -> None:
    outbox.queue(RUN, ["ann@example.org", "bob@example.org"])

    line = drain(outbox, Server(host=HOST, port=1, tls="none", sender="r@example.org"))

    rows = [(row["state"], row["reason"], row["n"]) for row in outbox.count_states()]
    assert rows == [("queued", "", 1), ("queued", "no connection to the mail server", 1)]
    assert line.n_opened == 0


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"SEGKIT_MAIL_FROM": ""}, "`SEGKIT_MAIL_FROM` is not set"),
        ({"SEGKIT_SMTP_TLS": "startls"}, "Did you mean `starttls`"),
        ({"SEGKIT_SMTP_PORT": "x"}, "is no number"),
        ({"SEGKIT_SMTP_TLS": "none", "SEGKIT_SMTP_USER": "u"}, "login over an open line"),
    ],
)
def test_wrong_settings_are_refused(more: dict[str, str], message: str) -> None:
    settings = {"SEGKIT_SMTP_HOST": "h", "SEGKIT_MAIL_FROM": "r@example.org"}

    with pytest.raises(ParameterError, match=message):
        read_server(settings | more)


def test_the_password_never_shows_and_tls_is_the_default() -> None:
    server = read_server(
        {
            "SEGKIT_SMTP_HOST": "h",
            "SEGKIT_MAIL_FROM": "r@example.org",
            "SEGKIT_SMTP_PASSWORD": "hunter2",
        }
    )

    assert "hunter2" not in repr(server)
    assert server.tls == "starttls"


def test_a_report_that_is_gone_fails_and_the_others_are_mailed(
    post: tuple[Scripted, Server], outbox: Outbox
) -> None:
    scripted, server = post
    outbox.queue("gone", ["ann@example.org"])
    outbox.queue(RUN, ["bob@example.org"])

    def compose_some(job: Job) -> Letter:
        if job.run == "gone":
            raise ParameterError
        return compose(job)

    drain_outbox(outbox, Line(server), server, compose_some)

    assert scripted.got == ["bob@example.org"]
    assert states(outbox) == {"failed": 1, "sent": 1}


def test_a_message_over_the_servers_size_goes_as_the_link_only(outbox: Outbox) -> None:
    scripted = Scripted()
    outbox.queue(RUN, ["ann@example.org"], link="https://r.example.org/x")

    with serving(scripted, data_size_limit=20_000) as port:
        drain(outbox, Server(host=HOST, port=port, tls="none", sender="r@example.org"))

    (message,) = scripted.messages
    assert states(outbox) == {"sent": 1}
    assert "https://r.example.org/x" in message.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "too large for its server" in message.as_string()


def test_a_server_that_takes_nothing_of_any_size_bounces(outbox: Outbox) -> None:
    outbox.queue(RUN, ["ann@example.org"])

    with serving(Scripted(), data_size_limit=100) as port:
        drain(outbox, Server(host=HOST, port=port, tls="none", sender="r@example.org"))

    reason = outbox.count_states()[0]["reason"]
    assert (states(outbox), reason) == (
        {"bounced": 1},
        "the message is larger than the server takes",
    )
