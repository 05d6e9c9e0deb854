"""Find the segments that one user is in, and since when.

All segments of the library are asked by one query, and by another one since when.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import reduce
from typing import TYPE_CHECKING

import ibis
from ibis import Table

from segkit.errors import SegkitError
from segkit.measures.explained import tell_verdict
from segkit.measures.people import Reader
from segkit.measures.person import LOOKED_BACK
from segkit.periods import Clock
from segkit.segments.clocks import clock_of, undated
from segkit.segments.evaluate import Membership, evaluate
from segkit.segments.explain import Verdict, explain
from segkit.workspace.kept_back import kept_back

if TYPE_CHECKING:
    from segkit.store.tables import Tables
    from segkit.views.person import Spell
    from segkit.workspace.library import Entry
    from segkit.workspace.space import Workspace


def find_spells(
    workspace: "Workspace", user_no: int, clock: Clock, reader: Reader
) -> tuple[Sequence["Spell"], Sequence[str]]:
    """Give the segments of the library that a user is in at an instant, the newest first.

    Segments that are kept from the reader are left out. A segment that reads only a user's own rows
    is asked of these alone, which is the same and quick.

    Returns
    -------
    tuple
        The segments, each with the first day of an unbroken row of days in it, and the ids of those
        that could not be asked.
    """
    from segkit.views.person import Spell  # noqa: PLC0415  views are slow to import

    hidden, own = kept_back(), workspace.tables.of_user(user_no)
    asked: dict[str, Membership] = {}
    silent = []
    for entry in workspace.segments.entries:
        if entry.definition is None or entry.segment in hidden:
            continue
        try:
            asked[entry.segment] = _ask(workspace, entry, clock, own=own)
        except SegkitError:
            silent.append(entry.segment)
    found = _numbers(own, {name: m.members.mutate(n=1) for name, m in asked.items()}, user_no)
    rows = _rows_of_days(own, {name: asked[name] for name in found}, user_no, clock)
    titles = {entry.segment: entry.title for entry in workspace.segments.entries}
    spells = [
        Spell(
            segment=name,
            title=titles[name],
            since=rows[name][-1] if rows.get(name) else None,
            is_exact=0 < len(rows.get(name, ())) <= LOOKED_BACK,
            why=_why(workspace, asked[name], user_no, reader),
        )
        for name in found
    ]
    spells.sort(key=lambda spell: (-(spell.since or date.min).toordinal(), spell.segment))
    return spells, silent


def _ask(workspace: "Workspace", entry: "Entry", clock: Clock, *, own: "Tables") -> Membership:
    """Evaluate a segment over the rows of everyone, or of one user where these are enough."""
    from segkit.segments.alone import stands_alone  # noqa: PLC0415  not for other readers

    plain, library = undated(workspace.find(entry.segment)), workspace.segments.definitions
    return evaluate(
        plain,
        tables=own if stands_alone(plain, library) else workspace.tables,
        clock=clock_of(plain, clock),
        library=library,
        lists=workspace.lists,
        models=workspace.models,
    )


def _why(
    workspace: "Workspace", membership: Membership, user_no: int, reader: Reader
) -> Verdict | None:
    """Give what the definition asks with its answers, as far as the reader may know."""
    least = max(workspace.config.privacy.min_size, membership.definition.policy.min_size)
    try:
        root = explain(membership, user_no)
    except SegkitError:
        return None
    return tell_verdict(root, reader, min_size=least, kept_back=kept_back())


def _numbers(own: "Tables", tables: Mapping[str, Table], user_no: int) -> dict[str, int]:
    """Give the number `n` that stands for a user in each of some tables where the user is."""
    if not tables:
        return {}
    names = list(tables)
    parts = [
        table.filter(table.user_no == user_no).select(
            place=ibis.literal(place, "int64"), n=table.n.cast("int64")
        )
        for place, table in enumerate(tables.values())
    ]
    found = dict(own.engine.rows(reduce(lambda left, right: left.union(right), parts)))
    return {name: found[place] for place, name in enumerate(names) if place in found}


def _rows_of_days(
    own: "Tables", asked: Mapping[str, Membership], user_no: int, clock: Clock
) -> dict[str, list[date]]:
    """Give the days of the unbroken row at whose ends the user was in each segment, newest first.

    What cannot be asked at the ends of days is left out.
    """
    from segkit.segments.over_time import evaluate_at_all  # noqa: PLC0415  not for other readers

    days = [clock.day - timedelta(days=back) for back in range(LOOKED_BACK, -1, -1)]
    clocks = [Clock.at_end_of(day, clock.zone) for day in days]
    timelines = {}
    for name, membership in asked.items():
        try:
            members = evaluate_at_all(membership, clocks).members
        except SegkitError:
            continue
        timelines[name] = members.select("user_no", n="bits")
    found = _numbers(own, timelines, user_no)
    return {name: _unbroken(found.get(name, 0), days) for name in timelines}


def _unbroken(bits: int, days: Sequence[date]) -> list[date]:
    row = []
    for place in range(len(days) - 1, -1, -1):
        if not bits >> place & 1:
            break
        row.append(days[place])
    return row
