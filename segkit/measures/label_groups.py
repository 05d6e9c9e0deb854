"""Count every label in several groups of users at once, each set against all others together."""

from collections.abc import Mapping
from dataclasses import replace

import ibis
from ibis import Table

from segkit.config import Role
from segkit.measures.facts import Breakdown
from segkit.measures.labels import (
    MAIL_LIKE,
    MOST_FETCHED,
    Pair,
    Summary,
    band_values,
    build_label,
    is_open,
    is_shown,
    latest_values,
    spoken_values,
    ways_to_count,
)
from segkit.measures.sides import Sides


def measure_label_groups(
    sides: Sides,
    places: Table,
    sizes: tuple[int, ...],
    *,
    columns: Mapping[str, Role],
    clearance: Role,
) -> tuple[tuple[Breakdown, ...], ...]:
    """Give for each group what `measure_labels` gives for it and a baseline of all other groups.

    Parameters
    ----------
    sides
        Tables, clock and smallest group; its two sides are not looked at.
    places
        Who is in which group: one row a user, `user_no` and `place` from 0.
    sizes
        The users of each group.

    Returns
    -------
    tuple
        A tuple of breakdowns a group; of labels whose values may not be shown, whose numbers have
        over 20,000 values, or that nobody has, none.
    """
    catalogue = sides.tables.catalogue.attributes
    open_names = [n for n in sorted(catalogue) if is_open(n, columns, clearance)]
    if not open_names:
        return tuple(() for _ in sizes)
    counts = sides.engine.keep(_count(sides, places, open_names, len(sizes)), "label_groups")
    listed = [f"n{i}" for i in range(len(sizes))]
    summaries = _summarise(sides, counts, listed)
    shown = [
        name
        for name in open_names
        if name in summaries
        and is_shown(sides, name, summaries[name][0], columns)
        and summaries[name][0].n_values <= MOST_FETCHED
    ]
    total = ibis.coalesce(sum(counts[n] for n in listed), 0)
    numeric = [n for n in shown if catalogue[n].kind in {"number", "date"}]
    is_wanted = counts.name.isin(numeric) | (counts.name.isin(shown) & (total >= sides.min_size))
    values: dict[str, dict[str, tuple[int, ...]]] = {name: {} for name in shown}
    for name, value, *ns in sides.engine.rows(counts.filter(is_wanted)):
        values[str(name)][str(value)] = tuple(map(int, ns))
    return tuple(
        tuple(_build(sides, name, place, sizes, values[name], summaries[name]) for name in shown)
        for place in range(len(sizes))
    )


def _count(sides: Sides, places: Table, names: list[str], n_groups: int) -> Table:
    parts = []
    for way, listed in ways_to_count(sides, names, names).items():
        users = spoken_values(latest_values(sides, listed, of=places), way)
        counts = {f"n{i}": (users.place == i).sum() for i in range(n_groups)}
        parts.append(users.group_by("name", "value").agg(**counts))
    return ibis.union(*parts) if parts[1:] else parts[0]


def _summarise(
    sides: Sides, counts: Table, listed: list[str]
) -> dict[str, tuple[Summary, tuple[int, ...]]]:
    """Give by label its summary over all groups, and the users of each who have a value."""
    table = counts.group_by("name").agg(
        n_values=counts.count(),
        n_mails=counts["value"].like(MAIL_LIKE).sum(),
        **{name: counts[name].sum() for name in listed},
    )
    found = {}
    for name, n_values, n_mails, *ns in sides.engine.rows(table):
        known = tuple(map(int, ns))
        summary = Summary(n_values=n_values, known=(sum(known), 0), n_mails=int(n_mails))
        found[str(name)] = summary, known
    return found


def _build(  # noqa: PLR0917  one label of one group
    sides: Sides,
    name: str,
    place: int,
    sizes: tuple[int, ...],
    values: Mapping[str, tuple[int, ...]],
    summary: tuple[Summary, tuple[int, ...]],
) -> Breakdown:
    pairs: dict[str, Pair] = {v: (ns[place], sum(ns) - ns[place]) for v, ns in values.items()}
    known = summary[1][place], sum(summary[1]) - summary[1][place]
    kind = sides.tables.catalogue.attributes[name].kind
    own = replace(sides, n_segment=sizes[place], n_baseline=sum(sizes) - sizes[place])
    told = replace(summary[0], known=known)
    return build_label(own, name, told, band_values(name, kind, pairs))
