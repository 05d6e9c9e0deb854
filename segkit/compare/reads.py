"""List what a definition reads, because whatever it reads cannot be a discovery.

Who bought is defined by buying: that members of such a segment buy more than others is no finding,
however small its p-value. A definition is walked through every segment that it builds on; what it
reads, and what follows from that by itself, is told apart from what was found.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace

from segkit.schema import DEVICE, PAGE_EVENTS, PLACE, UTM
from segkit.segments.bounds import Bound
from segkit.segments.conditions import (
    Attribute,
    Consent,
    InList,
    InPattern,
    Sample,
    VisitAttribute,
)
from segkit.segments.describe_words import describe_bound, describe_window
from segkit.segments.kinds import MONEY_NAMES
from segkit.segments.later import Score, Sql
from segkit.segments.lifecycle import FirstTime
from segkit.segments.model import ActiveIn, Definition
from segkit.segments.references import references_of
from segkit.segments.shapes import Place, walk
from segkit.segments.targets import (
    Calc,
    EventTarget,
    ExperienceTarget,
    Filters,
    PageTarget,
    VisitTarget,
)
from segkit.segments.windows import Anchored, Ever, Window

Source = tuple[str, str]
"""What a finding is about: a kind (`event`, `page`, `label`, `visit`, `amount`) and a name."""
ORIGIN = frozenset(
    {"channel", "source", "source_type", "medium", "referrer_url", "referrer_host", *UTM}
)
FAMILIES = (ORIGIN, frozenset(DEVICE), frozenset(PLACE))
"""Attributes of a visit that follow from one another: one of them read, all are."""
BUSY = frozenset({"visits", "days"})
FIRSTS = {
    "first_channel": "channel",
    "first_device_type": "device_type",
    "first_country": "country",
    "first_source": "source",
    "first_referrer_host": "referrer_host",
    "first_referrer_url": "referrer_url",
}
"""Labels that tell of the first visit, and the attribute of a visit that they repeat."""
ANY = "*"
"""The name of a source that stands for all of its kind."""
PATTERN_FEATURES: tuple[Source, ...] = (
    *(("page", ANY), ("entry_page", ANY)),
    *(("event", name) for name in PAGE_EVENTS),
    *(("visit", name) for name in sorted({*ORIGIN, *DEVICE})),
    *(("label", name) for name in ("first_channel", "first_source", "first_device_type")),
    *(("label", "n_visits"), ("label", "last_active_at")),
    *(("amount", name) for name in ("active", "visits", "days", "page_views", "events")),
)
"""What every behaviour pattern is made of: pages, origin and device of visits, times, volume."""
GIVEN = {"n_visits": "visits", "last_active_at": "days", "registered_at": "new"}
"""Labels that every user has, and the amount that they tell of."""


@dataclass(frozen=True, kw_only=True)
class Reads:
    """What one or more definitions read.

    Parameters
    ----------
    events, labels, visit_attributes
        Names.
    pages
        Bounds on pages; which paths they mean is for the data to say.
    amounts
        Amounts a user that a condition counts or sums: `visits`, `days`, `revenue`, `new`.
    others
        Experiments, consents, lists, samples and models, in words: nothing here is compared by
        them.
    features
        Sources that made a behaviour pattern which a definition refers to.
    windows
        The windows in words, as a reader needs them to judge what follows.
    segments
        Segments walked through.
    """

    events: frozenset[str] = frozenset()
    labels: frozenset[str] = frozenset()
    visit_attributes: frozenset[str] = frozenset()
    pages: frozenset[PageTarget] = frozenset()
    amounts: frozenset[str] = frozenset()
    others: frozenset[str] = frozenset()
    features: frozenset[Source] = frozenset()
    windows: frozenset[str] = frozenset()
    segments: frozenset[str] = frozenset()

    def __or__(self, other: "Reads") -> "Reads":
        """Give what both read together."""
        return Reads(**{f.name: getattr(self, f.name) | getattr(other, f.name) for f in _FIELDS})

    @property
    def is_behaviour(self) -> bool:
        """Whether anything is read that only happens to those who come."""
        busy = self.amounts & {*BUSY, "revenue"}
        return bool(self.events or self.pages or self.visit_attributes or busy)

    def covers(  # noqa: PLR0911  one kind a branch
        self,
        source: Source,
        *,
        paths: Collection[str] = (),
        purchases: Collection[str] = (),
    ) -> bool:
        """Say whether a source is read, or follows from what is read.

        Parameters
        ----------
        paths
            The page paths that the bounds of `pages` mean in this data.
        purchases
            The events that are orders.
        """
        kind, name = source
        if source in self.features or (kind, ANY) in self.features:
            return True
        match kind:
            case "event":
                return name in self._events(purchases)
            case "page":
                return name in paths
            case "label":
                told = FIRSTS.get(name, name)
                is_new = name == "came" and bool(self.amounts & {"new", *BUSY})
                return name in self.labels or is_new or told in self._visit_attributes
            case "entry_page":
                return name in paths or "landing_page" in self.visit_attributes
            case "visit":
                return name in self._visit_attributes
            case "amount":
                return self._covers_amount(name, purchases)
        return False

    def _events(self, purchases: Collection[str]) -> frozenset[str]:
        read = set(self.events) | (set(PAGE_EVENTS) if self.pages else set())
        if self._reads_orders(purchases):
            read |= set(purchases)
        return frozenset(read)

    def _reads_orders(self, purchases: Collection[str]) -> bool:
        return bool(self.events & set(purchases)) or "revenue" in self.amounts

    @property
    def _visit_attributes(self) -> frozenset[str]:
        own = self.visit_attributes | {FIRSTS[name] for name in self.labels & FIRSTS.keys()}
        return own.union(*(family for family in FAMILIES if own & family))

    def _covers_amount(self, name: str, purchases: Collection[str]) -> bool:
        views = bool(self.pages or self.events & set(PAGE_EVENTS))
        match name:
            case "active":
                return self.is_behaviour
            case "visits" | "days":
                return bool(self.amounts & BUSY)
            case "page_views":
                return views or bool(self.amounts & BUSY)
            case "events":
                return views or bool(self.events) or bool(self.amounts & BUSY)
            case "orders" | "revenue":
                return self._reads_orders(purchases)
        return False

    def among(self, events: Collection[str]) -> "Reads":
        """Give the same with visits and days, where all of the data's events are read.

        A visit is then made of nothing but what the definition reads.
        """
        is_all = bool(events) and self.events >= set(events)
        return replace(self, amounts=self.amounts | BUSY) if is_all else self

    def in_words(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Give what is read for people: (heading, sorted words), nothing where nothing is read."""
        parts: dict[str, Collection[str]] = {
            "events": self.events,
            "pages": {text for page in self.pages for text in _say_page(page)},
            "labels": self.labels,
            "attributes of visits": self.visit_attributes,
            "amounts": {_AMOUNTS.get(name, name) for name in self.amounts},
            "features of a pattern": {_say_feature(*source) for source in self.features},
            "also": self.others,
            "windows": self.windows,
            "by way of segments": self.segments,
        }
        return tuple((heading, tuple(sorted(words))) for heading, words in parts.items() if words)


