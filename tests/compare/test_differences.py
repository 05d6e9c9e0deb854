"""What is compared, counted again in plain Python; what is so by definition; what is withheld."""

import json
import random
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import segkit as sk
from segkit.compare.candidates import Candidates
from segkit.compare.differences import (
    Comparison,
    compare_sides,
    compare_together,
    say_nothing,
)
from segkit.compare.facts import Differences, Finding
from segkit.compare.findings import (
    AmountCompared,
    Compared,
    LabelCompared,
    ShareCompared,
    Subject,
    judge,
)
from segkit.compare.lifts import add_lifts, over_among
from segkit.compare.reads import NOTHING, Reads, reads_of
from segkit.measures.facts import as_json
from segkit.reports.document import differences_document
from segkit.store.engine import Engine
from segkit.store.tables import Tables
from tests.compare.worlds import labels_of, make_candidates, make_world
from tests.measures.tiny import Row

MEMBERS = [f"u{i:02}" for i in range(0, 90, 3)]
World = tuple[Tables, list[Row]]


@pytest.fixture(scope="module")
def world() -> World:
    return make_world(Engine(memory="500MB"))


@pytest.fixture(scope="module")
def candidates(world: World) -> Candidates:
    return make_candidates(world[0], MEMBERS)


@pytest.fixture(scope="module")
def shares(candidates: Candidates) -> dict[tuple[str, str], Any]:
    return {
        (c.subject.source[1] if c.subject.kind in {"visit", "label"} else c.subject.kind,
         c.subject.name): c.counts
        for c in candidates.compare()
        if isinstance(c, ShareCompared)
    }  # fmt: skip


def users(events: list[Row]) -> tuple[int, int]:
    """Give the members and the others behind some events."""
    who = {str(e["user"]) for e in events}
    own = who & set(MEMBERS)
    return len(own), len(who - own)


def test_shares_are_those_counted_by_hand(world: World, shares: dict[Any, Any]) -> None:
    events = world[1]
    came = users(events)

    for name in ("purchase", "add_to_cart"):
        found = users([e for e in events if e["event"] == name])
        assert shares["event", name] == (found[0], came[0], found[1], came[1])
    for path in ("/0", "/1", "/8"):
        found = users([e for e in events if e["page_path"] == path])
        assert shares["page", path] == (found[0], came[0], found[1], came[1])
    firsts = {(e["user"], e["visit_no"]): e for e in reversed(events)}  # the visit's first event
    found = users([e for e in firsts.values() if e["channel"] == "Email"])
    assert shares["channel", "Email"] == (found[0], came[0], found[1], came[1])


def test_amounts_are_those_counted_by_hand(world: World, candidates: Candidates) -> None:
    events = world[1]
    amounts = {
        c.subject.name: c.amounts for c in candidates.compare() if isinstance(c, AmountCompared)
    }

    own = [e for e in events if e["user"] in MEMBERS]
    orders, revenue, visits = (amounts[name] for name in ("orders", "revenue", "visits"))
    assert orders
    assert revenue
    assert visits
    assert (orders.values * orders.n).sum() == sum(e["event"] == "purchase" for e in own)
    assert (revenue.values * revenue.n).sum() == float(sum(e["value"] or 0 for e in own))
    assert (visits.values * visits.n).sum() == len({(e["user"], e["visit_no"]) for e in own})
    assert orders.sizes == users(events)


def test_labels_are_compared_value_by_value_and_as_a_whole(
    candidates: Candidates, shares: dict[Any, Any]
) -> None:
    wholes = [c for c in candidates.compare() if isinstance(c, LabelCompared)]

    plan = next(c for c in wholes if c.subject.name == "plan")
    assert plan.counts
    assert plan.denominators == tuple(sum(side) for side in zip(*plan.counts, strict=True))
    assert sum(shares["plan", v][0] for v in "ab") == plan.denominators[0]


