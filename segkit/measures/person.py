"""Tell of one user, for people who help that user: found by an id, seen as far as the reader may.

Nothing here counts groups; what a person is set against is measured in `person_beside`.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import ibis
from ibis import Table
from ibis.expr.types import BooleanValue

from segkit.errors import EmptyError, PrivacyError
from segkit.measures.facts import UserRows
from segkit.measures.labels import latest_values, name_label
from segkit.measures.people import Reader, name_user
from segkit.measures.roles import looks_personal, mask_mails, may_see, role_of, seen_names
from segkit.measures.sides import Sides
from segkit.schema import INSTANT
from segkit.store.tables import Tables

VISITS = (
    ("started_at", "Began", "instant"),
    ("engaged_s", "Lasted", "duration"),
    ("n_page_views", "Page views", "count"),
    ("n_events", "Events", "count"),
    ("landing_page", "Entry page", "text"),
    ("exit_page", "Exit page", "text"),
    ("channel", "Channel", "text"),
    ("source", "Source", "text"),
    ("device_type", "Device", "text"),
)
EVENTS = (
    ("time", "Time", "instant"),
    ("event", "Event", "text"),
    ("page_path", "Page", "text"),
    ("amount", "Amount", "text"),
    ("properties", "Details", "text"),
)
LABELS = (
    ("label", "Label", "text"),
    ("value", "Value", "text"),
    ("since", "Since", "instant"),
    ("before", "Before that", "text"),
)
CONSENTS = (
    ("purpose", "Purpose", "text"),
    ("state", "State", "text"),
    ("since", "Since", "instant"),
)
MOST_VISITS = 30
PAGE_EVENTS = 25
"""Events on one page of the timeline."""
LOOKED_BACK = 28
"""Days before T at whose ends membership is asked for “since when”."""
HIDDEN = "(personal)"


@dataclass(frozen=True, kw_only=True)
class Person:
    """One user as the head of a profile tells: what they are called, and since when they are known.

    `user` is what this reader may call them. Instants are None where there is none before T.
    """

    user: str
    is_known: bool
    first_seen_at: datetime | None
    last_active_at: datetime | None
    identified_at: datetime | None
    n_events: int
    n_visits: int


@dataclass(frozen=True, kw_only=True)
class EventPage:
    """One page of a user's events, newest first; `page` of `n_pages`, counted from 1."""

    rows: UserRows
    page: int
    n_pages: int

    @property
    def first(self) -> int:
        """The place of the page's first event among all, from 1."""
        return (self.page - 1) * PAGE_EVENTS + 1


def check_reader(reader: Reader) -> None:
    """Refuse a reader who may not see single users.

    Raises
    ------
    PrivacyError
        For a public clearance.
    """
    if not reader.sees_users:
        raise PrivacyError.build(
            "Single users are not shown to readers of public clearance.",
            hint="ask whoever runs the workspace for a higher clearance.",
        )


def find_person(tables: Tables, text: str, reader: Reader) -> int:
    """Give the `user_no` of the one user who has an id, or for cleared readers a personal label.

    Parameters
    ----------
    text
        A user id, an older one, or a device id; for a reader cleared for personal data also the
        whole value of a personal label, as an e-mail address, in whatever case.

    Raises
    ------
    PrivacyError
        When the text looks personal and the reader may not see such data: an answer would tell.
    EmptyError
        When nobody has it, or several users have it. The text is not repeated.
    """
    check_reader(reader)
    if looks_personal(text) and reader.clearance != "personal":
        raise PrivacyError.build(
            "Nobody is looked up by what looks like an e-mail or an IP address by readers who are "
            "not cleared for personal data.",
            hint="use the id of the user or of the device.",
        )
    ids = tables.identities
    found = tables.engine.rows(ids.filter(ids.id == text).select("kind", "user_no").distinct())
    users = {int(no) for kind, no in found if kind == "user"} or {int(no) for _, no in found}
    users = users or _find_by_label(tables, text, reader)
    if not users:
        raise EmptyError.build(
            "No user is known by this id.",
            hint="check it for missing characters; ids are told apart by upper and lower case.",
        )
    if len(users) > 1:
        raise EmptyError.build(
            f"{len(users)} users are known by this.", hint="use the id of the user you mean."
        )
    return users.pop()


