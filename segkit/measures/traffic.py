"""Count visits: how many, how long, how engaged, from where, on which page, at which hour.

A visit belongs to the day on which it began and counts whole, up to T.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import ibis
from ibis import Table
from ibis.expr.types import BooleanColumn

from segkit.measures.facts import NO_PAGE, UNKNOWN, Breakdown, HourCell
from segkit.measures.latest import value_at_last
from segkit.measures.sides import Shape, Sides, build_breakdown
from segkit.schema import INSTANT, PAGE_EVENTS

ENGAGED_S = 10
ENGAGED_VIEWS = 2
COUNTED = (
    "started_at", "ended_at", "weekday", "hour", "n_events", "n_page_views", "engaged_s", "value",
)  # fmt: skip
READ = (
    "user_no", "visit_no", "day", *COUNTED, "landing_page", "exit_page", "source", "channel",
    "device_type", "browser", "country",
)  # fmt: skip
SHAPES = {
    "landing_page": Shape(name="entry_pages", title="Entry pages", of="visits", is_partition=True),
    "exit_page": Shape(name="exit_pages", title="Exit pages", of="visits", is_partition=True),
    "channel": Shape(name="channels", title="Channels", of="visits", is_partition=True),
    "source": Shape(name="sources", title="Sources", of="visits", is_partition=True),
    "device_type": Shape(name="devices", title="Devices", of="visits", is_partition=True),
    "browser": Shape(name="browsers", title="Browsers", of="visits", is_partition=True),
    "country": Shape(name="countries", title="Countries", of="visits", is_partition=True),
}


@dataclass(frozen=True, kw_only=True)
class VisitTotals:
    """Sums of one side over the visits begun in the window.

    All visits, those engaged, those of one event, and seconds from first to last event.
    """

    n_visits: int = 0
    n_engaged: int = 0
    n_single: int = 0
    engaged_s: int = 0


def read_visits(sides: Sides) -> Table:
    """Give the visits begun before T, each as far as it was known at T.

    Only a visit that was under way at T, and went on after it, differs from the stored one: its
    end, counts, value and exit page are those of its events before T.
    """
    visits = sides.tables.visits.select(*READ)
    begun = visits.filter(visits.day <= sides.end_on)
    at = ibis.literal(sides.clock.at, INSTANT)
    last_at = sides.tables.catalogue.last_at
    if last_at is not None and last_at < sides.clock.at:
        return begun
    crossing = begun.filter(begun.ended_at >= at)
    if not sides.engine.scalar(crossing.count()):
        return begun
    crossing = sides.engine.keep(crossing, "crossing")
    events = sides.tables.events
    early = events.filter(events.time < at).semi_join(crossing, ["user_no", "visit_no"])
    is_view = early.event.isin(PAGE_EVENTS) & early.page_path.notnull()
    known = early.group_by("user_no", "visit_no").agg(
        ended_at=early.time.max(),
        n_events=early.count(),
        n_page_views=early.event.isin(PAGE_EVENTS).sum(),
        value=early["value"].sum(),
        exit_page=value_at_last(early.page_path, is_view.ifelse(early.time, None)),
    )
    kept = [c for c in visits.columns if c not in known.columns or c in {"user_no", "visit_no"}]
    cut = crossing.select(*kept).inner_join(known, ["user_no", "visit_no"])
    cut = cut.mutate(
        engaged_s=cut.ended_at.delta(cut.started_at, unit="microsecond") // 1_000_000,
        landing_page=cut.exit_page.isnull().ifelse(None, cut.landing_page),
    )
    cut = cut.select(*visits.columns).cast(dict(visits.schema().items()))
    cut = sides.engine.keep(cut, "cut_visits")
    whole = begun.filter(begun.ended_at < at)
    return ibis.union(whole, cut)


def _is_busy(visits: Table) -> BooleanColumn:
    """Say whether a visit is engaged for what was done in it."""
    return (visits.n_page_views >= ENGAGED_VIEWS) | (visits["value"].fill_null(0) > 0)


def _is_longer(visits: Table) -> BooleanColumn:
    """Say whether a visit lasts longer than 10 s.

    `engaged_s` is whole seconds; instants are compared where these say too little, being slow.
    """
    longer = visits.ended_at > visits.started_at + ibis.interval(seconds=ENGAGED_S)
    return (visits.engaged_s == ENGAGED_S).ifelse(longer, visits.engaged_s > ENGAGED_S)


def measure_visits(
    sides: Sides, visits: Table
) -> tuple[VisitTotals, VisitTotals, tuple[HourCell, ...]]:
    """Give the sums of segment and baseline, and the segment's visits in all 168 hours of a week.

    One pass: the sums are added up from the cells.

    Notes
    -----
    Engaged: lasts longer than 10 s, or has at least 2 page views, or a key event; here a key event
    is one with an amount. Source: support.google.com/analytics/answer/12798876.
    """
    inside = sides.inside(visits.select("user_no", "day", *COUNTED))
    table = inside.group_by("in_segment", "weekday", "hour").agg(
        n_visits=inside.count(),
        n_engaged=_is_busy(inside).ifelse(True, _is_longer(inside)).sum(),  # noqa: FBT003  Ibis
        n_single=(inside.n_events == 1).sum(),
        engaged_s=inside.engaged_s.sum(),
    )
    rows = sides.engine.rows(table)
    totals = [
        VisitTotals(
            **{
                name: sum(int(row[3 + i]) for row in rows if row[0] is side)
                for i, name in enumerate(("n_visits", "n_engaged", "n_single", "engaged_s"))
            }
        )
        for side in (True, False)
    ]
    cells = {(row[1], row[2]): int(row[3]) for row in rows if row[0]}
    grid = [
        HourCell(weekday=weekday, hour=hour, n_visits=cells.get((weekday, hour), 0))
        for weekday in range(1, 8)
        for hour in range(24)
    ]
    return totals[0], totals[1], tuple(grid)


def measure_traffic(
    sides: Sides, visits: Table, *, totals: tuple[int, int]
) -> tuple[Breakdown, ...]:
    """Give the visits by entry and exit page, channel, source, device, browser and country.

    Each is a partition of the side's visits, `totals`; visits of which a column is not known are
    a level of their own.
    """
    inside = sides.inside(visits.select("user_no", "day", *SHAPES))
    own = inside.in_segment.cast("int32")
    counted = inside.select(*SHAPES, n=own, n_baseline=1 - own)
    found = sides.engine.sums(counted, [[key] for key in SHAPES], ["n", "n_baseline"])
    counts = {key: _name_all(key, rows) for key, rows in zip(SHAPES, found, strict=True)}
    return tuple(
        build_breakdown(shape, counts[key], totals=totals, min_size=sides.min_size)
        for key, shape in SHAPES.items()
    )


def _name_all(key: str, rows: Sequence[tuple[Any, ...]]) -> dict[str, tuple[int, int]]:
    """Give (n, n_baseline) by value; what is not known has a name too."""
    unknown = NO_PAGE if key.endswith("_page") else UNKNOWN
    named: dict[str, tuple[int, int]] = {}
    for found, own, other in rows:
        value = unknown if found is None else str(found)
        n, m = named.get(value, (0, 0))
        named[value] = (n + int(own), m + int(other))
    return named
