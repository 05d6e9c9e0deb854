"""A whole report on the buyers of the tiny tables, and what it keeps to itself."""

import json
import random
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest

from segkit.config import Role
from segkit.errors import EmptyError, ParameterError, UnknownNameError
from segkit.measures.facts import SegmentReportFacts
from segkit.periods import Clock
from segkit.reports.request import ReportRequest
from segkit.reports.segment_report import build_facts, facts_document, open_report
from segkit.segments.model import Policy
from segkit.store.engine import Engine
from segkit.store.tables import Tables
from tests.measures.tiny import (
    CLOCK,
    ZONE,
    build_tables,
    build_tiny,
    everyone_at,
    number,
    with_visits,
)
from tests.reports.buyers import ask as ask_buyers


@pytest.fixture(scope="module")
def tiny() -> Tables:
    return build_tiny(Engine(memory="500MB"))


def ask(tables: Tables, **changes: Any) -> ReportRequest:
    asked = {"funnel": ("page_view", "add_to_cart", "purchase")}
    return ask_buyers(tables, **asked | changes)


@pytest.fixture(scope="module")
def facts(tiny: Tables) -> SegmentReportFacts:
    return build_facts(ask(tiny))


def test_the_head_count_is_the_length_of_the_list(facts: SegmentReportFacts) -> None:
    overview = facts.overview

    assert (overview.n_users, overview.n_universe) == (4, 12)
    assert overview.share == pytest.approx(1 / 3)
    assert (overview.n_active_7d, overview.n_new_7d) == (2, 0)
    assert overview.n_users == facts.user_list.n_rows == len(facts.user_list.rows)
    assert facts.trend[-1].n_users == overview.n_users
    assert facts.head.n_baseline == 8


def test_the_cohorts_together_are_the_sums_of_those_shown(tiny: Tables) -> None:
    found = build_facts(ask(tiny, min_size=1)).behaviour

    for point in found.retention_average:
        shown = [c for c in found.retention if c.k == point.low and c.n_retained is not None]
        assert point.n_eligible == sum(c.n_eligible or 0 for c in shown)
        assert (point.n_retained or 0) == sum(c.n_retained or 0 for c in shown)
    assert found.retention_average[0].share == 1


def test_the_document_has_the_keys_of_the_contract(facts: SegmentReportFacts) -> None:
    document = json.loads(json.dumps(facts_document(facts), allow_nan=False))

    assert set(document) >= {
        "segment", "title", "as_of", "days", "definition", "snapshot", "engine", "overview",
        "behaviour", "attributes", "trend", "patterns", "user_list", "notes",
    }  # fmt: skip
    assert set(document["overview"]) >= {
        "n_users", "n_universe", "share", "n_active_7d", "n_new_7d", "top_users",
    }  # fmt: skip
    assert set(document["trend"][0]) >= {"period", "n_users", "n_active", "n_entered", "n_left"}
    assert set(document["user_list"]) == {"n_rows", "columns"}
    assert (document["as_of"], document["days"], document["patterns"]) == ("2026-03-31", 35, None)
    assert document["overview"]["top_users"][0]["user"] == "u01"
    assert document["behaviour"]["measures"]["visits_per_user"]["value"] == 2.5


def test_the_behaviour_is_that_of_the_measures(facts: SegmentReportFacts) -> None:
    behaviour = facts.behaviour

    assert [(s.n_users, s.n_baseline) for s in behaviour.funnel] == [(4, 5), (2, 0), (2, 0)]
    assert len(behaviour.hours) == 168
    assert len(behaviour.retention) == 10
    assert [b.name for b in behaviour.breakdowns] == [
        "pages", "entry_pages", "exit_pages", "channels", "sources", "devices", "browsers",
        "countries", "events", "purchases",
    ]  # fmt: skip
    home = behaviour.breakdowns[0].rows[0]
    assert (home.share, home.baseline_share) == (1, 3 / 8)
    assert home.lift == pytest.approx(8 / 3)


