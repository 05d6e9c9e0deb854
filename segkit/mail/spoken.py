"""Say the facts and changes of a report in the words of a mail: subject, header, rows, notes.

Everything is plain text here; the templates escape it. Numbers that are withheld stay an en dash.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from segkit.compare.changes import Change, Changes, Usualness
from segkit.compare.checks import Finding, Outcome
from segkit.compare.quantities import Document, Quantity
from segkit.config import Role
from segkit.formats import MISSING, Count, Duration, Lift, Money, Number, Share
from segkit.mail.letter import Occasion
from segkit.measures.roles import mask_mails, may_see
from segkit.views.changed import say_move, signed
from segkit.views.markup import plain, shorten

MOST_TITLE, MOST_VALUE, MOST_NOTE, MOST_SUBJECT = 80, 80, 400, 180
MOST_OVER, MOST_NOTES = 8, 12
_WEEK_DAYS = 7
_WEEK, _MONTH = re.compile(r"^\d{4}-W(\d{2})$"), re.compile(r"^\d{4}-\d{2}$")
_QUOTES = str.maketrans("<>", "\u2039\u203a")
_AMOUNTS = frozenset({"money", "duration"})
_MARKED = (Usualness.unusual, Usualness.no_variation)


def clean(text: str, most: int) -> str:
    """Give text of the data in one line, without e-mail addresses and steering characters."""
    return shorten(mask_mails(plain(text).replace("\n", " ").replace("\t", " ")), most)


def name_period(as_of: date, step: int) -> str:
    """Give what a reader calls the period that ends on a day, for reports `step` days apart.

    >>> name_period(date(2026, 5, 31), 7), name_period(date(2026, 5, 31), 0)
    ('week 22', '2026-05-31')
    """
    if step == _WEEK_DAYS and as_of.isoweekday() == _WEEK_DAYS:
        return f"week {as_of.isocalendar().week}"
    return as_of.isoformat()


def say_period(name: str) -> str:
    """Give what a reader calls a scheduled week or month; empty for any other period.

    >>> say_period("2026-W05"), say_period("2026-05"), say_period("2026-05-31")
    ('week 5', '2026-05', '')
    """
    week = _WEEK.match(name)
    return f"week {int(week[1])}" if week else name if _MONTH.match(name) else ""


def subject_of(
    document: Document, changes: Changes, findings: Sequence[Finding], occasion: Occasion
) -> str:
    """Give the subject: segment, period, size and its change, then the checks that are broken."""
    step = (changes.as_of - changes.before_on).days if changes.before_on else 0
    size = changes.since("size")
    moved = f" ({signed(size.relative)})" if size and size.relative is not None else ""
    n = document["overview"]["n_users"]
    said = "size withheld" if n is None else f"{Count()(n)}{moved}"
    broken = [str(f.check) for f in findings if f.outcome is Outcome.broken]
    period = say_period(occasion.period) or name_period(changes.as_of, step)
    named = f"{clean(document['title'], MOST_TITLE)}, {period}"
    broken += occasion.broken
    alert = say_alert(broken, len(occasion.warnings) - len(occasion.broken))
    return f"{mark_corrected(occasion)}{named}: {said}{alert}"


def mark_corrected(occasion: Occasion) -> str:
    """Give the word that a report replaces an earlier one on its period."""
    return "Corrected: " if occasion.is_corrected else ""


def say_alert(broken: Sequence[str], n_warnings: int) -> str:
    """Give the end of a subject: the first broken check in words, or how many warnings there are.

    >>> say_alert(["share below 5%"], 1), say_alert([], 2), say_alert([], 0)
    (' – warning: share below 5% and 1 more', ' – 2 warnings', '')
    """
    n = len(broken) + n_warnings
    if broken:
        return f" – warning: {broken[0]}{f' and {n - 1} more' if n > 1 else ''}"
    return f" – {n} warning{'s' if n > 1 else ''}" if n else ""


def amount(quantity: Quantity | None, currency: str | None) -> str:
    """Give a number in the format of its kind."""
    if quantity is None or quantity.value is None:
        return MISSING
    return _say(quantity.value, quantity.kind, currency)


def _say(value: float, kind: str, currency: str | None) -> str:
    formats: dict[str, Any] = {
        "count": Count(),
        "share": Share(),
        "duration": Duration(),
        "money": Money(currency=currency or "(no currency)"),
    }
    return str(formats.get(kind, Number(digits=2))(value))


def parts(quantity: Quantity | None, currency: str | None = None) -> str:
    """Give numerator and denominator of a ratio; empty for a count or a withheld number."""
    if quantity is None or quantity.is_count or quantity.value is None:
        return ""
    if quantity.kind == "count" and quantity.denominator == 1:
        return ""
    above, kind = quantity.numerator or 0, quantity.kind
    part = _say(above, kind, currency) if kind in _AMOUNTS else Number(digits=0)(above)
    return f"{part} / {Number(digits=0)(quantity.denominator)}"


@dataclass(frozen=True, kw_only=True)
class Row:
    """One number of the mail's table: now, in the report before and a year ago, as text."""

    title: str
    now: str
    now_of: str
    before: str
    before_of: str
    change: str
    year: str
    year_of: str
    year_change: str
    note: str


