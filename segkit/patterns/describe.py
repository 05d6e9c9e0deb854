"""Describe a pattern once it is found: who its people are, what they bring, who is typical of it.

Attributes and outcomes never made a pattern, so what they show of it is news.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from segkit.patterns.eligible import Labels
from segkit.patterns.features import Block, BoolArray, Features, FloatArray, IntArray
from segkit.patterns.names import Term

N_TYPICAL = 3
N_PAGES = 3


@dataclass(frozen=True, kw_only=True)
class Level:
    """One value of an attribute in a pattern.

    `n_users` of `n_known` users of the pattern with any value have this one; `n_others` of
    `n_others_known` users of all other patterns.
    """

    attribute: str
    value: str
    n_users: int
    n_known: int
    n_others: int
    n_others_known: int

    @property
    def share(self) -> float | None:
        """`n_users` / `n_known`; None where nothing is known."""
        return self.n_users / self.n_known if self.n_known else None

    @property
    def others_share(self) -> float | None:
        """`n_others` / `n_others_known`; None where nothing is known."""
        return self.n_others / self.n_others_known if self.n_others_known else None

    @property
    def lift(self) -> float | None:
        """`share` / `others_share`; None where one is not known or nobody else has the value."""
        if self.share is None or not self.others_share:
            return None
        return self.share / self.others_share


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a pattern brings of one thing (orders, revenue, a conversion) in the window.

    `n_any` users of the pattern have any of it, `total` is their sum and `mean` the sum / all users
    of the pattern; `total_share` is the sum / that of everyone described, rests such as `one
    visit` included. `others_mean` is over the users of all other patterns. Nothing is divided by 0:
    None.
    """

    column: str
    n_any: int
    total: float
    mean: float | None
    others_mean: float | None
    total_share: float | None


@dataclass(frozen=True, kw_only=True)
class Typical:
    """A member near the centre of the pattern, by number, never by key.

    `pages` are the user's three most seen page groups with the share of the user's page views;
    `volume` the raw numbers.
    """

    user_no: int
    distance: float
    pages: tuple[tuple[str, float], ...]
    volume: tuple[tuple[str, float], ...]


@dataclass(frozen=True, kw_only=True)
class Description:
    """One pattern: `n_users` of the `n_everyone` described have the label.

    `terms` sets it apart in original units, strongest first; `who` are attributes, by falling
    distance of the shares; `brings` are outcomes; `typical` are its medoids, nearest first.
    """

    label: str
    n_users: int
    n_everyone: int
    terms: tuple[Term, ...]
    who: tuple[Level, ...]
    brings: tuple[Outcome, ...]
    typical: tuple[Typical, ...]

    @property
    def share(self) -> float | None:
        """`n_users` / `n_everyone`; None without users."""
        return self.n_users / self.n_everyone if self.n_everyone else None


def describe_patterns(
    features: Features,
    labels: Labels,
    *,
    terms: Mapping[str, Sequence[Term]],
    distance: FloatArray,
    attributes: Block | None = None,
) -> tuple[Description, ...]:
    """Describe every pattern of `terms`, in its order.

    Parameters
    ----------
    features
        Raw features of everyone, rests such as `one visit` included.
    labels
        The label of each user.
    terms
        By pattern, what sets it apart (`name_patterns`).
    distance
        Of each user to the nearest centre; nan for who is in no pattern.
    attributes
        Indicator columns `name=value`, one row a user of `features`, all 0 where unknown.
    """
    patterns = list(terms)
    is_in_any = np.isin(labels, patterns)
    found = []
    for label in patterns:
        inside = labels == label
        others = is_in_any & ~inside
        found.append(
            Description(
                label=label,
                n_users=int(inside.sum()),
                n_everyone=len(labels),
                terms=tuple(terms[label]),
                who=_describe_levels(attributes, inside, others) if attributes else (),
                brings=_describe_outcomes(features.outcomes, inside, others),
                typical=_find_typical(features, inside, distance),
            )
        )
    return tuple(found)


def _describe_levels(attributes: Block, inside: BoolArray, others: BoolArray) -> tuple[Level, ...]:
    stems = [column.partition("=")[0] for column in attributes.columns]
    n_inside, n_others = (attributes.values[users].sum(axis=0) for users in (inside, others))
    levels = []
    for i, column in enumerate(attributes.columns):
        own = [j for j, stem in enumerate(stems) if stem == stems[i]]
        levels.append(
            Level(
                attribute=stems[i],
                value=column.partition("=")[2],
                n_users=int(n_inside[i]),
                n_known=int(n_inside[own].sum()),
                n_others=int(n_others[i]),
                n_others_known=int(n_others[own].sum()),
            )
        )
    return tuple(sorted(levels, key=_apartness))


def _apartness(level: Level) -> tuple[float, str, str]:
    apart = abs((level.share or 0.0) - (level.others_share or 0.0))
    return -round(apart, 9), level.attribute, level.value


def _describe_outcomes(
    outcomes: Block, inside: BoolArray, others: BoolArray
) -> tuple[Outcome, ...]:
    n_inside, n_others = int(inside.sum()), int(others.sum())
    found = []
    for i, column in enumerate(outcomes.columns):
        values = outcomes.values[:, i]
        total, everyone = float(values[inside].sum()), float(values.sum())
        found.append(
            Outcome(
                column=column,
                n_any=int(np.count_nonzero(values[inside] > 0)),
                total=total,
                mean=total / n_inside if n_inside else None,
                others_mean=float(values[others].sum()) / n_others if n_others else None,
                total_share=total / everyone if everyone else None,
            )
        )
    return tuple(found)


def _find_typical(
    features: Features, inside: BoolArray, distance: FloatArray
) -> tuple[Typical, ...]:
    rows = np.flatnonzero(inside & ~np.isnan(distance))
    nearest = rows[np.argsort(distance[rows], kind="stable")[:N_TYPICAL]]
    return tuple(_typical(features, int(row), float(distance[row])) for row in nearest)


def _typical(features: Features, row: int, distance: float) -> Typical:
    pages, volume = features.blocks["pages"], features.blocks["volume"]
    shares = pages.values[row] / max(pages.values[row].sum(), 1.0)
    most: IntArray = np.argsort(-shares, kind="stable")[:N_PAGES]
    return Typical(
        user_no=int(features.user_no[row]),
        distance=distance,
        pages=tuple((pages.columns[i], float(shares[i])) for i in most if shares[i] > 0),
        volume=tuple(zip(volume.columns, volume.values[row].tolist(), strict=True)),
    )
