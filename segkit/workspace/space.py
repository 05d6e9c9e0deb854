"""Answer questions about one workspace, each from the stage that knows."""

import os
import tempfile
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from segkit.config import ROLES, Role, WorkspaceConfig
from segkit.errors import EmptyError, ParameterError, near_names
from segkit.formats import html_table
from segkit.periods import Clock, local_day
from segkit.segments.clocks import clock_of, undated
from segkit.segments.evaluate import Membership, evaluate
from segkit.segments.model import Definition
from segkit.segments.pattern_models import bind
from segkit.store.engine import Engine
from segkit.store.progress import Progress
from segkit.store.snapshot import latest, open_tables
from segkit.store.tables import Tables
from segkit.workspace.catalogued import Catalogued
from segkit.workspace.explaining import Explanations
from segkit.workspace.folder import ListFiles, find_root, read_day, read_toml
from segkit.workspace.kept_models import KeptModels
from segkit.workspace.library import Library, join_shipped, read_own, save_own
from segkit.workspace.members import Members

CLEARANCE = "SEGKIT_CLEARANCE"
BASELINES = ("rest", "everyone")


class Workspace(Explanations, Catalogued):
    """A folder with a `segkit.toml`, its newest snapshot and its segments.

    Parameters
    ----------
    root
        The folder.
    config
        What its `segkit.toml` says.

    Notes
    -----
    The snapshot is opened when it is first needed and kept: a load by somebody else changes no
    number here until `refresh()` or the next `open`.
    """

    def __init__(self, root: Path, config: WorkspaceConfig) -> None:
        self.root = root
        self.config = config
        self.lists = ListFiles(root)
        self.models = KeptModels(root)

    @classmethod
    def open(cls, path: str | Path | None = None) -> Self:
        """Open the workspace at a path, or the nearest one above it.

        By default above the current folder.

        Raises
        ------
        WorkspaceError
            When there is none, or its `segkit.toml` cannot be read.
        """
        root = find_root(Path() if path is None else Path(path))
        return cls(root, read_toml(root))

    def __repr__(self) -> str:
        snapshot = self.snapshot or "nothing loaded"
        return f"Workspace({self.config.name!r}, snapshot={snapshot!r}, root={str(self.root)!r})"

    def _repr_html_(self) -> str:
        rows = {
            "workspace": self.config.name,
            "folder": str(self.root),
            "snapshot": self.snapshot or "nothing loaded yet",
            "time zone": self.config.timezone,
        }
        if self.snapshot:
            seen = self.tables.catalogue
            rows["events"] = f"{seen.n_events:,} of {seen.n_users:,} users"
            rows["last day"] = self.last_day().isoformat()
        return html_table((), list(rows.items()), n_texts=2)

    @property
    def snapshot(self) -> str | None:
        """The id of the snapshot that numbers come from; None when nothing is loaded."""
        opened = self.__dict__.get("tables")
        return opened.snapshot if opened is not None else latest(self.root)

    @cached_property
    def engine(self) -> Engine:
        """The connection to the query engine that `[engine]` names."""
        spill = Path(tempfile.gettempdir()) / f"segkit-spill-{os.getpid()}"
        return Engine(self.config.engine.url, memory=self.config.engine.memory, spill=str(spill))

    @cached_property
    def tables(self) -> Tables:
        """The canonical tables of the newest snapshot, as Ibis tables.

        Raises
        ------
        StoreError
            When nothing is loaded yet, or the store cannot be read.
        """
        return open_tables(self.root, self.config, engine=self.engine)

    def refresh(self) -> None:
        """Let go of the opened snapshot and of the segments read.

        The next question opens the newest.
        """
        for name in ("tables", "segments", "events", "attributes"):
            self.__dict__.pop(name, None)

    def load(self, sources: list[str] | None = None, *, progress: Progress | None = None) -> Any:  # noqa: ANN401  a LoadResult; its module is imported only here
        """Load what is new in the raw files and give what became of every source.

        Raises
        ------
        SegkitError
            When a source is wrong, too many rows are bad, or another load is running; then nothing
            changed.
        """
        from segkit.store.load import load  # noqa: PLC0415  readers do not need it
        from segkit.workspace.load_bars import shown_bars  # noqa: PLC0415

        now = datetime.now(UTC)
        with shown_bars(progress) as told:
            result = load(self.root, self.config, sources=sources, now=now, progress=told)
        self.refresh()
        return result

    def last_day(self) -> date:
        """Give the default `as_of`.

        The last day with data, in the workspace's zone, yesterday at the latest.

        Raises
        ------
        EmptyError
            When the snapshot holds no event.
        """
        last_at = self.tables.catalogue.last_at
        if last_at is None:
            raise EmptyError.build(
                "The snapshot holds no event, so there is no last day.",
                where=str(self.root),
                hint="load events, or name a day with --as-of.",
            )
        return min(local_day(last_at, self.config.zone), self._today() - timedelta(days=1))

    def _today(self) -> date:
        return local_day(datetime.now(UTC), self.config.zone)

    def clock(
        self, definition: Definition, as_of: str | date | None = None
    ) -> tuple[Definition, Clock]:
        """Give the definition to ask with and the instant that the question looks back from.

        A given `as_of` comes before the definition's own, which comes before the last day with
        data.

        Raises
        ------
        ParameterError
            When `as_of` is not a date, or one in the future.
        """
        zone = self.config.zone
        own = definition.as_of if isinstance(definition.as_of, str) else None
        asked = as_of or own
        if asked is None:
            given = Clock.at_end_of(self.last_day(), zone)
            return definition, clock_of(definition, given)
        if isinstance(asked, datetime):
            if asked.tzinfo is None:
                raise ParameterError.build(
                    f"`as_of`: the instant {asked:%Y-%m-%dT%H:%M} has no time zone.",
                    hint="give it an offset, like 2026-06-30T12:00:00+02:00.",
                )
            given = Clock(asked.astimezone(UTC), zone)
        else:
            given = Clock.at_end_of(read_day(asked, today=self._today()), zone)
        plain = undated(definition)
        return plain, clock_of(plain, given)

    @cached_property
    def segments(self) -> Library:
        """The library: the workspace's own segments, and the shipped ones that fit its data."""
        from segkit.segments.library import is_applicable, shipped  # noqa: PLC0415

        templates = list(shipped().values())
        if self.snapshot is not None:
            catalogue = self.tables.catalogue
            templates = [t for t in templates if is_applicable(t, catalogue)]
        return Library(
            join_shipped(read_own(self.root, self.models), templates),
            count=lambda segment: self.members(segment).count,
        )

    def find(self, segment: str | Definition) -> Definition:
        """Give the definition of a segment by id, or a given one, with what its models are now.

        Raises
        ------
        UnknownNameError
            When there is none of that id, with near names.
        DefinitionError
            When its file is faulty.
        """
        found = segment if isinstance(segment, Definition) else self.segments[segment]
        return bind(found, self.models)

    def members(
        self,
        segment: str | Definition,
        as_of: str | date | None = None,
        *,
        clearance: str | None = None,
    ) -> Members:
        """Give who is in a segment at the end of a day.

        Parameters
        ----------
        segment
            An id of the library, or a definition.
        as_of
            The day (ISO text or a date), or an aware instant; by default the definition's own, else
            the last day with data.
        clearance
            What the reader of an export may see; by default as the run or `[privacy]` says.

        Raises
        ------
        SegkitError
            When the segment is unknown or wrong, or nothing is loaded.
        """
        asked = self.find(segment)
        return Members(
            definition=asked,
            membership=self.evaluate(*self.clock(asked, as_of)),
            tables=self.tables,
            config=self.config,
            clearance=self.clearance(clearance),
        )

    def everyone(self, as_of: str | date | None = None, *, clearance: str | None = None) -> Members:
        """Give every user known at the end of a day: who could be in any segment.

        Parameters and errors are those of `members`.
        """
        from segkit.segments.build import Segment, did, gte  # noqa: PLC0415  readers do not need it

        whole = Segment("everyone", did(visit="any", is_=gte(0)), title="Everyone")
        return self.members(whole, as_of, clearance=clearance)

    def evaluate(self, definition: Definition, clock: Clock) -> Membership:
        """Give universe and members of a definition at an instant, as Ibis tables."""
        return evaluate(
            definition,
            tables=self.tables,
            clock=clock,
            library=self.segments.definitions,
            lists=self.lists,
            models=self.models,
        )

    def check(self, segment: str | Definition) -> list[str]:
        """Check a definition against the loaded data and give its warnings.

        Raises
        ------
        DefinitionError
            The first error, with its place and a hint.
        """
        from segkit.segments.check import warnings_of  # noqa: PLC0415

        return warnings_of(
            self.find(segment),
            catalogue=self.tables.catalogue,
            library=self.segments.definitions,
            models=self.models,
        )

    def describe(self, segment: str | Definition) -> str:
        """Say in words what a segment means."""
        from segkit.segments.describe import describe  # noqa: PLC0415

        return describe(self.find(segment))

    def save(self, segment: Definition, *, replace: bool = False) -> Path:
        """Write a definition to `segments/<id>.yml` and give the path.

        Raises
        ------
        DefinitionError
            When the file holds another definition and `replace` is false, or the id is that of
            another file.
        WorkspaceError
            When the file cannot be written.
        """
        path = save_own(self.root, segment, replace=replace)
        self.__dict__.pop("segments", None)
        return path

    def report(
        self,
        segment: str | Definition,
        as_of: str | date | None = None,
        days: int = 90,
        *,
        baseline: str = "rest",
        clearance: str | None = None,
    ) -> Any:  # noqa: ANN401  a Report; its module is imported only here
        """Give the report on a segment; it computes nothing until a section is asked for.

        Parameters
        ----------
        segment
            An id of the library, or a definition.
        as_of
            The last day looked back from; empty or None is the last day with data.
        days
            Length of the window, 1 to 3660.
        baseline
            `rest` (of the universe), `everyone`, or the id of another segment.
        clearance
            What the reader may see; by default as the run or `[privacy]` says.

        Raises
        ------
        SegkitError
            When segment, baseline, day or clearance is none, or nothing is loaded.
        """
        from segkit.workspace.live_asking import report_live  # noqa: PLC0415  views are slow

        return report_live(self, segment, as_of, days, baseline=baseline, clearance=clearance)

    def compare(
        self,
        segments: Sequence[str | Definition],
        *,
        as_of: str | date | None = None,
        days: int = 90,
        baseline: str = "rest",
        clearance: str | None = None,
    ) -> Any:  # noqa: ANN401  a ComparisonReport; its module is imported only here
        """Give the report on 1 to 8 segments beside each other; it computes what is asked of it.

        `segments` are ids or definitions, or ids in one text with commas; the rest is as for
        `report`.

        Raises
        ------
        SegkitError
            As `report` does, and when there are none, too many, or one of them twice.
        """
        from segkit.workspace.live_asking import compare_live  # noqa: PLC0415  views are slow

        return compare_live(
            self, segments, as_of=as_of, days=days, baseline=baseline, clearance=clearance
        )

    def baseline(self, name: str) -> Definition | None:
        """Give the segment that a baseline names; None for `rest` and `everyone`.

        Raises
        ------
        ParameterError
            When it is neither of these words nor a segment.
        """
        if name in BASELINES:
            return None
        if name not in self.segments:
            raise ParameterError.build(
                f"Unknown baseline `{name[:40]}`.",
                hint=near_names(name, [*BASELINES, *self.segments]),
            )
        return self.segments[name]

    def clearance(self, asked: str | None = None) -> Role:
        """Give what the reader may see: as asked, else as the run says, else as `[privacy]` says.

        Raises
        ------
        ParameterError
            When it is not a role.
        """
        role = asked or os.environ.get(CLEARANCE) or self.config.privacy.clearance
        if role not in ROLES:
            raise ParameterError.build(
                f"Unknown clearance `{role[:40]}`.", hint=near_names(role, ROLES)
            )
        return role
