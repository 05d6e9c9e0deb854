"""Speak SMTP to one server over one connection, and tell apart what is sure from what is not.

TLS is the default, and nothing falls back from it: a server without it gets neither the login nor
the mail. What happened before the message began to leave may be tried again; what happened after
may not, because the message may have arrived.
"""

import os
import smtplib
import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from email.message import EmailMessage

from segkit.config import MailConfig
from segkit.errors import ParameterError, near_names
from segkit.mail.letter import read_address

TLS = ("starttls", "tls", "none")
NO_MAIL = MailConfig()
TOO_LARGE = "the message is larger than the server takes"
_OK, _FOR_GOOD, _SIZE = 250, 500, 552
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


def is_set_up(config: MailConfig, environment: Mapping[str, str] = os.environ) -> bool:
    """Whether a mail server is named, in the environment or in `[mail]`."""
    return bool(environment.get("SEGKIT_SMTP_HOST") or config.host)


def read_server(
    environment: Mapping[str, str] = os.environ, config: MailConfig = NO_MAIL
) -> Server:
    """Give the server from `SEGKIT_SMTP_HOST`, `_PORT`, `_TLS`, `_USER`, `_PASSWORD`.

    And from `SEGKIT_MAIL_FROM`, `SEGKIT_MAIL_UNSUBSCRIBE`; what is not set there comes from
    `[mail]`, login apart.

    Raises
    ------
    ParameterError
        When one is missing or wrong, or a login would go over an open line.
    """

    def read(name: str, default: str) -> str:
        return environment.get(name) or default

    found = {
        "SEGKIT_SMTP_HOST": read("SEGKIT_SMTP_HOST", config.host),
        "SEGKIT_MAIL_FROM": read("SEGKIT_MAIL_FROM", config.sender),
    }
    for name, text in found.items():
        if not text:
            key = {"SEGKIT_SMTP_HOST": "host", "SEGKIT_MAIL_FROM": "sender"}[name]
            hint = f"set it in the environment, or `{key}` in [mail] of segkit.toml."
            raise ParameterError.build(f"`{name}` is not set.", hint=hint)
    tls, port = read("SEGKIT_SMTP_TLS", config.tls), read("SEGKIT_SMTP_PORT", str(config.port))
    if tls not in TLS:
        raise ParameterError.build("`SEGKIT_SMTP_TLS` is wrong.", hint=near_names(tls, TLS))
    if not port.isdecimal():
        raise ParameterError.build("`SEGKIT_SMTP_PORT` is no number.", hint="587 is usual.")
    user = read("SEGKIT_SMTP_USER", "")
    if user and tls == "none":
        raise ParameterError.build(
            "A login over an open line is refused.", hint="set SEGKIT_SMTP_TLS to starttls or tls."
        )
    unsubscribe = read("SEGKIT_MAIL_UNSUBSCRIBE", config.unsubscribe)
    for address in (found["SEGKIT_MAIL_FROM"], unsubscribe or found["SEGKIT_MAIL_FROM"]):
        read_address(address)
    return Server(
        host=found["SEGKIT_SMTP_HOST"],
        sender=found["SEGKIT_MAIL_FROM"],
        port=int(port),
        tls=tls,
        user=user,
        password=read("SEGKIT_SMTP_PASSWORD", ""),
        unsubscribe=unsubscribe,
    )


class Refused(Exception):  # noqa: N818  what a server said, not a defect
    """The message surely did not arrive.

    `is_final` when trying again will not help, `is_down` when no other message will get through,
    `is_large` when a smaller one may, `after_s` how long the server wants to be left alone.
    """

    def __init__(
        self,
        reason: str,
        *,
        is_final: bool = False,
        is_down: bool = False,
        is_large: bool = False,
        after_s: float = 0.0,
    ) -> None:
        super().__init__(reason)
        self.after_s = after_s
        self.is_final = is_final
        self.is_down = is_down
        self.is_large = is_large


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
            When it surely did not arrive; `is_large` when the server takes none of this size.
        Lost
            When it may have.
        """
        client, content = self._client or self._connect(), bytes(message)
        most = client.esmtp_features.get("size", "")
        if most.isdecimal() and 0 < int(most) < len(content):
            raise Refused(TOO_LARGE, is_final=True, is_large=True)
        try:
            self._check(client.mail(self._server.sender))
            self._check(client.rcpt(recipient))
        except (OSError, smtplib.SMTPException) as exc:
            self.close()
            raise Refused("the connection ended before the message") from exc
        try:
            answer = client.data(content)
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
        said = f"the server answered {code}"
        raise Refused(said, is_final=code >= _FOR_GOOD, is_large=code == _SIZE)

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