def test_the_notes_say_what_was_assumed(facts: SegmentReportFacts) -> None:
    notes = "\n".join(facts.notes)

    assert "1 user is left out as bots" in notes
    assert "Orders are the events `purchase`" in notes
    assert "2026-W14 is not over" in notes
    assert "withheld" not in notes


def test_data_that_begins_late_is_said_so(tiny: Tables) -> None:
    found = build_facts(ask(tiny, days=60)).notes

    # The window begins on 31 January, the data on 15 January.
    assert any("begins on 2026-01-15, less than 30 days" in note for note in found)
    assert not any("less than 30 days" in n for n in build_facts(ask(tiny, days=35)).notes)


def test_an_empty_segment_is_refused(tiny: Tables) -> None:
    before = Clock.at_end_of(date(2026, 1, 20), ZONE)

    with pytest.raises(EmptyError, match="`buyers` has no members on 2026-01-20"):
        build_facts(ask(tiny, clock=before))


def test_an_empty_universe_is_refused(tiny: Tables) -> None:
    def nobody(clock: Clock) -> object:
        return everyone_at(tiny, clock).filter(False)  # noqa: FBT003  Ibis

    with pytest.raises(EmptyError, match="universe of segment `buyers` holds nobody"):
        build_facts(ask(tiny, members_at=nobody, universe_at=nobody))


def test_t_within_a_day_is_refused(tiny: Tables) -> None:
    noon = Clock(CLOCK.at - timedelta(hours=12), ZONE)

    with pytest.raises(ParameterError, match="whole days"):
        open_report(ask(tiny, clock=noon))


def test_an_unknown_step_of_the_funnel_is_refused(tiny: Tables) -> None:
    with pytest.raises(UnknownNameError, match="Unknown event `buy`"):
        build_facts(ask(tiny, funnel=("buy",)))


def test_a_segment_below_the_least_size_says_nothing(tiny: Tables) -> None:
    found = build_facts(ask(tiny, min_size=5))

    document = facts_document(found)
    assert document["overview"]["n_users"] is None
    assert document["overview"]["n_universe"] is None
    assert document["user_list"] == {"n_rows": None, "columns": []}
    assert document["trend"] == []
    assert "fewer than 5 users" in document["notes"][0]
    assert document["n_baseline"] is None


def test_a_baseline_below_the_least_size_says_nothing(tiny: Tables) -> None:
    def most(clock: Clock) -> object:
        everyone = everyone_at(tiny, clock)
        return everyone.filter(everyone.user_no > number("u02"))

    found = build_facts(ask(tiny, members_at=most, min_size=3))

    assert found.overview.n_users is None


@pytest.mark.parametrize(("workspace", "policy", "least"), [(3, 1, 3), (1, 4, 4), (3, 3, 3)])
def test_a_policy_raises_the_least_size_and_never_lowers_it(
    tiny: Tables, workspace: int, policy: int, least: int
) -> None:
    asked = ask(tiny, min_size=workspace, policy=Policy(min_size=policy))

    assert build_facts(asked).head.min_size == least


def test_users_of_both_segments_count_in_the_segment_only(tiny: Tables) -> None:
    def loyal(clock: Clock) -> object:
        everyone = everyone_at(tiny, clock)
        return everyone.filter(everyone.user_no.isin([number(u) for u in ("u01", "u05", "u06")]))

    found = build_facts(ask(tiny, baseline="loyal", baseline_title="Loyal", baseline_at=loyal))

    assert (found.overview.n_users, found.overview.n_universe, found.head.n_baseline) == (4, 12, 2)
    assert any("both segments" in note for note in found.notes)


def test_a_segment_of_everybody_has_nobody_to_compare_with(tiny: Tables) -> None:
    found = build_facts(ask(tiny, members_at=partial(everyone_at, tiny)))

    assert found.head.n_baseline == 0
    assert all(row.lift is None for b in found.behaviour.breakdowns for row in b.rows)
    assert any("baseline holds nobody" in note for note in found.notes)


