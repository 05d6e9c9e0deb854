"""Count every label once by combination of groups, for all the comparisons of a report."""

from collections.abc import Collection, Mapping, Sequence
from functools import reduce
from operator import add

import ibis
from ibis import Table
from ibis.expr.types import IntegerValue

from segkit.config import Role
from segkit.measures.labels import is_open, latest_values, spoken_values, ways_to_count
from segkit.measures.sides import Sides


def count_label_codes(
    sides: Sides,
    codes: Table,
    known: Sequence[int],
    *,
    columns: Mapping[str, Role],
    clearance: Role,
) -> Table | None:
    """Give one row a label and value with the users of every code; None where there are no labels.

    Parameters
    ----------
    sides
        Tables and clock; its two groups are not looked at.
    codes
        One row a user: `user_no` and `code`.
    known
        All codes; column `n_i` counts the i-th.
    """
    names = sorted(sides.tables.catalogue.attributes)
    if not names:
        return None
    open_names = [name for name in names if is_open(name, columns, clearance)]
    parts = []
    for way, listed in ways_to_count(sides, names, open_names).items():
        users = spoken_values(latest_values(sides, listed, of=codes), way)
        counts = {f"n_{i}": (users.code == code).sum() for i, code in enumerate(known)}
        parts.append(users.group_by("name", "value").agg(**counts))
    counted = ibis.union(*parts) if parts[1:] else parts[0]
    return sides.engine.keep(counted, "label_codes")


def side_counts(
    counted: Table, known: Sequence[int], own: Collection[int], other: Collection[int]
) -> Table:
    """Give the users of two sides by label and value: `name`, `value`, `n` and `n_baseline`."""
    none = ibis.literal(0, "int64")

    def total(codes: Collection[int]) -> IntegerValue:
        return reduce(add, [counted[f"n_{i}"] for i, c in enumerate(known) if c in codes], none)

    summed = counted.select("name", "value", n=total(own), n_baseline=total(other))
    return summed.filter(summed.n + summed.n_baseline > 0)
