"""Compose the server's own pages: the portal, a message, the form that asks for a secret.

Text of the workspace is escaped by the templates; no page makes a request to another host.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse

from segkit.apps.registry import APPS, LiveApp
from segkit.apps.shelf import Card
from segkit.formats import Count, Share
from segkit.runs.spec import REPORT
from segkit.views.fragment import style_sheet
from segkit.views.markup import plain

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
OWN = {"content-security-policy": POLICY, "cache-control": "no-store"}
_UNITS = (("day", 86400), ("hour", 3600), ("minute", 60))


@dataclass(frozen=True, kw_only=True)
class ShownCard:
    """What a card says, spoken already; an empty text is left out."""

    title: str
    about: str
    href: str
    live: str
    size: str
    share: str
    change: str
    as_of: str
    age: str
    words: str


class Pages:
    """The pages of one workspace; `folder` holds the templates of the apps."""

    def __init__(self, folder: Path, *, workspace: str) -> None:
        self._jinja = Environment(
            loader=FileSystemLoader(folder),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._jinja.globals["workspace"] = plain(workspace)
        self._jinja.globals["style"] = Markup(style_sheet())  # noqa: S704  shipped with segkit

    def _render(self, name: str, status: int, **values: object) -> HTMLResponse:
        page = self._jinja.get_template(name).render(**values)
        return HTMLResponse(page, status_code=status, headers=OWN)

    def portal(
        self, cards: Sequence[Card], *, now: datetime, apps: Sequence[LiveApp] = ()
    ) -> HTMLResponse:
        """Give the first page: the newest report of each kind and subject as a card.

        Above them stand the live pages that the reader may open.
        """
        shown = [show_card(card, now=now) for card in cards]
        return self._render("portal.html.j2", 200, cards=shown, apps=apps)

    def message(
        self, status: int, title: str, text: str, *, hint: str = "", again: str = ""
    ) -> HTMLResponse:
        """Give a page that says one thing, and where to go on; `again` is an address to retry."""
        return self._render(
            "message.html.j2", status, title=title, text=plain(text), hint=plain(hint), again=again
        )

    def refusal(self, status: int, title: str, error: Exception) -> HTMLResponse:
        """Give the page for what a person can mend: the error's own sentence and hint."""
        text, _, hint = str(error).partition("\nHint: ")
        return self.message(status, title, text, hint=hint)

    def login(self, goal: str, *, status: int = 401, is_wrong: bool = False) -> HTMLResponse:
        """Give the form that asks for a token or password and leads on to `goal`."""
        return self._render("login.html.j2", status, goal=goal, is_wrong=is_wrong)


def show_card(card: Card, *, now: datetime) -> ShownCard:
    """Say what a card says of a run."""
    manifest, summary = card.entry.manifest, card.entry.manifest["summary"]
    about = ", ".join(manifest.get("segments") or [manifest.get("segment") or manifest["report"]])
    n_users, as_of = summary.get("n_users"), str(manifest.get("as_of") or manifest["period"])
    title = plain(str(summary["title"]))
    return ShownCard(
        title=title,
        about=plain(about) + (" · corrected" if manifest.get("corrects") else ""),
        href=f"/reports/{quote(card.entry.folder)}/{REPORT}",
        live=_live_address(manifest["report"], manifest["parameters"]),
        size="" if n_users is None else f"{Count()(n_users)} users",
        share="" if summary.get("share") is None else f"{Share()(summary['share'])} of all",
        change=_say_change(card),
        as_of=as_of,
        age=say_age(datetime.fromisoformat(manifest["finished_at"]), now),
        words=" ".join([title, plain(about), as_of]).lower(),
    )


def _live_address(report: str, parameters: dict[str, object]) -> str:
    """Give the address of the live report with a run's parameters; empty where there is none."""
    return APPS[report].address(parameters) if report in APPS else ""


def _say_change(card: Card) -> str:
    """Say how the size changed since the earlier run, and since when."""
    change = card.change
    if change is None or card.earlier is None:
        return ""
    before = card.earlier.manifest["summary"]["n_users"]
    ratio = f" ({change / before:+.1%})" if before else ""
    return f"{change:+,}{ratio} since {card.earlier.manifest['as_of']}"


def say_age(then: datetime, now: datetime) -> str:
    """Say how long ago something was, in its largest whole unit.

    >>> say_age(datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 6, 4, 2, tzinfo=UTC))
    '3 days ago'
    """
    seconds = (now - then).total_seconds()
    for unit, length in _UNITS:
        n = int(seconds // length)
        if n >= 1:
            return f"{n} {unit}{'s' if n > 1 else ''} ago"
    return "just now"


def utc_now() -> datetime:
    """Give the time."""
    return datetime.now(UTC)
