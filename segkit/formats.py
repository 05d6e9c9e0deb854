"""Write numbers and dates the same way everywhere a person reads them.

A format is configured once and called on one value; a missing value is an en dash, in every format.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from html import escape
from math import isnan
from zoneinfo import ZoneInfo

MISSING = "–"
_MINUTE_S = 60
_HOUR_S = 3600


def _absent(value: float | None) -> bool:
    return value is None or isnan(value)


@dataclass(frozen=True, kw_only=True)
class Count:
    """Format a whole number with thin thousands separators; a missing one is an en dash.

    >>> Count()(69659)
    '69,659'
    """

    def __call__(self, value: float | None) -> str:
        """Give the text of one value."""
        return MISSING if _absent(value) else f"{value:,.0f}"


@dataclass(frozen=True, kw_only=True)
class Share:
    """Format a ratio (0 to 1) as percent text; a missing ratio is an en dash.

    >>> Share()(0.1234), Share(digits=0)(0.5), Share()(None)
    ('12.3%', '50%', '–')
    """

    digits: int = 1

    def __call__(self, value: float | None) -> str:
        """Give the text of one value."""
        return MISSING if value is None or isnan(value) else f"{value:.{self.digits}%}"


@dataclass(frozen=True, kw_only=True)
class Number:
    """Format a mean or a rate with a fixed number of digits.

    >>> Number(digits=2)(3.14159)
    '3.14'
    """

    digits: int = 1

    def __call__(self, value: float | None) -> str:
        """Give the text of one value."""
        return MISSING if _absent(value) else f"{value:,.{self.digits}f}"


@dataclass(frozen=True, kw_only=True)
class Lift:
    """Format a ratio of two shares with a multiplication sign; from 100 without decimals.

    >>> Lift()(1.5), Lift()(2105.22), Lift()(None)
    ('×1.50', '×2,105', '–')
    """

    digits: int = 2
    whole_from: float = 99.995

    def __call__(self, value: float | None) -> str:
        """Give the text of one value."""
        if value is None or _absent(value):
            return MISSING
        return f"×{value:,.{0 if value >= self.whole_from else self.digits}f}"


@dataclass(frozen=True, kw_only=True)
class Money:
    """Format an amount with its currency behind it; money is never shown without one.

    >>> Money(currency="EUR")(1234.5)
    '1,234.50 EUR'
    """

    currency: str
    digits: int = 2

    def __call__(self, value: float | None) -> str:
        """Give the text of one value."""
        return MISSING if _absent(value) else f"{value:,.{self.digits}f} {self.currency}"


@dataclass(frozen=True, kw_only=True)
class Duration:
    """Format seconds as minutes and seconds, or hours and minutes from one hour on.

    >>> Duration()(75), Duration()(4_190_940), Duration()(None)
    ('1 min 15 s', '1,164 h 9 min', '–')
    """

    def __call__(self, value: float | None) -> str:
        """Give the text of one value."""
        if value is None or isnan(value):
            return MISSING
        seconds = round(value)
        if seconds >= _HOUR_S:
            return f"{seconds // _HOUR_S:,} h {seconds % _HOUR_S // 60} min"
        return f"{seconds // 60} min {seconds % 60} s" if seconds >= _MINUTE_S else f"{seconds} s"


@dataclass(frozen=True, kw_only=True)
class Instant:
    """Format an aware instant in the report's zone, to the minute.

    >>> from datetime import UTC
    >>> Instant(zone="Europe/Berlin")(datetime(2026, 6, 30, 22, 0, tzinfo=UTC))
    '2026-07-01 00:00'
    """

    zone: str

    def __call__(self, value: datetime | None) -> str:
        """Give the text of one value."""
        return (
            MISSING if value is None else f"{value.astimezone(ZoneInfo(self.zone)):%Y-%m-%d %H:%M}"
        )


@dataclass(frozen=True, kw_only=True)
class Day:
    """Format a calendar date as ISO 8601.

    >>> Day()(date(2026, 6, 30))
    '2026-06-30'
    """

    def __call__(self, value: date | None) -> str:
        """Give the text of one value."""
        return MISSING if value is None else value.isoformat()


def html_table(headings: Sequence[str], rows: Sequence[Sequence[str]], *, n_texts: int) -> str:
    """Give a plain table as a notebook shows it; any text is escaped.

    Parameters
    ----------
    headings
        Names of the columns; none where each row names itself.
    n_texts
        How many columns, from the first on, are text, set flush left; numbers follow, flush right.

    Examples
    --------
    >>> html_table((), [("a", "1 < 2")], n_texts=2).partition("<td")[2]
    ' style="text-align:left">1 &lt; 2</td></tr></tbody></table>'
    """

    def line(cells: Sequence[str], *, is_head: bool) -> str:
        told = ""
        for at, cell in enumerate(cells):
            kind, side = "th" if is_head or at == 0 else "td", "left" if at < n_texts else "right"
            told += f'<{kind} style="text-align:{side}">{escape(cell)}</{kind}>'
        return told

    head = f"<thead><tr>{line(headings, is_head=True)}</tr></thead>" if headings else ""
    body = "".join(f"<tr>{line(row, is_head=False)}</tr>" for row in rows)
    return f"<table>{head}<tbody>{body}</tbody></table>"
