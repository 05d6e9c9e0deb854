"""Speak SMTP to one server over one connection, and tell apart what is sure from what is not.

TLS is the default, and nothing falls back from it: a server without it gets neither the login nor
the mail. What happened before the message began to leave may be tried again; what happened after
may not, because the message may have arrived.
"""

import os
import smtplib
import ssl
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from time import time

from segkit.errors import ParameterError, SegkitError, near_names
from segkit.mail.letter import Letter, address_letter, read_address
from segkit.mail.outbox import Job, Outbox, State

TLS = ("starttls", "tls", "none")
_OK, _GO_ON, _FOR_GOOD = 250, 354, 500
_LOST = "the connection ended after the message began to leave"


@dataclass(frozen=True, kw_only=True)
class Server:
    """The server that mail goes to; the password never shows."""

    host: str
    sender: str
    port: int = 587
    tls: str = "starttls"
    user: str = ""
    password: str = field(default="", repr=False)
    unsubscribe: str = ""
    timeout_s: float = 30.0


def read_server(environment: Mapping[str, str] = os.environ) -> Server:
    """Give the server from `SEGKIT_SMTP_HOST`, `_PORT`, `_TLS`, `_USER`, `_PASSWORD`.

    And from `SEGKIT_MAIL_FROM`, `SEGKIT_MAIL_UNSUBSCRIBE`.

    Raises
    ------
    ParameterError
        When one is missing or wrong, or a login would go over an open line.
    """
    for name in ("SEGKIT_SMTP_HOST", "SEGKIT_MAIL_FROM"):
        if not environment.get(name):
            raise ParameterError.build(f"`{name}` is not set.", hint="set it in the environment.")
    tls = environment.get("SEGKIT_SMTP_TLS", TLS[0])
    port = environment.get("SEGKIT_SMTP_PORT", "587")
    if tls not in TLS:
        raise ParameterError.build("`SEGKIT_SMTP_TLS` is wrong.", hint=near_names(tls, TLS))
    if not port.isdecimal():
        raise ParameterError.build("`SEGKIT_SMTP_PORT` is no number.", hint="587 is usual.")
    user = environment.get("SEGKIT_SMTP_USER", "")
    if user and tls == "none":
        raise ParameterError.build(
            "A login over an open line is refused.", hint="set SEGKIT_SMTP_TLS to starttls or tls."
        )
    read_address(environment["SEGKIT_MAIL_FROM"])
    return Server(
        host=environment["SEGKIT_SMTP_HOST"],
        sender=environment["SEGKIT_MAIL_FROM"],
        port=int(port),
        tls=tls,
        user=user,
        password=environment.get("SEGKIT_SMTP_PASSWORD", ""),
        unsubscribe=environment.get("SEGKIT_MAIL_UNSUBSCRIBE", ""),
    )


class Refused(Exception):  # noqa: N818  what a server said, not a defect
    """The message surely did not arrive.

    `is_final` when trying again will not help, `is_down` when no other message will get through.
    """

    def __init__(self, reason: str, *, is_final: bool = False, is_down: bool = False) -> None:
        super().__init__(reason)
        self.is_final = is_final
        self.is_down = is_down


class Lost(Exception):  # noqa: N818  what a server did, not a defect
    """Nobody knows whether the message arrived."""


class Line:
    """One connection, kept open from message to message."""

    def __init__(self, server: Server, context: ssl.SSLContext | None = None) -> None:
        self._server = server
        self._context = context or ssl.create_default_context()
        self._client: smtplib.SMTP | None = None
        self.n_opened = 0

    def send(self, message: EmailMessage, recipient: str) -> None:
        """Send one message to one recipient.

        Raises
        ------
        Refused
            When it surely did not arrive.
        Lost
            When it may have.
        """
        client = self._client or self._connect()
        try:
            self._check(client.mail(self._server.sender))
            self._check(client.rcpt(recipient))
        except (OSError, smtplib.SMTPException) as exc:
            self.close()
            raise Refused("the connection ended before the message") from exc
        try:
            answer = client.data(bytes(message))
        except smtplib.SMTPDataError as exc:
            self._check((exc.smtp_code, b""))
            raise Lost(_LOST) from exc
        except (OSError, smtplib.SMTPException) as exc:
            self.close()
            raise Lost(_LOST) from exc
        self._check(answer)

    def _check(self, answer: tuple[int, bytes]) -> None:
        """Raise what an answer means; the server's words are dropped, they may hold an address."""
        code = answer[0]
        if code in {_OK, 251}:
            return
        self._reset()
        raise Refused(f"the server answered {code}", is_final=code >= _FOR_GOOD)

    def _reset(self) -> None:
        """Make the line ready for the next message; a line that is not is closed."""
        try:
            if self._client is not None:
                self._client.rset()
        except (OSError, smtplib.SMTPException):
            self.close()

    def _connect(self) -> smtplib.SMTP:
        server = self._server
        try:
            if server.tls == "tls":
                client: smtplib.SMTP = smtplib.SMTP_SSL(
                    server.host, server.port, timeout=server.timeout_s, context=self._context
                )
            else:
                client = smtplib.SMTP(server.host, server.port, timeout=server.timeout_s)
        except (OSError, smtplib.SMTPException) as exc:
            raise Refused("no connection to the mail server", is_down=True) from exc
        self._client = client
        self.n_opened += 1
        try:
            if server.tls == "starttls":
                client.starttls(context=self._context)
            client.ehlo_or_helo_if_needed()
            if server.user:
                client.login(server.user, server.password)
        except (OSError, smtplib.SMTPException) as exc:
            self.close()
            raise Refused("no secure connection, or the login was refused", is_down=True) from exc
        return client

    def close(self) -> None:
        """End the connection."""
        client, self._client = self._client, None
        if client is not None:
            with suppress(OSError, smtplib.SMTPException):
                client.quit()
            client.close()


def drain_outbox(
    outbox: Outbox, line: Line, server: Server, compose: Callable[[str, str], Letter]
) -> None:
    """Send everything that is due over one connection.

    One mail that fails never stops the others; a server that cannot be reached does, until the next
    time.

    Parameters
    ----------
    compose
        Gives the letter of a run and a link; called once for each.

    Raises
    ------
    RunError
        With exit code 75 when another program sends.
    """
    letters: dict[tuple[str, str], Letter] = {}
    with outbox.drain():
        try:
            while (job := outbox.claim(time())) is not None:
                key = (job.run, job.link)
                try:
                    letters[key] = letters.get(key) or compose(*key)
                except SegkitError:
                    outbox.settle(job, State.failed, reason="the report cannot be read")
                    continue
                if not _send(job, outbox, line, _address(letters[key], job, server)):
                    break
        finally:
            line.close()


def _address(letter: Letter, job: Job, server: Server) -> EmailMessage:
    return address_letter(
        letter, sender=server.sender, recipient=job.recipient, unsubscribe=server.unsubscribe
    )


def _send(job: Job, outbox: Outbox, line: Line, message: EmailMessage) -> bool:
    """Send one mail and write down what became of it; false when the server is down."""
    try:
        line.send(message, job.recipient)
    except Refused as refused:
        if refused.is_final:
            outbox.settle(job, State.bounced, reason=str(refused))
        else:
            outbox.put_off(job, time(), reason=str(refused))
        return not refused.is_down
    except Lost as lost:
        outbox.settle(job, State.unknown, reason=str(lost))
    else:
        outbox.settle(job, State.sent)
    return True
