"""Say a pattern as a rule that a person can read, and how much of it the rule gets right.

The model weighs many features at once; a rule of a few conditions shows roughly what it means and
can be written into a segment by hand.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, isnan, log10
from typing import Any

import numpy as np

from segkit.patterns.eligible import Labels
from segkit.patterns.features import BoolArray, Features, FloatArray
from segkit.patterns.page_groups import PageKind
from segkit.patterns.sample import choose_sample

MOST_USERS = 40_000
MOST_DEPTH = 3
MOST_WAYS = 2
LEAST_LEAF = 5
LEAST_SHARE = 0.02
LEAST_GAIN = 0.02
SHARED = {"pages": "", "source": "visits by {}", "device": "visits on {}"}
PAGES = {"page": "page views on {}", "event": "“{}” events", "item": "purchases of {}"}
COUNTED = {
    "n_visits": "visits",
    "n_active_days": "active days",
    "days_since_last": "days since the last visit",
    "minutes_per_visit": "minutes a visit",
}
VIEWED = {
    "page": ("page views", "pages a visit"),
    "event": ("events", "events a visit"),
    "item": ("purchases", "purchases a visit"),
}
VIEWS = ("n_page_views", "pages_per_visit")
UNNAMED = frozenset({"other", "(unknown)"})


@dataclass(frozen=True, kw_only=True)
class Bound:
    """One condition: a number of the user is at least `low` and below `high` (None: open).

    Pages, source and device are shares (0 to 1) of the user's own page views or visits; volume is
    in the column's unit.
    """

    block: str
    column: str
    low: float | None
    high: float | None

    def holds(self, values: FloatArray) -> BoolArray:
        """Say of whom the condition holds; of nobody whose number is unknown."""
        found = ~np.isnan(values)
        if self.low is not None:
            found &= values >= self.low
        if self.high is not None:
            found &= values < self.high
        return found

    def __str__(self) -> str:
        return self.say()

    def say(self, kind: PageKind = "page") -> str:
        """Give the condition in words; `kind` is what was counted as pages."""
        if self.block in SHARED:
            words = PAGES[kind] if self.block == "pages" else SHARED[self.block]
            of, scale, unit = words.format(self.column), 100.0, "%"
        else:
            counted = COUNTED | dict(zip(VIEWS, VIEWED[kind], strict=True))
            of, scale, unit = counted.get(self.column, self.column), 1.0, ""
        low, high = (
            "" if limit is None else f"{scale * limit:g}{unit}" for limit in (self.low, self.high)
        )
        if self.low is None:
            return f"less than {high} {of}"
        if self.high is None:
            return f"at least {low} {of}"
        return f"at least {low} but less than {high} {of}"


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A pattern's rule: one of `ways`, and all conditions of that way.

    Counted on users that the rule was not made from: `n_pattern` are in the pattern, `n_rule`
    fulfil the rule, `n_both` do both; rates are None where nobody is.
    """

    label: str
    ways: tuple[tuple[Bound, ...], ...]
    n_pattern: int
    n_rule: int
    n_both: int

    @property
    def precision(self) -> float | None:
        """`n_both` / `n_rule`: how many of those that the rule finds are in the pattern."""
        return self.n_both / self.n_rule if self.n_rule else None

    @property
    def recall(self) -> float | None:
        """`n_both` / `n_pattern`: how much of the pattern the rule finds."""
        return self.n_both / self.n_pattern if self.n_pattern else None

    def __str__(self) -> str:
        """Give the rule as a sentence, without how right it is."""
        return self.say()

    def say(self, kind: PageKind = "page") -> str:
        """Give the same where events or kinds of goods, by `kind`, were counted as pages."""
        if not self.ways:
            return "No short rule tells this pattern."
        return "; or ".join(" and ".join(b.say(kind) for b in way) for way in self.ways) + "."


def find_rules(features: Features, labels: Labels, patterns: Sequence[str]) -> tuple[Rule, ...]:
    """Give one rule a pattern, told apart from the users of all other patterns.

    Parameters
    ----------
    features
        Raw features.
    labels
        The label of each user; users of no pattern are left out.
    patterns
        Which labels are patterns.

    Notes
    -----
    A decision tree of depth 3 on every second user of up to 40,000; of its leaves the one or two
    that together have the best F1, with thresholds rounded to two digits. Precision and recall
    are those of the rounded rule on the other half.

    Source: Breiman et al. 1984, Classification and Regression Trees.
    """
    rows = np.flatnonzero(np.isin(labels, list(patterns)))
    rows = rows[choose_sample(features.user_key[rows], most=MOST_USERS)]
    names, values = _columns(features.take(rows))
    own = labels[rows]
    is_taught = np.arange(len(rows)) % 2 == 0
    return tuple(_find_rule(label, names, values, own == label, is_taught) for label in patterns)


