"""Look at a published document as somebody who wants to find out about few people.

Knows nothing of how numbers are withheld: it walks every number of the document, and works out of
the shown ones what they say of those that are not.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

NOT_COUNTS = {
    "days": "the length of the window",
    "min_size": "the smallest group shown",
    "n_more": "how many values are not listed, not how many people",
    "weekday": "a place in the week",
    "hour": "a place in the day",
    "step": "a place in the funnel",
    "k": "a number of periods",
    "share": "a ratio of two numbers that stand beside it",
    "baseline_share": "a ratio of two numbers that stand beside it",
    "value": "a ratio of two numbers that stand beside it",
    "baseline": "a ratio of two numbers that stand beside it",
    "lift": "a ratio of two ratios",
    "lift_low": "a bound of a ratio",
    "lift_high": "a bound of a ratio",
    **dict.fromkeys(
        ("buyer_share", "others_share", "at_least", "at_most", "least_share"), "a ratio, or a bound"
    ),
    **dict.fromkeys(("mean", "others_mean", "inside", "outside", "difference"), "a mean"),
    **dict.fromkeys(("low", "high"), "a bound of a ratio or of a mean"),
    **dict.fromkeys(("jaccard", "silhouette", "silhouette_noise"), "a property of a whole model"),
    **dict.fromkeys(("x", "y", "var_x", "var_y", "cov_xy"), "a place on a map"),
    "level": "a share of false claims",
    "n_tested": "how many comparisons, not how many people",
    "n_beside": "how many comparisons, not how many people",
    "n_cohorts": "how many cohorts, not how many people",
    "n_withheld": "how many comparisons, not how many people",
    "n_found": "how many comparisons, not how many people",
    "strength": "a ratio of two effects",
    "median": "an amount a user",
    "baseline_median": "an amount a user",
    **{
        f"{name}{end}": "a difference of ratios or of amounts a user"
        for name in ("difference", "effect", "median")
        for end in ("", "_low", "_high")
    },
    "months": "how far a model looks ahead",
    "monthly_discount": "what money loses in value",
    "away_days": "an edge of a score, in days",
    "length": "the length of a test, in days",
    "predicted": "what a model expects of all buyers",
    **dict.fromkeys(
        ("r", "alpha", "a", "b", "p", "q", "v"), "a parameter of a model of all buyers, or a chance"
    ),
    "correlation": "a property of all buyers",
    **dict.fromkeys(
        ("revenue", "baseline_revenue", "total_revenue", "total_baseline_revenue"), "an amount"
    ),
}
APART = frozenset({"top_users", "typical", "side", "stability"})
"""Single users, who are shown by clearance, and lists of properties of a whole model."""
AMOUNTS = frozenset({"money", "duration"})
"""Kinds of measures whose numerator is an amount, not a count."""
Sides = tuple[tuple[str, str], tuple[str, str]]
SIDES: Sides = (("n", "denominator"), ("n_baseline", "baseline_denominator"))


def numbers(document: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, float]]:
    """Give the place and value of every number that may be a count, single users apart."""
    if isinstance(document, dict):
        is_amount = document.get("kind") in AMOUNTS or document.get("format") == "money"
        for key, value in document.items():
            is_ratio = key in NOT_COUNTS and not isinstance(value, dict | list)
            if is_ratio or key in APART or (is_amount and key.endswith("numerator")):
                continue
            yield from numbers(value, (*path, key))
    elif isinstance(document, list):
        for place, value in enumerate(document):
            yield from numbers(value, (*path, str(place)))
    elif isinstance(document, int | float) and not isinstance(document, bool):
        yield ".".join(path), document


def small_numbers(document: Any, min_size: int) -> list[tuple[str, float]]:
    """Give every count of a document that stands for some, but too few."""
    return [(place, n) for place, n in numbers(document) if 0 < n < min_size]


def breakdowns(document: dict[str, Any]) -> list[dict[str, Any]]:
    """Give all breakdowns of a document."""
    value = document.get("value")
    cells = [value["cells"]] if value else []
    return [
        *document["behaviour"]["breakdowns"].values(),
        *cells,
        *document["attributes"]["breakdowns"],
    ]


@dataclass(frozen=True, kw_only=True)
class Left:
    """What the shown cells of a partition leave: how much, over how many cells at least, at most.

    `n_hidden` are withheld rows, each of 1 or more, since a 0 is shown; `n_unlisted` are values
    without a row.
    """

    summed: int
    n_hidden: int
    n_unlisted: int

    def gives_away(self, min_size: int) -> bool:
        """Say whether a withheld cell, or a group of too few, can be worked out."""
        if not self.summed:
            return self.n_hidden > 0
        cells = self.n_hidden + self.n_unlisted
        is_found = self.n_hidden > 0 and (cells <= 1 or self.summed <= self.n_hidden)
        return is_found or self.summed < min_size


def left_of(rows: Sequence[int | None], total: int, *, n_unlisted: int) -> Left:
    """Give what is left of a total beside the shown rows."""
    shown = [n for n in rows if n is not None]
    return Left(summed=total - sum(shown), n_hidden=len(rows) - len(shown), n_unlisted=n_unlisted)


def given_away(document: dict[str, Any], min_size: int) -> list[str]:
    """Name everything withheld, or too small, that the document's numbers give away."""
    faults = [
        *_partitions(document, min_size),
        *_parts(document, min_size),
        *_hours(document, min_size),
        *_orders(document, min_size),
        *_groups(document, min_size),
        *_new(document, min_size),
        *_trend(document, min_size),
        *_findings(document, min_size),
    ]
    return sorted(set(faults))


