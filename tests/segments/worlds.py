"""Random small worlds and random definitions for them, all of it out of one seed.

Hypothesis draws the seed: drawing every part by itself uses up its choices, and most definitions
would be the simplest.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from segkit.periods import Clock
from tests.segments.tiny import Row, Tiny, event, label, tables_of

Plain = Any
USERS = ("u_1", "u_2", "d_3", "u_4", "d_5")
EVENTS = ("page_view", "purchase", "login")
CHANGES = {
    "Europe/Berlin": date(2026, 3, 29),
    "America/New_York": date(2026, 11, 1),
    "Australia/Lord_Howe": date(2026, 4, 5),
    "America/Sao_Paulo": date(2018, 11, 4),
    "America/Havana": date(2026, 11, 1),
    "UTC": date(2026, 1, 1),
}
"""Zones, each with a day on which its clocks change (in Brazil the day lacks its midnight)."""
DAYS = 12
LIBRARY = {
    "other": {"did": {"event": "purchase"}},
    "second": {"did_not": {"event": "login", "during": {"last": "3d"}}},
}
ORDERED = ("gt", "gte", "lt", "lte")
LIFECYCLE = ("first_time", "regularly", "stopped", "resumed")
RARE_KINDS = ("measure", "compare", "rank", *LIFECYCLE, "own_window", "rolling", "same_visit")
"""Conditions that stand too rarely in random definitions to be tried by these alone."""


@dataclass(frozen=True, kw_only=True)
class Setting:
    """A world before its tables are built."""

    zone: str
    base: date
    events: list[Row]
    attributes: list[Row]
    consents: list[Row]
    exposures: list[Row]
    people: dict[str, str | None]

    def day(self, offset: int) -> date:
        return self.base + timedelta(days=offset)

    def build(self) -> Tiny:
        """Build its tables."""
        return tables_of(
            self.events,
            attributes=self.attributes,
            consents=self.consents,
            exposures=self.exposures,
            people=self.people,
            zone=self.zone,
        )


def is_begun(window: Plain) -> bool:
    """Whether a window has a beginning."""
    return window != "ever" and not {"before", "older_than"} & set(window)


class Chance:
    """Random parts of worlds and definitions."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.zone = self.pick(sorted(CHANGES))
        self.base = CHANGES[self.zone]
        self.clock_units = False

    def pick(self, options: Sequence[Any]) -> Any:
        return self.random.choice(options)

    def odds(self, share: float) -> bool:
        return self.random.random() < share

    def several(self, make: Callable[[], Any], least: int, most: int) -> list[Any]:
        return [make() for _ in range(self.random.randint(least, most))]

    # The world -----------------------------------------------------------------------------

    def instant(self) -> datetime:
        """Any minute around the clock change, and often an edge of a day or of a visit."""
        day = self.base + timedelta(days=self.random.randint(-DAYS // 2, DAYS // 2))
        midnight = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(self.zone)).astimezone(
            UTC
        )
        edges = (0, 0, 30, 31, 60, 90, 120, 1409, 1439)
        return midnight + timedelta(minutes=self.pick((self.random.randint(0, 1439), *edges)))

    def setting(self) -> Setting:
        noon = datetime(self.base.year, self.base.month, self.base.day, 12, tzinfo=UTC)
        named = [event("u_1", noon, name, plan="pro", seconds=1, value="1") for name in EVENTS]
        told = {"user": "u_1", "time": noon}
        changes = {
            (r["user"], r["name"], r["valid_from"]): r for r in self.several(self.change, 0, 9)
        }
        labels = [label("u_9", "age", "30"), label("u_9", "plan", "pro")]
        return Setting(
            zone=self.zone,
            base=self.base,
            events=named + self.several(self.one_event, 0, 30),
            attributes=labels + list(changes.values()),
            consents=[
                told | {"purpose": "mail", "state": "granted"},
                *self.several(self.told, 0, 6),
            ],
            exposures=[
                *(told | {"experiment": "exp", "variant": variant} for variant in "AB"),
                *self.several(self.exposure, 0, 6),
            ],
            people={"u_8": None, "u_9": None, "u_7": self.instant().isoformat()},
        )

    def one_event(self) -> Row:
        more = {
            "page_path": self.pick([None, "/a", "/b", "/articles/1"]),
            "value": self.pick([None, "1", "2.5", "10", "0.3333"]),
            "plan": self.pick([None, "pro", "Pro", "free", 3, "true"]),
            "seconds": self.pick([None, 1, 2, 5, 7.5, "9", "x"]),
            "country": self.pick([None, "DE", "JP"]),
            "source_type": self.pick([None, "direct", "direct", "campaign"]),
            "channel": self.pick([None, "Direct", "Email"]),
            "bot_reason": self.pick([None] * 7 + ["crawler"]),
        }
        known = {key: value for key, value in more.items() if value is not None}
        return event(self.pick(USERS), self.instant(), self.pick(EVENTS), **known)

    def change(self) -> Row:
        name, values = self.pick(
            [("age", ["17", "18", "40", None]), ("plan", ["pro", "18", "2026-03-29", None])]
        )
        since = self.instant().isoformat() if self.odds(0.7) else None
        return label(self.pick(USERS), name, self.pick(values), since)

    def told(self) -> Row:
        state = self.pick(["granted", "denied"])
        return {"user": self.pick(USERS), "purpose": "mail", "state": state, "time": self.instant()}

    def exposure(self) -> Row:
        variant = self.pick("AB")
        return {
            "user": self.pick(USERS),
            "experiment": "exp",
            "variant": variant,
            "time": self.instant(),
        }

    def clock(self) -> Clock:
        """The end of a day or an instant, in the world's zone or another; instants allow hours."""
        zone = ZoneInfo(self.pick([self.zone, self.zone, "Asia/Kolkata"]))
        at = Clock.at_end_of(self.base + timedelta(days=self.random.randint(-4, 7)), zone)
        if self.odds(0.25):
            at = Clock(at.at + timedelta(minutes=self.pick([1, 61, 90, 724])), zone)
        self.clock_units = not at.is_day_end
        return at

    # Definitions ---------------------------------------------------------------------------

    def document(self) -> Row:
        """A condition with, now and then, a universe of its own."""
        document: Row = {"where": self.condition(2)}
        if self.odds(0.2):
            visited = {"did": {"visit": "any", "during": {"last": "7d"}}}
            document["universe"] = self.pick([{"active": "3d"}, {"segment": "second"}, visited])
        return document

    def document_around(self, kind: str) -> Row:
        """One condition of a kind, bare or negated, now and then in a universe of its own."""
        where = self.of_kind(kind)
        document: Row = {"where": {"not": where} if self.odds(0.3) else where}
        return document | {"universe": self.did()} if self.odds(0.4) else document

    def of_kind(self, kind: str) -> Plain:
        if kind in LIFECYCLE:
            return self.lifecycle(kind)
        if kind == "same_visit":
            return self.same_visit()
        if kind == "rolling":
            made = self.did()
            next(iter(made.values()))["during"] = self.rolling()
            return dict(made)
        if kind == "own_window":
            made = self.pick([self.did, self.did, self.visit_attribute])()
            next(iter(made.values()))["during"] = self.own_window(1)
            return dict(made)
        return self.standing(kind)

    def condition(self, depth: int) -> Plain:
        if depth == 0 or self.odds(0.6):
            return self.leaf()
        kind = self.pick(["all", "any", "not", "at_least"])
        if kind == "not":
            return {"not": self.condition(depth - 1)}
        parts = self.several(lambda: self.condition(depth - 1), 1, 3)
        if kind == "at_least":
            return {"at_least": {"n": self.random.randint(1, len(parts)), "of": parts}}
        return {kind: parts}

    def leaf(self) -> Plain:
        rare: list[Callable[[], Plain]] = [
            lambda: {"in_segment": self.pick(["other", "second"])},
            lambda: {"set": self.pick(["other | second", "other & second", "second - other"])},
            lambda: {"in_list": {"ids": self.several(lambda: self.pick([*USERS, "u_9"]), 1, 3)}},
            lambda: {
                "sample": {"salt": "s", "range": self.pick([[0, 0.3], [0.1, 0.5], [0.25, 1.0]])}
            },
            lambda: {
                "consent": {"purpose": "mail", "is": self.pick(["granted", "denied", "unknown"])}
            },
        ]
        common = [self.did, self.did, self.did, self.lapse, self.visit_attribute, self.attribute]
        common += [self.standing, self.lifecycle, self.same_visit]
        made: Plain = self.pick(common if self.odds(0.8) else rare)()
        return made

    def did(self) -> Plain:
        body = self.target()
        if self.odds(0.6):
            body["during"] = self.rolling() if self.odds(0.1) else self.own_window()
        if self.odds(0.75):
            body["calc"], body["is"] = self.calc(body)
            if body["is"] == {"gte": 1} and not isinstance(body["calc"], str):
                body["is"] = {"gte": 2}  # the default; a value that is picked needs another
        return {self.pick(["did", "did", "did_not"]): body}

    def target(self) -> Plain:
        kind = self.pick(["event", "event", "event", "page", "visit", "experience"])
        where: Plain = {}
        if self.odds(0.35):
            where = {"where": {"plan": self.plan()}}
        elif self.odds(0.2):
            where = {"where": {"value": self.number(), "country": self.text("DE", "J")}}
        if kind == "event":
            names = self.pick([self.pick(EVENTS), self.random.sample(EVENTS, 2)])
            return {"event": names} | where
        if kind == "page":
            return {"page": {"path": self.text("/a", "/articles", "/")}} | where
        if kind == "visit":
            return {"visit": "any"} | ({"where": {"channel": self.text("Email")}} if where else {})
        variant = self.pick([None, "A", "B", {"ne": "A"}, ["A", "B"]])
        return {"experience": {"id": "exp"} | ({} if variant is None else {"variant": variant})}

    def calc(self, target: Plain) -> tuple[Plain, Plain]:
        """A calc of a target with an `is` that fits it."""
        counts = ["count", "active_days", "active_weeks", "active_months"]
        if "experience" not in target:
            counts.append("visits")
        picks = ["first", "last", "most_frequent"]
        timed = ({self.pick(["min", "max", "first", "last"]): "event_time"}, self.dates())
        options = [(self.pick(counts), self.number()), (self.pick(counts), self.number()), timed]
        if "visit" in target:
            options += [({self.pick(picks): "channel"}, self.text("Email"))]
            options += [({"distinct": "channel"}, self.number())]
        elif "experience" not in target:
            of = self.pick(["value", "revenue", "seconds"])
            kind = self.pick(["sum", "avg", "min", "max", "median", "distinct"])
            quantile = {"quantile": {"of": of, "q": self.pick([0, 0.1, 0.25, 0.9, 1])}}
            options += [({kind: of}, self.number()), ({kind: of}, self.number())]
            options += [(quantile, self.number()), ({self.pick(picks): "plan"}, self.plan())]
        chosen: tuple[Plain, Plain] = self.pick(options)
        return chosen

    def standing(self, kind: str = "") -> Plain:
        """A metric against a value, another metric or other people."""
        kind = kind or self.pick(["measure", "compare", "compare", "rank", "rank"])
        of, bound, is_timed = self.metric()
        if kind == "measure":
            return {"measure": {"of": of, "is": bound}}
        if kind == "compare":
            other = self.metric(timed=is_timed)[0]
            body = {"left": of, "op": self.pick(["eq", "ne", *ORDERED]), "right": other}
            if not is_timed and self.odds(0.6):
                body |= {"times": self.pick([0.5, 2, 0.3, -1]), "plus": self.pick([0, 1, -0.25])}
            return {"compare": body}
        body = {"by": of} | self.cut()
        if self.odds(0.4):
            body["among"] = self.did()
        return {"rank": body}

    def metric(self, *, timed: bool | None = None) -> tuple[Plain, Plain, bool]:
        """A metric that can be ranked, a bound that fits it, and whether it is a time."""
        while True:
            target = self.target()
            calc, bound = self.calc(target)
            kind = "" if isinstance(calc, str) else next(iter(calc))
            is_timed = "event_time" in (calc.values() if kind else ())
            if kind in {"first", "last", "most_frequent"} and not is_timed:
                continue
            if timed is None or timed is is_timed:
                return target | {"calc": calc, "during": self.own_window()}, bound, is_timed

    def lifecycle(self, kind: str = "") -> Plain:
        """Where a user stands in the life of a habit."""
        kind = kind or self.pick(LIFECYCLE)
        body = self.target()
        match kind:
            case "first_time":
                body |= {"during": self.window()}
            case "stopped":
                body |= {"active_in": self.window(), "silent_for": self.duration()}
            case "resumed":
                during = self.pick([w for w in (self.window() for _ in range(40)) if is_begun(w)])
                body |= {"during": during, "silent_for": self.duration()}
            case _:
                of_last = self.random.randint(1, 5)
                often = {self.pick(ORDERED): self.random.randint(0, of_last)}
                body |= {"per": self.duration(), "periods": {"is": often, "of_last": of_last}}
                body |= {"is": self.number()} if self.odds(0.7) else {}
        return {kind: body}

    def cut(self) -> Plain:
        share = self.pick([1, 2, 3, "10%", "50%", "33.4%", "100%"])
        ties = {"ties": self.pick(["include", "exclude"])} if self.odds(0.5) else {}
        percentile = {self.pick(ORDERED): self.pick([0, 25, 50, 62.5, 100])}
        return self.pick(
            [
                {"top": share} | ties,
                {"bottom": share} | ties,
                {"percentile": percentile},
                {"bucket": {"of": self.pick([2, 3, 5]), "in": self.pick([[1], [2], [1, 2]])}},
            ]
        )

    def lapse(self) -> Plain:
        bound: Plain = {self.pick(ORDERED): self.duration()}
        if self.odds(0.3):
            bound = {"between": [self.duration(), self.duration()]}
        return {
            self.pick(["since_last", "since_first"]): self.target() | {"is": self.tolerant(bound)}
        }

    def visit_attribute(self) -> Plain:
        name = self.pick(["channel", "source_type", "visit_type", "landing_page", "country"])
        words = {"channel": "Email", "source_type": "direct", "visit_type": "new", "country": "DE"}
        touch = self.pick(["first", "last", "any", "every", "last_non_direct"])
        body = {"name": name, "is": self.text(words.get(name, "/a")), "touch": touch}
        return {"visit_attribute": body | ({"during": self.own_window()} if self.odds(0.4) else {})}

    def attribute(self) -> Plain:
        if self.odds(0.5):
            bound = self.pick([{"gte": 18}, {"ne": 17}, {"between": [17, 18]}, {"lt": 40}])
            return {"attribute": {"name": "age", "is": self.tolerant(bound)}}
        bound = self.pick([self.text("pro", "1"), {"gte": 18}, 18, {"lt": "2026-03-30"}])
        return {"attribute": {"name": "plan", "is": bound}}

    # Bounds and windows --------------------------------------------------------------------

    def tolerant(self, bound: Plain) -> Plain:
        if self.odds(0.1):
            return {"known": self.odds(0.5)}
        if isinstance(bound, dict) and self.odds(0.25):
            return bound | {"missing": self.pick(["include", "exclude"])}
        return bound

    def number(self) -> Plain:
        def n() -> float:
            return (
                float(self.pick([0, 1, 1, 2, 2, 3, 5]))
                if self.odds(0.8)
                else self.pick([2.5, 0.3333, 4.75])
            )

        bound: Plain = self.pick(
            [
                n(),
                {self.pick(["eq", "ne", *ORDERED, *ORDERED]): n()},
                {self.pick(ORDERED): n()},
                {"between": sorted([n(), n()])},
                {self.pick(["in", "not_in"]): self.several(n, 1, 3)},
                {"gte": n(), "lt": n()},
            ]
        )
        return self.tolerant(bound)

    def text(self, *words: str) -> Plain:
        ops = ["eq", "ne", "contains", "not_contains", "starts_with", "ends_with", "matches"]
        fold = {"ignore_case": True} if self.odds(0.3) else {}
        one = {self.pick(ops): self.pick(words)} | fold
        listed = {self.pick(["in", "not_in"]): self.several(lambda: self.pick(words), 1, 2)} | fold
        return self.tolerant(self.pick([self.pick(words), one, one, listed]))

    def plan(self) -> Plain:
        flags = self.pick([True, {"ne": True}])
        return self.pick(
            [self.text("pro", "Pro", "r", "free", "true"), self.text("pro"), self.number(), flags]
        )

    def dates(self) -> Plain:
        def day() -> str:
            return (
                self.base + timedelta(days=self.random.randint(-DAYS // 2, DAYS // 2))
            ).isoformat()

        one = {self.pick(["eq", "ne", *ORDERED]): day()}
        return self.tolerant(self.pick([day(), one, one, {"between": sorted([day(), day()])}]))

    def duration(self) -> str:
        days = ["1d", "2d", "3d", "4d", "7d", "1w", "1mo", "1q", "1y"]
        hours = ["30mi", "6h", "30h"] if self.clock_units else []
        return str(self.pick([*days, *hours]))

    def same_visit(self) -> Plain:
        """What must be met inside one visit."""
        during = {"during": self.own_window()} if self.odds(0.5) else {}
        parts = self.several(self.of_a_visit, 1, 3)
        if len(parts) == 1:
            return {"same_visit": dict(parts[0]) | during}
        kind = self.pick(["all", "all", "any"])
        inner = {"not": {kind: parts}} if self.odds(0.2) else {kind: parts}
        return {"same_visit": inner | during}

    def of_a_visit(self) -> Plain:
        """A condition that one visit can tell."""
        while True:
            made: Plain = self.pick([self.did, self.did, self.visit_attribute])()
            body = next(iter(made.values()))
            if "experience" not in body and not {"for", "any"} & set(body.get("during", {})):
                return made

    def own_window(self, share: float = 0.15) -> Plain:
        """A window, now and then one that hangs on an event of each user."""
        if not self.odds(share):
            return self.window()
        anchor = {self.pick(["first", "last"]): self.pick(EVENTS)}
        return {self.pick(["after", "before"]): anchor, "for": self.duration()}

    def rolling(self) -> Plain:
        """Any stretch of days inside a window."""
        length = self.pick(["1d", "2d", "3d", "5d", "1w", "1mo"])
        return {"any": length, "inside": self.window()}

    def window(self) -> Plain:
        def day(least: int = -DAYS) -> date:
            return self.base + timedelta(days=self.random.randint(least, DAYS))

        first = day()
        until = first + timedelta(days=self.random.randint(0, 6))
        which, period = (
            self.pick(["this", "last"]),
            self.pick(["day", "week", "month", "quarter", "year"]),
        )
        return self.pick(
            [
                "ever",
                {"last": self.duration()},
                {"last": self.duration()},
                {"last": self.duration(), "ending": self.duration()},
                {"from": first.isoformat(), "to": until.isoformat()},
                {"since": day().isoformat()},
                {"before": day().isoformat()},
                {"older_than": self.duration()},
                {"calendar": f"{which}_{period}"},
                {"calendar": f"{which}_{period}"},
            ]
        )
