"""Build definitions in Python; they say what the YAML of the language says, and get the same id.

>>> bought = did(event="purchase", is_=gte(2), during=last("30d"))
>>> hot = Segment("hot", bought & ~in_segment("staff"), title="Bought twice")
"""

from collections.abc import Mapping, Sequence
from typing import Any

from segkit.segments.conditions import Condition
from segkit.segments.forms import CONDITION
from segkit.segments.model import Definition, Universe, read_universe
from segkit.segments.shapes import Place, Scalar

Segment = Definition
"""A segment is its definition: `Segment(id, condition, title=…, universe=…, policy=…)`."""

Plain = dict[str, Any]
Values = Mapping[str, Any]


def _read(kind: str, body: Any) -> Condition:  # noqa: ANN401  plain values
    return CONDITION.read({kind: body}, Place())


def _given(**keys: Any) -> Plain:  # noqa: ANN401  plain values
    return {key: body for key, body in keys.items() if body is not None}


def _target(event: Any, page: Any, visit: Any, experience: Any, where: Any) -> Plain:  # noqa: ANN401
    names = list(event) if isinstance(event, tuple | set | frozenset) else event
    return _given(event=names, page=page, visit=visit, experience=experience, where=where)


def did(  # noqa: PLR0913  the keys of the language
    *,
    event: str | Sequence[str] | None = None,
    page: Values | None = None,
    visit: str | None = None,
    experience: Values | None = None,
    where: Values | None = None,
    calc: str | Values = "count",
    is_: Any = None,  # noqa: ANN401  a value, a list or comparators
    during: str | Plain = "ever",
) -> Condition:
    """Give the condition that what a user did, counted by `calc`, satisfies `is_`; default: once.

    Parameters
    ----------
    event, page, visit, experience
        Exactly one target.
    where
        What properties of it must be.
    calc
        `count`, `active_days`, `active_weeks`, `active_months`, `visits`, or `{"sum": "revenue"}`
        and its like.
    is_
        A value, a list, or comparators as `gte(2)` gives them.
    during
        A window as `last("30d")` gives it.

    Raises
    ------
    DefinitionError
        When a part is not of the language.
    """
    target = _target(event, page, visit, experience, where)
    return _read("did", target | _given(calc=calc, during=during, **{"is": is_}))


def did_not(  # noqa: PLR0913  the keys of the language
    *,
    event: str | Sequence[str] | None = None,
    page: Values | None = None,
    visit: str | None = None,
    experience: Values | None = None,
    where: Values | None = None,
    calc: str | Values = "count",
    is_: Any = None,  # noqa: ANN401  a value, a list or comparators
    during: str | Plain = "ever",
) -> Condition:
    """Give the opposite of `did` inside the universe; without `calc` and `is_`: not even once."""
    target = _target(event, page, visit, experience, where)
    return _read("did_not", target | _given(calc=calc, during=during, **{"is": is_}))


def since_last(
    *,
    is_: Plain,
    event: str | Sequence[str] | None = None,
    page: Values | None = None,
    visit: str | None = None,
    experience: Values | None = None,
    where: Values | None = None,
) -> Condition:
    """Give the condition on the time since the last of a target: `is_=gte("30d")`."""
    return _read("since_last", _target(event, page, visit, experience, where) | {"is": is_})


def since_first(
    *,
    is_: Plain,
    event: str | Sequence[str] | None = None,
    page: Values | None = None,
    visit: str | None = None,
    experience: Values | None = None,
    where: Values | None = None,
) -> Condition:
    """Give the condition on the time since the first of a target."""
    return _read("since_first", _target(event, page, visit, experience, where) | {"is": is_})


def attribute(name: str, is_: Any, *, at: str | Plain = "latest") -> Condition:  # noqa: ANN401
    """Give the condition on a user label: `attribute("plan", ["gold", "platinum"])`."""
    return _read("attribute", {"name": name, "is": is_, "at": at})


def visit_attribute(
    name: str,
    is_: Any,  # noqa: ANN401
    *,
    touch: str = "any",
    during: str | Plain = "ever",
) -> Condition:
    """Give the condition on an attribute of the first, last, any or every visit."""
    return _read("visit_attribute", {"name": name, "is": is_, "touch": touch, "during": during})


def in_segment(segment: str, **past: Any) -> Condition:  # noqa: ANN401  plain values
    """Give the condition that the user is in another segment."""
    return _read("in_segment", {"id": segment, **past})


def in_pattern(model: str, pattern: str, *, min_probability: float = 0.5) -> Condition:
    """Give the condition that the user's likeliest pattern, by a kept model, is this one.

    Parameters
    ----------
    model
        The name that the patterns are kept as.
    pattern
        Its id (`p1`, `p2`, …) or its name.
    min_probability
        The least probability of it, 0 to 1; below one half the users called “mixed” come in.
    """
    body = {"model": model, "pattern": pattern, "min_probability": min_probability}
    return _read("in_pattern", body)


def set_(expression: str) -> Condition:
    """Give the condition of set algebra over segments: `set_("(a | b) - c")`."""
    return _read("set", expression)


def in_list(
    *,
    ids: Sequence[str] | None = None,
    file: str | None = None,
    column: str | None = None,
    match: str = "user_id",
) -> Condition:
    """Give the condition that the user stands in a list of ids, or in a column of a file."""
    named = None if ids is None else list(ids)
    return _read("in_list", _given(ids=named, file=file, column=column, match=match))


def sample(salt: str, low: float, high: float) -> Condition:
    """Give the condition that the user's stable hash (0 to 1) lies from `low` to below `high`."""
    return _read("sample", {"salt": salt, "range": [low, high]})