def buys(differences: Differences) -> dict[str, list[str]]:
    """Give what is said of orders, by where it is said."""
    said = {"by definition": differences.by_definition, "found": differences.findings}
    return {
        place: [f.name for f in found if f.name in {"purchase", "orders", "revenue"}]
        for place, found in said.items()
    }


def test_a_definition_that_reads_purchases_finds_no_purchases(candidates: Candidates) -> None:
    reads = reads_of(sk.Segment("buyers", sk.did(event="purchase")))

    found = compare_sides(candidates, reads)

    said = buys(found)
    assert sorted(said["by definition"]) == ["orders", "purchase", "revenue"]
    assert said["found"] == []
    assert all(f.p is None and f.q is None for f in found.by_definition)
    assert reads.covers(("amount", "active"))
    assert any(f.name == "add_to_cart" for f in found.findings)


def test_a_definition_that_reads_nothing_of_it_may_find_purchases(candidates: Candidates) -> None:
    found = compare_sides(candidates, NOTHING)

    assert buys(found)["by definition"] == []
    assert sorted(buys(found)["found"]) == ["orders", "purchase", "revenue"]
    assert found.by_definition == ()


def test_pages_read_by_path_are_by_definition(candidates: Candidates) -> None:
    reads = reads_of(sk.Segment("s", sk.did(page={"path": ["/0", "/1"]})))

    found = compare_sides(candidates, reads)

    given = {f.name for f in found.by_definition if f.kind == "page"}
    assert {"/0", "/1"} <= given
    assert "/2" not in given
    assert "page_views" in {f.name for f in found.by_definition}


def test_what_every_member_did_follows_from_a_definition_of_behaviour(world: World) -> None:
    tables, events = world
    searchers = sorted({str(e["user"]) for e in events if e["event"] == "search"})[:30]
    candidates = make_candidates(tables, searchers)
    other = Reads(events=frozenset({"purchase"}))

    given = {f.name for f in compare_sides(candidates, other).by_definition}
    tested = {f.name for f in compare_sides(candidates, NOTHING).findings}

    assert "search" in given
    assert "search" in tested


def test_findings_that_hold_come_first_and_the_strongest_of_them_first(
    candidates: Candidates,
) -> None:
    found = compare_sides(candidates, NOTHING, level=0.9)

    strengths = [f.strength for f in found.found]
    assert strengths == sorted(strengths, reverse=True)
    assert found.findings[: found.n_found] == found.found
    assert found.n_tested == len(found.findings)


def test_all_are_judged_in_one_family(candidates: Candidates) -> None:
    from statsmodels.stats.multitest import multipletests  # noqa: PLC0415  slow to import

    findings = compare_sides(candidates, NOTHING).findings

    q = multipletests([f.p for f in findings], method="fdr_bh")[1]
    assert [f.q for f in findings] == pytest.approx(list(q))


def test_several_comparisons_are_one_family_in_their_order(world: World) -> None:
    from statsmodels.stats.multitest import multipletests  # noqa: PLC0415  slow to import

    halves = (MEMBERS, MEMBERS[::2])

    found = compare_together(
        [Comparison(make_candidates(world[0], members), NOTHING) for members in halves]
    )

    tested = [f for part in found for f in part.findings]
    q = multipletests([f.p for f in tested], method="fdr_bh")[1]
    assert [part.n_segment for part in found] == [30, 15]
    assert [f.q for f in tested] == pytest.approx(list(q))


def test_no_count_of_fewer_than_the_least_is_told(world: World) -> None:
    found = compare_sides(make_candidates(world[0], MEMBERS, min_size=12), NOTHING)

    told = [*found.findings, *found.by_definition]
    shown = [f for f in told if f.kind not in {"amount", "whole_label"}]
    counts = [n for f in shown for n in (f.numerator, f.baseline_numerator)]
    rests = [f.denominator - (f.numerator or 0) for f in shown]
    assert found.n_withheld > 0
    assert [n for n in (*counts, *rests) if n is not None and 0 < n < 12] == []
    assert shown


