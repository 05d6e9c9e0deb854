"""Hold what may be said of patterns that were found anew: what became of each old one."""

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from segkit.patterns.carry_over import Status
from segkit.patterns.facts_parts import Part


@dataclass(frozen=True, kw_only=True)
class CarriedFacts:
    """One new pattern, and the old one that it carries on (None where it is `new`).

    `n_users` are in it by the new patterns, `n_previous` in the old one by the old patterns;
    `stayed` counts those in both, of `n_previous`; `jaccard` is users in both / users in either.
    All of the users who came in the new window; None where they tell of too few.
    """

    pattern: str
    name: str
    status: Status
    previous: str | None
    n_users: int | None
    n_previous: int | None
    stayed: Part
    jaccard: float | None


@dataclass(frozen=True, kw_only=True)
class Migration:
    """Users by old pattern (rows) and by new pattern (columns), both asked of the same window.

    The last row and the last column are `NO_PATTERN`. `totals` are the rows' sums.
    """

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    counts: tuple[tuple[int | None, ...], ...]
    totals: tuple[int | None, ...]


@dataclass(frozen=True, kw_only=True)
class RefitFacts:
    """What became of kept patterns when they were found anew in a later window.

    `before_on` is the last day of the fitting days before, `as_of` that of the new ones, `days`
    their number. `reason` says why there are no patterns now; empty where there are. `gone` names
    old patterns that no new one carries on; `splits` an old pattern with the new ones that hold at
    least a quarter of its users each, `mergers` a new one with the old ones likewise; those of
    patterns whose size is withheld are left out.
    """

    name: str
    segment: str
    title: str
    before_on: date
    as_of: date
    days: int
    min_size: int
    reason: str
    patterns: tuple[CarriedFacts, ...]
    gone: tuple[str, ...]
    splits: tuple[tuple[str, tuple[str, ...]], ...]
    mergers: tuple[tuple[str, tuple[str, ...]], ...]
    migration: Migration
    notes: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Give the facts as plain data for JSON: dates as ISO text."""
        found = asdict(self)
        return {
            name: value.isoformat() if isinstance(value, date) else value
            for name, value in found.items()
        }
