"""Random small worlds and random definitions for them, for Hypothesis."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from tests.segments.tiny import Row, event, label

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


def instants(zone: str, base: date) -> st.SearchStrategy[datetime]:
    """Instants around a clock change: any minute, and often an edge of a day or of a visit."""
    start = datetime(base.year, base.month, base.day, tzinfo=ZoneInfo(zone)) - timedelta(
        days=DAYS // 2
    )

    def at(days: int, minutes: int) -> datetime:
        moved = start.date() + timedelta(days=days)
        midnight = datetime(moved.year, moved.month, moved.day, tzinfo=start.tzinfo).astimezone(UTC)
        return midnight + timedelta(minutes=minutes)

    minutes = st.one_of(st.integers(0, 1439), st.sampled_from([0, 0, 30, 60, 90, 120, 1409, 1439]))
    return st.builds(at, st.integers(0, DAYS), minutes)


def maybe(*values: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from([None, *values])


@st.composite
def settings_(draw: st.DrawFn) -> Setting:
    zone = draw(st.sampled_from(sorted(CHANGES)))
    base = CHANGES[zone]
    when = instants(zone, base)
    one = st.builds(
        lambda user, time, name, more: event(
            user, time, name, **{k: v for k, v in more.items() if v is not None}
        ),
        st.sampled_from(USERS),
        when,
        st.sampled_from(EVENTS),
        st.fixed_dictionaries(
            {
                "page_path": maybe("/a", "/b", "/articles/1"),
                "value": maybe("1", "2.5", "10", "0.3333"),
                "plan": maybe("pro", "Pro", "free", 3, "true"),
                "seconds": maybe(1, 2, 5, 7.5, "9", "x"),
                "country": maybe("DE", "JP"),
                "source_type": maybe("direct", "campaign"),
                "channel": maybe("Direct", "Email"),
                "bot_reason": maybe(None, None, None, "crawler"),
            }
        ),
    )
    iso = when.map(lambda t: t.isoformat())
    told = st.sampled_from(
        [
            *(("age", value) for value in ("17", "18", "40", None)),
            *(("plan", value) for value in ("pro", "18", "2026-03-29", None)),
        ]
    )
    change = st.builds(
        lambda user, pair, since: label(user, pair[0], pair[1], since),
        st.sampled_from(USERS),
        told,
        st.one_of(st.none(), iso),
    )
    consent = st.fixed_dictionaries(
        {"user": st.sampled_from(USERS), "purpose": st.just("mail"), "time": when}
        | {"state": st.sampled_from(["granted", "denied"])}
    )
    exposure = st.fixed_dictionaries(
        {"user": st.sampled_from(USERS), "experiment": st.just("exp"), "time": when}
        | {"variant": st.sampled_from(["A", "B"])}
    )
    seed = [
        event("u_1", when_of(zone, base), name, plan="pro", seconds=1, value="1") for name in EVENTS
    ]
    labels = [label("u_9", name, value) for name, value in (("age", "30"), ("plan", "pro"))]
    fixed = {"user": "u_1", "time": when_of(zone, base)}
    changes = draw(
        st.lists(change, max_size=6, unique_by=lambda r: (r["user"], r["name"], r["valid_from"]))
    )
    return Setting(
        zone=zone,
        base=base,
        events=seed + draw(st.lists(one, max_size=14)),
        attributes=labels + changes,
        consents=[
            fixed | {"purpose": "mail", "state": "granted"},
            *draw(st.lists(consent, max_size=5)),
        ],
        exposures=[
            fixed | {"experiment": "exp", "variant": "A"},
            fixed | {"experiment": "exp", "variant": "B"},
            *draw(st.lists(exposure, max_size=5)),
        ],
        people={"u_8": None, "u_9": None} | draw(st.dictionaries(st.just("u_7"), iso)),
    )


def when_of(zone: str, base: date) -> datetime:
    return datetime(base.year, base.month, base.day, 12, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def durations(*, clock: bool) -> st.SearchStrategy[str]:
    units = ["1d", "2d", "3d", "7d", "1w", "1mo", "1q", "1y"]
    return st.sampled_from([*units, "30mi", "6h"] if clock else units)


def windows(base: date, *, clock: bool) -> st.SearchStrategy[Plain]:
    days = st.integers(-DAYS, DAYS).map(lambda n: base + timedelta(days=n))
    length = durations(clock=clock)
    periods = ["day", "week", "month", "quarter", "year"]
    span = st.tuples(days, st.integers(0, 6)).map(
        lambda t: {"from": t[0].isoformat(), "to": (t[0] + timedelta(days=t[1])).isoformat()}
    )
    return st.one_of(
        st.just("ever"),
        length.map(lambda d: {"last": d}),
        st.tuples(length, length).map(lambda t: {"last": t[0], "ending": t[1]}),
        span,
        days.map(lambda d: {"since": d.isoformat()}),
        days.map(lambda d: {"before": d.isoformat()}),
        length.map(lambda d: {"older_than": d}),
        st.sampled_from([f"{w}_{p}" for w in ("this", "last") for p in periods]).map(
            lambda n: {"calendar": n}
        ),
    )


def numbers_() -> st.SearchStrategy[Plain]:
    n = st.sampled_from([0, 1, 2, 3, 5, 2.5, 0.3333, 4.75])
    one = st.tuples(st.sampled_from(["eq", "ne", "gt", "gte", "lt", "lte"]), n).map(
        lambda t: {t[0]: t[1]}
    )
    pair = st.tuples(n, n).map(lambda t: {"between": sorted(t)})
    listed = st.tuples(st.sampled_from(["in", "not_in"]), st.lists(n, min_size=1, max_size=3)).map(
        lambda t: {t[0]: t[1]}
    )
    both = st.tuples(n, n).map(lambda t: {"gte": t[0], "lt": t[1]})
    some = st.one_of(n, one, pair, listed, both)
    return with_missing(some)


def with_missing(bounds: st.SearchStrategy[Plain]) -> st.SearchStrategy[Plain]:
    def add(bound: Plain, missing: str | None) -> Plain:
        if missing is None or not isinstance(bound, dict):
            return bound
        return bound | {"missing": missing}

    told = st.builds(add, bounds, st.sampled_from([None, None, "include", "exclude"]))
    return st.one_of(told, told, st.sampled_from([{"known": True}, {"known": False}]))


def texts(*words: str) -> st.SearchStrategy[Plain]:
    word = st.sampled_from(words)
    ops = ["eq", "ne", "contains", "not_contains", "starts_with", "ends_with", "matches"]
    one = st.builds(
        lambda op, w, fold: {op: w, "ignore_case": True} if fold else {op: w},
        st.sampled_from(ops),
        word,
        st.booleans(),
    )
    listed = st.tuples(st.sampled_from(["in", "not_in"]), st.lists(word, min_size=1, max_size=2))
    return with_missing(st.one_of(word, one, listed.map(lambda t: {t[0]: t[1]})))


def plans() -> st.SearchStrategy[Plain]:
    return st.one_of(
        texts("pro", "Pro", "r", "free", "true"), numbers_(), st.sampled_from([True, {"ne": True}])
    )


def dates(base: date) -> st.SearchStrategy[Plain]:
    day = st.integers(-DAYS // 2, DAYS // 2).map(lambda n: (base + timedelta(days=n)).isoformat())
    one = st.tuples(st.sampled_from(["eq", "ne", "gt", "gte", "lt", "lte"]), day).map(
        lambda t: {t[0]: t[1]}
    )
    return with_missing(
        st.one_of(day, one, st.tuples(day, day).map(lambda t: {"between": sorted(t)}))
    )


def targets() -> st.SearchStrategy[Plain]:
    where = st.one_of(
        st.just({}),
        st.just({}),
        st.fixed_dictionaries({"where": st.fixed_dictionaries({"plan": plans()})}),
        st.fixed_dictionaries(
            {"where": st.fixed_dictionaries({"value": numbers_(), "country": texts("DE", "J")})}
        ),
    )
    names = st.one_of(
        st.sampled_from(EVENTS), st.lists(st.sampled_from(EVENTS), min_size=1, max_size=2)
    )
    events = st.tuples(names, where).map(lambda t: {"event": t[0]} | t[1])
    pages = st.tuples(texts("/a", "/articles", "/"), where).map(
        lambda t: {"page": {"path": t[0]}} | t[1]
    )
    visits = st.one_of(
        st.just({}),
        st.fixed_dictionaries({"where": st.fixed_dictionaries({"channel": texts("Email")})}),
    )
    variant: st.SearchStrategy[Plain] = st.one_of(
        st.just({}),
        st.sampled_from(["A", "B", {"ne": "A"}, ["A", "B"]]).map(lambda v: {"variant": v}),
    )
    return st.one_of(
        events,
        events,
        pages,
        visits.map(lambda w: {"visit": "any"} | w),
        variant.map(lambda v: {"experience": {"id": "exp"} | v}),
    )


def calcs(target: Plain, base: date) -> st.SearchStrategy[Plain]:
    """A calc of a target with an `is` that fits it."""
    counts = ["count", "active_days", "active_weeks", "active_months"]
    if "experience" not in target:
        counts.append("visits")
    number = st.tuples(st.sampled_from(counts), numbers_())
    timed = st.tuples(
        st.sampled_from(["min", "max", "first", "last"]).map(lambda k: {k: "event_time"}),
        dates(base),
    )
    if "experience" in target:
        return st.one_of(number, timed)
    if "visit" in target:
        picked = st.tuples(
            st.sampled_from(["first", "last", "most_frequent"]).map(lambda k: {k: "channel"}),
            texts("Email"),
        )
        return st.one_of(
            number, timed, picked, st.tuples(st.just({"distinct": "channel"}), numbers_())
        )
    kinds = st.sampled_from(["sum", "avg", "min", "max", "median", "distinct"])
    of = st.sampled_from(["value", "revenue", "seconds"])
    amounts = st.tuples(st.tuples(kinds, of).map(lambda t: {t[0]: t[1]}), numbers_())
    q = st.sampled_from([0, 0.1, 0.25, 0.9, 1])
    quantile = st.tuples(
        st.tuples(of, q).map(lambda t: {"quantile": {"of": t[0], "q": t[1]}}), numbers_()
    )
    picks = st.tuples(
        st.sampled_from(["first", "last", "most_frequent"]).map(lambda k: {k: "plan"}), plans()
    )
    return st.one_of(number, number, amounts, quantile, picks, timed)


@st.composite
def dids(draw: st.DrawFn, base: date, *, clock: bool) -> Plain:
    target = draw(targets())
    body = dict(target)
    if draw(st.booleans()):
        body["during"] = draw(windows(base, clock=clock))
    if draw(st.integers(0, 3)):
        body["calc"], body["is"] = draw(calcs(target, base))
    return {draw(st.sampled_from(["did", "did", "did_not"])): body}


@st.composite
def lapses(draw: st.DrawFn, *, clock: bool) -> Plain:
    length = durations(clock=clock)
    one = st.tuples(st.sampled_from(["gt", "gte", "lt", "lte"]), length).map(lambda t: {t[0]: t[1]})
    pair = st.tuples(length, length).map(lambda t: {"between": list(t)})
    bound = draw(with_missing(st.one_of(one, pair)))
    return {draw(st.sampled_from(["since_last", "since_first"])): draw(targets()) | {"is": bound}}


def leaves(base: date, *, clock: bool) -> st.SearchStrategy[Plain]:
    name = st.sampled_from(["channel", "source_type", "visit_type", "landing_page", "country"])
    touched = st.fixed_dictionaries(
        {"name": name, "is": texts("Email", "direct", "new", "/a", "DE")}
        | {"touch": st.sampled_from(["first", "last", "any", "every", "last_non_direct"])},
        optional={"during": windows(base, clock=clock)},
    )
    plan = st.one_of(texts("pro", "1"), st.sampled_from([{"gte": 18}, 18, {"lt": "2026-03-30"}]))
    age = with_missing(st.sampled_from([18, {"gte": 18}, {"ne": 17}, {"between": [17, 18]}]))
    labels = st.one_of(
        plan.map(lambda b: {"name": "plan", "is": b}), age.map(lambda b: {"name": "age", "is": b})
    )
    shares = st.tuples(st.sampled_from([0, 0.1, 0.25]), st.sampled_from([0.3, 0.5, 1.0]))
    did = dids(base, clock=clock)
    return st.one_of(
        did,
        did,
        lapses(clock=clock),
        touched.map(lambda b: {"visit_attribute": b}),
        labels.map(lambda b: {"attribute": b}),
        st.sampled_from(["other", "second"]).map(lambda s: {"in_segment": s}),
        st.sampled_from(["other | second", "other & second", "second - other"]).map(
            lambda s: {"set": s}
        ),
        st.lists(st.sampled_from([*USERS, "u_9"]), min_size=1, max_size=3).map(
            lambda i: {"in_list": {"ids": i}}
        ),
        shares.map(lambda r: {"sample": {"salt": "s", "range": list(r)}}),
        st.sampled_from(["granted", "denied", "unknown"]).map(
            lambda s: {"consent": {"purpose": "mail", "is": s}}
        ),
    )


def conditions(base: date, *, clock: bool) -> st.SearchStrategy[Plain]:
    def some(inner: st.SearchStrategy[Plain]) -> st.SearchStrategy[list[Plain]]:
        return st.lists(inner, min_size=1, max_size=3)

    return st.recursive(
        leaves(base, clock=clock),
        lambda inner: st.one_of(
            some(inner).map(lambda of: {"all": of}),
            some(inner).map(lambda of: {"any": of}),
            inner.map(lambda of: {"not": of}),
            st.tuples(some(inner), st.integers(1, 3)).map(
                lambda t: {"at_least": {"n": min(t[1], len(t[0])), "of": t[0]}}
            ),
        ),
        max_leaves=4,
    )


LIBRARY = {
    "other": {"did": {"event": "purchase"}},
    "second": {"did_not": {"event": "login", "during": {"last": "3d"}}},
}


def documents(base: date, *, clock: bool) -> st.SearchStrategy[Row]:
    """A condition with, now and then, a universe of its own."""
    where = conditions(base, clock=clock)
    universe = st.one_of(
        st.sampled_from(["everyone", "everyone", {"active": "3d"}, {"segment": "second"}]),
        st.just({"did": {"visit": "any", "during": {"last": "7d"}}}),
    )
    return st.fixed_dictionaries({"where": where}, optional={"universe": universe})