def _find_by_label(tables: Tables, text: str, reader: Reader) -> set[int]:
    if reader.clearance != "personal":
        return set()
    names = [n for n in tables.catalogue.attributes if role_of(n, reader.columns) == "personal"]
    labels = tables.attributes
    own = labels.filter(labels.is_valid & labels.name.isin(names))
    own = own.filter(own["value"].lower() == text.lower())
    return {int(row[0]) for row in tables.engine.rows(own.select("user_no").distinct().limit(9))}


def describe_person(sides: Sides, visits: Table, reader: Reader) -> Person:
    """Give the head of the profile of the segment's one user; `visits` are those of `read_visits`.

    Raises
    ------
    EmptyError
        When nothing was known of the user before T.
    """
    users = sides.tables.users.semi_join(sides.members, "user_no")
    asked = users.select("user_no", "user_key", "is_known", "first_seen_at", "identified_at")
    no, key, is_known, first_at, identified_at = sides.engine.rows(asked)[0]
    events = _events(sides)
    counted = events.agg(n=events.count(), last=events.time.max())
    n_events, last_at = sides.engine.rows(counted)[0]
    own = visits.semi_join(sides.members, "user_no")
    at = sides.clock.at
    return Person(
        user=name_user(int(no), str(key), reader.clearance),
        is_known=bool(is_known),
        first_seen_at=_before(first_at, at),
        last_active_at=last_at,
        identified_at=_before(identified_at, at),
        n_events=int(n_events),
        n_visits=int(sides.engine.scalar(own.count())),
    )


def _before(instant: datetime | None, at: datetime) -> datetime | None:
    return instant if instant is not None and instant < at else None


def _events(sides: Sides) -> Table:
    """Give the user's events before T; those of bots are left out, as they are everywhere."""
    events = sides.tables.events
    return events.filter(_is_early(sides, events) & events.bot_reason.isnull()).semi_join(
        sides.members, "user_no"
    )


def _is_early(sides: Sides, events: Table) -> BooleanValue:
    early: BooleanValue = events.time < ibis.literal(sides.clock.at, INSTANT)
    return early


def list_visits(sides: Sides, visits: Table, reader: Reader) -> UserRows:
    """Give the user's last 30 visits before T, newest first; `n_rows` counts all of them."""
    own = visits.semi_join(sides.members, "user_no")
    n = int(sides.engine.scalar(own.count()))
    names = [name for name, _, _ in VISITS]
    newest = own.order_by(ibis.desc("started_at")).limit(MOST_VISITS).select(*names)
    rows = tuple(
        tuple(_masked(value, reader) if isinstance(value, str) else value for value in row)
        for row in sides.engine.rows(newest)
    )
    return UserRows(columns=VISITS, rows=rows, n_rows=n)


def _masked(text: str, reader: Reader) -> str:
    return text if reader.clearance == "personal" else mask_mails(text)


