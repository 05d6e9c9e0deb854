"""Where patterns lie on the two widest axes: plain facts."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Axis:
    """One axis: its share of all variance between users, and what a user has more of at its ends.

    `low` and `high` are (block, column), the strongest first.
    """

    share: float
    low: tuple[tuple[str, str], ...]
    high: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class Spot:
    """A pattern on the plane: its centre and the covariance of its users around it."""

    pattern: str
    x: float
    y: float
    var_x: float
    var_y: float
    cov_xy: float


@dataclass(frozen=True, kw_only=True)
class Square:
    """A square of the plane by its centre: at least `n_users` are in it, most of `pattern`.

    `is_clear` where at least four fifths are; exact numbers would tell of the few others.
    """

    x: float
    y: float
    pattern: str
    n_users: int
    is_clear: bool


@dataclass(frozen=True, kw_only=True)
class Between:
    """Users between two patterns: the likeliest two, the second with a probability of 0.2 or more.

    `n_users` is None where it is withheld.
    """

    first: str
    second: str
    n_users: int | None


@dataclass(frozen=True, kw_only=True)
class Plane:
    """Where patterns lie on the two widest axes.

    `side` is the width and height of a square, in the axes' unit.
    """

    axes: tuple[Axis, Axis]
    spots: tuple[Spot, ...]
    squares: tuple[Square, ...]
    side: tuple[float, float]
    between: tuple[Between, ...]
