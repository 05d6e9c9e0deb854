"""Hold the canonical tables of one snapshot, as Ibis tables.

With what is known about their content.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from ibis import Table

from segkit.formats import html_table
from segkit.store.engine import Engine


@dataclass(frozen=True, kw_only=True)
class EventInfo:
    """One event name: how often it occurs and the property keys of its rows."""

    n: int
    properties: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class AttributeInfo:
    """One user label.

    Its kind (`number`, `boolean`, `date` or `text`), whether its past is known, how many have it.
    """

    kind: str
    has_history: bool
    n_users: int


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    """What a snapshot holds, so that definitions can be checked without reading the tables."""

    events: Mapping[str, EventInfo] = field(default_factory=dict)
    attributes: Mapping[str, AttributeInfo] = field(default_factory=dict)
    experiments: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    purposes: tuple[str, ...] = ()
    currencies: tuple[str, ...] = ()
    n_events: int = 0
    n_users: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None


class Tables:
    """The canonical tables of one snapshot; a table is opened when it is first asked for.

    `zone` is the zone in which `day` columns are counted. Names and columns:
    `segkit.schema.TABLES`.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        zone: ZoneInfo,
        catalogue: Catalogue,
        snapshot: str,
        open_table: Callable[[str], Table],
    ) -> None:
        self.engine = engine
        self.zone = zone
        self.catalogue = catalogue
        self.snapshot = snapshot
        self._open_table = open_table
        self._opened: dict[str, Table] = {}

    def __repr__(self) -> str:
        return f"Tables of snapshot {self.snapshot!r}: {', '.join(self._named())}"

    def _repr_html_(self) -> str:
        return html_table(("table", "grain"), list(self._named().items()), n_texts=2)

    @classmethod
    def _named(cls) -> dict[str, str]:
        """Give what every table holds, by name."""
        own = {name: one for name, one in vars(cls).items() if isinstance(one, property)}
        return {name: str(one.__doc__) for name, one in own.items()}

    def of_user(self, user_no: int) -> "Tables":
        """Give the same tables with the rows of one user only, kept by the engine.

        What the catalogue says stays: it tells of the snapshot, not of the user.
        """

        def open_table(name: str) -> Table:
            whole = self._table(name)
            if "user_no" not in whole.columns:
                return whole
            return self.engine.keep(whole.filter(whole.user_no == user_no), f"one_{name}")

        return Tables(
            self.engine,
            zone=self.zone,
            catalogue=self.catalogue,
            snapshot=self.snapshot,
            open_table=open_table,
        )

    def _table(self, name: str) -> Table:
        if name not in self._opened:
            self._opened[name] = self._open_table(name)
        return self._opened[name]

    events = property(lambda self: self._table("events"), doc="One row an event.")
    visits = property(lambda self: self._table("visits"), doc="One row a visit.")
    users = property(lambda self: self._table("users"), doc="One row a user.")
    user_days = property(
        lambda self: self._table("user_days"), doc="One row a user, day, event and currency."
    )
    page_days = property(
        lambda self: self._table("page_days"), doc="One row a user, day and page path."
    )
    attributes = property(
        lambda self: self._table("attributes"), doc="One row a statement of one label."
    )
    identities = property(
        lambda self: self._table("identities"), doc="One row an id and the user it belongs to."
    )
    links = property(lambda self: self._table("links"), doc="One row two ids seen together.")
    exposures = property(
        lambda self: self._table("exposures"), doc="One row a statement of an exposure."
    )
    consents = property(
        lambda self: self._table("consents"), doc="One row a statement of a consent."
    )
    loads = property(lambda self: self._table("loads"), doc="One row a raw file that was loaded.")
    quarantine = property(lambda self: self._table("quarantine"), doc="One row a bad raw row.")
