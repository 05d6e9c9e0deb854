"""Say how small a kind of behaviour may be and still be found: what is not found may yet exist."""

from segkit.patterns.cluster import BOOTSTRAP_SIZE

USERS_NEEDED = 40
"""Eligible users of a clearly different kind that are enough to be found; `docs/patterns.md` has
the measured table."""


def least_detectable_share(n_eligible: int) -> float | None:
    """Give the smallest share of eligible users that a clearly different kind needs to be found.

    None without users.

    Notes
    -----
    40 users, but of no more than a resample holds: 40 / min(n, 8,000). Below 200 eligible users
    nothing is looked for.

    Examples
    --------
    >>> least_detectable_share(2_000), least_detectable_share(100_000)
    (0.02, 0.005)
    """
    if not n_eligible:
        return None
    return min(1.0, USERS_NEEDED / min(n_eligible, BOOTSTRAP_SIZE))
