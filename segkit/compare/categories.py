"""Set a label as a whole against the split into two groups: how much does it tell of the group.

A label of forty values gives forty differences; whether the label has to do with the segment at
all is one question, with one answer.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

LEAST_EXPECTED = 1.0
"""Values of which fewer users are expected in a group are joined before they are compared."""


class Association(NamedTuple):
    """Bias-corrected Cramér's V from 0 to 1, p-value and degrees of freedom; nan where unknown."""

    v: float
    p: float
    freedom: int


NO_ASSOCIATION = Association(float("nan"), float("nan"), 0)


def cramer_v(n: Sequence[int], n_baseline: Sequence[int]) -> Association:
    """Give how far a label and the split into two groups hang together.

    Parameters
    ----------
    n, n_baseline
        Users of the segment and of the baseline with each value of a label; the values exclude
        each other.

    Returns
    -------
    Association
        nan where a group is empty or fewer than two values remain.

    Notes
    -----
    φ² = χ²/N; φ̃² = max(0, φ² − (r−1)(c−1)/(N−1)); r̃ = r − (r−1)²/(N−1), c̃ alike;
    V = √(φ̃² / (min(r̃, c̃) − 1)). The p-value is that of Pearson's χ² without correction. Values
    of which less than one user is expected in a group are one value.

    Source: Bergsma 2013, Journal of the Korean Statistical Society 42; the least expected count
    after Cochran 1954, Biometrics 10.

    Examples
    --------
    >>> found = cramer_v([40, 10], [10, 40])
    >>> round(found.v, 4), found.freedom
    (0.5945, 1)
    """
    from scipy.stats import chi2  # noqa: PLC0415  slow to import

    table = _joined(np.array([n, n_baseline], dtype=np.float64).T)
    total, sizes = table.sum(), table.sum(axis=0)
    rows, columns = table.shape
    if rows < 2 or not sizes.all():  # noqa: PLR2004  one value tells nothing apart
        return NO_ASSOCIATION
    expected = np.outer(table.sum(axis=1), sizes) / total
    squared = float(((table - expected) ** 2 / expected).sum())
    freedom = (rows - 1) * (columns - 1)
    phi = max(0.0, squared / total - freedom / (total - 1))
    least = min(k - (k - 1) ** 2 / (total - 1) for k in (rows, columns)) - 1
    v = min(1.0, float(np.sqrt(phi / least))) if least > 0 else float("nan")
    return Association(v, float(chi2.sf(squared, freedom)), freedom)


def _joined(table: "np.typing.NDArray[np.float64]") -> "np.typing.NDArray[np.float64]":
    """Give the table without empty values, the rare ones joined to one."""
    table = table[table.sum(axis=1) > 0]
    sizes, total = table.sum(axis=0), table.sum()
    if not total:
        return table
    is_rare = table.sum(axis=1) * sizes.min() / total < LEAST_EXPECTED
    rare = table[is_rare].sum(axis=0, keepdims=True)
    return np.vstack([table[~is_rare], rare]) if rare.sum() else table