def consent(purpose: str, is_: str = "granted") -> Condition:
    """Give the condition on the last known consent for a purpose."""
    return _read("consent", {"purpose": purpose, "is": is_})


def all_of(*conditions: Condition) -> Condition:
    """Give the condition that every one of some holds."""
    return _combined("all", conditions)


def any_of(*conditions: Condition) -> Condition:
    """Give the condition that at least one of some holds."""
    return _combined("any", conditions)


def at_least(n: int, *conditions: Condition) -> Condition:
    """Give the condition that at least `n` of some hold."""
    written = [CONDITION.write(condition, False) for condition in conditions]  # noqa: FBT003
    return _read("at_least", {"n": n, "of": written})


def _combined(kind: str, conditions: Sequence[Condition]) -> Condition:
    return _read(kind, [CONDITION.write(condition, False) for condition in conditions])  # noqa: FBT003


def same_visit(*conditions: Condition, during: str | Plain = "ever") -> Condition:
    """Give the condition that every one of some holds inside one visit that began in a window."""
    parts = [CONDITION.write(condition, False) for condition in conditions]  # noqa: FBT003
    of = parts[0] if len(parts) == 1 else {"all": parts}
    return _read("same_visit", of | ({} if during == "ever" else {"during": during}))


def condition(tree: Values) -> Condition:
    """Give the condition that a plain mapping of the language means."""
    return CONDITION.read(dict(tree), Place())


def everyone() -> Universe:
    """Give the universe of every user known at T."""
    return read_universe("everyone", Place("universe"))


def active(length: str) -> Universe:
    """Give the universe of users with at least one event in the last `length`."""
    return read_universe({"active": length}, Place("universe"))


def members_of(segment: str) -> Universe:
    """Give the universe of another segment's members."""
    return read_universe({"segment": segment}, Place("universe"))


def gte(value: Scalar) -> Plain:
    """Give the bound: at least."""
    return {"gte": value}


def gt(value: Scalar) -> Plain:
    """Give the bound: more than."""
    return {"gt": value}


def lte(value: Scalar) -> Plain:
    """Give the bound: at most."""
    return {"lte": value}


def lt(value: Scalar) -> Plain:
    """Give the bound: less than."""
    return {"lt": value}


def eq(value: Scalar) -> Plain:
    """Give the bound: equal to."""
    return {"eq": value}


def ne(value: Scalar) -> Plain:
    """Give the bound: known and not equal to."""
    return {"ne": value}


def between(low: Scalar, high: Scalar) -> Plain:
    """Give the bound: from low to high, both included."""
    return {"between": [low, high]}


def one_of(*values: Scalar) -> Plain:
    """Give the bound: one of some values."""
    return {"in": list(values)}


def none_of(*values: Scalar) -> Plain:
    """Give the bound: known and none of some values."""
    return {"not_in": list(values)}


def _texts(op: str, text: str, *, ignore_case: bool) -> Plain:
    return {op: text, "ignore_case": True} if ignore_case else {op: text}


def contains(text: str, *, ignore_case: bool = False) -> Plain:
    """Give the bound: a text with this in it."""
    return _texts("contains", text, ignore_case=ignore_case)


def starts_with(text: str, *, ignore_case: bool = False) -> Plain:
    """Give the bound: a text that begins so."""
    return _texts("starts_with", text, ignore_case=ignore_case)


def ends_with(text: str, *, ignore_case: bool = False) -> Plain:
    """Give the bound: a text that ends so."""
    return _texts("ends_with", text, ignore_case=ignore_case)


def matches(pattern: str, *, ignore_case: bool = False) -> Plain:
    """Give the bound: a text in which a regular expression is found."""
    return _texts("matches", pattern, ignore_case=ignore_case)


def known(known: bool = True) -> Plain:  # noqa: FBT001, FBT002  reads as a sentence
    """Give the bound: the value is known, or with False that it is not."""
    return {"known": known}


def last(length: str, *, ending: str | None = None) -> Plain:
    """Give the window of the last `length` before T, or before `ending` before T."""
    return _given(last=length, ending=ending)


def from_to(start: str, end: str) -> Plain:
    """Give the window from the start of one day to the end of another."""
    return {"from": start, "to": end}


def since(day: str) -> Plain:
    """Give the window from the start of a day to T."""
    return {"since": day}


def before(day: str) -> Plain:
    """Give the window of everything before the start of a day."""
    return {"before": day}


def older_than(length: str) -> Plain:
    """Give the window of everything up to `length` before T."""
    return {"older_than": length}


def calendar(name: str) -> Plain:
    """Give the window of this or the last day, week, month, quarter or year: `last_month`."""
    return {"calendar": name}


def after_first(event: str, length: str) -> Plain:
    """Give the window from each user's own first event of a name on, for `length`."""
    return {"after": {"first": event}, "for": length}


def after_last(event: str, length: str) -> Plain:
    """Give the window from each user's own last event of a name on, for `length`."""
    return {"after": {"last": event}, "for": length}


def before_first(event: str, length: str) -> Plain:
    """Give the window of `length` that ends just before each user's own first event of a name."""
    return {"before": {"first": event}, "for": length}


def before_last(event: str, length: str) -> Plain:
    """Give the window of `length` that ends just before each user's own last event of a name."""
    return {"before": {"last": event}, "for": length}


def within_any(length: str, inside: str | Plain) -> Plain:
    """Give the window of any stretch of days inside another: `within_any("3d", last("30d"))`."""
    return {"any": length, "inside": inside}


def ever() -> str:
    """Give the window of everything before T."""
    return "ever"