NOTHING = Reads()
_FIELDS = fields(Reads)
_AMOUNTS = {"visits": "visits", "days": "days of activity", "new": "first seen"}


def reads_of(
    definition: Definition,
    library: Mapping[str, Definition] | None = None,
    *,
    pattern_features: Mapping[str, Collection[Source]] | None = None,
) -> Reads:
    """Give what a definition reads, its universe and the segments that it builds on included.

    Parameters
    ----------
    library
        The other segments by id; one that is missing counts as read, with nothing known of it.
    pattern_features
        By the name of a pattern model, the sources that made its patterns; of one that is not
        named here, all that patterns are made of.
    """
    return _Walk(library or {}, pattern_features or {}).reads(definition)


@dataclass
class _Walk:
    library: Mapping[str, Definition]
    pattern_features: Mapping[str, Collection[Source]]
    seen: set[str] = field(default_factory=set)

    def reads(self, definition: Definition) -> Reads:
        """Give what one definition reads; each segment is walked once."""
        self.seen.add(definition.segment)
        found = NOTHING
        for whole in (definition.where, definition.universe, definition.membership):
            for part, _ in walk(whole, Place()):
                for one in self._read(part):
                    found |= one
        for segment, _ in references_of(definition):
            found |= Reads(segments=frozenset({segment}))
            if segment in self.library and segment not in self.seen:
                found |= self.reads(self.library[segment])
        return found

    def _read(self, part: object) -> Iterator[Reads]:
        match part:
            case EventTarget(names=names, where=where):
                yield Reads(events=frozenset(names)) | _filtered(where, names)
            case PageTarget(where=where):
                yield Reads(pages=frozenset({part})) | _filtered(where, PAGE_EVENTS)
            case VisitTarget(where=where):
                yield Reads(amounts=frozenset({"visits"})) | _filtered(where, ())
            case ExperienceTarget(id=experiment):
                yield Reads(others=frozenset({f"experiment {experiment}"}))
            case ActiveIn():
                yield Reads(amounts=frozenset({"days"}))
            case Anchored(anchor=anchor):
                yield Reads(events=frozenset({anchor.event}), windows=_words(part))
            case Calc():
                yield _counted(part)
            case _:
                yield from self._read_condition(part)

    def _read_condition(self, part: object) -> Iterator[Reads]:  # noqa: C901  one form a branch
        match part:
            case Attribute(name=name):
                amounts = frozenset({GIVEN[name]}) if name in GIVEN else frozenset()
                yield Reads(labels=frozenset({name}), amounts=amounts)
            case VisitAttribute(name=name, bound=bound):
                yield _visit_attribute(name, bound)
            case InList(match=name):
                is_label = name not in {"user_id", "device_id"}
                labels = frozenset({name}) if is_label else frozenset()
                yield Reads(labels=labels, others=frozenset({"a list of users"}))
            case Sample():
                yield Reads(others=frozenset({"a random sample"}))
            case Consent(purpose=purpose):
                yield Reads(others=frozenset({f"consent to {purpose}"}))
            case FirstTime():
                yield Reads(amounts=frozenset({"new"}))
            case InPattern(model=model):
                features = self.pattern_features.get(model, PATTERN_FEATURES)
                others = frozenset({f"behaviour pattern {model}"})
                yield Reads(others=others, features=frozenset(features))
            case Score(model=model):
                yield Reads(others=frozenset({f"score {model}"}))
            case Sql():
                yield Reads(others=frozenset({"a query that cannot be looked into"}))
            case _ if isinstance(part, Window) and not isinstance(part, Ever):
                yield Reads(windows=_words(part))


