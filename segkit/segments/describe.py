"""Say a definition in plain English, as reports and `segkit segments describe` show it."""

import json
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from segkit.segments.algebra import write_set
from segkit.segments.conditions import (
    All,
    AnyOf,
    AtLeast,
    Attribute,
    Condition,
    Consent,
    Did,
    DidNot,
    InList,
    InPattern,
    InSegment,
    Not,
    Sample,
    SetOf,
    SinceFirst,
    SinceLast,
    VisitAttribute,
)
from segkit.segments.describe_lifecycle import describe_lifecycle
from segkit.segments.describe_standing import describe_standing
from segkit.segments.describe_words import (
    describe_bound,
    describe_calc,
    describe_target,
    describe_times,
    describe_window,
    length_in_words,
    quoted,
)
from segkit.segments.forms import CONDITION
from segkit.segments.lifecycle import FirstTime, Regularly, Resumed, Stopped
from segkit.segments.model import ActiveIn, Definition, Everyone, MembersOf, Universe
from segkit.segments.same_visit import SameVisit
from segkit.segments.standing import Compare, Measure, Rank
from segkit.segments.targets import COUNT


def describe(definition: Definition) -> str:
    """Give a definition as one English sentence: universe, rule, and its own zone and clock.

    >>> from segkit.segments.build import Segment, did, gte, last
    >>> describe(Segment("hot", did(event="purchase", is_=gte(2), during=last("30d"))))
    'All users who did “purchase” at least 2 times in the last 30 days.'
    """
    text = f"{describe_universe(definition.universe)} who {describe_condition(definition.where)}"
    if definition.timezone:
        text += f", by the days of {definition.timezone}"
    if isinstance(definition.as_of, datetime | date):
        text += f", as of {definition.as_of.isoformat()}"
    return f"{text}."


def describe_universe(universe: Universe) -> str:
    """Give who can be a member."""
    match universe:
        case Everyone():
            return "All users"
        case ActiveIn(length=length):
            return f"Users active in the last {length_in_words(length)}"
        case MembersOf(id=segment):
            return f"Members of {quoted(segment)}"
        case _:
            return f"Users who {describe_condition(universe)}, and among these those"


def describe_condition(  # noqa: C901, PLR0911  one sentence a condition
    condition: Condition, *, nested: bool = False
) -> str:
    """Give a condition as what follows “users who”; `nested` puts combinations in parentheses."""
    match condition:
        case All(of=parts):
            return _joined(parts, " and ", nested=nested)
        case AnyOf(of=parts):
            return _joined(parts, " or ", nested=nested)
        case AtLeast(n=n, of=parts):
            inner = "; ".join(describe_condition(part, nested=True) for part in parts)
            return f"meet at least {n} of {len(parts)}: ({inner})"
        case Not(of=part):
            return f"do not fulfil “{describe_condition(part)}”"
        case Did() | DidNot():
            return _did(condition)
        case SinceLast() | SinceFirst():
            return _since(condition)
        case Measure() | Compare() | Rank():
            among = getattr(condition, "among", None)
            people = "" if among is None else describe_condition(among, nested=True)
            return describe_standing(condition, people)
        case SameVisit(of=part, during=during):
            inner = describe_condition(of_this_visit(part), nested=True)
            return f"had a visit{describe_window(during)} in which they {inner}"
        case FirstTime() | Regularly() | Stopped() | Resumed():
            return describe_lifecycle(condition)
        case _:
            return _label(condition)


def of_this_visit(condition: Condition) -> Condition:
    """Let the attributes of visits be said of the one that is spoken of."""
    match condition:
        case All(of=parts) | AnyOf(of=parts) | AtLeast(of=parts):
            return replace(condition, of=tuple(of_this_visit(part) for part in parts))
        case Not(of=part):
            return Not(of=of_this_visit(part))
        case VisitAttribute():
            return replace(condition, touch="this")
    return condition


def _joined(parts: tuple[Condition, ...], word: str, *, nested: bool) -> str:
    text = word.join(describe_condition(part, nested=True) for part in parts)
    return f"({text})" if nested and len(parts) > 1 else text


def _did(condition: Did | DidNot) -> str:
    target, when = describe_target(condition.target), describe_window(condition.during)
    is_plain = condition.calc == COUNT and condition.bound == Did(target=condition.target).bound
    verb = "did" if isinstance(condition, Did) else "did not do"
    if is_plain:
        return f"{verb} {target}{when}"
    if condition.calc == COUNT:
        return f"{verb} {target} {describe_times(condition.bound)}{when}"
    calc, bound = describe_calc(condition.calc), describe_bound(condition.bound)
    told = f"{calc} of {target}{when} that {bound}"
    return f"have {told}" if isinstance(condition, Did) else f"do not have {told}"


def _since(condition: SinceLast | SinceFirst) -> str:
    which = "last" if isinstance(condition, SinceLast) else "first"
    target = describe_target(condition.target)
    told = " and ".join(_lapse(op, given) for op, given in condition.bound.ops)
    text = f"did {target} for the {which} time {told}"
    return f"{text}, or never did" if condition.bound.wants_unknown else text


def _lapse(op: str, given: Any) -> str:  # noqa: ANN401  durations
    match op:
        case "gte" | "gt":
            return f"more than {length_in_words(given)} ago"
        case "lte" | "lt":
            return f"in the last {length_in_words(given)}"
        case "between":
            low, high = given
            return f"more than {length_in_words(low)} and at most {length_in_words(high)} ago"
        case _:
            return "at any time" if given else "at no time"


def _label(condition: Condition) -> str:  # noqa: C901, PLR0911  one sentence a condition
    match condition:
        case Attribute(name=name, bound=bound):
            return f"have an attribute {quoted(name)} that {describe_bound(bound)}"
        case VisitAttribute(name=name, bound=bound, touch=touch, during=during):
            which = {"any": "any visit", "every": "every visit", "this": "that visit"}.get(
                touch, f"the {touch.replace('_', ' ')} visit"
            )
            visits = f"{which}{describe_window(during)}"
            return f"have a {quoted(name)} of {visits} that {describe_bound(bound)}"
        case InSegment(id=segment) if not condition.later:
            return f"are in the segment {quoted(segment)}"
        case InPattern():
            return _pattern(condition)
        case SetOf(tree=tree):
            return f"are in the set “{write_set(tree)}”"
        case InList(ids=ids, file=file, column=column):
            return (
                f"stand in a list of {len(ids)} ids"
                if ids
                else f"stand in column {quoted(column)} of {quoted(file)}"
            )
        case Sample(salt=salt, range=(low, high)):
            return f"fall into the share {low:g} to {high:g} of the stable sample {quoted(salt)}"
        case Consent(purpose=purpose, state=state):
            return f"have consent {quoted(state)} for {quoted(purpose)}"
        case _:
            return f"fulfil “{_plain(condition)}”"


def _pattern(condition: InPattern) -> str:
    kept, text = condition.kept, f"behave like the pattern {quoted(condition.pattern)}"
    if kept is not None:
        text = f"behave like the pattern {quoted(kept.name)} ({kept.id})"
    text += f" of the model {quoted(condition.model)}"
    if kept is not None:
        text += f" in the last {kept.days} day{'' if kept.days == 1 else 's'}"
    if condition.min_probability != InPattern.min_probability:
        text += f" with a probability of at least {condition.min_probability:g}"
    return text


def _plain(condition: Condition) -> str:
    """Give a condition that has no sentence of its own as the language writes it, on one line."""
    return json.dumps(CONDITION.write(condition, False), ensure_ascii=False).replace('"', "")  # noqa: FBT003
