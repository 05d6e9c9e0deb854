"""Say in English where a user stands in the life of a habit."""

from segkit.segments.bounds import Bound
from segkit.segments.describe_words import (
    describe_bound,
    describe_target,
    describe_times,
    describe_window,
    length_in_words,
)
from segkit.segments.lifecycle import FirstTime, Regularly, Resumed, Stopped


def describe_lifecycle(condition: FirstTime | Regularly | Stopped | Resumed) -> str:
    """Give the condition as what follows “users who”."""
    target = describe_target(condition.target)
    match condition:
        case FirstTime(during=during):
            return f"did {target} for the first time ever{describe_window(during)}"
        case Regularly():
            return _regularly(condition, target)
        case Stopped(active_in=window, silent_for=length):
            silent = f"not at all in the last {length_in_words(length)}"
            return f"did {target}{describe_window(window) or ' at any time'}, but {silent}"
        case Resumed(during=window, silent_for=length):
            silent = f"not at all in the {length_in_words(length)} before, but before that"
            return f"did {target}{describe_window(window)}, {silent}"


def _regularly(condition: Regularly, target: str) -> str:
    often, periods = describe_times(condition.bound), condition.periods
    stretches = f"the last {periods.of_last} periods of {length_in_words(condition.per)}"
    return f"did {target} {often} each in {_how_many(periods.bound)} of {stretches}"


def _how_many(bound: Bound) -> str:
    match bound.ops:
        case (("eq", n),):
            return f"exactly {n}"
        case (("gte", n),):
            return f"at least {n}"
        case (("lte", n),):
            return f"at most {n}"
    return f"a number (that {describe_bound(bound)})"
