"""Find the users whose metric stands as asked: against a value, another metric, other people.

Everything is compared exactly: means, medians and quantiles are a numerator and a scale, and both
sides of a comparison are multiplied until only whole factors are left.
"""

from fractions import Fraction
from functools import reduce
from operator import and_, eq, ge, gt, le, lt, ne, or_
from typing import Any

import ibis
from ibis import Table

from segkit.segments.conditions import Did
from segkit.segments.holds import Value, truth
from segkit.segments.kinds import calc_kind
from segkit.segments.leaves import Leaf, did_leaf
from segkit.segments.metric import measured
from segkit.segments.own_windows import rows_in
from segkit.segments.sources import Context
from segkit.segments.standing import Compare, Measure, Rank
from segkit.segments.targets import ZERO_CALCS, Metric

_EXACT = "decimal(38, 6)"
_MICRO = 1_000_000
OPERATORS = {"eq": eq, "ne": ne, "gt": gt, "gte": ge, "lt": lt, "lte": le}


def measure_leaf(condition: Measure, context: Context) -> Leaf:
    """Give the users whose metric satisfies the bound, as `did` says it."""
    return did_leaf(as_did(condition), context)


def as_did(condition: Measure) -> Did:
    """Give the `did` that says the same as a `measure`."""
    of = condition.of
    return Did(target=of.target, calc=of.calc, bound=condition.bound, during=of.during)


def value_of(metric: Metric, context: Context) -> tuple[Table, Value]:
    """Give the users with a matching row, and their value of a metric."""
    return measured(rows_in(metric.target, metric.calc, metric.during, context), metric.calc)


def compare_leaf(condition: Compare, context: Context) -> Leaf:
    """Give the users for whom left stands in the relation to right × times + plus.

    What nothing matched is zero for counts, sums and numbers of values, else unknown; an unknown
    side satisfies no relation.
    """
    sides = []
    for name, metric in (("l", condition.left), ("r", condition.right)):
        table, value = value_of(metric, context)
        scale = ibis.literal(1, "int64") if value.scale is None else value.scale
        column = value.column.cast(_EXACT) if value.kind == "number" else value.column
        sides.append(table.select(table.user_no, column.name(name), scale.name(f"{name}s")))
    joined = sides[0].outer_join(sides[1], "user_no")
    known = ibis.coalesce(joined.user_no, joined.user_no_right)
    joined = joined.mutate(user=known)
    zero = [m.calc.name in ZERO_CALCS for m in (condition.left, condition.right)]
    left, right = (
        joined[name].fill_null(0) if is_zero else joined[name]
        for name, is_zero in zip("lr", zero, strict=True)
    )
    satisfied = _related(condition, left, right, joined).fill_null(False)  # noqa: FBT003
    default = all(zero) and OPERATORS[condition.op](0, condition.plus)
    differs = ~satisfied if default else satisfied
    return Leaf(joined.filter(differs).select(user_no="user"), default=default)


def _related(condition: Compare, left: Any, right: Any, joined: Table) -> Any:  # noqa: ANN401
    """Give whether left / ls stands to a/b · right / rs + c/d, all multiplied by ls·rs·b·d."""
    related = OPERATORS[condition.op]
    if calc_kind(condition.left.target, condition.left.calc) != "number":
        return related(left, right)
    times, plus = Fraction(str(condition.times)), Fraction(str(condition.plus))
    left_scale, right_scale = (joined[name].fill_null(1) for name in ("ls", "rs"))
    by, plus_by = times.denominator * plus.denominator, plus.numerator * times.denominator
    one = ibis.literal(1, "int64").cast(_EXACT)
    other = right * left_scale * (times.numerator * plus.denominator)
    return related(left * right_scale * by, other + one * left_scale * right_scale * plus_by)


def rank_leaf(condition: Rank, people: Table, context: Context) -> Leaf:
    """Give those of some people (`user_no`) who stand high or low enough by the metric.

    n is the number of people whose metric is known. `top: 10%` are the ceil(0.1 n) highest, and
    who ties with the last of them; `ties: exclude` leaves out who ties across the edge. The
    percentile is 100 · (lower + equal / 2) / n, the bucket ceil(of · average rank / n).
    """
    placed = places_of(condition, people, context)
    users = placed.filter(_cut(condition, placed, context)).select("user_no")
    return Leaf(users, default=False)


def places_of(condition: Rank, people: Table, context: Context) -> Table:
    """Give where each of the people whose metric is known stands.

    Columns `user_no`, `lower`, `equal` and `higher` (how many stand so to the user, who is one of
    the equal), and their number `n`.
    """
    known = _known(condition.by, people, context)
    placed = known.mutate(
        lower=ibis.rank().over(ibis.window(order_by=known.key)),
        equal=known.count().over(ibis.window(group_by=known.key)),
        n=known.count().over(ibis.window()),
    )
    return placed.mutate(higher=placed.n - placed.lower - placed.equal)


def _known(metric: Metric, people: Table, context: Context) -> Table:
    """Give the people whose metric is known, with a `key` that sorts as the metric does."""
    table, value = value_of(metric, context)
    key = value.column
    if metric.calc.name == "avg":
        # Whole numbers divided are rounded once, so that equal means have equal keys.
        key = (key * _MICRO).cast("float64") / value.scale.cast("float64")
    listed = table.select(table.user_no, key.name("key"))
    if metric.calc.name not in ZERO_CALCS:
        kept = listed.semi_join(people, "user_no")
        return kept.filter(kept.key.notnull())
    joined = people.left_join(listed, "user_no")
    return joined.select("user_no", key=joined.key.fill_null(0))


def _cut(condition: Rank, placed: Table, context: Context) -> Any:  # noqa: ANN401
    if condition.percentile is not None:
        share = Value("number", (placed.lower * 2 + placed.equal) * 100, placed.n * 2)
        return truth(condition.percentile, share, context.clock.zone)
    if condition.bucket is not None:
        # ceil(x / y) is b where (b − 1) · y < x ≤ b · y
        x, y = (placed.lower * 2 + placed.equal + 1) * condition.bucket.of, placed.n * 2
        wanted = sorted(set(condition.bucket.among))
        return reduce(or_, [and_(x > y * (b - 1), x <= y * b) for b in wanted])
    cut = condition.top if condition.top is not None else condition.bottom
    before = placed.higher if condition.top is not None else placed.lower
    if condition.ties == "exclude":
        before = before + placed.equal - 1
    if isinstance(cut, str):
        # before < ceil(share · n), in whole numbers
        part = Fraction(cut[:-1]) / 100
        return before * part.denominator < placed.n * part.numerator
    return before < cut
