"""Say what a report on patterns is asked for: all that it needs, already resolved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from segkit.config import Role
from segkit.measures.people import Reader
from segkit.patterns.alternatives import CONSENSUS
from segkit.patterns.frozen import FrozenPatterns
from segkit.periods import Clock
from segkit.reports.request import At, ReportRequest
from segkit.store.tables import Tables

DEFAULT_DAYS = 30


@dataclass(frozen=True, kw_only=True)
class PatternRequest:
    """One segment's patterns as they are asked for.

    Parameters
    ----------
    tables
        The snapshot.
    segment, title
        The segment's id and how it is spoken of.
    definition, definition_text
        The definition's id and its sentence.
    members_at
        Gives the members (`user_no`) as of a clock.
    clock, days
        T, which ends a day, and the length of the window before it.
    purchases, goals
        Events that are orders, and further ones that count as what a pattern brings.
    clearance, columns
        What the reader may see, and the roles that the workspace gives to labels.
    least
        The smallest group shown.
    currency
        The one currency of all amounts; None where there are several or none is known.
    frozen, name
        A kept model and its name; None and empty to find patterns anew.
    seed, k, method
        As for `segkit.patterns.fit.fit_patterns`.
    """

    tables: Tables
    segment: str
    title: str
    definition: str
    definition_text: str = ""
    members_at: At
    clock: Clock
    days: int = DEFAULT_DAYS
    purchases: tuple[str, ...] = ()
    goals: tuple[str, ...] = ()
    clearance: Role = "pseudonymous"
    columns: Mapping[str, Role] = field(default_factory=dict)
    least: int = 10
    currency: str | None = None
    frozen: FrozenPatterns | None = None
    name: str = ""
    seed: int = 0
    k: int | None = None
    method: str = CONSENSUS

    @property
    def reader(self) -> Reader:
        """Who reads."""
        return Reader(clearance=self.clearance, columns=self.columns)


def one_currency(tables: Tables, default: str | None) -> str | None:
    """Give the currency that all amounts are in; None for several; `default` where none is said."""
    found = sorted(tables.catalogue.currencies)
    return default if not found else found[0] if len(found) == 1 else None


def patterns_of(request: ReportRequest, purchases: tuple[str, ...]) -> PatternRequest:
    """Give what a segment report asks of patterns.

    Notes
    -----
    The kept model of the segment where there is one, over its own number of days; else the last
    30 days of the report's window, as `segkit patterns fit` takes them.
    """
    frozen = request.patterns
    return PatternRequest(
        tables=request.tables,
        segment=request.segment,
        title=request.title,
        definition=request.definition,
        definition_text=request.definition_text,
        members_at=request.members_at,
        clock=request.clock,
        days=frozen.days if frozen else min(request.days, DEFAULT_DAYS),
        purchases=frozen.purchases if frozen else purchases,
        goals=goals_of(request.funnel, purchases),
        clearance=request.clearance,
        columns=request.columns,
        least=request.least,
        currency=one_currency(request.tables, request.currency),
        frozen=frozen,
        name=request.segment if frozen else "",
    )


def goals_of(funnel: Sequence[str], purchases: tuple[str, ...]) -> tuple[str, ...]:
    """Give the steps of the funnel that count as goals: all but its first one and orders."""
    return tuple(step for step in funnel[1:] if step not in purchases)
