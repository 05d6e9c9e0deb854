"""Say a value in words: every number with its unit, every share with what it is a share of."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from segkit.formats import MISSING, Count, Day, Duration, Instant, Lift, Money, Number, Share
from segkit.measures.facts import ReportHead, ratio

NUMERIC = frozenset({"count", "share", "number", "money", "duration", "lift"})
"""The kinds that are set flush right."""

NO_CURRENCY = "(no currency)"


@dataclass(frozen=True, kw_only=True)
class Words:
    """How one report says its values: in its currency and its time zone."""

    currency: str | None
    timezone: str

    @classmethod
    def of(cls, head: ReportHead) -> "Words":
        """Give the words of a report."""
        return cls(currency=head.currency, timezone=head.timezone)

    def say(self, value: Any, kind: str) -> str:  # noqa: ANN401  any value of a cell
        """Give a value of one kind as text; a missing one is an en dash.

        >>> Words(currency="EUR", timezone="UTC").say(1234.5, "money")
        '1,234.50 EUR'
        """
        if value is None:
            return MISSING
        if isinstance(value, datetime):
            return Instant(zone=self.timezone)(value) if value.tzinfo else f"{value:%Y-%m-%d %H:%M}"
        if isinstance(value, date):
            return Day()(value)
        if kind in NUMERIC and not isinstance(value, str):
            return self._number(float(value), kind)
        return str(value)

    def _number(self, value: float, kind: str) -> str:
        match kind:
            case "count":
                return Count()(value)
            case "share":
                return Share()(value)
            case "money":
                return Money(currency=self.currency or NO_CURRENCY)(value)
            case "duration":
                return Duration()(value)
            case "lift":
                return Lift()(value)
            case _:
                return Number(digits=2)(value)


def count(n: float | None) -> str:
    """Give a whole number as text.

    >>> count(1234), count(None)
    ('1,234', '–')
    """
    return Count()(n)


def share(value: float | None) -> str:
    """Give a share as percent text."""
    return Share()(value)


def some(n: int | None, noun: str) -> str:
    """Give a number with its noun in the plural, without the `s` for one.

    >>> some(1, "users"), some(1234, "visits"), some(None, "users")
    ('1 user', '1,234 visits', '– users')
    """
    return f"{count(n)} {noun[:-1] if n == 1 and noun.endswith('s') else noun}"


def listed(names: Sequence[str]) -> str:
    """Give names as a list in words.

    >>> listed(["devices"]), listed(["devices", "browsers", "countries"])
    ('devices', 'devices, browsers and countries')
    """
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


def part_of(n: int | None, whole: int | None, noun: str) -> str:
    """Give a share with its denominator in words.

    >>> part_of(1234, 5000, "users")
    '24.7% of 5,000 users'
    """
    return f"{share(ratio(n, whole))} of {some(whole, noun)}"


def interval(low: float | None, high: float | None) -> str:
    """Give the two ends of an interval of a lift; an en dash when there is none.

    >>> interval(1.2, 1.55), interval(None, 2.0)
    ('×1.20 to ×1.55', '–')
    """
    return MISSING if low is None or high is None else f"{Lift()(low)} to {Lift()(high)}"


def window(head: ReportHead) -> str:
    """Give the report's window as first and last day."""
    return f"{Day()(head.start_on)} to {Day()(head.as_of)}"
