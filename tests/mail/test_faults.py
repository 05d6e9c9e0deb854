"""What mail server, network and names can do wrong: who was mailed, and the next one goes on."""

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import trustme
from aiosmtpd.smtp import AuthResult

import segkit as sk
from segkit.mail.letter import address_letter
from segkit.mail.notices import INCOMPLETE, Notices, find_notifier
from segkit.mail.smtp import Line, Server
from segkit.runs.manifest import read_manifest
from tests.mail.post import HOST, Scripted, free_port, serving
from tests.mail.weeks import publish_week, write_schedule

ANN = "ann@example.org"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Give a workspace with a weekly report of one week."""
    (tmp_path / "segkit.toml").write_text('name = "x"\n', "utf-8")
    write_schedule(tmp_path)
    publish_week(tmp_path)
    return tmp_path


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> trustme.CA:
    """Give an authority whose certificates this machine believes."""
    found = trustme.CA()
    found.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    return found


def reach(monkeypatch: pytest.MonkeyPatch, port: int, tls: str = "none", **more: str) -> None:
    """Name a mail server in the environment."""
    settings = {"HOST": HOST, "PORT": str(port), "TLS": tls, **more}
    for name, value in settings.items():
        monkeypatch.setenv(f"SEGKIT_SMTP_{name}", value)
    monkeypatch.setenv("SEGKIT_MAIL_FROM", "reports@example.org")


def tell(root: Path, *recipients: str) -> tuple[int, list[tuple[Any, Any]]]:
    """Hand the week's report over for recipients and send; give exit code, states and reasons."""
    notices = find_notifier(sk.open(root))
    assert notices is not None
    (folder,) = (root / "reports_out" / "weekly-buyers").glob("2026-W22/*")
    for recipient in recipients:
        notices.published(folder, read_manifest(folder) or {}, recipient)
    code = notices.drain()
    return code, [(row["state"], row["reason"]) for row in notices.outbox.count_states()]


def make_due(root: Path) -> None:
    """Let the waits of the outbox be over."""
    with Notices(sk.open(root), None).outbox._open() as store:  # noqa: SLF001  time passes
        store.execute("UPDATE outbox SET next_s = 0")


