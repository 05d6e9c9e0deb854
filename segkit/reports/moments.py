"""Remember who was in a segment at which instants, so that no section asks for it anew."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import or_

import ibis
from ibis import Table

from segkit.measures.activity import has_bit
from segkit.measures.trend import bits_at
from segkit.periods import Clock
from segkit.reports.request import ReportRequest
from segkit.segments.over_time import Timeline


@dataclass(frozen=True, kw_only=True)
class Moments:
    """The users of one segment at the instants that a report looks back to.

    Instants that were asked before are read from what is kept; the longest row of them is best
    asked first.
    """

    request: ReportRequest
    _kept: list[tuple[tuple[Clock, ...], Table]] = field(default_factory=list)

    def timeline(self, clocks: Sequence[Clock]) -> Timeline:
        """Give universe and members at some instants, the members computed once."""
        asked = self.request
        if asked.timeline is None:
            universe, members = (
                bits_at(clocks, asked.universe_at),
                bits_at(clocks, asked.members_at),
            )
        else:
            found = asked.timeline(clocks)
            universe, members = found.universe, found.members
        kept = asked.tables.engine.keep(members.select("user_no", "bits"), "moments")
        self._kept.append((tuple(clocks), kept))
        return Timeline(universe=universe, members=kept)

    def members(self, clocks: Sequence[Clock]) -> Table:
        """Give `user_no` and `bits`: bit i says that the user was a member at the i-th instant."""
        for known, table in self._kept:
            if set(clocks) <= set(known):
                return _chosen(table, [known.index(clock) for clock in clocks])
        return self.timeline(clocks).members


def _chosen(table: Table, places: Sequence[int]) -> Table:
    """Give some of a table's bits, in the order of their places."""
    bits = [has_bit(table.bits, at) * ibis.literal(1 << i, "int64") for i, at in enumerate(places)]
    return table.select("user_no", bits=reduce(or_, bits))
