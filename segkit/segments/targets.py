"""Say what a user did and how it is counted: target, `where`, `calc`, and their metric."""

from dataclasses import dataclass
from typing import Any, ClassVar, TypeAlias

from segkit.errors import name_some
from segkit.segments.bounds import BOUND, Bound
from segkit.segments.shapes import (
    NUMBER,
    TEXT,
    TEXTS,
    Field,
    Part,
    Place,
    check_keys,
    kind_of,
    normal_scalar,
    only_key,
    shape,
)
from segkit.segments.windows import WINDOW, Ever, Window

TARGETS = ("event", "page", "visit", "experience")
TARGET_KEYS = (*TARGETS, "where")

COUNTS = ("count", "active_days", "active_weeks", "active_months", "visits")
"""Calculations without a property; zero when nothing matches."""
AMOUNTS = ("sum", "avg", "min", "max", "median", "quantile")
"""Calculations over numbers of a property; unknown when nothing matches, except sum."""
PICKS = ("first", "last", "most_frequent")
"""Calculations that pick one value of a property; unknown when nothing matches."""
PROPERTY_CALCS = (*AMOUNTS, "distinct", *PICKS)
ZERO_CALCS = (*COUNTS, "sum", "distinct")
"""Calculations that are zero when nothing matches."""

Filters: TypeAlias = tuple[tuple[str, Bound], ...]


@dataclass(frozen=True, kw_only=True)
class EventTarget:
    """Events with one of some names."""

    names: tuple[str, ...]
    where: Filters = ()


@dataclass(frozen=True, kw_only=True)
class PageTarget:
    """Page and screen views whose address, path, title or group satisfies its bound."""

    url: Bound | None = None
    path: Bound | None = None
    title: Bound | None = None
    group: Bound | None = None
    where: Filters = ()


@dataclass(frozen=True, kw_only=True)
class VisitTarget:
    """Any visit; it happens when it starts."""

    where: Filters = ()


@dataclass(frozen=True, kw_only=True)
class ExperienceTarget:
    """Exposures to a variant of an experiment."""

    id: str
    variant: Bound | None = None
    where: Filters = ()


Target: TypeAlias = EventTarget | PageTarget | VisitTarget | ExperienceTarget


@dataclass(frozen=True, kw_only=True)
class Calc:
    """How events become one value a user; `of` is a property, `q` the quantile (0 to 1)."""

    name: str = "count"
    of: str | None = None
    q: float | None = None


COUNT = Calc()
_PAGE_FIELDS = [Field(k, k, BOUND, None) for k in ("url", "path", "title", "group")]
_EXPERIENCE_FIELDS = [Field("id", "id", TEXT), Field("variant", "variant", BOUND, None)]
_PAGE = shape(PageTarget, "page", *_PAGE_FIELDS)
_EXPERIENCE = shape(ExperienceTarget, "experience", *_EXPERIENCE_FIELDS)


def _read_where(node: Any, place: Place) -> Filters:  # noqa: ANN401
    if not isinstance(node, dict) or not node:
        raise place.refuse(
            f"`where` must map properties to what they must be, found {kind_of(node)}.",
            "write {plan: pro}.",
        )
    return tuple(sorted((TEXT.read(k, place), BOUND.read(v, place.at(k))) for k, v in node.items()))


def _write_where(where: Filters, normal: bool) -> dict[str, Any]:  # noqa: FBT001
    return {"where": {name: BOUND.write(bound, normal) for name, bound in where}} if where else {}


def _read_target(node: dict[str, Any], place: Place) -> Target:
    given = [key for key in TARGETS if key in node]
    if len(given) != 1:
        found = name_some(given) if given else "none"
        raise place.refuse(
            f"Expected exactly one target of {name_some(TARGETS)}, found {found}.",
            "say what was done, for example {event: purchase}."
            if not given
            else "write one condition for each.",
        )
    kind, where = given[0], _read_where(node["where"], place.at("where")) if "where" in node else ()
    body, below = node[kind], place.at(kind)
    if kind == "event":
        names = TEXTS.read(body, below) if isinstance(body, list) else (TEXT.read(body, below),)
        return EventTarget(names=tuple(sorted(set(names))), where=where)
    if kind == "page":
        return _read_page(body, below, where)
    if kind == "visit":
        if body != "any":
            raise below.refuse(f"Expected `any`, found `{body}`.", "narrow visits by `where`.")
        return VisitTarget(where=where)
    told = _EXPERIENCE.read(body, below)
    return ExperienceTarget(id=told.id, variant=told.variant, where=where)


