"""List the users of a segment, one row each, as far as the reader may see them."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import ibis
from ibis import Table

from segkit.config import Role
from segkit.measures.activity import Activity
from segkit.measures.facts import UserRows
from segkit.measures.labels import latest_values, name_label
from segkit.measures.latest import value_at_last
from segkit.measures.roles import looks_personal, role_of, seen_names
from segkit.measures.sides import Sides

TOP_USERS = 20
BASE = (
    ("user", "User", "text"),
    ("n_visits", "Visits", "count"),
    ("n_page_views", "Page views", "count"),
    ("last_active_at", "Last active", "instant"),
    ("first_seen_at", "First seen", "instant"),
    ("first_source", "First source", "text"),
    ("device_type", "Device", "text"),
    ("revenue", "Revenue", "money"),
)
_KEYS = ("user_no", "user_key", *(name for name, _, _ in BASE[1:]))
NOBODY = UserRows(columns=(), rows=(), n_rows=None)


@dataclass(frozen=True, kw_only=True)
class Reader:
    """Who reads: the clearance, and the role that the workspace gives to each label."""

    clearance: Role
    columns: Mapping[str, Role]

    @property
    def sees_users(self) -> bool:
        """Whether single users are shown at all."""
        return self.clearance != "public"


def describe_users(sides: Sides, activity: Activity, visits: Table) -> Table:
    """Give one row a member: who it is, and its visits, page views and revenue of the window.

    `last_active_at` is the last event before T, `device_type` that of the latest visit before T
    that has one, both also from before the window; null for members who never came. `visits` are
    those of `read_visits`.
    """
    own = visits.semi_join(sides.members, "user_no")
    came = own.group_by("user_no").agg(
        n_visits=sides.is_inside(own).sum(),
        last_active_at=own.ended_at.max(),
        device_type=value_at_last(
            own.device_type, own.device_type.notnull().ifelse(own.started_at, None)
        ),
    )
    users = sides.tables.users.select("user_no", "user_key", "first_seen_at", "first_source")
    did = activity.users.select("user_no", "n_page_views", "revenue")
    listed = sides.members.inner_join(users, "user_no").left_join(came, "user_no")
    listed = listed.drop("user_no_right").left_join(did, "user_no")
    return listed.mutate(
        n_visits=listed.n_visits.fill_null(0),
        n_page_views=listed.n_page_views.fill_null(0),
        revenue=listed.revenue.fill_null(0),
    ).select(*_KEYS)


def in_order(users: Table) -> Table:
    """Order users by visits, then page views, then last active, then user id as text."""
    return users.order_by(
        ibis.desc("n_visits"),
        ibis.desc("n_page_views"),
        ibis.desc("last_active_at", nulls_first=False),
        ibis.asc("user_key"),
    )


def list_users(
    sides: Sides, users: Table, reader: Reader, *, most: int, has_money: bool
) -> tuple[UserRows, UserRows]:
    """Give the top 20 and the first `most` rows of the user list, in one order.

    Returns
    -------
    tuple
        The top users: behaviour columns, and the personal labels where the reader may see them.
        The user list: behaviour columns and every label that the reader may see; `n_rows` counts
        all members. Both without rows and columns for a reader who may not see single users.
    """
    if not reader.sees_users:
        return NOBODY, UserRows(columns=(), rows=(), n_rows=sides.n_segment)
    first = in_order(users).limit(max(most, TOP_USERS))
    found = sides.engine.rows(first)
    names = seen_names(sides.tables.catalogue.attributes, reader.columns, reader.clearance)
    labels = _labels_of(sides, [row[0] for row in found], names)
    personal = [n for n in names if role_of(n, reader.columns) == "personal"]
    top = _rows(found[:TOP_USERS], labels, personal, reader, has_money=has_money)
    listed = _rows(found[:most], labels, names, reader, has_money=has_money)
    columns = _columns(names, has_money=has_money)
    top_columns = _columns(personal, has_money=has_money)
    return (
        UserRows(columns=top_columns, rows=top, n_rows=len(top)),
        UserRows(columns=columns, rows=listed, n_rows=sides.n_segment),
    )


def _columns(names: Sequence[str], *, has_money: bool) -> tuple[tuple[str, str, str], ...]:
    base = BASE if has_money else BASE[:-1]
    taken = {name for name, _, _ in base}
    own = [(f"label_{n}" if n in taken else n, name_label(n), "text") for n in names]
    return (*base, *own)


def _labels_of(
    sides: Sides, user_nos: Sequence[int], names: Sequence[str]
) -> dict[tuple[int, str], str]:
    if not user_nos or not names:
        return {}
    # One list of numbers: as hundreds of literals they take longer to write down than to look up.
    listed = ibis.literal([int(no) for no in user_nos], "array<int64>").unnest()
    asked = sides.members.semi_join(listed.name("user_no").as_table(), "user_no")
    latest = latest_values(sides, names, of=asked)
    rows = sides.engine.rows(latest.select("user_no", "name", "value"))
    return {(int(no), str(name)): str(v) for no, name, v in rows}


def _rows(
    found: Sequence[Sequence[Any]],
    labels: Mapping[tuple[int, str], str],
    names: Sequence[str],
    reader: Reader,
    *,
    has_money: bool,
) -> tuple[tuple[Any, ...], ...]:
    base = len(BASE) if has_money else len(BASE) - 1
    return tuple(
        (
            name_user(row[0], row[1], reader.clearance),
            *(float(v) if isinstance(v, Decimal) else v for v in row[2 : 1 + base]),
            *(_shown(labels.get((row[0], name)), name, reader) for name in names),
        )
        for row in found
    )


def _shown(value: str | None, name: str, reader: Reader) -> str | None:
    """Give a label's value, masked where it looks personal and nobody said that it is not."""
    if reader.clearance == "personal" or name in reader.columns or not looks_personal(value):
        return value
    return "(personal)"


def name_user(user_no: int, user_key: str, clearance: Role) -> str:
    """Give what a user is called: the key, or a stable pseudonym where that looks personal.

    >>> name_user(7, "u_17", "pseudonymous"), name_user(7, "ann@example.org", "personal")
    ('u_17', 'ann@example.org')
    >>> name_user(7, "ann@example.org", "pseudonymous")
    'u-7902699be4'
    """
    if clearance == "personal" or not looks_personal(user_key):
        return user_key
    return f"u-{hashlib.sha256(str(user_no).encode()).hexdigest()[:10]}"
