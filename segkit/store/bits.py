"""Count the bits of integers: how many rows have the first, how many the second, and so on.

DuckDB adds up three bits at a time: each has 21 digits of the sum to itself, so that none of up to
two million rows runs over into the next.
"""

from collections.abc import Mapping, Sequence
from typing import Any

MOST_BITS = 62
DIGITS = 21
MOST_ROWS = (1 << DIGITS) - 1
_SPREAD = sum(1 << DIGITS * part for part in range(3))


def write_counts(inner: str, bits: Mapping[str, int], by: str | None, *, is_packed: bool) -> str:
    """Give the statement that counts the first bits of some columns, by another column.

    Its rows are the key (where there is one), the number of rows, then the sums of each column.
    """
    key = [] if by is None else [f'"{by}"']
    sums = [
        f'sum(("{column}" >> {place}) & {_SPREAD if is_packed else 1})'
        for column, n_bits in bits.items()
        for place in range(_n_sums(n_bits, is_packed=is_packed))
    ]
    grouped = f" GROUP BY {key[0]}" if key else ""
    return f"SELECT {', '.join([*key, 'count(*)', *sums])} FROM ({inner}){grouped}"


def read_counts(
    row: Sequence[Any], bits: Mapping[str, int], *, is_packed: bool
) -> dict[str, list[int]]:
    """Give the counts by column from the numbers of one row, without its key.

    >>> counts = read_counts([3, 2 + (1 << 21), *[0] * 20], {"a": 22}, is_packed=True)["a"]
    >>> counts[0], counts[21]
    (2, 1)
    """
    found: dict[str, list[int]] = {"": [int(row[0])]}
    start = 1
    for column, n_bits in bits.items():
        n_sums = _n_sums(n_bits, is_packed=is_packed)
        sums = [int(value or 0) for value in row[start : start + n_sums]]
        start += n_sums
        found[column] = [
            (sums[place % n_sums] >> DIGITS * (place // n_sums)) & MOST_ROWS
            if is_packed
            else sums[place]
            for place in range(n_bits)
        ]
    return found


def _n_sums(n_bits: int, *, is_packed: bool) -> int:
    return min(n_bits, DIGITS) if is_packed else n_bits