def _partitions(document: dict[str, Any], min_size: int) -> Iterator[str]:
    for b in breakdowns(document):
        for cell, total in SIDES if b["is_partition"] else ():
            if b[total] is not None:
                rows = [row[cell] for row in b["rows"]]
                if left_of(rows, b[total], n_unlisted=b["n_more"]).gives_away(min_size):
                    yield f"partition {b['name']}: {cell}"
            elif any(row[cell] is not None for row in b["rows"]):
                yield f"{b['name']}: {cell} without its denominator"


def _parts(document: dict[str, Any], min_size: int) -> Iterator[str]:
    """Look at numbers of which one is a part of the other: the difference is a group too."""
    overview, head = document["overview"], document
    pairs = [
        ("active of all", overview["n_active_7d"], overview["n_users"]),
        ("new of all", overview["n_new_7d"], overview["n_users"]),
        ("new of active", overview["n_new_7d"], overview["n_active_7d"]),
        ("users of universe", overview["n_users"], overview["n_universe"]),
    ]
    for b in breakdowns(document):
        for cell, total in SIDES:
            if not b["is_partition"]:
                pairs += [(f"{b['name']} {cell}", row[cell], b[total]) for row in b["rows"]]
    funnel = document["behaviour"]["funnel"]
    for cell, total in (("n_users", overview["n_users"]), ("n_baseline", head["n_baseline"])):
        shown = [total, *(step[cell] for step in funnel if step[cell] is not None)]
        pairs += [(f"funnel {cell}", late, early) for early, late in pairwise(shown)]
    pairs += [
        (f"retention {c['cohort']} {c['k']}", c["n_retained"], c["n_eligible"])
        for c in document["behaviour"]["retention"]
    ]
    pairs += _of_measures(document)
    for name, part, whole in pairs:
        if part is not None and whole is not None and 0 < abs(whole - part) < min_size:
            yield f"{name}: {part} of {whole}"


def _of_measures(document: dict[str, Any]) -> list[tuple[str, float | None, float | None]]:
    measures = document["behaviour"]["measures"]
    parts = ("active_share", "engagement_rate", "bounce_rate", "single_event_rate", "buyers_share")
    return [
        (f"{name} {side}", measures[name][f"{side}numerator"], measures[name][f"{side}denominator"])
        for name in parts
        if name in measures
        for side in ("", "baseline_")
    ]


def _hours(document: dict[str, Any], min_size: int) -> Iterator[str]:
    visits = document["behaviour"]["measures"].get("visits_per_user", {}).get("numerator")
    rows = [cell["n_visits"] for cell in document["behaviour"]["hours"]]
    if rows and visits and left_of(rows, visits, n_unlisted=0).gives_away(min_size):
        yield "hours"


def _orders(document: dict[str, Any], min_size: int) -> Iterator[str]:
    """Look for orders beyond each buyer's first that are so few that they are one person's."""
    measure = document["behaviour"]["measures"].get("orders_per_buyer", {})
    rows = document["behaviour"]["breakdowns"].get("purchases", {}).get("rows", [])
    for side, cell in (("", "n"), ("baseline_", "n_baseline")):
        orders, buyers = (measure.get(f"{side}{part}") for part in ("numerator", "denominator"))
        if orders is not None and buyers is not None:
            if 0 < orders - buyers < min_size:
                yield f"orders: {orders} of {buyers} buyers"
            if any(row[cell] is None for row in rows) and len(rows) > 2:
                yield f"orders: a withheld row of {cell} beside the sum of orders"


def _groups(document: dict[str, Any], min_size: int) -> Iterator[str]:
    """Look at segment, baseline and universe: what two of them leave over of the third."""
    own, universe = document["overview"]["n_users"], document["overview"]["n_universe"]
    universes = {universe, document["trend"][-1]["n_universe"] if document["trend"] else None}
    for whole in universes - {None}:
        if own and 0 < abs(whole - own - document["n_baseline"]) < min_size:
            yield "segment, baseline and universe"
        if own and 0 < whole - own < min_size:
            yield "universe without segment"


