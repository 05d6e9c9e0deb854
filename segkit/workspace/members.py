"""Hold who is in a segment on a day.

The numbers at once, the people only as far as its policy allows.
"""

from collections.abc import Sequence
from functools import cached_property
from html import escape
from pathlib import Path
from typing import Any

from segkit.config import Role, WorkspaceConfig
from segkit.formats import Count, Share
from segkit.periods import Grain
from segkit.reports.user_file import UserFile
from segkit.segments.evaluate import Membership
from segkit.segments.model import Definition
from segkit.store.tables import Tables
from segkit.workspace.folder import write_bytes


class Members:
    """The members of one segment at the end of one day.

    Everything is computed when it is first asked for.

    `definition` is what was asked, `membership` holds the Ibis tables `universe` and `members`
    (column `user_no`).
    """

    def __init__(
        self,
        *,
        definition: Definition,
        membership: Membership,
        tables: Tables,
        config: WorkspaceConfig,
        clearance: Role,
    ) -> None:
        self.definition = definition
        self.membership = membership
        self.tables = tables
        self.config = config
        self.clearance = clearance

    @cached_property
    def _sizes(self) -> tuple[int, int]:
        universe = self.membership.universe.count()
        members = self.membership.members.count()
        engine = self.tables.engine
        return int(engine.scalar(members)), int(engine.scalar(universe))

    @property
    def count(self) -> int:
        """How many users are in the segment."""
        return self._sizes[0]

    @property
    def universe(self) -> int:
        """How many users could be in it."""
        return self._sizes[1]

    @property
    def share(self) -> float | None:
        """Members / universe; None when nobody could be in it."""
        return self.count / self.universe if self.universe else None

    @property
    def as_of(self) -> str:
        """The day at whose end was asked, or the instant, as ISO text."""
        clock = self.membership.clock
        return clock.day.isoformat() if clock.is_day_end else clock.at.isoformat()

    def as_document(self) -> dict[str, Any]:
        """Give the numbers and what they came from, as `segments count --json` prints them."""
        return {
            "segment": self.definition.segment,
            "as_of": self.as_of,
            "universe": self.universe,
            "members": self.count,
            "share": self.share,
            "definition": self.definition.id,
            "snapshot": self.tables.snapshot,
            "engine": self.tables.engine.name,
        }

    @cached_property
    def _measures(self) -> Any:  # noqa: ANN401  Measures; its module is imported only here
        from segkit.workspace.measuring import Measures  # noqa: PLC0415  measures are slow

        return Measures(self.membership, tables=self.tables, config=self.config)

    def retention(self, grain: Grain = "month", days: int | None = None) -> tuple[Any, ...]:
        """Give who came back: a RetentionCell a cohort and k; cohorts by the first event ever.

        A cohort holds who was in the segment at the end of its period, also who has left it since.

        Parameters
        ----------
        grain
            What cohorts and k are counted by: `day`, `week` or `month`.
        days
            How many days before T count; by default all data.

        Returns
        -------
        tuple
            At most the last 26 cohorts, whole periods only; `n_retained / n_eligible` is `share`.
            None where a number tells of too few users. A frame of it: `pandas.DataFrame(cells)`.

        Raises
        ------
        ParameterError
            When grain or days are none, or asked at an instant within a day.
        EmptyError
            When there is no event before T.
        """
        found: tuple[Any, ...] = self._measures.retention(grain, days)
        return found

    def active(self, grain: Grain = "month", days: int | None = None) -> tuple[Any, ...]:
        """Give who was active: an ActiveRow a period, `n_active` of the `n_users` members at T.

        Parameters, None and errors are those of `retention`; the last period may be unfinished.
        """
        found: tuple[Any, ...] = self._measures.active(grain, days)
        return found

    def amounts(
        self, by: str, events: str | Sequence[str] = (), days: int | None = None
    ) -> tuple[Any, ...]:
        """Give what was spent: an AmountRow a value that the label `by` has at T, exact.

        Parameters
        ----------
        by
            A label of the users.
        events
            The event or events whose amounts count; by default all.
        days
            How many days before T count; by default all data.

        Raises
        ------
        UnknownNameError
            For an unknown label or event, with near names.
        PrivacyError
            When the reader may not see the label.
        ParameterError
            When the amounts are in several currencies, or asked at an instant within a day.
        """
        named = (events,) if isinstance(events, str) else tuple(events)
        found: tuple[Any, ...] = self._measures.amounts(by, named, days, self.clearance)
        return found

    def overlap(self, *others: "Members") -> Any:  # noqa: ANN401  an Overlapping, imported only here
        """Give how this segment and 1 to 19 others share the users of this one's universe.

        Returns
        -------
        Overlapping
            Shows itself; `facts()` gives the numbers. Of the smallest groups shown by any of the
            segments the largest counts.

        Raises
        ------
        ParameterError
            With none or too many others, one segment twice, or members of another instant or
            snapshot.
        """
        from segkit.workspace.overlapping import find_overlap  # noqa: PLC0415  views are slow

        return find_overlap((self, *others))

    @property
    def least(self) -> int:
        """The smallest group that may be shown."""
        from segkit.workspace.asking import policy_of  # noqa: PLC0415  reports are slow to import

        privacy = self.config.privacy
        return max(privacy.min_size, policy_of(self.definition, privacy).min_size)

    def exported(self) -> UserFile:
        """Give the members as they may leave: one row a member, by user id, with labels at T.

        Raises
        ------
        PrivacyError
            When policy, clearance or the smallest group shown forbid it.
        ParameterError
            When asked at an instant within a day.
        """
        from segkit.workspace.exporting import export_members  # noqa: PLC0415  measures are slow

        return export_members(
            self.membership, tables=self.tables, config=self.config, clearance=self.clearance
        )

    def to_pandas(self) -> Any:  # noqa: ANN401  a pandas.DataFrame; pandas is imported only here
        """Give the members as a frame, under the same policy as a file."""
        import pandas as pd  # noqa: PLC0415  slow to import

        file = self.exported()
        return pd.DataFrame(list(file.rows), columns=[name for name, _ in file.columns])

    def to_csv(self, path: str | Path) -> Path:
        """Write the members as CSV, under the segment's policy; give the path."""
        return write_bytes(Path(path), self.exported().csv())

    def to_parquet(self, path: str | Path) -> Path:
        """Write the members as Parquet, under the segment's policy; give the path."""
        return write_bytes(Path(path), self.exported().parquet())

    def __len__(self) -> int:
        return self.count

    def __repr__(self) -> str:
        return (
            f"Members of {self.definition.segment!r} on {self.as_of}: {Count()(self.count)} of "
            f"{Count()(self.universe)} users ({Share()(self.share)})"
        )

    def _repr_html_(self) -> str:
        return (
            f"<p><b>{escape(self.definition.title)}</b>: {Count()(self.count)} of "
            f"{Count()(self.universe)} users ({Share()(self.share)}) at the end of {self.as_of}</p>"
        )