def test_currencies_are_never_added_up(tiny: Tables) -> None:
    rows: list[dict[str, str | None]] = [
        {"user": f"u{i:02}", "time": "2026-03-10T09:00:00Z", "event": "purchase", "value": "5",
         "currency": "EUR" if i % 2 else "USD"}
        for i in range(1, 5)
    ]  # fmt: skip
    tables = build_tables(tiny.engine, with_visits(rows))

    found = build_facts(ask(tables, funnel=()))

    money = [m for m in found.behaviour.measures if m.kind == "money"]
    assert found.head.currency is None
    assert money
    assert all(m.value is None for m in money)
    assert "revenue" not in {name for name, _, _ in found.user_list.columns}
    assert any("`EUR`, `USD`" in note for note in found.notes)


@pytest.mark.parametrize("clearance", ["public", "pseudonymous", "personal"])
def test_mail_addresses_are_for_cleared_readers(tiny: Tables, clearance: Role) -> None:
    found = build_facts(ask(tiny, clearance=clearance))

    document = json.dumps(facts_document(found))
    assert ("ann@example.org" in document) == (clearance == "personal")
    assert ("u01" in document) == (clearance != "public")
    assert "bob@example.org" not in document


def counts_of(facts: SegmentReportFacts) -> list[int | None]:
    """Give every count of people or visits that the report shows."""
    behaviour, overview = facts.behaviour, facts.overview
    counts = [overview.n_active_7d, overview.n_new_7d]
    for b in (*behaviour.breakdowns, *facts.attributes.breakdowns, facts.attributes.over):
        counts += [n for row in b.rows for n in (row.n, row.n_baseline)]
        counts += [b.denominator, b.baseline_denominator]
    counts += [n for step in behaviour.funnel for n in (step.n_users, step.n_baseline)]
    counts += [n for cell in behaviour.retention for n in (cell.n_eligible, cell.n_retained)]
    for row in facts.trend:
        counts += [row.n_users, row.n_active, row.n_entered, row.n_left, row.n_universe]
    for m in behaviour.measures:
        if m.name in {"active_share", "buyers_share"}:
            counts += [int(n) for n in (m.numerator, m.baseline_numerator) if n is not None]
    return counts


@pytest.mark.parametrize("seed", range(3))
def test_no_count_of_a_report_is_small(seed: int) -> None:
    chance = random.Random(seed)
    events = ("page_view", "page_view", "add_to_cart", "purchase")
    rows: list[dict[str, str | None]] = []
    for _ in range(600):
        event = chance.choice(events)
        day = date(2026, 2, 20) + timedelta(days=int(39 * chance.random() ** 0.5))
        rows.append(
            {
                "user": f"u{int(90 * chance.random() ** 2):02}",
                "time": f"{day}T{chance.randrange(24):02}:00:00Z",
                "event": event,
                "page_path": f"/{int(12 * chance.random() ** 2)}",
                "value": "5" if event == "purchase" else None,
                "channel": chance.choice(["Direct", "Direct", "Email", "Referral"]),
                "device_type": chance.choice(["pc"] * 20 + ["tablet"]),
            }
        )
    labels = [(f"u{i:02}", "plan", chance.choice("aaaaabbbc"), None) for i in range(70)]
    tables = build_tables(Engine(memory="500MB"), with_visits(rows), labels=labels)

    found = build_facts(ask(tables, min_size=6))

    counts = counts_of(found)
    assert counts.count(None) > 0
    assert [n for n in counts if n is not None and 0 < n < 6] == []
    assert any("withheld, shown as" in note for note in found.notes)
    for b in (*found.behaviour.breakdowns, *found.attributes.breakdowns):
        if b.is_partition and b.denominator is not None and not b.n_more:
            assert [row.n for row in b.rows].count(None) != 1
