"""What is said of paths: plain data, every count with what it is a part of; None where withheld."""

from dataclasses import asdict, dataclass
from math import exp
from typing import Any

Cells = tuple[tuple[int | None, ...], ...]


@dataclass(frozen=True, kw_only=True)
class MoveFacts:
    """Moves between the busiest places: `n[i][j]` from `names[i]` to `names[j]`.

    `names` begin with `path_start` and end with `path_end`; `other` holds all places without a row.
    `n_from[i]` are all moves from a place, the denominator of its row; None with every number of a
    row where that is withheld.
    """

    names: tuple[str, ...]
    n: Cells
    n_baseline: Cells
    n_from: tuple[int | None, ...]
    n_from_baseline: tuple[int | None, ...]

    def share(self, begun: int, ended: int, *, baseline: bool = False) -> float | None:
        """Give moves to one place / moves from another; None where withheld or nobody moved."""
        n = (self.n_baseline if baseline else self.n)[begun][ended]
        total = (self.n_from_baseline if baseline else self.n_from)[begun]
        return None if n is None or not total else n / total

    def difference(self, begun: int, ended: int) -> float | None:
        """Give the segment's share less the baseline's."""
        own, other = self.share(begun, ended), self.share(begun, ended, baseline=True)
        return None if own is None or other is None else own - other


@dataclass(frozen=True, kw_only=True)
class StepFacts:
    """Where paths stand: `n[i][k]` of all paths of the side on `names[i]` at step k, from 0.

    A path that is over stays at `path_end`, so that every column is a partition of all paths.
    """

    names: tuple[str, ...]
    n: Cells
    n_baseline: Cells


@dataclass(frozen=True, kw_only=True)
class SurprisingPath:
    """Pages one right after the other, far more often than the moves on their own would give.

    Seen `n` times in the segment, by `n_users` of its users with a path; `expected` = N(ab) N(bc) /
    N(b) for three pages, longer ones alike; `z` = (n − expected) / √(expected + 1). None where
    withheld: then they would tell of a move by few.
    """

    pages: tuple[str, ...]
    n: int | None
    n_users: int | None
    expected: float | None
    z: float | None

    @property
    def lift(self) -> float | None:
        """Times seen / times expected; None where withheld."""
        return None if self.n is None or not self.expected else self.n / self.expected


@dataclass(frozen=True, kw_only=True)
class TellingPath:
    """Pages one right after the other that more, or fewer, users of one side went.

    `n_users` of the side's users with a path went it, and `n_others` of the other side's.
    `log_odds` is the difference of the two log-odds, held back by a prior of 20 users (Dirichlet);
    `low` and `high` are its 95 % interval. All rows hold together at a false-discovery rate of 5 %.
    """

    pages: tuple[str, ...]
    n_users: int
    n_others: int
    log_odds: float
    low: float
    high: float

    @property
    def surely(self) -> float:
        """The distance from 0 of the interval's nearer end; negative when 0 is inside."""
        return max(self.low, -self.high)

    @property
    def odds_ratio(self) -> float:
        """How many times the odds of the other side."""
        return exp(self.log_odds)

    @property
    def odds_interval(self) -> tuple[float, float]:
        """The 95 % interval of `odds_ratio`."""
        return exp(self.low), exp(self.high)


@dataclass(frozen=True, kw_only=True)
class TypeMove:
    """A move that paths of one type make more: `n` of the type's `n_from` moves from `begun`.

    `share_all` is the same share over all paths looked at.
    """

    begun: str
    ended: str
    n: int
    n_from: int
    share_all: float


@dataclass(frozen=True, kw_only=True)
class OrderType:
    """Paths that choose each move by the same chances: `n_paths` of those looked at.

    Each path counts for its most probable type. `n_users` have a path of the type, users of several
    types count in each. None where withheld. `moves` are those it makes most above all paths.
    """

    name: str
    n_paths: int | None
    n_users: int | None
    moves: tuple[TypeMove, ...]


@dataclass(frozen=True, kw_only=True)
class OrderFacts:
    """The types of order among `n_paths` paths of two steps or more.

    One type means: nothing speaks for several, found again. `trials` holds for every number of
    types the log-likelihood of unseen paths over that of one type (nats a move), the adjusted Rand
    index and the mean Jaccard index between fits on two halves of the users.
    """

    n_paths: int
    types: tuple[OrderType, ...]
    trials: tuple[tuple[int, float, float, float], ...]


@dataclass(frozen=True, kw_only=True)
class GappedPath:
    """Pages in this order with at most two other steps between one and the next.

    `n_paths` of the paths looked at hold it, of `n_users` users; `expected` is how many would with
    their steps in an order by chance; `z` = (n_paths − expected) / √(expected + 1).
    """

    pages: tuple[str, ...]
    n_paths: int
    n_users: int
    expected: float
    z: float


@dataclass(frozen=True, kw_only=True)
class MoveTime:
    """Seconds from one page's first view to the next page's, over `n` moves of the segment.

    `low_s` and `high_s` are the quartiles; the baseline's median is None where its moves are
    withheld.
    """

    begun: str
    ended: str
    n: int
    low_s: float
    median_s: float
    high_s: float
    median_baseline_s: float | None


@dataclass(frozen=True, kw_only=True)
class PathFacts:
    """What was found of the paths of a segment and of everyone else in its universe.

    A path is a `visit`, or all that a `user` did in the window; `of` says what its steps are.
    `n_users` users of the segment have `n_paths` paths; the baseline's likewise, None where there
    are too few. `n_looked_at` paths were looked at one by one, for `orders` and `gapped`.
    """

    segment: str
    as_of: str
    days: int
    unit: str
    of: str
    n_users: int
    n_paths: int
    n_baseline_users: int | None
    n_baseline_paths: int | None
    n_looked_at: int
    moves: MoveFacts
    steps: StepFacts
    surprising: tuple[SurprisingPath, ...]
    telling: tuple[TellingPath, ...]
    orders: OrderFacts
    gapped: tuple[GappedPath, ...]
    times: tuple[MoveTime, ...]
    notes: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Give the facts as plain data for JSON."""
        return asdict(self)
