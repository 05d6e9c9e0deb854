"""Say how long users take from one step to the next."""

from dataclasses import dataclass

from segkit.patterns.paths.grams import BASE
from segkit.patterns.paths.steps import Walks


@dataclass(frozen=True, kw_only=True)
class StepTime:
    """Seconds from the first event of a step to the first event of the next, of one side.

    `n` moves from `begun` to `ended` (places), by `n_users` users; `median_s` with the quartiles
    `low_s` and `high_s` (Hyndman and Fan, type 7), in seconds.
    """

    side: int
    begun: int
    ended: int
    n: int
    n_users: int
    low_s: float
    median_s: float
    high_s: float


def time_moves(walks: Walks) -> list[StepTime]:
    """Give the times of every move between places, by side, most frequent first."""
    table = walks.table.filter(walks.next_place > 0)
    told = table.select(
        "side", "user_no", "gap_s", begun=table.code % BASE - 1, ended=table.code // BASE % BASE - 1
    )
    timed = told.group_by("side", "begun", "ended").agg(
        n=told.count(),
        n_users=told.user_no.nunique(),
        low_s=told.gap_s.quantile(0.25),
        median_s=told.gap_s.quantile(0.5),
        high_s=told.gap_s.quantile(0.75),
    )
    rows = [
        StepTime(
            side=int(side),
            begun=int(begun),
            ended=int(ended),
            n=int(n),
            n_users=int(n_users),
            low_s=float(low),
            median_s=float(median),
            high_s=float(high),
        )
        for side, begun, ended, n, n_users, low, median, high in walks.engine.rows(timed)
    ]
    return sorted(rows, key=lambda row: (row.side, -row.n, row.begun, row.ended))