def _find_rule(
    label: str,
    names: list[tuple[str, str]],
    values: FloatArray,
    inside: BoolArray,
    is_taught: BoolArray,
) -> Rule:
    taught, asked = inside[is_taught], inside[~is_taught]
    ways: tuple[tuple[Bound, ...], ...] = ()
    if taught.any() and not taught.all():
        ways = _choose(_leaves(names, values[is_taught], taught), names, values[is_taught], taught)
    found = _fulfils(ways, names, values[~is_taught])
    return Rule(
        label=label,
        ways=ways,
        n_pattern=int(asked.sum()),
        n_rule=int(found.sum()),
        n_both=int((found & asked).sum()),
    )


def _columns(features: Features) -> tuple[list[tuple[str, str]], FloatArray]:
    """Give the columns that a rule may speak of; hours as angles are not for people."""
    names: list[tuple[str, str]] = []
    columns: list[FloatArray] = []
    for name in (*SHARED, "volume"):
        if name not in features.blocks:
            continue
        block = features.blocks[name]
        values = block.values
        if name in SHARED:
            values = values / np.maximum(values.sum(axis=1, keepdims=True), 1)
        for i, column in enumerate(block.columns):
            if column not in UNNAMED:
                names.append((name, column))
                columns.append(values[:, i])
    return names, np.column_stack(columns)


def _leaves(
    names: list[tuple[str, str]], values: FloatArray, inside: BoolArray
) -> list[tuple[Bound, ...]]:
    """Give the ways from a tree's root to its leaves, purest first."""
    from sklearn.tree import DecisionTreeClassifier  # noqa: PLC0415  slow to import

    least = max(LEAST_LEAF, int(LEAST_SHARE * inside.sum()))
    tree = DecisionTreeClassifier(
        max_depth=MOST_DEPTH, min_samples_leaf=least, class_weight="balanced", random_state=0
    ).fit(values, inside)
    found: list[tuple[float, tuple[Bound, ...]]] = []
    stack: list[tuple[int, dict[int, tuple[float, float]]]] = [(0, {})]
    grown: Any = tree.tree_
    while stack:
        node, bounds = stack.pop()
        left, right = int(grown.children_left[node]), int(grown.children_right[node])
        if left < 0:
            way = tuple(_bound(names[i], *limits) for i, limits in sorted(bounds.items()))
            found.append((float(grown.value[node][0][1]), way))
            continue
        place, at = int(grown.feature[node]), float(grown.threshold[node])
        low, high = bounds.get(place, (float("nan"), float("nan")))
        stack.append((right, bounds | {place: (at, high)}))
        stack.append((left, bounds | {place: (low, at)}))
    return [way for _, way in sorted(found, key=lambda pair: -pair[0]) if way]


def _bound(name: tuple[str, str], low: float, high: float) -> Bound:
    block, column = name
    return Bound(block=block, column=column, low=_rounded(low), high=_rounded(high))


def _rounded(value: float) -> float | None:
    """Give a threshold with two digits that count; None for none."""
    if isnan(value):
        return None
    return round(value, 1 - floor(log10(abs(value)))) if value else 0.0


def _choose(
    leaves: list[tuple[Bound, ...]],
    names: list[tuple[str, str]],
    values: FloatArray,
    inside: BoolArray,
) -> tuple[tuple[Bound, ...], ...]:
    """Give the ways of best F1 together; one more way must raise it by 0.02."""
    chosen: tuple[tuple[Bound, ...], ...] = ()
    best = 0.0
    for _ in range(MOST_WAYS):
        tried = [(_f1(_fulfils((*chosen, way), names, values), inside), way) for way in leaves]
        score, way = max(tried, key=lambda pair: pair[0], default=(0.0, ()))
        if score < best + LEAST_GAIN:
            break
        chosen, best = (*chosen, way), score
    return chosen


def _fulfils(
    ways: Sequence[Sequence[Bound]], names: list[tuple[str, str]], values: FloatArray
) -> BoolArray:
    found = np.zeros(len(values), dtype=bool)
    for way in ways:
        held = np.ones(len(values), dtype=bool)
        for bound in way:
            held &= bound.holds(values[:, names.index((bound.block, bound.column))])
        found |= held
    return found


def _f1(found: BoolArray, inside: BoolArray) -> float:
    return 2 * float((found & inside).sum()) / max(float(found.sum() + inside.sum()), 1.0)
