"""Compose the mail of a report from its facts alone: HTML, plain text, one chart, headers.

A letter is composed once a run and addressed once a recipient. Nothing of it depends on a clock, so
that composing it again gives the same bytes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from hashlib import sha256
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from segkit.compare.changes import Changes, Document
from segkit.compare.checks import Finding
from segkit.config import Role
from segkit.errors import ParameterError
from segkit.mail import spoken
from segkit.mail.charts import draw_trend_png
from segkit.runs.share import share_folder

MOST_BYTES = 90_000
"""The HTML part is never larger: Gmail clips at about 102 kB."""
CHART = "trend@segkit"
SHORT_ROWS = 7
_TRIMMED = "The mail was too long: the rest of it stands in the report."


@dataclass(frozen=True, kw_only=True)
class Letter:
    """The mail of one run, not yet addressed.

    `thread` is the same for all periods of a report, so that mail programs keep them together.
    """

    run: str
    thread: str
    subject: str
    html: str
    text: str
    chart: bytes | None


def compose_letter(
    document: Document,
    changes: Changes,
    findings: Sequence[Finding] = (),
    *,
    run: str,
    link: str = "",
    clearance: Role = "pseudonymous",
) -> Letter:
    """Give the mail of a report.

    Parameters
    ----------
    document, changes, findings
        The report's facts, what changed in them, and what its checks found.
    run
        The run's name, which message ids are made of.
    link
        Where the whole report is; http or https. None is named without it.
    clearance
        What the recipients may see. The mail shows no single user; values of labels are left out
        when the report was made for a higher clearance.

    Raises
    ------
    ParameterError
        When the link is no web address.
    """
    if link and not link.startswith(("https://", "http://")):
        raise ParameterError.build(
            "The link to the report is no web address.", hint="begin it with https://."
        )
    chart = draw_trend_png(document["trend"])
    facts: dict[str, Any] = {
        "subject": spoken.subject_of(document, changes, findings),
        "title": spoken.clean(document["title"], spoken.MOST_TITLE),
        "header": spoken.list_header(document, changes),
        "alerts": spoken.list_alerts(findings),
        "before_heading": f"{changes.before_on}" if changes.before_on else "",
        "year_heading": f"{changes.year_on}" if changes.year_on else "",
        "rows": spoken.list_rows(document, changes),
        "trend_words": spoken.trend_words(document),
        "chart": CHART if chart else "",
        "over": spoken.list_over(document, clearance),
        "link": link,
        "notes": spoken.list_notes(document, changes, clearance),
    }
    facts = _fitted(facts)
    return Letter(
        run=run,
        thread=f"{document['segment']}/{document['days']}",
        subject=facts["subject"],
        html=_render("report.html.j2", facts),
        text=_render("report.txt.j2", facts),
        chart=chart,
    )


def _fitted(facts: dict[str, Any]) -> dict[str, Any]:
    """Give the facts, fewer of them when their HTML would be clipped."""
    if len(_render("report.html.j2", facts).encode()) <= MOST_BYTES:
        return facts
    return facts | {
        "rows": facts["rows"][:SHORT_ROWS],
        "alerts": facts["alerts"][:SHORT_ROWS],
        "over": [],
        "notes": (_TRIMMED,),
    }


def _render(template: str, facts: dict[str, Any]) -> str:
    environment = Environment(
        loader=FileSystemLoader(share_folder("templates") / "mail"),
        autoescape=True,
        undefined=StrictUndefined,
    )
    return environment.get_template(template).render(facts)


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
    message = EmailMessage(policy=SMTP)
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
    if letter.chart is not None:
        html = message.get_payload(1)
        html.add_related(  # type: ignore[union-attr]
            letter.chart,
            "image",
            "png",
            cid=f"<{CHART}>",
            filename="trend.png",
            disposition="inline",
        )
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
