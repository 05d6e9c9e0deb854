"""Turn the words of a mail into HTML and plain text, of a size that mail programs show whole."""

from collections.abc import Callable
from functools import cache
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from segkit.mail.letter import Letter, Occasion, Part
from segkit.runs.share import share_folder

MOST_BYTES = 90_000
"""The HTML part is never larger: Gmail clips at about 102 kB."""
MOST_ALERTS = 5
Facts = dict[str, Any]
TRIMMED = "The mail was too long: the rest of it stands in the report."
TOO_LARGE = "The mail was too large for its server: what it would hold stands in the report."


def render_html(template: str, facts: Facts) -> str:
    """Give the HTML part, with the style of each element in the element: many readers drop others.

    What depends on the reader's screen or theme stays in a style sheet of its own.
    """
    import css_inline  # noqa: PLC0415  only where a mail is made

    whole = _environment().get_template(f"{template}.html.j2").render(facts)
    inlined: str = css_inline.CSSInliner(load_remote_stylesheets=False).inline(whole)
    return inlined


def render_text(template: str, facts: Facts) -> str:
    """Give the plain-text part."""
    return _environment().get_template(f"{template}.txt.j2").render(facts)


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(share_folder("templates") / "mail"),
        autoescape=True,
        undefined=StrictUndefined,
    )


def seal_letter(
    template: str,
    facts: Facts,
    occasion: Occasion,
    *,
    thread: str,
    charts: tuple[Part, ...] = (),
    shorten: Callable[[Facts], Facts] = lambda facts: facts,
) -> Letter:
    """Give the letter of some words, and beside it the short one for small servers.

    Parameters
    ----------
    template
        The templates' name without ending.
    facts
        What the templates name; `subject, title, header, alerts, notes, link, app` always, and
        `digest`, the few lines that a chat room gets below the alerts.
    shorten
        Gives fewer facts, for HTML that mail programs would clip; a note says so.
    """
    html = render_html(template, facts)
    if len(html.encode()) > MOST_BYTES:
        facts = shorten(facts) | {"notes": (TRIMMED,)}
        html = render_html(template, facts)
    brief = {**facts, "said": (), "alerts": facts["alerts"][:1], "notes": (TOO_LARGE,)}
    alerts = tuple(f"Warning: {alert}" for alert in facts["alerts"][:MOST_ALERTS])
    common = {"run": occasion.run, "thread": thread, "subject": facts["subject"]}
    return Letter(
        **common,
        html=html,
        text=render_text(template, facts),
        charts=charts,
        digest=(*alerts, *facts["digest"]),
        short=Letter(**common, html=render_html("plain", brief), text=render_text("plain", brief)),
    )
