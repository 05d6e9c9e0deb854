"""Measure how far two ways to group the same users agree, from their table of counts."""

import numpy as np

from segkit.patterns.features import FloatArray, IntArray


def contingency(first: IntArray, second: IntArray) -> FloatArray:
    """Give how many users are in each group of the first (rows) and of the second (columns).

    >>> import numpy as np
    >>> contingency(np.array([0, 0, 1]), np.array([0, 1, 1])).tolist()
    [[1.0, 1.0], [0.0, 1.0]]
    """
    n_rows, n_columns = int(first.max()) + 1, int(second.max()) + 1
    counts = np.bincount(first * n_columns + second, minlength=n_rows * n_columns)
    return counts.reshape(n_rows, n_columns).astype(np.float64)


def adjusted_rand(table: FloatArray) -> float:
    """Give the adjusted Rand index of a table of counts: 1 is the same, 0 what chance gives.

    Source: Hubert and Arabie 1985, Journal of Classification 2.

    >>> import numpy as np
    >>> round(adjusted_rand(np.array([[3.0, 0.0, 0.0], [0.0, 1.0, 2.0]])), 4)
    0.7059
    """
    n = table.sum()
    both = (table**2).sum() - n
    rows = (table.sum(axis=1) ** 2).sum() - n
    columns = (table.sum(axis=0) ** 2).sum() - n
    pairs = n * (n - 1)
    if rows == columns == both:
        return 1.0
    expected = rows * columns / pairs
    return float((both - expected) / ((rows + columns) / 2 - expected))


def best_jaccards(table: FloatArray) -> FloatArray:
    """Give, for each row, the largest Jaccard index with any column; 0 for an empty row.

    >>> import numpy as np
    >>> best_jaccards(np.array([[3.0, 0.0, 0.0], [0.0, 1.0, 2.0]])).round(4).tolist()
    [1.0, 0.6667]
    """
    union = table.sum(axis=1, keepdims=True) + table.sum(axis=0, keepdims=True) - table
    best: FloatArray = (table / np.maximum(union, 1)).max(axis=1)
    return best
