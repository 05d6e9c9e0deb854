"""Ask single measures of a segment's members, over as long a span as the data has."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import ibis

from segkit.config import Role, WorkspaceConfig
from segkit.errors import EmptyError, ParameterError, near_names
from segkit.measures.active import measure_active, withhold_active
from segkit.measures.activity import build_activity
from segkit.measures.amounts import measure_amounts, withhold_amounts
from segkit.measures.facts import ActiveRow, AmountRow, RetentionCell
from segkit.measures.retention import measure_retention
from segkit.measures.sides import Sides
from segkit.measures.withhold import withhold_retention
from segkit.periods import GRAINS, Clock, Grain, local_day, period_start
from segkit.segments.clocks import undated
from segkit.segments.evaluate import Membership
from segkit.segments.over_time import evaluate_at_all
from segkit.store.tables import Tables
from segkit.workspace.asking import check_days, policy_of


class Measures:
    """What can be asked of one membership; a number that tells of too few users is None.

    Without `days` a measure looks at all data before T, from the beginning of the period in which
    the data begin.
    """

    def __init__(self, membership: Membership, *, tables: Tables, config: WorkspaceConfig) -> None:
        self._membership = membership
        self._tables = tables
        self._columns = config.privacy.columns
        least = policy_of(membership.definition, config.privacy).min_size
        self._least = max(config.privacy.min_size, least)

    def retention(self, grain: Grain, days: int | None) -> tuple[RetentionCell, ...]:
        """Give who of each cohort came back k periods on."""
        sides = self._sides(grain, days)
        cells = measure_retention(
            sides,
            build_activity(sides, purchases=()),
            grain=grain,
            members_then=self._members_then,
        )
        return withhold_retention(cells, self._least)

    def _members_then(self, clocks: Sequence[Clock]) -> ibis.Table:
        plain = replace(self._membership, definition=undated(self._membership.definition))
        return evaluate_at_all(plain, clocks).members

    def active(self, grain: Grain, days: int | None) -> tuple[ActiveRow, ...]:
        """Give who was active in each period."""
        return withhold_active(measure_active(self._sides(grain, days), grain=grain), self._least)

    def amounts(
        self, by: str, events: tuple[str, ...], days: int | None, clearance: Role
    ) -> tuple[AmountRow, ...]:
        """Give what was spent by each value of a label."""
        sides = self._sides("day", days)
        rows = measure_amounts(sides, by, events=events, columns=self._columns, clearance=clearance)
        return withhold_amounts(rows, self._least)

    def _sides(self, grain: Grain, days: int | None) -> Sides:
        clock, members = self._membership.clock, self._membership.members
        if grain not in GRAINS:
            raise ParameterError.build(
                f"Unknown grain `{str(grain)[:40]}`.", hint=near_names(str(grain), GRAINS)
            )
        span = self._span(grain) if days is None else check_days(days)
        return Sides(
            tables=self._tables,
            groups=members.select("user_no").mutate(in_segment=ibis.literal(value=True)),
            clock=clock,
            days=span,
            n_segment=int(self._tables.engine.scalar(members.count())),
            n_baseline=0,
            min_size=self._least,
        )

    def _span(self, grain: Grain) -> int:
        """Give how many days lie between the beginning of the data and T."""
        clock = self._membership.clock
        first_at = self._tables.catalogue.first_at
        first_on = date.max if first_at is None else local_day(first_at, clock.zone)
        if first_on > clock.day:
            raise EmptyError.build(
                f"There is no event on or before {clock.day}.",
                hint="ask for a later day, or load data of that time.",
            )
        return (clock.day - period_start(first_on, grain)) // timedelta(days=1) + 1