def _read_page(body: Any, place: Place, where: Filters) -> PageTarget:  # noqa: ANN401
    if isinstance(body, str):
        raise place.refuse(f"`{body}` could be an address or a path.", f"write {{path: {body}}}.")
    told = _PAGE.read(body, place)
    if not body:
        raise place.refuse("The page is not named.", "give one of url, path, title, group.")
    return PageTarget(url=told.url, path=told.path, title=told.title, group=told.group, where=where)


def _write_target(target: Target, normal: bool) -> dict[str, Any]:  # noqa: FBT001
    body: Any
    match target:
        case EventTarget(names=(name,)):
            body = {"event": name}
        case EventTarget(names=names):
            body = {"event": list(names)}
        case PageTarget():
            body = {"page": _PAGE.write(target, normal)}
        case VisitTarget():
            body = {"visit": "any"}
        case ExperienceTarget():
            body = {"experience": _EXPERIENCE.write(target, normal)}
    tree: dict[str, Any] = body | _write_where(target.where, normal)
    return tree


TARGET: Part[Target] = Part(_read_target, _write_target)
"""One of event, page, visit, experience, with `where`, beside the keys of its condition."""


def _read_calc(node: Any, place: Place) -> Calc:  # noqa: ANN401
    if isinstance(node, str):
        if node in PROPERTY_CALCS:
            raise place.refuse(f"`{node}` needs a property.", f"write {{{node}: revenue}}.")
        if node not in COUNTS:
            raise place.unknown("calc", node, (*COUNTS, *PROPERTY_CALCS))
        return Calc(name=node)
    kind = only_key(node, PROPERTY_CALCS, place, "a calc")
    below = place.at(kind)
    if kind != "quantile":
        return Calc(name=kind, of=TEXT.read(node[kind], below))
    check_keys(node[kind], ("of", "q"), below, "quantile")
    if set(node[kind]) != {"of", "q"}:
        raise below.refuse(
            "`quantile` needs `of` and `q`.", "write {quantile: {of: seconds, q: 0.9}}."
        )
    q = NUMBER.read(node[kind]["q"], below.at("q"))
    if not 0 <= q <= 1:
        raise below.at("q").refuse(f"Expected a share from 0 to 1, found `{q}`.")
    return Calc(name=kind, of=TEXT.read(node[kind]["of"], below.at("of")), q=q)


def _write_calc(calc: Calc, normal: bool) -> Any:  # noqa: ANN401, FBT001
    if calc.of is None:
        return calc.name
    if calc.name == "quantile":
        return {"quantile": {"of": calc.of, "q": normal_scalar(calc.q or 0, normal)}}
    return {calc.name: calc.of}


CALC: Part[Calc] = Part(_read_calc, _write_calc)
"""How matching events become one value a user."""


@dataclass(frozen=True, kw_only=True)
class Metric:
    """One value a user: a target, how it is counted, and when."""

    later: ClassVar[str] = ""
    target: Target
    calc: Calc = COUNT
    during: Window = Ever()  # noqa: RUF009  an immutable value


TARGET_FIELD = Field("", "target", TARGET, flat=TARGET_KEYS)
CALC_FIELD = Field("calc", "calc", CALC, COUNT)
DURING_FIELD = Field("during", "during", WINDOW, Ever())
METRIC: Part[Metric] = shape(Metric, "metric", TARGET_FIELD, CALC_FIELD, DURING_FIELD)
"""A target with `calc` and `during`, as `measure`, `compare` and `rank` hold it."""
