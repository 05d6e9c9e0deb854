"""Find what is due: the period of a report, what was passed over, and when to try again.

Everything here follows from the schedule, an instant and the ledger's rows, so that a tick may come
at any time, any number of times, and finds the same.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from segkit.errors import ParameterError
from segkit.periods import Grain
from segkit.runs.schedule.period import Period, read_period
from segkit.runs.schedule.spec import ReportSpec, RetrySpec
from segkit.runs.schedule.words import count_between

PASSED = "passed"
"""State of a period that is not made by itself, since a later one was due already."""

MADE = frozenset({"done", "skipped"})
"""States of a job that there is nothing more to do for."""

MAY_BE_PUBLISHED = frozenset({"publish", "queue"})


@dataclass(frozen=True, kw_only=True)
class Due:
    """The newest period whose report is due, and since when.

    `passed` are the periods before it that were not made in their time, oldest first.
    """

    period: Period
    at: datetime
    passed: tuple[Period, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How a job stands: `due` now, `made`, `resting` until its next attempt, or `given up`."""

    state: Literal["due", "made", "resting", "given up"]
    again_at: datetime | None = None


def find_due(
    spec: ReportSpec, zone: ZoneInfo, now: datetime, rows: Iterable[Mapping[str, Any]]
) -> Due:
    """Give what is due of a report at an instant.

    Parameters
    ----------
    rows
        The report's jobs in the ledger. A period is passed over when it lies between one that is
        known there and the newest that is due; without a known one nothing is.
    """
    newest = spec.schedule.newest_due(now, zone)
    known = set(_known_periods(rows, spec.grain))
    last = max((period for period in known if period < newest), default=None)
    between = [] if last is None else count_between(last.after(), newest.before())
    at = spec.schedule.due(newest, zone)
    return Due(period=newest, at=at, passed=tuple(between))


def _known_periods(rows: Iterable[Mapping[str, Any]], grain: Grain) -> Iterable[Period]:
    """Give the periods that were made or tried; names of another length are left out."""
    for name in {row["period"] for row in rows if row["state"] != PASSED}:
        try:
            yield read_period(name, grain)
        except ParameterError:
            continue


def list_next(spec: ReportSpec, zone: ZoneInfo, now: datetime, count: int) -> list[Due]:
    """Give the next periods that become due after an instant, the first one first."""
    period = spec.schedule.newest_due(now, zone)
    found = []
    for _ in range(count):
        period = period.after()
        found.append(Due(period=period, at=spec.schedule.due(period, zone)))
    return found


def find_overdue(spec: ReportSpec, zone: ZoneInfo, now: datetime) -> Due:
    """Give the newest period whose deadline has passed at an instant."""
    period = spec.schedule.newest_due(now - timedelta(seconds=spec.deadline), zone)
    return Due(period=period, at=spec.schedule.due(period, zone))


def weigh_job(row: Mapping[str, Any] | None, retries: RetrySpec, now: datetime) -> Standing:
    """Say how a job stands, by its row in the ledger (None when it has none).

    A failed one rests for the pause, twice as long after every further failure, and is given up
    after the last attempt. A clock that was set back to before the failure ends the rest.
    """
    if row is None or row["state"] in {"new", "waiting", PASSED}:
        return Standing(state="due")
    if row["state"] in MADE:
        return Standing(state="made")
    is_spent = row["attempts"] > retries.times
    if row["state"] == "claimed":
        may_wait = not row["is_void"] or row["phase"] in MAY_BE_PUBLISHED
        return Standing(state="given up" if is_spent and not may_wait else "due")
    if is_spent:
        return Standing(state="given up")
    failed_at = datetime.fromisoformat(row["changed_at"])
    again_at = failed_at + timedelta(seconds=retries.pause * 2 ** (row["attempts"] - 1))
    if failed_at <= now < again_at:
        return Standing(state="resting", again_at=again_at)
    return Standing(state="due")


def name_spans(periods: Iterable[Period]) -> str:
    """Give the names of periods, those in a row as one span.

    >>> from datetime import date
    >>> weeks = [Period.of(date(2026, 6, day), "week") for day in (1, 8, 15, 29)]
    >>> name_spans(weeks)
    '2026-W23 to 2026-W25, 2026-W27'
    """
    spans: list[list[Period]] = []
    for period in periods:
        if spans and spans[-1][-1].after() == period:
            spans[-1].append(period)
        else:
            spans.append([period])
    return ", ".join(f"{s[0]} to {s[-1]}" if len(s) > 1 else str(s[0]) for s in spans)