def list_rows(document: Document, changes: Changes) -> tuple[Row, ...]:
    """Give the table of the mail, one row a number, in the report's order."""
    currency = document.get("currency")
    year = {change.now.name: change for change in changes.since_year}
    return tuple(_row(c, year.get(c.now.name), currency) for c in changes.since_before)


def _row(change: Change, year: Change | None, currency: str | None) -> Row:
    then = year.before if year else None
    return Row(
        title=clean(change.now.title, MOST_TITLE),
        now=amount(change.now, currency),
        now_of=parts(change.now, currency),
        before=amount(change.before, currency),
        before_of=parts(change.before, currency),
        change=say_move(change),
        year=amount(then, currency),
        year_of=parts(then, currency),
        year_change=say_move(year) if year else "",
        note=change.usualness.value if change.usualness in _MARKED else "",
    )


def list_alerts(findings: Sequence[Finding]) -> tuple[str, ...]:
    """Give the sentence of each check that is broken, then of those that could not be asked."""
    broken = [f"{f.check}." for f in findings if f.outcome is Outcome.broken]
    unknown = [
        f"“{f.check}” could not be checked: {f.reason}."
        for f in findings
        if f.outcome is Outcome.unknown
    ]
    return (*broken, *unknown)


def list_over(document: Document, clearance: Role) -> list[dict[str, str]]:
    """Give the values more frequent than in the baseline, those of largest lift first.

    None of them when the report was made for readers who may see more than this one.
    """
    if not may_see(document["clearance"], clearance):
        return []
    over = document["attributes"]["over"]
    of, baseline_of = over["denominator"], over["baseline_denominator"]
    return [
        {
            "value": clean(row["value"], MOST_VALUE),
            "share": Share()(row["share"]),
            "of": f"{Count()(row['n'])} / {Count()(of)}",
            "baseline": Share()(row["baseline_share"]),
            "baseline_of": f"{Count()(row['n_baseline'])} / {Count()(baseline_of)}",
            "lift": Lift()(row["lift"]),
        }
        for row in over["rows"][:MOST_OVER]
    ]


def list_header(document: Document, changes: Changes) -> tuple[str, ...]:
    """Give the lines below the title: what was asked, of which data, how fresh."""
    span = f"{document['start_on']} to {document['as_of']}"
    window = f"{span} ({document['days']} days, {document['timezone']})"
    first, last = (document[key] or MISSING for key in ("data_first_on", "data_last_on"))
    return (
        f"{window}; baseline: {clean(document['baseline_title'], MOST_TITLE)}.",
        f"Data from {first} to {last}; snapshot {document['snapshot']}.",
        f"Groups below {document['min_size']} people are withheld and shown as {MISSING}.",
        *((_DIRECTION,) if changes.before_on else ()),
    )


def list_notes(document: Document, changes: Changes, clearance: Role) -> tuple[str, ...]:
    """Give the notes of the comparison and of the report, and what this reader may not see."""
    hidden = () if may_see(document["clearance"], clearance) else (_HIDDEN,)
    notes = [*hidden, *changes.notes, *document["notes"]]
    shown = tuple(clean(note, MOST_NOTE) for note in notes[:MOST_NOTES])
    left = len(notes) - len(shown)
    return (*shown, f"{left} more notes stand in the report.") if left > 0 else shown


_DIRECTION = "Below an earlier value stands the change from then to now."
_HIDDEN = "Values of labels are left out: the report was made for readers who may see more."


def trend_words(document: Document) -> str:
    """Give the ends of the trend in words; empty without a trend."""
    rows = [row for row in document["trend"] if row["is_complete"]]
    if not rows:
        return ""
    ends = [f"{row['period']}: {Count()(row['n_users'])} users" for row in (rows[0], rows[-1])]
    return f"{' → '.join(ends)} ({len(rows)} complete periods)."


def over_words(over: Sequence[dict[str, str]]) -> str:
    """Give the values of largest lift in words for who sees no image; empty without any.

    Angle brackets become quotation marks: not every mail program reads them right in an attribute.
    """
    said = "; ".join(f"{row['value']} {row['lift']}" for row in over[:3])
    said = said.translate(_QUOTES)
    return f"More frequent than in the baseline: {said}." if said else ""


MOST_DIGEST = 5


def say_digest(document: Document, changes: Changes) -> tuple[str, ...]:
    """Give the first numbers of a report with their changes, one a line, for a chat room."""
    rows = list_rows(document, changes)[:MOST_DIGEST]
    then = f" on {changes.before_on}" if changes.before_on else ""
    moved = [f" ({row.change} from {row.before}{then})" if row.change else "" for row in rows]
    return tuple(f"{r.title}: {r.now}{move}" for r, move in zip(rows, moved, strict=True))