def context_of(authority: trustme.CA, name: str = HOST) -> ssl.SSLContext:
    """Give a server's side of TLS with a certificate for a name."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(name).configure_cert(context)
    return context


def let_in(_server: Any, _session: Any, _envelope: Any, _how: str, data: Any) -> AuthResult:
    """Let in who knows the password."""
    return AuthResult(success=data.password == b"right", handled=False)


@contextmanager
def mute() -> Iterator[int]:
    """Serve a port that takes connections and says nothing."""
    with socket.create_server((HOST, 0)) as server:
        held: list[socket.socket] = []

        def hold() -> None:
            while True:
                try:
                    held.append(server.accept()[0])
                except OSError:
                    return

        threading.Thread(target=hold, daemon=True).start()
        yield int(server.getsockname()[1])
        for one in held:
            one.close()


def test_a_server_that_is_down_is_tried_again_and_the_next_time_everybody_has_it(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reach(monkeypatch, free_port())
    down = tell(root, ANN, "bob@example.org")
    make_due(root)
    scripted = Scripted()

    with serving(scripted) as port:
        reach(monkeypatch, port)
        up = tell(root, ANN)

    assert down[0] == INCOMPLETE
    assert {state for state, _ in down[1]} == {"queued"}
    assert up == (0, [("sent", "")])
    assert sorted(scripted.got) == [ANN, "bob@example.org"]


def test_a_server_that_says_nothing_is_given_up_in_time_and_stays_queued(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    began = time.monotonic()

    with mute() as port:
        line = Line(Server(host=HOST, port=port, tls="none", sender="r@e.org", timeout_s=0.3))
        monkeypatch.setattr("segkit.mail.notices.Line", lambda _server: line)
        reach(monkeypatch, port)
        code, states = tell(root, ANN)

    assert (code, states) == (INCOMPLETE, [("queued", "no connection to the mail server")])
    assert time.monotonic() - began < 3


def test_a_refusal_for_now_is_followed_by_the_mail_when_it_is_due(
    root: Path, mailed: Scripted
) -> None:
    mailed.later.add("ann")

    first = tell(root, ANN)
    too_early = tell(root, ANN)
    mailed.later.clear()
    make_due(root)
    second = tell(root, ANN)

    assert first == (INCOMPLETE, [("queued", "the server answered 451")])
    assert too_early == first
    assert second == (0, [("sent", "")])
    assert mailed.got == [ANN]


@pytest.mark.parametrize("tls", ["starttls", "tls"])
def test_mail_and_login_go_over_tls(
    root: Path, authority: trustme.CA, monkeypatch: pytest.MonkeyPatch, tls: str
) -> None:
    scripted, context = Scripted(), context_of(authority)
    more: dict[str, Any] = {"ssl_context": context}
    if tls == "starttls":
        more = {"tls_context": context, "require_starttls": True}
    asks: dict[str, Any] = {"authenticator": let_in, "auth_required": tls == "starttls"}
    asks["auth_require_tls"] = tls == "starttls"

    with serving(scripted, **more, **asks) as port:
        reach(monkeypatch, port, tls, USER="u", PASSWORD="right")  # noqa: S106
        said = tell(root, ANN)

    assert said == (0, [("sent", "")])
    assert scripted.got == [ANN]


@pytest.mark.parametrize("fault", ["other name", "unknown authority", "wrong password", "no tls"])
def test_nothing_leaves_when_the_line_or_the_login_is_not_sure(
    root: Path, authority: trustme.CA, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    name = "other.example.org" if fault == "other name" else HOST
    issuer = trustme.CA() if fault == "unknown authority" else authority
    more: dict[str, Any] = {}
    if fault != "no tls":
        more = {"tls_context": context_of(issuer, name), "require_starttls": True}
        more |= {"authenticator": let_in, "auth_required": True}
    scripted = Scripted()

    with serving(scripted, **more) as port:
        password = "wrong" if fault == "wrong password" else "right"
        reach(monkeypatch, port, "starttls", USER="u", PASSWORD=password)
        code, states = tell(root, ANN)

    assert code == INCOMPLETE
    assert states == [("queued", "no secure connection, or the login was refused")]
    assert scripted.got == []


@pytest.mark.parametrize(
    "name",
    ["sender", "recipient", "unsubscribe"],
)
def test_no_header_can_be_smuggled_in_by_an_address(name: str) -> None:
    from tests.mail.letters import make_facts  # noqa: PLC0415
    from tests.mail.test_letter import compose  # noqa: PLC0415

    whole = {"sender": "a@b.org", "recipient": "c@d.org", "unsubscribe": "e@f.org"}

    with pytest.raises(sk.SegkitError, match="An e-mail address cannot be read"):
        address_letter(
            compose(make_facts()), **{**whole, name: f"{whole[name]}\r\nBcc: eve@example.org"}
        )


def test_hostile_names_of_report_and_segment_stay_text_in_every_mail_of_a_run(
    root: Path, mailed: Scripted
) -> None:
    name = '<script>"{{7*7}}"\r\nBcc: eve@example.org\u202e\x00' + "x" * 300
    notices = find_notifier(sk.open(root))
    assert notices is not None
    folder = publish_week(root, 1, report="own", summary={"title": name, "n_users": 5})

    notices.published(folder, read_manifest(folder) or {}, ANN)
    notices.failed(name, "2026-W22", "owner@example.org", f"{name} failed.")
    notices.drain()

    assert sorted(mailed.got) == [ANN, "owner@example.org"]
    for message in mailed.messages:
        html = message.get_body(("html",)).get_content()  # type: ignore[union-attr]
        assert message["Bcc"] is None
        assert "<script" not in html
        assert "eve@example.org" not in message.as_string()
        assert "\u202e" not in html
        assert "{{7*7}}" in html
        assert len(str(message["Subject"])) < 300
