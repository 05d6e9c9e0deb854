"""Count who is new, and what the first visit says of users."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import ibis

from segkit.measures.activity import SEVEN_DAYS
from segkit.measures.facts import NEVER, UNKNOWN, Breakdown
from segkit.measures.sides import Shape, Sides, build_breakdown

NEW, BEFORE = "new in the window", "came before"
FIRSTS = (
    ("first_channel", "First channel"),
    ("first_device_type", "First device"),
    ("first_country", "First country"),
)


@dataclass(frozen=True, kw_only=True)
class Origins:
    """Labels that every user has, and how many of the segment are new in the 7 days before T."""

    labels: tuple[Breakdown, ...]
    n_new_7d: int


def measure_origins(sides: Sides) -> Origins:
    """Give new or returning, first channel, first device and first country of segment and baseline.

    Notes
    -----
    New: the first event ever, in the whole data, falls in the span. Each label is a partition of
    the users of a side.
    """
    firsts = [name for name, _ in FIRSTS]
    users = sides.joined(sides.tables.users.select("user_no", "first_day", *firsts))
    last_7d = sides.end_on - timedelta(days=SEVEN_DAYS - 1)
    users = users.mutate(
        came=ibis.cases(
            (users.first_day.isnull(), NEVER),
            (users.first_day >= sides.start_on, NEW),
            else_=BEFORE,
        ),
        is_new_7d=users.first_day.notnull() & (users.first_day >= last_7d),
    )
    keys = ["came", *firsts, "is_new_7d"]
    rows = sides.count_by(users, *keys)
    totals = sides.n_segment, sides.n_baseline
    shapes = [("came", "New or returning"), *FIRSTS]
    labels = tuple(
        build_breakdown(
            Shape(name=name, title=title, of="users", is_partition=True),
            _sum_by(rows, place),
            totals=totals,
            min_size=0 if name == "came" else sides.min_size,
        )
        for place, (name, title) in enumerate(shapes)
    )
    return Origins(labels=labels, n_new_7d=sum(int(r[-2]) for r in rows if r[-3]))


def _sum_by(rows: Sequence[tuple[Any, ...]], place: int) -> dict[str, tuple[int, int]]:
    summed: dict[str, tuple[int, int]] = {}
    for row in rows:
        key = UNKNOWN if row[place] is None else str(row[place])
        n, m = summed.get(key, (0, 0))
        summed[key] = (n + int(row[-2]), m + int(row[-1]))
    return summed
