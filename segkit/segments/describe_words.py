"""Say the small parts of a definition in English: lengths, windows, bounds, targets, calcs."""

from typing import Any

from segkit.periods import Duration
from segkit.segments.bounds import Bound
from segkit.segments.targets import Calc, EventTarget, ExperienceTarget, Filters, PageTarget, Target
from segkit.segments.windows import (
    Anchored,
    Before,
    Calendar,
    Ever,
    FromTo,
    Last,
    OlderThan,
    Rolling,
    Since,
    Window,
)

_UNITS = {
    "mi": "minute",
    "h": "hour",
    "d": "day",
    "w": "week",
    "mo": "month",
    "q": "quarter",
    "y": "year",
}
_WORDS = {
    "eq": "is {}",
    "ne": "is known and not {}",
    "gt": "is more than {}",
    "gte": "is at least {}",
    "lt": "is less than {}",
    "lte": "is at most {}",
    "between": "is from {} to {}",
    "in": "is one of {}",
    "not_in": "is known and none of {}",
    "contains": "contains {}",
    "not_contains": "is known and does not contain {}",
    "starts_with": "starts with {}",
    "ends_with": "ends with {}",
    "matches": "matches {}",
}


def quoted(value: object) -> str:
    """Give a name or a value in quotation marks; numbers stand bare."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"“{value}”" if isinstance(value, str) or value is None else f"{value}"


def length_in_words(length: Duration) -> str:
    """Give a duration in words.

    >>> length_in_words(Duration.parse("2w")), length_in_words(Duration.parse("1d"))
    ('2 weeks', '1 day')
    """
    return f"{length.n} {_UNITS[length.unit]}{'' if length.n == 1 else 's'}"


def describe_window(window: Window) -> str:  # noqa: C901, PLR0911  one sentence a window
    """Give a window as what follows a verb, with a space before it; nothing for ever."""
    match window:
        case Ever():
            return ""
        case Last(length=length, ending=None):
            return f" in the last {length_in_words(length)}"
        case Last(length=length, ending=Duration() as ending):
            return f" in the {length_in_words(length)} ending {length_in_words(ending)} ago"
        case FromTo(start=start, end=end):
            return f" from {start} to {end}"
        case Since(day=day):
            return f" since {day}"
        case Before(day=day):
            return f" before {day}"
        case OlderThan(length=length):
            return f" more than {length_in_words(length)} ago"
        case Calendar(name=name):
            which, period = name.split("_")
            return f" in the {'current' if which == 'this' else 'last whole'} {period}"
        case Rolling(length=length, inside=inside):
            return f" within any {length_in_words(length)}{describe_window(inside)}"
        case Anchored(side=side, anchor=anchor, length=length):
            what = f"{side} the {anchor.which} {quoted(anchor.event)}"
            return f" in the {length_in_words(length)} {what}"
    return ""


def describe_bound(bound: Bound) -> str:
    """Give a bound as what follows “that”."""
    told = " and ".join(_op(op, given) for op, given in bound.ops)
    if bound.ignore_case:
        told += " (in any case)"
    return f"{told} or is unknown" if bound.include_missing else told


def _op(op: str, given: Any) -> str:  # noqa: ANN401
    if op == "known":
        return "is known" if given else "is unknown"
    if op in {"in", "not_in"}:
        return _WORDS[op].format(", ".join(quoted(v) for v in given))
    values = given if isinstance(given, tuple) else (given,)
    return _WORDS[op].format(*(quoted(v) for v in values))


def describe_times(bound: Bound) -> str:
    """Give how often, as what follows “did it”."""
    match bound.ops:
        case (("eq", 0),):
            return "not even once"
        case (("eq", n),):
            return f"exactly {_n_times(n)}"
        case (("gte", n),):
            return f"at least {_n_times(n)}"
        case (("lte", n),):
            return f"at most {_n_times(n)} (never included)"
    return f"so many times that the number {describe_bound(bound)}"


def _n_times(n: Any) -> str:  # noqa: ANN401  a number
    return "once" if n == 1 else f"{n} times"


def describe_target(target: Target) -> str:
    """Give what was done."""
    match target:
        case EventTarget(names=names, where=where):
            text = " or ".join(quoted(name) for name in names)
        case PageTarget(where=where):
            bounds = {
                "address": target.url,
                "path": target.path,
                "title": target.title,
                "group": target.group,
            }
            told = [f"{name} {describe_bound(bound)}" for name, bound in bounds.items() if bound]
            text = f"a view of a page whose {' and '.join(told)}"
        case ExperienceTarget(id=experiment, variant=variant, where=where):
            text = f"an exposure to {quoted(experiment)}"
            text += f" whose variant {describe_bound(variant)}" if variant else ""
        case _:
            text, where = "a visit", target.where
    return text + _filters(where)


def _filters(where: Filters) -> str:
    return (
        f" ({' and '.join(f'{quoted(name)} {describe_bound(bound)}' for name, bound in where)})"
        if where
        else ""
    )


def describe_calc(calc: Calc) -> str:
    """Give how it is counted, as what stands before “of”."""
    plain = {
        "active_days": "a number of active days",
        "active_weeks": "a number of active ISO weeks",
        "active_months": "a number of active months",
        "visits": "a number of visits",
        "count": "a number",
    }
    if calc.of is None:
        return plain[calc.name]
    names = {
        "sum": "a sum",
        "avg": "a mean",
        "min": "a smallest",
        "max": "a largest",
        "median": "a median",
        "distinct": "a number of different values",
        "first": "a first",
        "last": "a last",
        "most_frequent": "a most frequent",
        "quantile": f"a {calc.q:g} quantile" if calc.q is not None else "",
    }
    return f"{names[calc.name]} {quoted(calc.of)}"
