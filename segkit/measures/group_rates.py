"""Count by the values of every label who is in a group, who came and who ordered.

These are the cells from which the change of a rate is split into who is in and what they do.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import ibis
from ibis import Table

from segkit.config import Role
from segkit.measures.activity import Activity
from segkit.measures.bins import FEW_VALUES, band_numbers, is_age
from segkit.measures.facts import UNKNOWN
from segkit.measures.labels import is_open, latest_values, name_label, spoken_values, ways_to_count
from segkit.measures.overview import FIRSTS
from segkit.measures.roles import holds_mail
from segkit.measures.sides import Sides

MOST_VALUES = 50
"""Labels of more values are left out: their groups would be too small to tell of behaviour."""
SUMS = ("n", "came", "bought")
Cells = dict[str, tuple[int, int, int]]
"""By value: users, those who came in the window, those who ordered in it."""


@dataclass(frozen=True, kw_only=True)
class GroupRates:
    """One label: its values, which exclude each other, in the segment and in the baseline."""

    name: str
    title: str
    segment: Cells
    baseline: Cells


def measure_group_rates(
    sides: Sides, activity: Activity, *, columns: Mapping[str, Role], clearance: Role
) -> tuple[GroupRates, ...]:
    """Give users, comers and buyers of both sides by value of every label at T.

    Returns
    -------
    tuple
        First channel, device and country, then the labels that the reader may see and that are
        texts, yes or no, ages by decade or numbers of few values; those of more than 50 values are
        left out. Users of whom nothing is known are a value of their own.
    """
    users = _users(sides, activity)
    totals = _totals(sides, users)
    firsts = _firsts(sides, users)
    return (*firsts, *_labels(sides, users, totals, columns=columns, clearance=clearance))


def _users(sides: Sides, activity: Activity) -> Table:
    """Give one row a user of both sides: `in_segment`, and 0 or 1 for `came` and `bought`."""
    did = activity.users.select("user_no", "n_events", "n_orders")
    joined = sides.groups.left_join(did, "user_no")
    flagged = joined.select(
        "user_no",
        "in_segment",
        came=(joined.n_events.fill_null(0) > 0).cast("int32"),
        bought=(joined.n_orders.fill_null(0) > 0).cast("int32"),
    )
    return sides.engine.keep(flagged, "rated")


def _both(table: Table) -> dict[str, Any]:
    """Give the sums of both sides: users, comers, buyers."""
    own = table.in_segment.cast("int32")
    parts = {"n": own * 0 + 1, "came": table.came, "bought": table.bought}
    return {
        f"{name}_{side}": (part * flag).sum()
        for side, flag in (("own", own), ("other", 1 - own))
        for name, part in parts.items()
    }


Row = tuple[int, ...]


def _totals(sides: Sides, users: Table) -> Row:
    return tuple(int(n or 0) for n in sides.engine.rows(users.agg(**_both(users)))[0])


def _firsts(sides: Sides, users: Table) -> tuple[GroupRates, ...]:
    names = [name for name, _ in FIRSTS]
    told = users.inner_join(sides.tables.users.select("user_no", *names), "user_no")
    found = []
    for name, title in FIRSTS:
        counted = told.group_by(name).agg(**_both(told))
        rows: dict[str, Row] = {}
        for value, *ns in sides.engine.rows(counted):
            rows[UNKNOWN if value is None else str(value)] = tuple(map(int, ns))
        if 1 < len(rows) <= MOST_VALUES:
            found.append(_build(name, title, rows))
    return tuple(found)


def _labels(
    sides: Sides, users: Table, totals: Row, *, columns: Mapping[str, Role], clearance: Role
) -> tuple[GroupRates, ...]:
    known = sides.tables.catalogue.attributes
    names = [n for n in sorted(known) if known[n].kind != "date" and is_open(n, columns, clearance)]
    if not names:
        return ()
    parts = []
    for way, listed in ways_to_count(sides, names, names).items():
        spoken = spoken_values(latest_values(sides, listed, of=users), way)
        parts.append(spoken.group_by("name", "value").agg(**_both(spoken)))
    counted = ibis.union(*parts) if parts[1:] else parts[0]
    counted = sides.engine.keep(counted, "group_rates")
    few = counted.group_by("name").agg(k=counted.count())
    wide = [str(n) for n, k in sides.engine.rows(few) if k > MOST_VALUES and not is_age(str(n))]
    values: dict[str, dict[str, Row]] = {}
    for name, value, *ns in sides.engine.rows(counted.filter(~counted.name.isin([*wide, ""]))):
        values.setdefault(str(name), {})[str(value)] = tuple(map(int, ns))
    return tuple(
        _build(name, name_label(name), _with_unknown(rows, totals))
        for name, rows in ((n, _banded(n, known[n].kind, v)) for n, v in sorted(values.items()))
        if rows
    )


def _banded(name: str, kind: str, rows: dict[str, Row]) -> dict[str, Row]:
    """Give ages by decade, numbers of few values as they are, none of others; no addresses."""
    if kind != "number":
        return {} if any(holds_mail(value) for value in rows) else rows
    if not is_age(name):
        return rows if len(rows) <= FEW_VALUES else {}
    banded: dict[str, Row] = {}
    for value, ns in rows.items():
        for band in band_numbers(name, {value: (1, 0)}):
            before = banded.get(band, (0,) * len(ns))
            banded[band] = tuple(a + b for a, b in zip(before, ns, strict=True))
    return banded


def _with_unknown(rows: dict[str, Row], totals: Row) -> dict[str, Row]:
    sums = [sum(column) for column in zip(*rows.values(), strict=True)]
    rest = tuple(total - n for total, n in zip(totals, sums, strict=True))
    return rows | {UNKNOWN: rest} if any(rest) else rows


def _build(name: str, title: str, rows: Mapping[str, Sequence[int]]) -> GroupRates:
    k = len(SUMS)
    return GroupRates(
        name=name,
        title=title,
        segment={value: (ns[0], ns[1], ns[2]) for value, ns in rows.items()},
        baseline={value: (ns[k], ns[k + 1], ns[k + 2]) for value, ns in rows.items()},
    )
