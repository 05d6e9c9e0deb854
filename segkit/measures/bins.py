"""Cut numbers and dates into bands that a person can read."""

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import floor, isfinite, log10

FEW_VALUES = 12
BANDS = 5
MOST_MONTHS = 18
_NUMBER = r"[$€£]?(\d[\d,]*(?:\.\d+)?)([km]?)"
_BELOW = re.compile(rf"(?:under|below|less than|up to|<=?|≤) ?{_NUMBER}")
_ABOVE = re.compile(
    rf"(?:(?:over|above|more than|>=?|≥) ?{_NUMBER}|{_NUMBER} ?(?:\+|or more|and over))"
)
_FROM_TO = re.compile(rf"{_NUMBER} ?(?:-|–|to|to under) ?{_NUMBER}")
_ALONE = re.compile(_NUMBER)
_SCALES = {"": 1, "k": 1_000, "m": 1_000_000}
Pair = tuple[int, int]
Counts = Mapping[str, Pair]


def is_age(name: str) -> bool:
    """Say whether a label is an age, which is banded by decades.

    >>> is_age("age"), is_age("user_age"), is_age("page")
    (True, True, False)
    """
    return name.lower().replace("-", "_").split("_")[-1] == "age"


def band_numbers(name: str, counts: Counts) -> dict[str, Pair]:
    """Give the counts of a numeric label by band, in ascending order.

    Ages by decades; at most 12 different values as they are; else about five bands of similar
    size, cut at round numbers.

    >>> band_numbers("age", {"19": (1, 2), "25": (3, 0), "21": (1, 1)})
    {'10 to 19': (1, 2), '20 to 29': (4, 1)}
    """
    numbers = sorted((float(value), pair) for value, pair in counts.items())
    numbers = [(value, pair) for value, pair in numbers if isfinite(value)]
    if is_age(name):
        return _sum_by([(_decade(v), pair) for v, pair in numbers])
    if len({v for v, _ in numbers}) <= FEW_VALUES:
        return _sum_by([(write_number(v), pair) for v, pair in numbers])
    edges = find_edges([(v, sum(pair)) for v, pair in numbers])
    names = name_bands(edges)
    empty = dict.fromkeys(names, (0, 0))
    return empty | _sum_by([(names[bisect_right(edges, v)], pair) for v, pair in numbers])


def find_edges(weighted: Sequence[tuple[float, int]], *, bands: int = BANDS) -> list[float]:
    """Give the inner edges of bands of similar size from sorted (value, weight), rounded.

    >>> find_edges([(float(v), 1) for v in range(1000)])
    [200.0, 400.0, 600.0, 800.0]
    """
    total = sum(weight for _, weight in weighted)
    edges: list[float] = []
    seen = 0
    for value, weight in weighted:
        due = floor(seen * bands / total) < floor((seen + weight) * bands / total)
        if due and seen + weight < total:
            edges.append(round_edge(value))
        seen += weight
    return sorted(e for e in set(edges) if weighted[0][0] < e <= weighted[-1][0])


def round_edge(value: float) -> float:
    """Give the value rounded to two significant digits.

    >>> round_edge(1234.5), round_edge(0.0567), round_edge(0)
    (1200.0, 0.057, 0.0)
    """
    if value == 0:
        return 0.0
    return round(value, 1 - floor(log10(abs(value))))


def name_bands(edges: Sequence[float]) -> list[str]:
    """Give the names of the bands between edges; a band holds its lower edge.

    >>> name_bands([10.0, 2500.0])
    ['under 10', '10 to under 2,500', '2,500 or more']
    """
    if not edges:
        return ["any"]
    texts = [write_number(edge) for edge in edges]
    inner = [f"{low} to under {high}" for low, high in pairwise(texts)]
    return [f"under {texts[0]}", *inner, f"{texts[-1]} or more"]


def order_bands(values: Sequence[str]) -> list[str] | None:
    """Give texts that are bands of numbers from the lowest; None unless all are, one at least.

    >>> order_bands(["100-124K", "250K+", "15-24K", "Under 15K"])
    ['Under 15K', '15-24K', '100-124K', '250K+']
    >>> order_bands(["1", "2", "3"]), order_bands(["19-24", "2024-01"])
    (None, None)
    """
    places = {value: _band_place(value) for value in values}
    known = {value: place for value, place in places.items() if place is not None}
    if len(known) < len(places) or all(place[1] == _BARE for place in known.values()):
        return None
    return sorted(known, key=lambda value: (known[value], value))


_OPEN_BELOW, _BARE, _BOUNDED, _OPEN_ABOVE = -1, 0, 1, 2


def _band_place(text: str) -> tuple[float, int] | None:
    """Give where a band begins, and its kind: one that is open below comes before its number."""
    said = text.strip().lower()
    if found := _BELOW.fullmatch(said):
        return _scaled(found[1], found[2]), _OPEN_BELOW
    if found := _ABOVE.fullmatch(said):
        number, scale = (found[1], found[2]) if found[1] else (found[3], found[4])
        return _scaled(number, scale), _OPEN_ABOVE
    if found := _FROM_TO.fullmatch(said):
        low, high = _scaled(found[1], found[2] or found[4]), _scaled(found[3], found[4])
        return (low, _BOUNDED) if low < high else None
    if found := _ALONE.fullmatch(said):
        return _scaled(found[1], found[2]), _BARE
    return None


def _scaled(number: str, scale: str) -> float:
    return float(number.replace(",", "")) * _SCALES[scale]


def write_number(value: float) -> str:
    """Give a number without superfluous digits.

    >>> write_number(2500.0), write_number(0.05)
    ('2,500', '0.05')
    """
    return f"{value:,.0f}" if value == int(value) else f"{value:,.6g}"


def _decade(age: float) -> str:
    start = floor(age / 10) * 10
    return f"{start} to {start + 9}"


def band_months(counts: Counts) -> dict[str, Pair]:
    """Give the counts of a date label (`YYYY-MM`) by month, by year beyond 18.

    >>> band_months({"2026-02": (1, 0), "2026-01": (2, 1)})
    {'2026-01': (2, 1), '2026-02': (1, 0)}
    """
    ordered = sorted(counts.items())
    if len(ordered) > MOST_MONTHS:
        return _sum_by([(month[:4], pair) for month, pair in ordered])
    return dict(ordered)


def _sum_by(pairs: Sequence[tuple[str, Pair]]) -> dict[str, Pair]:
    summed: dict[str, Pair] = {}
    for key, (n, m) in pairs:
        known = summed.get(key, (0, 0))
        summed[key] = (known[0] + n, known[1] + m)
    return summed
