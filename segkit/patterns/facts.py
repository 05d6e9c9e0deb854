"""Count what was found: how many users each pattern has, what sets them apart, what they bring."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from segkit.patterns.features import BoolArray, Features
from segkit.patterns.fit import OTHERS, Scores
from segkit.patterns.model import PatternModel
from segkit.patterns.names import Term


@dataclass(frozen=True, kw_only=True)
class PatternRow:
    """One pattern, or a named rest such as `one visit`; the rows add up to everyone scored.

    `n_users` and what follows from it are None where they would tell of too few. `share` is
    `n_users` / all users scored. `jaccard` and `badge` say how well the pattern is found again
    in resamples of the fitting users; None for a rest. `n_buyers` are users with an order in the
    window, `buyer_share` of `n_users`; `revenue` is None without one single currency.
    """

    pattern: str
    name: str
    n_users: int | None
    share: float | None
    jaccard: float | None
    badge: str | None
    n_buyers: int | None
    buyer_share: float | None
    revenue: float | None
    terms: tuple[Term, ...]


@dataclass(frozen=True, kw_only=True)
class PatternFacts:
    """What was found in one segment's users who came in the window.

    `n_users` came, `n_eligible` of them came twice and saw five pages. `reason` says why there are
    no patterns; empty where there are. `stability` holds (k, mean clusterwise Jaccard, mean
    adjusted Rand) for every k tried.
    """

    segment: str
    as_of: str
    days: int
    n_users: int
    n_eligible: int | None
    reason: str
    patterns: tuple[PatternRow, ...]
    stability: tuple[tuple[int, float, float], ...]
    silhouette: float
    silhouette_noise: float
    notes: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Give the facts as plain data for JSON."""
        return asdict(self)


def groups_of(model: PatternModel, scores: Scores) -> dict[str, BoolArray]:
    """Give who is in each pattern, by its id; who is mixed or not eligible is in none."""
    return {group.id: scores.labels == group.id for group in model.groups}


def count_patterns(
    model: PatternModel, scores: Scores, features: Features, terms: Mapping[str, tuple[Term, ...]]
) -> list[PatternRow]:
    """Count every pattern, in the model's order, then every rest that has a user."""
    n = len(scores.labels)
    orders, revenue = features.outcomes.values[:, 0], features.outcomes.values[:, 1]
    known = {group.id: group for group in model.groups}
    rows = []
    for label in (*known, *OTHERS):
        inside = scores.labels == label
        n_inside = int(inside.sum())
        if label in OTHERS and not n_inside:
            continue
        group = known.get(label)
        n_buyers = int(np.count_nonzero(orders[inside] > 0))
        rows.append(
            PatternRow(
                pattern=label,
                name=group.name if group else label,
                n_users=n_inside,
                share=n_inside / n,
                jaccard=group.jaccard if group else None,
                badge=group.badge if group else None,
                n_buyers=n_buyers,
                buyer_share=n_buyers / n_inside if n_inside else None,
                revenue=round(float(revenue[inside].sum()), 2),
                terms=terms.get(label, ()),
            )
        )
    return rows
