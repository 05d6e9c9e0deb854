"""Say in English how a metric stands: against a value, another metric, other people."""

from segkit.segments.describe_words import (
    describe_bound,
    describe_calc,
    describe_target,
    describe_window,
)
from segkit.segments.standing import Compare, Measure, Rank
from segkit.segments.targets import Metric

_RELATIONS = {
    "eq": "equal to",
    "ne": "other than",
    "gt": "more than",
    "gte": "at least",
    "lt": "less than",
    "lte": "at most",
}


def describe_metric(metric: Metric) -> str:
    """Give a metric as a noun."""
    calc, target = describe_calc(metric.calc), describe_target(metric.target)
    return f"{calc} of {target}{describe_window(metric.during)}"


def describe_standing(condition: Measure | Compare | Rank, among: str) -> str:
    """Give the condition as what follows “users who”; `among` says who is ranked."""
    match condition:
        case Measure(of=of, bound=bound):
            return f"have {describe_metric(of)} that {describe_bound(bound)}"
        case Compare():
            return _compare(condition)
        case _:
            return _rank(condition, among)


def _compare(condition: Compare) -> str:
    right = describe_metric(condition.right)
    if condition.times != 1:
        right = f"{condition.times:g} times {right}"
    if condition.plus:
        right += f" {'plus' if condition.plus > 0 else 'minus'} {abs(condition.plus):g}"
    left = describe_metric(condition.left)
    return f"have {left} that is {_RELATIONS[condition.op]} {right}"


def _rank(condition: Rank, among: str) -> str:
    by = f"by {describe_metric(condition.by)}"
    people = f" among those who {among}" if among else ""
    if condition.percentile is not None:
        return (
            f"have a percentile (0 to 100){people} {by} that {describe_bound(condition.percentile)}"
        )
    if condition.bucket is not None:
        wanted = [str(n) for n in sorted(set(condition.bucket.among))]
        which = f"{'group' if len(wanted) == 1 else 'groups'} {' or '.join(wanted)}"
        return (
            f"are in {which} of {condition.bucket.of} equal ones{people} {by}, 1 being the lowest"
        )
    cut, word = (condition.top, "highest")
    if cut is None:
        cut, word = condition.bottom, "lowest"
    ties = " (ties with the last included)" if condition.ties == "include" else " (ties left out)"
    return f"are the {cut} {word}{people} {by}{ties}"
