"""Count what is known about users: every label with its values, and what the first visit tells.

Labels are counted in the engine to one row a (label, value); only values that may be shown leave
it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import ibis
from ibis import Table

from segkit.config import Role
from segkit.measures.bins import band_months, band_numbers, find_edges, name_bands, order_bands
from segkit.measures.facts import UNKNOWN, Breakdown
from segkit.measures.latest import value_at_last
from segkit.measures.roles import may_see, role_of
from segkit.measures.sides import Shape, Sides, build_breakdown
from segkit.schema import INSTANT

KINDS_IN_ORDER = frozenset({"number", "date"})
MOST_TEXTS = 50
MOST_FETCHED = 20_000
"""Numbers of more values are banded in the engine."""
KNOWN = "(known)"
_UNSET = "\u0001"
_OLDEST = datetime(1, 1, 2, tzinfo=UTC)
_MONTH = 7
MAIL_LIKE = "%_@_%.%"
MOST_INITIALS = 3
VOWELS = frozenset("aeiouy")
Pair = tuple[int, int]


@dataclass(frozen=True, kw_only=True)
class Summary:
    """One label: its values, users of both sides with one, values that look like an e-mail."""

    n_values: int = 0
    known: Pair = (0, 0)
    n_mails: int = 0


def latest_values(sides: Sides, names: Sequence[str], *, of: Table) -> Table:
    """Give the values at T of some labels of the users in `of`: its columns, `name` and `value`.

    Notes
    -----
    The value at T is the one with the latest `valid_from` before T; a value without `valid_from`
    counts as the oldest. Labels without history have one valid row a user and need no comparison.
    Users without a value have no row.
    """
    known = sides.tables.catalogue.attributes
    past = sorted(n for n in names if known[n].has_history)
    plain = sorted(set(names) - set(past))
    parts = [_only_values(sides, plain, of)] if plain or not past else []
    if past:
        parts.append(_last_values(sides, past, of))
    return ibis.union(*parts) if parts[1:] else parts[0]


def _only_values(sides: Sides, names: Sequence[str], of: Table) -> Table:
    labels = sides.tables.attributes
    own = labels.filter(labels.is_valid & labels.name.isin(names) & labels["value"].notnull())
    return own.select("user_no", "name", "value").inner_join(of, "user_no")


def _last_values(sides: Sides, names: Sequence[str], of: Table) -> Table:
    labels = sides.tables.attributes
    others = [c for c in of.columns if c != "user_no"]
    begun = labels.valid_from < ibis.literal(sides.clock.at, INSTANT)
    is_begun = labels.valid_from.isnull() | begun
    read = labels.filter(labels.is_valid & labels.name.isin(names) & is_begun)
    read = read.inner_join(of, "user_no")
    valid_from = read.valid_from.fill_null(ibis.literal(_OLDEST, INSTANT))
    latest = read.group_by("user_no", "name", *others).agg(
        value=value_at_last(read["value"].fill_null(_UNSET), valid_from)
    )
    return latest.filter(latest["value"] != _UNSET).select("user_no", "name", "value", *others)


def measure_labels(
    sides: Sides,
    *,
    columns: Mapping[str, Role],
    clearance: Role,
    counted: Table | None = None,
) -> tuple[Breakdown, ...]:
    """Give one breakdown a label, by name, all over the users of segment and baseline.

    Parameters
    ----------
    counted
        The users of both sides by label and value, where they are counted already (`side_counts`).

    Returns
    -------
    tuple
        Values by share, or in order for numbers, dates and texts that are bands of numbers (`65+`);
        users without a value are the level `(unknown)`. Only coverage, `(known)` and `(unknown)`,
        for personal labels, for those that the reader may not see, for those whose values look like
        e-mail addresses, and for texts of more than 50 values that more than every second user has
        alone.
    """
    names = sorted(sides.tables.catalogue.attributes)
    if not names:
        return ()
    open_names = [n for n in names if is_open(n, columns, clearance)]
    read = _count_values(sides, names, open_names) if counted is None else counted
    counts = sides.engine.keep(read, "labels")
    summaries = _summarise(sides, counts)
    shown = [n for n in open_names if is_shown(sides, n, summaries.get(n), columns)]
    values = _fetch(sides, counts, summaries, shown)
    return tuple(
        build_label(sides, n, summaries.get(n, Summary()), values.get(n) if n in shown else None)
        for n in names
    )


def is_open(name: str, columns: Mapping[str, Role], clearance: Role) -> bool:
    """Say whether the role of a label lets its values be counted one by one."""
    role = role_of(name, columns)
    return role != "personal" and may_see(role, clearance)


def _count_values(sides: Sides, names: Sequence[str], open_names: Sequence[str]) -> Table:
    """Give one row a label and value with the users of both sides who have it.

    Dates are counted by month, booleans in lower case, labels that are not open as known.
    """
    ways = ways_to_count(sides, names, open_names)
    parts = [_count_one_way(sides, way, listed) for way, listed in ways.items()]
    return ibis.union(*parts) if parts[1:] else parts[0]


def ways_to_count(
    sides: Sides, names: Sequence[str], open_names: Sequence[str]
) -> dict[str, list[str]]:
    """Give the labels by the way in which their values are counted (`spoken_values`)."""
    kinds = sides.tables.catalogue.attributes
    ways: dict[str, list[str]] = {}
    for name in names:
        kind = kinds[name].kind if kinds[name].kind in {"date", "boolean"} else "as it is"
        ways.setdefault(kind if name in open_names else "closed", []).append(name)
    return ways


def _count_one_way(sides: Sides, way: str, names: Sequence[str]) -> Table:
    users = spoken_values(latest_values(sides, names, of=sides.groups), way)
    return users.group_by("name", "value").agg(
        n=users.in_segment.sum(), n_baseline=(~users.in_segment).sum()
    )


def spoken_values(users: Table, way: str) -> Table:
    """Give labels of users with their values as they are counted.

    `way` is `date` (by month), `boolean` (lower case), `closed` (known) or another word.
    """
    value = {
        "date": users["value"].left(_MONTH),
        "boolean": users["value"].lower(),
        "closed": ibis.literal(KNOWN),
    }.get(way, users["value"])
    return users.mutate(value=value)


def _summarise(sides: Sides, counts: Table) -> dict[str, Summary]:
    table = counts.group_by("name").agg(
        n_values=counts.count(),
        n=counts.n.sum(),
        n_baseline=counts.n_baseline.sum(),
        n_mails=counts["value"].like(MAIL_LIKE).sum(),
    )
    return {
        str(name): Summary(n_values=values, known=(int(n), int(m)), n_mails=int(mails))
        for name, values, n, m, mails in sides.engine.rows(table)
    }


def is_shown(sides: Sides, name: str, summary: Summary | None, columns: Mapping[str, Role]) -> bool:
    """Say whether the values of an open label are shown: no e-mails, no texts of one user each."""
    if summary is None or (summary.n_mails and name not in columns):
        return False
    is_text = sides.tables.catalogue.attributes[name].kind == "text"
    is_scattered = summary.n_values > MOST_TEXTS and summary.n_values > sum(summary.known) / 2
    return not (is_text and is_scattered)


def _fetch(
    sides: Sides, counts: Table, summaries: Mapping[str, Summary], names: Sequence[str]
) -> dict[str, dict[str, Pair]]:
    """Give the counts by value of the labels shown; long numbers are banded in the engine."""
    kinds = sides.tables.catalogue.attributes
    numbers = [n for n in names if kinds[n].kind == "number"]
    dates = [n for n in names if kinds[n].kind == "date"]
    long = [n for n in numbers if summaries[n].n_values > MOST_FETCHED]
    whole = [n for n in numbers if n not in long]
    rest = [n for n in names if n not in numbers]
    many = counts.n + counts.n_baseline >= sides.min_size
    wanted = counts.name.isin([*whole, *dates]) | (counts.name.isin(rest) & many)
    values: dict[str, dict[str, Pair]] = {n: {} for n in names}
    for name, value, n, m in sides.engine.rows(counts.filter(wanted)):
        values[str(name)][str(value)] = (int(n), int(m))
    banded = {n: band_values(n, kinds[n].kind, values[n]) for n in names if n not in long}
    return banded | {name: _band_long(sides, counts, name) for name in long}


def band_values(name: str, kind: str, values: dict[str, Pair]) -> dict[str, Pair]:
    """Give the users by value as they are shown: numbers and dates in bands, bands in order."""
    if kind == "number":
        return band_numbers(name, values)
    if kind == "date":
        return band_months(values)
    if ordered := order_bands(list(values)):
        return {value: values[value] for value in ordered}
    return values


def _band_long(sides: Sides, counts: Table, name: str) -> dict[str, Pair]:
    """Give the bands of a number with very many values, counted in the engine."""
    own = counts.filter(counts.name == name)
    own = own.select(number=own["value"].try_cast("float64"), n="n", n_baseline="n_baseline")
    cuts = [own.number.quantile(q / 20).name(f"q{q}") for q in range(1, 20)]
    points = [float(v) for v in sides.engine.rows(own.agg(cuts))[0]]
    edges = find_edges([(v, 1) for v in points])
    band = ibis.cases(*[(own.number < e, i) for i, e in enumerate(edges)], else_=len(edges))
    table = own.group_by(band=band).agg(n=own.n.sum(), n_baseline=own.n_baseline.sum())
    names = name_bands(edges)
    found = {names[int(i)]: (int(n), int(m)) for i, n, m in sides.engine.rows(table)}
    return {band: found.get(band, (0, 0)) for band in names}


def build_label(
    sides: Sides, name: str, summary: Summary, values: dict[str, Pair] | None
) -> Breakdown:
    """Give the breakdown of one label from the users of both sides by value.

    Without `values` it tells only for how many users the label is known.
    """
    kind = sides.tables.catalogue.attributes[name].kind
    unknown = sides.n_segment - summary.known[0], sides.n_baseline - summary.known[1]
    counts = {KNOWN: summary.known} if values is None else values
    if sum(unknown):
        counts = counts | {UNKNOWN: unknown}
    label = build_breakdown(
        Shape(name=name, title=name_label(name), of="users", is_partition=True),
        counts,
        totals=(sides.n_segment, sides.n_baseline),
        min_size=sides.min_size,
        keep_order=values is not None and (kind in KINDS_IN_ORDER or _are_bands(values)),
    )
    if values is None or kind in KINDS_IN_ORDER:
        return label
    n_values = summary.n_values + (1 if sum(unknown) else 0)
    return replace(label, n_more=n_values - len(label.rows))


def _are_bands(values: Mapping[str, Pair]) -> bool:
    return order_bands(list(values)) is not None


def name_label(name: str) -> str:
    """Give a label's name as a heading; short words without a vowel are taken for initials.

    >>> name_label("heard_about_us"), name_label("nps"), name_label("age"), name_label("has_CRM")
    ('Heard about us', 'NPS', 'Age', 'Has CRM')
    """
    words = [
        word.upper() if len(word) <= MOST_INITIALS and not VOWELS & set(word.lower()) else word
        for word in name.replace("_", " ").split()
    ]
    text = " ".join(words)
    return text[:1].upper() + text[1:]
