"""Tell how far "this user is a researcher" can be trusted: ask twice, of halves of what they did.

Each user's visits are dealt into two halves by chance; the same model says of both halves which
pattern the user is in. Where the answers differ, the user has not shown enough to tell.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from segkit.patterns.eligible import BOTS, ONE_VISIT, TOO_LITTLE, Labels
from segkit.patterns.features import Features
from segkit.patterns.intervals import wilson

UNTOLD = (BOTS, ONE_VISIT, TOO_LITTLE)


@dataclass(frozen=True, kw_only=True)
class PatternRetest:
    """One pattern: `n_users` of it by either half, `n_same` by both (and so of no other)."""

    label: str
    n_users: int
    n_same: int

    @property
    def same_share(self) -> float | None:
        """`n_same` / `n_users`, a Jaccard index; None without users."""
        return self.n_same / self.n_users if self.n_users else None


@dataclass(frozen=True, kw_only=True)
class Retest:
    """How often two halves of a user's visits give the same label.

    `n_users` did something in both halves, `n_same` of them have the same label by both. Of
    `n_eligible` both halves hold enough to tell, and `n_eligible_same` of them have the same one;
    `low` and `high` are Wilson's 95% interval of that share, None without users.
    """

    n_users: int
    n_same: int
    n_eligible: int
    n_eligible_same: int
    low: float | None
    high: float | None
    patterns: tuple[PatternRetest, ...]

    @property
    def same_share(self) -> float | None:
        """`n_same` / `n_users`; None without users."""
        return self.n_same / self.n_users if self.n_users else None

    @property
    def eligible_same_share(self) -> float | None:
        """`n_eligible_same` / `n_eligible`; None without users."""
        return self.n_eligible_same / self.n_eligible if self.n_eligible else None


def measure_retest(
    first: Features,
    second: Features,
    *,
    label: Callable[[Features], Labels],
    patterns: Sequence[str],
) -> Retest:
    """Label both halves and count how often the labels agree.

    Parameters
    ----------
    first, second
        Features of the two halves of the visits; users of one half only are left out.
    label
        Gives the frozen model's label of each user.
    patterns
        Labels that are told apart in `patterns` of the result.

    Notes
    -----
    A half holds half the visits, so the share is a lower bound of what a repeated month gives.

    Source: test-retest reliability, as for scales in psychometrics; Wilson 1927 (interval).
    """
    both, here, there = np.intersect1d(
        first.user_no, second.user_no, assume_unique=True, return_indices=True
    )
    one, two = label(first)[here], label(second)[there]
    same = one == two
    told = ~np.isin(one, UNTOLD) & ~np.isin(two, UNTOLD)
    n_told, n_told_same = int(told.sum()), int((told & same).sum())
    low, high = wilson(n_told_same, n_told)
    return Retest(
        n_users=len(both),
        n_same=int(same.sum()),
        n_eligible=n_told,
        n_eligible_same=n_told_same,
        low=low,
        high=high,
        patterns=tuple(
            PatternRetest(
                label=pattern,
                n_users=int((told & ((one == pattern) | (two == pattern))).sum()),
                n_same=int((told & same & (one == pattern)).sum()),
            )
            for pattern in patterns
        ),
    )
