"""Lay patterns out on the two widest axes, so that one sees which lie near and who sits between.

Two axes show a part of what tells patterns apart, and say how large a part. No single user is
placed: only patterns, and squares of the plane with enough users.
"""

import numpy as np

from segkit.patterns.encode import encode
from segkit.patterns.facts_plane import Axis, Between, Plane, Spot, Square
from segkit.patterns.features import BoolArray, Features, FloatArray, IntArray
from segkit.patterns.fit import Scores
from segkit.patterns.model import PatternModel

N_AXES = 2
MOST_SQUARES = 24
LEAST_SQUARES = 8
USERS_A_SQUARE = 12
TOWARDS = 2
BETWEEN = 0.20
"""A user whose second pattern has at least this probability sits between two."""
TRIMMED = 0.5
CLEAR = 0.8
UNNAMED = frozenset({"other", "(unknown)"})


def measure_plane(
    model: PatternModel, features: Features, scores: Scores, *, least: int
) -> Plane | None:
    """Lay the scored users out on the two widest axes; None without patterns or a second axis.

    Parameters
    ----------
    least
        Squares of fewer users are left out.

    Notes
    -----
    The plane is the first two principal components of the encoded features; what lies beyond the
    middle 99% of an axis is not shown. There are as many squares as hold 12 users each on average,
    8 to 24 a side.
    """
    if not model.groups or len(model.encoding.components) < N_AXES:
        return None
    rows = np.flatnonzero(scores.group >= 0)
    if not len(rows):
        return None
    places = encode(model.encoding, features, rows)
    spread = places.var(axis=0)
    shares = spread / max(float(spread.sum()), 1e-12) * model.encoding.kept_variance
    flat = places[:, :N_AXES]
    ids = tuple(group.id for group in model.groups)
    is_in = [scores.labels[rows] == name for name in ids]
    squares, side = _squares(flat, is_in, ids, least=least)
    return Plane(
        axes=(_axis(model, 0, float(shares[0])), _axis(model, 1, float(shares[1]))),
        spots=tuple(
            _spot(name, flat[inside]) for name, inside in zip(ids, is_in, strict=True)
            if inside.sum() >= least
        ),
        squares=squares,
        side=side,
        between=_between(scores.probabilities[rows], ids),
    )  # fmt: skip


def _axis(model: PatternModel, place: int, share: float) -> Axis:
    """Name an axis by the columns that weigh most on it, in either direction."""
    names = [(block.name, column) for block in model.encoding.blocks for column in block.columns]
    weights = np.array(model.encoding.components[place])
    order: IntArray = np.argsort(weights, kind="stable")
    ends = []
    for listed, sign in ((order, -1), (order[::-1], 1)):
        kept = [
            names[i]
            for i in listed.tolist()
            if sign * weights[i] > 0 and names[i][1] not in UNNAMED and names[i][0] != "time"
        ]
        ends.append(tuple(kept[:TOWARDS]))
    return Axis(share=share, low=ends[0], high=ends[1])


def _spot(name: str, flat: FloatArray) -> Spot:
    x, y = flat.mean(axis=0).tolist()
    around = np.cov(flat.T, ddof=0) if len(flat) > 1 else np.zeros((2, 2))
    return Spot(
        pattern=name,
        x=x,
        y=y,
        var_x=float(around[0, 0]),
        var_y=float(around[1, 1]),
        cov_xy=float(around[0, 1]),
    )


def _squares(
    flat: FloatArray, is_in: list[BoolArray], ids: tuple[str, ...], *, least: int
) -> tuple[tuple[Square, ...], tuple[float, float]]:
    low, high = np.percentile(flat, [TRIMMED, 100 - TRIMMED], axis=0)
    n_sides = int(np.clip(np.sqrt(len(flat) / USERS_A_SQUARE), LEAST_SQUARES, MOST_SQUARES))
    side = np.maximum((high - low) / n_sides, 1e-12)
    place = np.floor((flat - low) / side).astype(np.int64)
    inside = ((place >= 0) & (place < n_sides)).all(axis=1)
    number = place[:, 0] * n_sides + place[:, 1]
    counts = np.array([np.bincount(number[inside & own], minlength=n_sides**2) for own in is_in])
    total = counts.sum(axis=0)
    most = counts.argmax(axis=0)
    found = []
    for at in np.flatnonzero(total >= least).tolist():
        x, y = low + (np.array(divmod(at, n_sides)) + 0.5) * side
        found.append(
            Square(
                x=float(x),
                y=float(y),
                pattern=ids[most[at]],
                n_users=int(total[at]) // least * least,
                is_clear=bool(counts[most[at], at] >= CLEAR * total[at]),
            )
        )
    return tuple(found), (float(side[0]), float(side[1]))


def _between(chances: FloatArray, ids: tuple[str, ...]) -> tuple[Between, ...]:
    if len(ids) <= 1:
        return ()
    order = np.argsort(-chances, axis=1, kind="stable")[:, :2]
    is_split = np.take_along_axis(chances, order[:, 1:], axis=1)[:, 0] >= BETWEEN
    pairs = np.sort(order[is_split], axis=1)
    counts = np.bincount(pairs[:, 0] * len(ids) + pairs[:, 1], minlength=len(ids) ** 2)
    found = [
        Between(first=ids[at // len(ids)], second=ids[at % len(ids)], n_users=int(counts[at]))
        for at in np.flatnonzero(counts).tolist()
    ]
    return tuple(sorted(found, key=lambda pair: (-(pair.n_users or 0), pair.first, pair.second)))