def _words(window: Window) -> frozenset[str]:
    return frozenset({describe_window(window).strip()})


def _counted(calc: Calc) -> Reads:
    """Give what a way of counting reads beside its target."""
    if calc.of in MONEY_NAMES:
        return Reads(amounts=frozenset({"revenue"}))
    if calc.name == "visits":
        return Reads(amounts=frozenset({"visits"}))
    return Reads(amounts=frozenset({"days"})) if calc.name.startswith("active_") else NOTHING


def _filtered(where: Filters, names: Collection[str]) -> Reads:
    """Give what the properties of a target read: pages, devices, campaigns, money."""
    found = NOTHING
    for name, bound in where:
        if name == "page_path" and set(names) & set(PAGE_EVENTS):
            found |= Reads(pages=frozenset({PageTarget(path=bound)}))
        elif name in MONEY_NAMES:
            found |= Reads(amounts=frozenset({"revenue"}))
        elif name in {*ORIGIN, *DEVICE, *PLACE, "landing_page", "visit_type"}:
            found |= _visit_attribute(name, bound)
    return found


def _visit_attribute(name: str, bound: Bound) -> Reads:
    pages = frozenset({PageTarget(path=bound)}) if name == "landing_page" else frozenset()
    amounts = frozenset({"new"}) if name == "visit_type" else frozenset()
    return Reads(visit_attributes=frozenset({name}), pages=pages, amounts=amounts)


def _say_feature(kind: str, name: str) -> str:
    if name == ANY:
        return {"page": "pages", "entry_page": "entry pages"}.get(kind, kind)
    return name if kind in {"amount", "label"} else f"{kind} {name}"


def _say_page(page: PageTarget) -> Iterator[str]:
    bounds = {"address": page.url, "path": page.path, "title": page.title, "group": page.group}
    for name, bound in bounds.items():
        if bound is not None:
            yield f"{name} {describe_bound(bound)}"
