"""Find bounds and metrics that do not fit together."""

from collections.abc import Iterator

from segkit.segments.bounds import Bound
from segkit.segments.check_names import Fault
from segkit.segments.conditions import VisitAttribute
from segkit.segments.kinds import Kind, bound_fault, calc_kind
from segkit.segments.lifecycle import FirstTime, Regularly, Resumed, Stopped
from segkit.segments.same_visit import SameVisit
from segkit.segments.shapes import Place
from segkit.segments.standing import Compare, Measure, Rank
from segkit.segments.windows import Rolling


def bound_faults(bound: Bound, kind: Kind, place: Place) -> Iterator[Fault]:
    """Give the refusal of a bound that cannot be compared to a kind of value."""
    fault = bound_fault(bound, kind)
    if fault:
        found = ", ".join(f"`{value}`" for value in bound.values)
        hint = "numbers stand without a unit; lengths of time belong to `since_last` and `during`."
        yield place.refuse(f"Expected {fault}, found {found}.", hint), place


def standing_faults(part: Measure | Compare | Rank, place: Place) -> Iterator[Fault]:
    """Give the refusals of metrics that cannot be compared or ranked."""
    match part:
        case Measure(of=of, bound=bound):
            yield from bound_faults(bound, calc_kind(of.target, of.calc), place.at("is"))
        case Compare():
            yield from _compare_faults(part, place)
        case Rank(by=by, percentile=percentile):
            if calc_kind(by.target, by.calc) == "text":
                sentence = f"`calc: {by.calc.name}` gives texts, which have no rank."
                yield place.at("by").refuse(sentence, "rank by a number or a time."), place
            if percentile is not None:
                yield from _percentile_faults(percentile, place.at("percentile"))


def regularly_faults(part: Regularly, place: Place) -> Iterator[Fault]:
    """Give the refusals of bounds on numbers of times and of periods that are no numbers."""
    yield from bound_faults(part.bound, "number", place.at("is"))
    yield from bound_faults(part.periods.bound, "number", place.at("periods", "is"))


def rolling_faults(part: object, place: Place) -> Iterator[Fault]:
    """Give the refusals of rolling windows where there is no bound that one stretch could meet."""
    asked: tuple[object, ...] = ()
    match part:
        case Compare(left=left, right=right):
            asked = (left.during, right.during)
        case Rank(by=by):
            asked = (by.during,)
        case (
            FirstTime(during=window)
            | Resumed(during=window)
            | VisitAttribute(during=window)
            | SameVisit(during=window)
        ):
            asked = (window,)
        case Stopped(active_in=window):
            asked = (window,)
    if any(isinstance(window, Rolling) for window in asked):
        sentence = "A rolling window (`any`, `inside`) has no single value here."
        yield place.refuse(sentence, "it belongs to `did`, `did_not` and `measure`."), place


def _percentile_faults(bound: Bound, place: Place) -> Iterator[Fault]:
    faults = list(bound_faults(bound, "number", place))
    yield from faults
    values = [v for v in bound.values if not isinstance(v, bool)]
    if not faults and any(not 0 <= v <= 100 for v in values):  # noqa: PLR2004
        yield place.refuse("A percentile counts from 0 to 100.", "write {gte: 90}."), place


def _compare_faults(part: Compare, place: Place) -> Iterator[Fault]:
    kinds = [calc_kind(m.target, m.calc) for m in (part.left, part.right)]
    if kinds[0] != kinds[1]:
        yield place.refuse(f"`left` is a {kinds[0]}, `right` a {kinds[1]}; they differ."), place
    elif kinds[0] == "text" and part.op not in {"eq", "ne"}:
        yield place.at("op").refuse(f"`{part.op}` needs numbers or times.", "use eq or ne."), place
    if "number" not in kinds and (part.times, part.plus) != (1, 0):
        yield place.refuse("`times` and `plus` need numbers.", "leave them out."), place
