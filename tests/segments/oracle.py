"""A second evaluator, written from the language's text alone: plain Python, slow and obvious.

It takes conditions in their plain form and shares nothing with `segkit` but the rows both read.
"""

import hashlib
import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from fractions import Fraction
from operator import eq, lt
from typing import Any
from zoneinfo import ZoneInfo

Row = dict[str, Any]
Plain = Any
PAGES = {"page_view", "screen_view"}
COLUMNS = {
    "page_url",
    "page_path",
    "page_title",
    "referrer_url",
    "currency",
    "utm_source",
    "utm_medium",
}
COLUMNS |= {"device_type", "os", "browser", "country", "region", "city"}
NUMERIC = {"sum", "avg", "min", "max", "median", "quantile", "distinct"}
ZERO = {"count", "active_days", "active_weeks", "active_months", "visits", "sum", "distinct"}


class Unknown:
    """A value that is not known."""


UNKNOWN = Unknown()


def start_of(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)


def day_of(at: datetime, zone: ZoneInfo) -> date:
    return at.astimezone(zone).date()


def earlier(at: datetime, length: str, zone: ZoneInfo) -> datetime:
    """The instant some time before another; whole days move by the calendar."""
    found = re.fullmatch(r"(\d+)(mi|h|d|w|mo|q|y)", length)
    assert found
    n, unit = int(found[1]), found[2]
    if unit in {"mi", "h"}:
        return at - timedelta(minutes=n * (60 if unit == "h" else 1))
    local = at.astimezone(zone)
    if unit in {"d", "w"}:
        day = local.date() - timedelta(days=n * (7 if unit == "w" else 1))
    else:
        months = local.year * 12 + local.month - 1 - n * {"mo": 1, "q": 3, "y": 12}[unit]
        last = 31
        while True:
            try:
                day = date(months // 12, months % 12 + 1, min(local.day, last))
                break
            except ValueError:
                last -= 1
    if start_of(local.date(), zone) == at:
        return start_of(day, zone)
    return datetime.combine(day, local.time(), tzinfo=zone).astimezone(UTC)


def by_the_wall(at: datetime, length: str, zone: ZoneInfo, sign: int) -> datetime:
    """The instant some time before or after another; whole days move the clock on the wall."""
    found = re.fullmatch(r"(\d+)(mi|h|d|w|mo|q|y)", length)
    assert found
    n, unit = sign * int(found[1]), found[2]
    if unit in {"mi", "h"}:
        return at + timedelta(minutes=n * (60 if unit == "h" else 1))
    wall = at.astimezone(zone).replace(tzinfo=None, fold=0)
    if unit in {"d", "w"}:
        wall += timedelta(days=n * (7 if unit == "w" else 1))
    else:
        months = wall.year * 12 + wall.month - 1 + n * {"mo": 1, "q": 3, "y": 12}[unit]
        first = datetime(months // 12, months % 12 + 1, 1)  # noqa: DTZ001  a wall time
        of_month = (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
        wall = wall.replace(year=first.year, month=first.month, day=min(wall.day, of_month.day))
    return wall.replace(tzinfo=zone).astimezone(UTC)


def first_day(day: date, period: str) -> date:
    if period == "week":
        return day - timedelta(days=day.isoweekday() - 1)
    if period == "month":
        return date(day.year, day.month, 1)
    if period == "quarter":
        return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
    return day if period == "day" else date(day.year, 1, 1)


def edges(during: Plain, at: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The first instant of a window and the first one after it; nothing at or after T exists."""
    low, high = datetime.min.replace(tzinfo=UTC), at
    if during == "ever":
        return low, high
    if "last" in during:
        high = earlier(at, during["ending"], zone) if "ending" in during else at
        low = earlier(high, during["last"], zone)
    elif "from" in during:
        low = start_of(date.fromisoformat(during["from"]), zone)
        high = start_of(date.fromisoformat(during["to"]) + timedelta(days=1), zone)
    elif "since" in during:
        low = start_of(date.fromisoformat(during["since"]), zone)
    elif "before" in during:
        high = start_of(date.fromisoformat(during["before"]), zone)
    elif "older_than" in during:
        high = earlier(at, during["older_than"], zone)
    else:
        which, period = during["calendar"].split("_")
        today = day_of(at - timedelta(microseconds=1), zone)
        first = first_day(today, period)
        if which == "last":
            high, first = start_of(first, zone), first_day(first - timedelta(days=1), period)
        low = start_of(first, zone)
    return low, min(high, at)


def window(during: Plain, at: datetime, zone: ZoneInfo) -> Callable[[datetime], bool]:
    """Whether an instant lies in a window."""
    low, high = edges(during, at, zone)
    return lambda t: low <= t < high


def number(value: Any) -> Any:
    """A value as an exact number, unknown where it is none."""
    if value is None or isinstance(value, Unknown | Decimal | Fraction | int):
        return UNKNOWN if value is None else value
    if not re.fullmatch(r"\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d{1,2})?\s*", str(value), re.ASCII):
        return UNKNOWN
    try:
        return Decimal(str(value).strip()).quantize(Decimal("0.000001"), ROUND_HALF_UP)
    except InvalidOperation:
        return UNKNOWN


def satisfies(value: Any, bound: Plain, zone: ZoneInfo) -> bool:
    """Whether a value (text, number, instant or unknown) satisfies an `is`."""
    if not isinstance(bound, dict):
        bound = {"in" if isinstance(bound, list) else "eq": bound}
    if "known" in bound:
        return (not isinstance(value, Unknown)) is bound["known"]
    told = []
    for op, given in bound.items():
        if op not in {"missing", "ignore_case"}:
            told.append(compare(value, op, given, zone, fold=bound.get("ignore_case", False)))
    if any(t is None for t in told):
        return isinstance(value, Unknown) and bound.get("missing") == "include"
    return all(told)


def compare(  # noqa: PLR0911
    value: Any, op: str, given: Any, zone: ZoneInfo, *, fold: bool
) -> bool | None:
    """Whether one comparator holds; None when the value is unknown to it."""
    if isinstance(value, Unknown) or value is None:
        return None
    items = given if isinstance(given, list) else [given]
    if isinstance(value, datetime):
        return compare_instants(value, op, items, zone)
    if isinstance(items[0], bool):
        word = str(value).strip().lower()
        return None if word not in {"true", "false"} else ordered(word == "true", op, items)
    if isinstance(items[0], int | float):
        n = number(value)
        return (
            None
            if isinstance(n, Unknown)
            else ordered(Fraction(n), op, [Fraction(str(i)) for i in items])
        )
    text, words = str(value), [str(i) for i in items]
    if op == "matches":
        return re.search(words[0], text, re.IGNORECASE if fold else 0) is not None
    if op in {"gt", "gte", "lt", "lte", "between"}:
        is_day = re.match(r"\d{4}-\d{2}-\d{2}", text)
        return ordered(text[:10], op, words) if is_day else None
    if fold:
        text, words = text.lower(), [w.lower() for w in words]
    tests = {"contains": words[0] in text, "not_contains": words[0] not in text}
    tests |= {"starts_with": text.startswith(words[0]), "ends_with": text.endswith(words[0])}
    return tests[op] if op in tests else ordered(text, op, words)


def ordered(value: Any, op: str, items: Sequence[Any]) -> bool:  # noqa: PLR0911
    match op:
        case "eq" | "in":
            return value in items
        case "ne" | "not_in":
            return value not in items
        case "gt":
            return bool(value > items[0])
        case "gte":
            return bool(value >= items[0])
        case "lt":
            return bool(value < items[0])
        case "lte":
            return bool(value <= items[0])
    return bool(items[0] <= value <= items[1])


def compare_instants(value: datetime, op: str, items: Sequence[str], zone: ZoneInfo) -> bool:
    """Compare by the calendar day of the value."""
    return ordered(day_of(value, zone), op, [date.fromisoformat(i) for i in items])


class World:
    """The rows of a snapshot seen at T in a zone."""

    def __init__(
        self,
        rows: Mapping[str, list[Row]],
        at: datetime,
        zone: ZoneInfo,
        library: Mapping[str, Row] | None = None,
    ) -> None:
        self.rows, self.at, self.zone, self.library = rows, at, zone, library or {}
        self.people: set[int] = set()

    def members(self, document: Row) -> set[int]:
        within = World(self.rows, self.at, self.zone, self.library)
        within.people = within.universe(document.get("universe", "everyone"))
        return within.kept(document["where"], within.people)

    def universe(self, told: Plain) -> set[int]:
        everyone = {row["user_no"] for row in self.rows["users"] if self.is_known(row)}
        self.people = everyone
        if told == "everyone":
            return everyone
        if "active" in told:
            inside = window({"last": told["active"]}, self.at, self.zone)
            active = {r["user_no"] for r in self.human_events() if inside(r["time"])}
            return everyone & active
        if "segment" in told:
            return everyone & self.members(self.library[told["segment"]])
        return {u for u in everyone if self.holds(told, u)}

    def is_known(self, user: Row) -> bool:
        if user["is_bot"]:
            return False
        if user["first_seen_at"] is not None:
            return bool(user["first_seen_at"] < self.at)
        return user["identified_at"] is None or bool(user["identified_at"] < self.at)

    def human_events(self) -> list[Row]:
        return [r for r in self.rows["events"] if r["bot_reason"] is None and r["time"] < self.at]

    def holds(self, condition: Plain, user: int) -> bool:  # noqa: PLR0911
        ((kind, body),) = condition.items()
        match kind:
            case "all":
                return all(self.holds(c, user) for c in body)
            case "any":
                return any(self.holds(c, user) for c in body)
            case "not":
                return not self.holds(body, user)
            case "at_least":
                return sum(self.holds(c, user) for c in body["of"]) >= int(body["n"])
            case "did":
                return self.did(body, user)
            case "did_not":
                return not self.did(body, user)
        return bool(getattr(self, kind)(body, user))

    def occurrences(self, body: Plain, user: int) -> list[Row]:
        """What of a target happened to a user before T, in order, as rows with `at` and `get`."""
        if "visit" in body:
            rows = [r | {"at": r["started_at"]} for r in self.rows["visits"]]
        elif "experience" in body:
            told = body["experience"]
            rows = [
                r | {"at": r["time"]}
                for r in self.rows["exposures"]
                if r["experiment"] == told["id"]
            ]
            if "variant" in told:
                rows = [r for r in rows if satisfies(r["variant"], told["variant"], self.zone)]
        else:
            rows = [r | {"at": r["time"]} for r in self.human_events() if self.is_target(r, body)]
        own = [r for r in rows if r["user_no"] == user and r["at"] < self.at]
        if "experience" in body:
            own = list({(r["variant"], r["at"]): r for r in own}.values())
        own.sort(key=lambda r: r["at"])
        wanted = body.get("where", {}).items()
        return [
            r
            for r in own
            if all(satisfies(self.read(r, name), bound, self.zone) for name, bound in wanted)
        ]

    def own_window(self, during: Plain, user: int) -> Callable[[datetime], bool]:
        """Whether an instant lies in a window, which may hang on an event of the user."""
        if "for" not in during:
            return window(during, self.at, self.zone)
        ((which, name),) = during.get("after", during.get("before")).items()
        times = [r["at"] for r in self.occurrences({"event": name}, user)]
        if not times:
            return lambda _: False
        anchor = min(times) if which == "first" else max(times)
        sign = 1 if "after" in during else -1
        other = by_the_wall(anchor, during["for"], self.zone, sign)
        low, high = sorted((anchor, other))
        return lambda t: low <= t < min(high, self.at)

    def is_target(self, row: Row, body: Plain) -> bool:
        if "event" in body:
            names = body["event"] if isinstance(body["event"], list) else [body["event"]]
            return row["event"] in names
        if row["event"] not in PAGES:
            return False
        found = {k: row[f"page_{k}"] for k in body["page"]}
        return all(
            satisfies(UNKNOWN if v is None else v, body["page"][k], self.zone)
            for k, v in found.items()
        )

    def read(self, row: Row, name: str) -> Any:
        """A property of an event or visit, unknown where it is missing."""
        if name == "event_time":
            return row["at"]
        if "started_at" in row or name in COLUMNS:
            value = row[name]
        elif name in {"value", "revenue"}:
            value = row["value"]
        else:
            value = json.loads(row["properties"] or "{}").get(name)
            if isinstance(value, bool):
                value = "true" if value else "false"
            elif value is not None:
                value = str(value)
        return UNKNOWN if value is None else value

    def rolling(self, body: Plain, user: int) -> bool:
        """Whether any stretch of whole days inside a window satisfies the bound."""
        low, high = edges(body["during"]["inside"], self.at, self.zone)
        rows = self.occurrences(body, user)
        stop = day_of(high, self.zone)
        if low.year == 1:
            begun = min([day_of(r["at"], self.zone) for r in rows] + [stop])
            low = start_of(begun - timedelta(days=800), self.zone)
        first = day_of(low, self.zone)
        if start_of(first, self.zone) < low:
            first += timedelta(days=1)
        dated = [(day_of(r["at"], self.zone), r) for r in rows]
        told: dict[tuple[int, ...], bool] = {}
        while True:
            noon = datetime(first.year, first.month, first.day, 12, tzinfo=UTC)
            until = by_the_wall(noon, body["during"]["any"], ZoneInfo("UTC"), 1).date()
            if until > stop:
                return False
            inside = tuple(i for i, (day, _) in enumerate(dated) if first <= day < until)
            if inside not in told:
                value = self.calculate(body.get("calc", "count"), [rows[i] for i in inside])
                told[inside] = satisfies(value, body.get("is", {"gte": 1}), self.zone)
            if told[inside]:
                return True
            first += timedelta(days=1)

    def did(self, body: Plain, user: int) -> bool:
        if "any" in body.get("during", "ever"):
            return self.rolling(body, user)
        inside = self.own_window(body.get("during", "ever"), user)
        rows = [r for r in self.occurrences(body, user) if inside(r["at"])]
        value = self.calculate(body.get("calc", "count"), rows)
        return satisfies(value, body.get("is", {"gte": 1}), self.zone)

    def measured(self, body: Plain, user: int) -> Any:
        inside = self.own_window(body.get("during", "ever"), user)
        rows = [r for r in self.occurrences(body, user) if inside(r["at"])]
        return self.calculate(body.get("calc", "count"), rows)

    def measure(self, body: Plain, user: int) -> bool:
        if "any" in body["of"].get("during", "ever"):
            return self.rolling(body["of"] | {"is": body["is"]}, user)
        return satisfies(self.measured(body["of"], user), body["is"], self.zone)

    def compare(self, body: Plain, user: int) -> bool:
        left, right = self.measured(body["left"], user), self.measured(body["right"], user)
        calc = body["left"].get("calc", "count")
        if isinstance(calc, str) or next(iter(calc)) in NUMERIC:
            left, right = (v if isinstance(v, datetime) else number(v) for v in (left, right))
        if isinstance(left, Unknown) or isinstance(right, Unknown):
            return False
        if isinstance(left, int | Decimal | Fraction):
            times, plus = (Fraction(str(body.get(k, d))) for k, d in (("times", 1), ("plus", 0)))
            left, right = Fraction(left), Fraction(right) * times + plus
        return ordered(left, body["op"], [right])

    def rank(self, body: Plain, user: int) -> bool:
        people = self.people if "among" not in body else self.kept(body["among"], self.people)
        known = {u: self.measured(body["by"], u) for u in people}
        values = {
            u: v if isinstance(v, datetime) else Fraction(v)
            for u, v in known.items()
            if not isinstance(v, Unknown)
        }
        if user not in values:
            return False
        n, own = len(values), values[user]
        lower, equal = (sum(op(v, own) for v in values.values()) for op in (lt, eq))
        higher = n - lower - equal
        if "percentile" in body:
            return satisfies(
                Fraction(100) * (lower + Fraction(equal, 2)) / n, body["percentile"], self.zone
            )
        if "bucket" in body:
            of = body["bucket"]["of"]
            place = Fraction(of) * (lower + Fraction(equal + 1, 2)) / n
            return math.ceil(place) in body["bucket"]["in"]
        cut = body.get("top", body.get("bottom"))
        most = math.ceil(Fraction(cut[:-1]) / 100 * n) if isinstance(cut, str) else cut
        ahead = higher if "top" in body else lower
        return bool(ahead + (equal if body.get("ties") == "exclude" else 1) <= most)

    def kept(self, condition: Plain, users: set[int]) -> set[int]:
        return {u for u in users if self.holds(condition, u)}

    def calculate(self, calc: Plain, rows: list[Row]) -> Any:  # noqa: C901, PLR0911
        if isinstance(calc, str):
            days = {day_of(r["at"], self.zone) for r in rows}
            match calc:
                case "count":
                    return len(rows)
                case "visits":
                    return len({r["visit_no"] for r in rows})
                case "active_days":
                    return len(days)
                case "active_weeks":
                    return len({d.isocalendar()[:2] for d in days})
            return len({(d.year, d.month) for d in days})
        ((kind, of),) = calc.items()
        q = 0.5
        if kind == "quantile":
            of, q = of["of"], of["q"]
        known = [v for v in (self.read(r, of) for r in rows) if not isinstance(v, Unknown)]
        if kind == "distinct":
            return len(set(known))
        if not known:
            return 0 if kind == "sum" else UNKNOWN
        if kind in {"first", "last"}:
            return known[0 if kind == "first" else -1]
        if kind == "most_frequent":
            most = max(known.count(v) for v in known)
            return min(v for v in known if known.count(v) == most)
        if kind in {"min", "max"} and isinstance(known[0], datetime):
            return min(known) if kind == "min" else max(known)
        return self.amount(kind, q, [n for n in map(number, known) if not isinstance(n, Unknown)])

    def amount(self, kind: str, q: float, values: list[Decimal]) -> Any:
        if kind == "sum":
            return sum(values, Decimal(0))
        if not values:
            return UNKNOWN
        if kind in {"min", "max"}:
            return min(values) if kind == "min" else max(values)
        exact = sorted(Fraction(v) for v in values)
        if kind == "avg":
            return sum(exact) / len(exact)
        place = Fraction(str(q)) * (len(exact) - 1)
        low = math.floor(place)
        high = min(low + 1, len(exact) - 1)
        return exact[low] + (exact[high] - exact[low]) * (place - low)

    def since_last(self, body: Plain, user: int, *, pick: Callable[..., Any] = max) -> bool:
        found = [r["at"] for r in self.occurrences(body, user)]
        bound = body["is"]
        if not found:
            return bound.get("missing") == "include" or bound.get("known") is False
        when = pick(found)
        for op, given in bound.items():
            if op == "known" and not given:
                return False
            if op in {"gte", "gt"} and not when < earlier(self.at, given, self.zone):
                return False
            if op in {"lte", "lt"} and not when >= earlier(self.at, given, self.zone):
                return False
            if op == "between":
                low, high = (earlier(self.at, g, self.zone) for g in given)
                if not high <= when < low:
                    return False
        return True

    def since_first(self, body: Plain, user: int) -> bool:
        return self.since_last(body, user, pick=min)

    def first_time(self, body: Plain, user: int) -> bool:
        times = [r["at"] for r in self.occurrences(body, user)]
        return bool(times) and window(body["during"], self.at, self.zone)(min(times))

    def regularly(self, body: Plain, user: int) -> bool:
        times = [r["at"] for r in self.occurrences(body, user)]
        found = re.fullmatch(r"(\d+)([a-z]+)", body["per"])
        assert found
        n, unit, of_last = int(found[1]), found[2], body["periods"]["of_last"]
        cuts = [self.at]
        cuts += [earlier(self.at, f"{n * i}{unit}", self.zone) for i in range(1, of_last + 1)]
        counts = [sum(cuts[i + 1] <= t < cuts[i] for t in times) for i in range(of_last)]
        met = sum(satisfies(c, body.get("is", {"gte": 1}), self.zone) for c in counts)
        return satisfies(met, body["periods"]["is"], self.zone)

    def stopped(self, body: Plain, user: int) -> bool:
        times = [r["at"] for r in self.occurrences(body, user)]
        active = window(body["active_in"], self.at, self.zone)
        silent = window({"last": body["silent_for"]}, self.at, self.zone)
        return any(map(active, times)) and not any(map(silent, times))

    def resumed(self, body: Plain, user: int) -> bool:
        times = [r["at"] for r in self.occurrences(body, user)]
        since = edges(body["during"], self.at, self.zone)[0]
        before = earlier(since, body["silent_for"], self.zone)
        again = any(map(window(body["during"], self.at, self.zone), times))
        return (
            again and any(t < before for t in times) and not any(before <= t < since for t in times)
        )

    def same_visit(self, body: Plain, user: int) -> bool:
        """Whether a visit by itself, as if nothing else had happened, meets the condition."""
        inside = self.own_window(body.get("during", "ever"), user)
        condition = {kind: inner for kind, inner in body.items() if kind != "during"}
        for visit in self.rows["visits"]:
            if visit["user_no"] != user or not inside(visit["started_at"]):
                continue
            own = [
                r
                for r in self.human_events()
                if (r["user_no"], r["visit_no"]) == (user, visit["visit_no"])
            ]
            alone = World({"events": own, "visits": [visit], "exposures": []}, self.at, self.zone)
            if alone.holds(condition, user):
                return True
        return False

    def attribute(self, body: Plain, user: int) -> bool:
        changes = [
            r for r in self.rows["attributes"] if (r["user_no"], r["name"]) == (user, body["name"])
        ]
        early = datetime.min.replace(tzinfo=UTC)
        changes = [r for r in changes if (r["valid_from"] or early) < self.at]
        changes.sort(key=lambda r: r["valid_from"] or early)
        value = changes[-1]["value"] if changes else None
        return satisfies(UNKNOWN if value is None else value, body["is"], self.zone)

    def visit_attribute(self, body: Plain, user: int) -> bool:
        inside = self.own_window(body.get("during", "ever"), user)
        visits = [
            r for r in self.rows["visits"] if r["user_no"] == user and inside(r["started_at"])
        ]
        if not visits:
            return satisfies(UNKNOWN, body["is"], self.zone)
        values = [UNKNOWN if r[body["name"]] is None else r[body["name"]] for r in visits]
        match body.get("touch", "any"):
            case "any":
                return any(satisfies(v, body["is"], self.zone) for v in values)
            case "every":
                return all(satisfies(v, body["is"], self.zone) for v in values)
            case "first":
                return satisfies(values[0], body["is"], self.zone)
            case "last":
                return satisfies(values[-1], body["is"], self.zone)
        lasting = [
            v
            for v, r in zip(values, visits, strict=True)
            if r["source_type"] not in {None, "direct"}
        ]
        return satisfies(lasting[-1] if lasting else values[-1], body["is"], self.zone)

    def in_segment(self, body: Plain, user: int) -> bool:
        segment = body if isinstance(body, str) else body["id"]
        return user in self.members(self.library[segment])

    def set(self, body: str, user: int) -> bool:
        """Let Python's own set operators say what an expression of ids means."""
        names = {name: self.members(tree) for name, tree in self.library.items()}
        return user in eval(body, {"__builtins__": {}}, names)  # noqa: S307  the tests' own text

    def in_list(self, body: Plain, user: int) -> bool:
        (key,) = (r["user_key"] for r in self.rows["users"] if r["user_no"] == user)
        return key in body["ids"]

    def sample(self, body: Plain, user: int) -> bool:
        (key,) = (r["user_key"] for r in self.rows["users"] if r["user_no"] == user)
        digest = hashlib.sha256(f"{body['salt']}:{key}".encode()).digest()
        share = Fraction(int.from_bytes(digest[:7], "big") >> 4, 2**52)
        low, high = (Fraction(str(edge)) for edge in body["range"])
        return low <= share < high

    def consent(self, body: Plain, user: int) -> bool:
        told = [
            r
            for r in self.rows["consents"]
            if (r["user_no"], r["purpose"]) == (user, body["purpose"])
        ]
        told = [r for r in told if r["time"] < self.at]
        if not told:
            return bool(body["is"] == "unknown")
        last = max(r["time"] for r in told)
        states = {r["state"] for r in told if r["time"] == last}
        return bool(body["is"] == ("denied" if "denied" in states else "granted"))
