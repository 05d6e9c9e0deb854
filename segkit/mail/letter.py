"""Hold a mail that is composed, and address it to one recipient.

A letter is composed once a run and addressed once a recipient. Nothing of it depends on a clock, so
that composing it again gives the same bytes.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from hashlib import sha256

from segkit.errors import ParameterError

_LINE = 75
_LINK = re.compile(r"(https?://[^\s<>\"]+)?")


@dataclass(frozen=True, kw_only=True)
class Occasion:
    """What a mail says of its run beside the facts.

    `run` is the name that message ids are made of, `link` where the report is and `app` where it
    can be explored (http or https; empty: nowhere). `warnings` are what its checks said, `notes`
    what the reader should know of the schedule, as sentences. `broken` are the checks in their own
    words that some of the warnings are of. `period` is the scheduled one's name.
    """

    run: str
    link: str = ""
    app: str = ""
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    is_corrected: bool = False
    period: str = ""
    broken: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for address in (self.link, self.app):
            if not _LINK.fullmatch(address):
                raise ParameterError.build(
                    "The link to the report is no web address.", hint="begin it with https://."
                )


@dataclass(frozen=True, kw_only=True)
class Part:
    """A file of a mail: a chart shown by its content id, or an attachment."""

    name: str
    kind: str
    content: bytes


@dataclass(frozen=True, kw_only=True)
class Letter:
    """The mail of one run, not yet addressed.

    `thread` is the same for all periods of a report, so that mail programs keep them together.
    `charts` are PNG, shown where the HTML names their content id. `short` is the letter for a
    server that takes no message as large as this, `digest` the few lines for a chat room.
    """

    run: str
    thread: str
    subject: str
    html: str
    text: str
    charts: tuple[Part, ...] = ()
    attachments: tuple[Part, ...] = ()
    short: "Letter | None" = None
    digest: tuple[str, ...] = ()

    def with_attachments(self, attachments: Sequence[Part]) -> "Letter":
        """Give the letter with files beside it."""
        return replace(self, attachments=tuple(attachments))


class _Policy(EmailPolicy):
    """Folds subjects so that a reader gets every blank as it was; the library doubles some."""

    def fold(self, name: str, value: str) -> str:
        """Give a header as lines."""
        if name.lower() != "subject":
            return str(super().fold(name, value))
        charset = "us-ascii" if str(value).isascii() else "utf-8"
        header = Header(str(value), charset, header_name=name, maxlinelen=_LINE)
        return f"{name}: {header.encode(linesep=self.linesep)}{self.linesep}"

    def fold_binary(self, name: str, value: str) -> bytes:
        """Give a header as lines of bytes."""
        if name.lower() != "subject":
            return super().fold_binary(name, value)
        return self.fold(name, value).encode("ascii")


_POLICY = _Policy(linesep="\r\n")


def content_id(chart: str) -> str:
    """Give the content id of a chart's file, as the HTML names it.

    >>> content_id("trend.png")
    'trend@segkit'
    """
    return f"{chart.removesuffix('.png')}@segkit"


def address_letter(
    letter: Letter, *, sender: str, recipient: str, unsubscribe: str
) -> EmailMessage:
    """Give the message of a letter to one recipient.

    `Message-ID` follows from run and recipient, so that a message sent again is the same message;
    `References` from report and recipient. `unsubscribe` is the address that stops the mail.

    Raises
    ------
    ParameterError
        When an address is none; it is not repeated in the message.
    """
    domain = read_address(sender).domain
    message = EmailMessage(policy=_POLICY)
    message["Subject"] = letter.subject
    message["From"] = read_address(sender)
    message["To"] = read_address(recipient)
    message["Message-ID"] = _message_id("run", letter.run, recipient, domain=domain)
    message["References"] = _message_id("thread", letter.thread, recipient, domain=domain)
    message["Auto-Submitted"] = "auto-generated"
    address = read_address(unsubscribe or sender).addr_spec
    message["List-Unsubscribe"] = f"<mailto:{address}?subject=unsubscribe>"
    message.set_content(letter.text)
    message.add_alternative(letter.html, subtype="html")
    html = message.get_payload(1)
    for chart in letter.charts:
        html.add_related(  # type: ignore[union-attr]
            chart.content,
            *chart.kind.split("/"),
            cid=f"<{content_id(chart.name)}>",
            filename=chart.name,
            disposition="inline",
        )
    for file in letter.attachments:
        main, _, sub = file.kind.partition("/")
        message.add_attachment(file.content, maintype=main, subtype=sub, filename=file.name)
    return message


def read_address(text: str) -> Address:
    """Read one plain e-mail address.

    Raises
    ------
    ParameterError
        When it is none: more than one line, a display name, no domain.
    """
    try:
        address = Address(addr_spec=text)
    except (ValueError, IndexError, LookupError) as exc:
        raise _no_address() from exc
    if not address.domain or not address.username or not text.isascii() or not text.isprintable():
        raise _no_address()
    return address


def _no_address() -> ParameterError:
    return ParameterError.build(
        "An e-mail address cannot be read.",
        hint="write it like reports@example.org, without a name.",
    )


def _message_id(*words: str, domain: str) -> str:
    return f"<{sha256('|'.join(words).encode()).hexdigest()[:32]}@{domain}>"