def list_events(sides: Sides, reader: Reader, *, page: int, n_events: int) -> EventPage:
    """Give one page of the user's events before T, newest first.

    A page beyond the last is the last. Details are the properties that the reader may see.
    """
    n_pages = max(1, -(-n_events // PAGE_EVENTS))
    shown = min(page, n_pages)
    events = _events(sides)
    newest = events.order_by(ibis.desc("time"), ibis.desc("load_id"), ibis.desc("row_no")).limit(
        PAGE_EVENTS, offset=(shown - 1) * PAGE_EVENTS
    )
    read = newest.select("time", "event", "page_path", "value", "currency", "properties")
    rows = tuple(_say_event(row, reader) for row in sides.engine.rows(read))
    return EventPage(
        rows=UserRows(columns=EVENTS, rows=rows, n_rows=n_events), page=shown, n_pages=n_pages
    )


def _say_event(row: Sequence[Any], reader: Reader) -> tuple[Any, ...]:
    time, event, path, value, currency, properties = row
    amount = None if value is None else f"{value:,.2f} {currency or '(no currency)'}"
    page = None if path is None else _masked(path, reader)
    return (time, event, page, amount, say_properties(properties, reader))


def say_properties(document: str | None, reader: Reader) -> str | None:
    """Give the properties of an event that a reader may see, as `key: value` with semicolons.

    A value that looks personal is masked where nobody said that its key is not.

    >>> say_properties(
    ...     '{"size": "M", "email": "a@b.de"}', Reader(clearance="pseudonymous", columns={})
    ... )
    'size: M'
    """
    try:
        found = json.loads(document) if document else {}
    except ValueError:
        return None
    if not isinstance(found, dict):
        return None
    said = [
        f"{key}: {_say_value(key, value, reader)}"
        for key, value in sorted(found.items())
        if value is not None and may_see(role_of(key, reader.columns), reader.clearance)
    ]
    return "; ".join(said) or None


def _say_value(key: str, value: Any, reader: Reader) -> str:  # noqa: ANN401  any JSON value
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    if reader.clearance == "personal" or key in reader.columns:
        return text
    return HIDDEN if looks_personal(text) else mask_mails(text)


def list_labels(sides: Sides, reader: Reader) -> UserRows:
    """Give what is known of the user at T: a row a label that the reader may see, by name.

    `since` is when the value was first said, None where a source keeps current values only;
    `before` the value that it took the place of.
    """
    names = seen_names(sides.tables.catalogue.attributes, reader.columns, reader.clearance)
    if not names:
        return UserRows(columns=LABELS, rows=(), n_rows=0)
    latest = latest_values(sides, names, of=sides.members).select("name", "value")
    past = _read_past(sides, names)
    rows = tuple(
        (
            name_label(str(name)),
            _shown(value, str(name), reader),
            *_since(past.get(str(name), []), str(value), str(name), reader),
        )
        for name, value in sorted(sides.engine.rows(latest))
    )
    return UserRows(columns=LABELS, rows=rows, n_rows=len(rows))


def _read_past(sides: Sides, names: Sequence[str]) -> dict[str, list[tuple[datetime, str | None]]]:
    """Give the dated statements of each label before T, oldest first."""
    labels = sides.tables.attributes
    read = labels.filter(
        labels.is_valid
        & labels.name.isin(names)
        & (labels.valid_from < ibis.literal(sides.clock.at, INSTANT))
    ).semi_join(sides.members, "user_no")
    past: dict[str, list[tuple[datetime, str | None]]] = {}
    for name, value, at in sides.engine.rows(
        read.order_by("name", "valid_from").select("name", "value", "valid_from")
    ):
        past.setdefault(str(name), []).append((at, value))
    return past


def _since(
    past: Sequence[tuple[datetime, str | None]], value: str, name: str, reader: Reader
) -> tuple[datetime | None, str | None]:
    """Give since when a value holds, and which one it took the place of."""
    since, before = None, None
    for at, said in reversed(past):
        if said != value:
            before = said
            break
        since = at
    return since, _shown(before, name, reader)


def _shown(value: Any, name: str, reader: Reader) -> str | None:  # noqa: ANN401
    if value is None:
        return None
    text = str(value)
    if reader.clearance == "personal" or name in reader.columns or not looks_personal(text):
        return text
    return HIDDEN


def list_consents(sides: Sides) -> UserRows:
    """Give what the user consents to at T: a row a purpose, by name, with the last statement."""
    consents = sides.tables.consents
    early = consents.filter(consents.time < ibis.literal(sides.clock.at, INSTANT))
    own = early.semi_join(sides.members, "user_no").order_by("time", "state")
    latest: dict[str, tuple[Any, ...]] = {}
    for purpose, state, time in sides.engine.rows(own.select("purpose", "state", "time")):
        latest[str(purpose)] = (str(purpose), str(state), time)
    rows = tuple(latest[purpose] for purpose in sorted(latest))
    return UserRows(columns=CONSENTS, rows=rows, n_rows=len(rows))
