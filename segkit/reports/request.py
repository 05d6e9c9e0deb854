"""Say what a segment report is asked for: all that it needs, already resolved."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ibis import Table

from segkit.compare.reads import NOTHING, Reads
from segkit.config import Role
from segkit.measures.people import Reader
from segkit.periods import Clock
from segkit.segments.model import Policy
from segkit.segments.over_time import Timeline
from segkit.store.tables import Tables

if TYPE_CHECKING:
    from segkit.patterns.frozen import FrozenPatterns

At = Callable[[Clock], Table]
TimelineAt = Callable[[Sequence[Clock]], Timeline]
REST = "rest"


@dataclass(frozen=True, kw_only=True)
class ReportRequest:
    """One segment report as it is asked for.

    Parameters
    ----------
    tables
        The snapshot.
    segment, title, description
        The segment's id and how it is spoken of.
    definition, definition_text
        The definition's id and the definition as its YAML or its sentence.
    members_at, universe_at
        Give members and universe (one column `user_no`, one row a user) as of a clock.
    timeline
        Gives both at the ends of the trend's periods at once; None asks them one by one.
    clock, days
        T, which ends a day, and the length of the window before it.
    baseline, baseline_title
        The id of the segment to compare with and its title; `rest` stands for everyone else of the
        universe.
    baseline_at
        Gives the baseline's members as of a clock; None for `rest`. Who is also in the segment is
        left out of it.
    clearance, columns
        What the reader may see, and the roles that the workspace gives to labels.
    min_size
        The smallest group that the workspace shows; the policy may raise it.
    policy
        The segment's policy; its `export` is the one in force.
    funnel
        Event names of the funnel, in order; none for no funnel.
    list_rows
        The most rows of the user list in the page.
    currency
        The workspace's currency, for amounts that come without one.
    purchases
        The events that are orders; None for those known by name.
    reads
        What the definitions of segment and baseline read: it is told apart from what is found.
    order_id
        The property of these events that names their order; None where each is an order.
    patterns
        The kept patterns of this segment; None to find them anew.
    """

    tables: Tables
    segment: str
    title: str
    description: str = ""
    definition: str
    definition_text: str = ""
    members_at: At
    universe_at: At
    timeline: TimelineAt | None = None
    clock: Clock
    days: int = 90
    baseline: str = REST
    baseline_title: str = "everyone else"
    baseline_at: At | None = None
    clearance: Role = "pseudonymous"
    columns: Mapping[str, Role] = field(default_factory=dict)
    min_size: int = 10
    policy: Policy = field(default_factory=Policy)
    funnel: Sequence[str] = ()
    list_rows: int = 500
    currency: str | None = None
    purchases: Sequence[str] | None = None
    order_id: str | None = None
    patterns: "FrozenPatterns | None" = None
    reads: Reads = NOTHING

    @property
    def least(self) -> int:
        """The smallest group shown: the policy raises the workspace's, never lowers it."""
        return max(self.min_size, self.policy.min_size)

    @property
    def reader(self) -> Reader:
        """Who reads."""
        return Reader(clearance=self.clearance, columns=self.columns)