def _new(document: dict[str, Any], min_size: int) -> Iterator[str]:
    """Look at the same new users counted thrice: in the window, by week, and in 7 days."""
    came = next((b for b in document["attributes"]["breakdowns"] if b["name"] == "came"), None)
    rows = came["rows"] if came else []
    new = next((row["n"] for row in rows if row["value"] == "new in the window"), 0)
    sizes = {c["cohort"]: c["n_eligible"] for c in document["behaviour"]["retention"]}
    if new is not None and sizes:
        left = left_of(list(sizes.values()), new, n_unlisted=1)
        # Cohorts count members then: where some left since, they may hold more than are new now,
        # and what is hidden cannot be reckoned; where nothing is hidden, who left must not be few.
        has_left = left.summed < 0 and (left.n_hidden > 0 or -left.summed >= min_size)
        if left.gives_away(min_size) and not has_left:
            yield f"new users by week: {left}"
    last = document["overview"]["n_new_7d"]
    if last is not None and new is not None and 0 < abs(new - last) < min_size:
        yield f"new users in 7 days {last} and in the window {new}"
    if last is not None and document["days"] == 7 and new is None:
        yield "new users of a window of 7 days"
    as_of_week = [c for c in sizes if _is_last_week(c, document["as_of"])]
    if as_of_week and (sizes[as_of_week[0]] is None) != (last is None):
        yield f"new users in 7 days {last} are the last cohort {sizes[as_of_week[0]]}"


BREAKDOWN_OF = {
    "page": "pages",
    "entry_page": "entry_pages",
    "event": "events",
    "visit channel": "channels",
    "visit source": "sources",
    "visit device_type": "devices",
}


def _findings(document: dict[str, Any], min_size: int) -> Iterator[str]:
    """Look at differences: parts of their wholes, and what is withheld elsewhere."""
    said = document["differences"] or {"findings": [], "by_definition": []}
    hidden = {
        (b["name"], row["value"], cell)
        for b in breakdowns(document)
        for row in b["rows"]
        for cell, _ in SIDES
        if row[cell] is None
    }
    sides = (("n", "numerator", "denominator"),
             ("n_baseline", "baseline_numerator", "baseline_denominator"))  # fmt: skip
    for f in [*said["findings"], *said["by_definition"]]:
        if f["kind"] in {"amount", "whole_label"}:
            continue
        name = BREAKDOWN_OF.get(f["group"], f["group"].removeprefix("label "))
        for cell, part, whole in sides:
            if 0 < f[whole] - f[part] < min_size:
                yield f"finding {f['title']}: {f[part]} of {f[whole]}"
            if (name, f["name"], cell) in hidden:
                yield f"finding {f['title']}: withheld among {name}"


def _is_last_week(cohort: str, as_of: str) -> bool:
    from datetime import date  # noqa: PLC0415

    return (date.fromisoformat(as_of) - date.fromisoformat(cohort)).days == 6


def _trend(document: dict[str, Any], min_size: int) -> Iterator[str]:
    before: dict[str, Any] | None = None
    for row in document["trend"]:
        size, entered, left = row["n_users"], row["n_entered"], row["n_left"]
        if (entered is None) != (left is None):
            yield f"trend {row['period']}: one move beside the sizes"
        if size is not None and entered is not None and 0 < size - entered < min_size:
            yield f"trend {row['period']}: few stayed"
        if before and entered is not None and (size is None) != (before["n_users"] is None):
            yield f"trend {row['period']}: a withheld size and its moves"
        for name in ("n_active", "n_users"):
            whole = size if name == "n_active" else row["n_universe"]
            if None not in {row[name], whole} and 0 < whole - row[name] < min_size:
                yield f"trend {row['period']}: rest of {name}"
        before = row


class Tables(HTMLParser):
    """Read the tables of a page: `tables` holds a list of rows of cell texts each.

    Cells of headings have the kind of their column in `kinds`.
    """

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tables: list[list[list[str]]] = []
        self.kinds: list[list[str]] = []
        self._open = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        match tag:
            case "table":
                self.tables.append([])
                self.kinds.append([])
            case "tr" if self.tables:
                self.tables[-1].append([])
            case "td" | "th" if self.tables and self.tables[-1]:
                self._open = True
                self.tables[-1][-1].append("")
                if "data-kind" in dict(attrs):
                    self.kinds[-1].append(dict(attrs)["data-kind"] or "")

    def handle_endtag(self, tag: str) -> None:
        if tag in {"td", "th"}:
            self._open = False

    def handle_data(self, data: str) -> None:
        if self._open:
            self.tables[-1][-1][-1] += data