def test_differences_are_plain_json_without_what_does_not_hold(candidates: Candidates) -> None:
    found = compare_sides(candidates, NOTHING)

    document = json.loads(json.dumps(differences_document(found), allow_nan=False))

    assert len(document["findings"]) == found.n_found == document["n_found"]
    assert document["n_tested"] == len(found.findings)
    assert json.dumps(as_json(say_nothing()), allow_nan=False)


def test_nothing_to_compare_gives_nothing() -> None:
    judged = judge([], is_read=lambda _: False)

    assert (judged.findings, judged.by_definition, judged.n_tested) == ((), (), 0)


@pytest.mark.slow
def test_on_null_data_false_claims_stay_below_the_level() -> None:
    engine = Engine(memory="500MB")
    tables, _ = make_world(engine, n_users=90, n_rows=2500, seed=8)
    everyone = [f"u{i:02}" for i in range(90)]
    n_splits, claims, n_compared = 200, 0, []
    for seed in range(n_splits):
        members = random.Random(seed).sample(everyone, 40)
        found = compare_sides(make_candidates(tables, members), NOTHING)
        labels = [add_lifts(b) for b in labels_of(make_candidates(tables, members).sides)]
        held = {f.title for f in found.found}
        claims += found.n_found > 0 or bool(over_among(labels, held, min_users=10).rows)
        n_compared.append(found.n_tested)

    # Where nothing is true, every claim is false: a split with any is one false discovery.
    share, error = claims / n_splits, (0.05 * 0.95 / n_splits) ** 0.5
    assert min(n_compared) >= 20
    assert share <= 0.05 + 2 * error


@pytest.mark.slow
@pytest.mark.parametrize("n_true", [0, 6, 20])
def test_the_share_of_false_findings_stays_below_the_level(n_true: int) -> None:
    chance, n_reports, n_shares = np.random.default_rng(n_true), 2_000, 60
    sizes, shares = (300, 900), np.full(n_shares, 0.3)
    shares[:n_true] = 0.4
    false = []
    for _ in range(n_reports):
        own, other = chance.binomial(sizes[0], shares), chance.binomial(sizes[1], 0.3, n_shares)
        compared: list[Compared] = [
            ShareCompared(
                subject=Subject(
                    kind="label", source=("label", str(i)), name=str(i), title=str(i), of="users"
                ),
                counts=(int(n), sizes[0], int(m), sizes[1]),
            )
            for i, (n, m) in enumerate(zip(own, other, strict=True))
        ]
        found = [f for f in judge(compared, is_read=lambda _: False).findings if f.q <= 0.05]  # type: ignore[operator]
        wrong = sum(int(f.name) >= n_true for f in found)
        false.append(wrong / max(len(found), 1))

    error = float(np.std(false)) / n_reports**0.5
    assert np.mean(false) <= 0.05 + 2 * max(error, (0.05 * 0.95 / n_reports) ** 0.5)


def test_findings_keep_numerator_and_denominator_of_both_sides(candidates: Candidates) -> None:
    def is_whole(f: Finding) -> bool:
        return f.value == pytest.approx((f.numerator or 0) / f.denominator)

    found = compare_sides(candidates, NOTHING).findings

    assert all(is_whole(f) for f in found if f.kind != "whole_label")
    assert all(f.denominator and f.baseline_denominator for f in found)


def test_what_the_report_withholds_of_its_breakdowns_is_not_said(candidates: Candidates) -> None:
    hidden = frozenset({("channels", "Email"), ("pages", "/0"), ("events", "search")})

    found = compare_sides(replace(candidates, hidden=hidden), NOTHING)

    names = {(f.kind, f.name) for f in found.findings}
    assert names.isdisjoint({("visit", "Email"), ("page", "/0"), ("event", "search")})
    assert {("visit", "Direct"), ("page", "/1"), ("event", "purchase")} <= names
    assert found.n_withheld == compare_sides(candidates, NOTHING).n_withheld + len(hidden)
