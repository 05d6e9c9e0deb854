"""What the view of paths says: words, denominators, withheld numbers, hostile names."""

from dataclasses import replace

import pytest

from segkit.patterns.paths.facts import (
    GappedPath,
    MoveFacts,
    MoveTime,
    OrderFacts,
    OrderType,
    PathFacts,
    StepFacts,
    SurprisingPath,
    TellingPath,
    TypeMove,
)
from segkit.views.paths import render_paths
from tests.views.html import Page, cells
from tests.views.sample import HOSTILE

WAY = ("/category/*", "/product/*", "/cart/*")
ORDERS = OrderFacts(
    n_paths=900,
    types=(
        OrderType(
            name="type 1",
            n_paths=600,
            n_users=300,
            moves=(TypeMove(begun="/", ended="/cart/*", n=50, n_from=100, share_all=0.25),),
        ),
        OrderType(name="type 2", n_paths=None, n_users=None, moves=()),
    ),
    trials=((1, 0.0, 1.0, 1.0), (2, 0.05, 0.91, 0.93)),
)


def sample(name: str = "/product/*") -> PathFacts:
    names = ("path_start", name, "/cart/*", "path_end")
    n = ((0, 900, None, 0), (0, 0, 300, 600), (0, None, 0, None), (0, 0, 0, 0))
    return PathFacts(
        segment="loyal",
        as_of="2026-06-30",
        days=30,
        unit="visit",
        of="pages",
        n_users=400,
        n_paths=1_000,
        n_baseline_users=800,
        n_baseline_paths=1_600,
        n_looked_at=1_000,
        moves=MoveFacts(
            names=names,
            n=n,
            n_baseline=((0, 400, 1_200, 0), (0, 0, 100, 900), (0, 0, 0, 0), (0, 0, 0, 0)),
            n_from=(1_000, 900, None, 0),
            n_from_baseline=(1_600, 1_000, 0, 0),
        ),
        steps=StepFacts(
            names=names,
            n=((1_000, 0, 0), (0, 900, None), (0, None, 300), (0, 0, None)),
            n_baseline=((1_600, 0, 0), (0, 400, 0), (0, 1_200, 0), (0, 0, 1_600)),
        ),
        surprising=(
            SurprisingPath(pages=(*WAY[:1], name, *WAY[2:]), n=80, n_users=60, expected=20, z=13.1),
            SurprisingPath(pages=WAY, n=None, n_users=None, expected=None, z=None),
        ),
        telling=(
            TellingPath(pages=WAY, n_users=100, n_others=50, log_odds=1.0, low=0.5, high=1.5),
        ),
        orders=ORDERS,
        gapped=(
            GappedPath(pages=(name, "/cart/*"), n_paths=250, n_users=90, expected=100, z=14.9),
        ),
        times=(
            MoveTime(
                begun=name,
                ended="/cart/*",
                n=300,
                low_s=10,
                median_s=20,
                high_s=45,
                median_baseline_s=None,
            ),
        ),
        notes=("A note of the facts.",),
    )


def test_moves_have_their_denominator_and_their_difference() -> None:
    row = next(row for row in cells(render_paths(sample()).html) if row[0] == "/product → /cart")

    assert row == ["/product → /cart", "300", "33.3% of 900", "10.0% of 1,000", "+23.3"]


def test_surprising_ways_are_readable_rows() -> None:
    rows = [r for r in cells(render_paths(sample()).html) if r[0] == "/category → /product → /cart"]

    assert rows[0][1:] == ["80", "60", "20.0", "×4.0", "13.1"]
    assert all("withheld" in text for text in rows[1][1:])


def test_telling_ways_have_both_shares_and_an_interval() -> None:
    text = Page(render_paths(sample()).html).text

    assert "25.0% of 400 users" in text
    assert "6.3% of 800 users" in text or "6.2% of 800 users" in text
    assert "×2.72" in text


def test_types_of_order_say_their_size_and_their_moves() -> None:
    text = render_paths(sample()).text

    assert "600 (66.7%)" in text
    assert "/ (home) → /cart 50.0% (25.0%)" in text
    assert "2 types: +0.050 nats" in text


def test_one_type_is_said_to_be_none() -> None:
    alone = replace(ORDERS, types=ORDERS.types[:1], trials=ORDERS.trials[:1])

    assert "No separate types: 900 paths" in render_paths(replace(sample(), orders=alone)).text


def test_times_are_in_seconds_and_a_withheld_one_is_said() -> None:
    row = cells(render_paths(sample()).html)[-1]

    assert row[1:5] == ["300", "10", "20", "45"]
    assert "withheld" in row[5]


def test_notes_of_the_facts_are_shown() -> None:
    assert "A note of the facts." in render_paths(sample()).text


def test_few_users_have_tables_and_no_heat_map() -> None:
    few = render_paths(replace(sample(), n_users=12))

    assert "fewer than 30" in few.text
    assert few.html.count("<svg") < render_paths(sample()).html.count("<svg")


def test_nothing_found_is_said() -> None:
    nothing = OrderFacts(n_paths=0, types=(), trials=())
    bare = replace(sample(), surprising=(), telling=(), gapped=(), times=(), orders=nothing)

    text = render_paths(bare).text
    for said in ("No way was taken", "No way sets", "Too few paths", "No steps follow", "no move"):
        assert said in text


@pytest.mark.parametrize(("of", "said"), [("events", "events"), ("goods", "kinds of goods")])
def test_steps_are_called_what_they_are(of: str, said: str) -> None:
    text = render_paths(replace(sample(), of=of, unit="user")).text

    assert f"Its steps are {said}" in text
    assert "all that a user did" in text
    assert "Time between steps" in text


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_names_stay_text(name: str) -> None:
    page = Page(render_paths(sample(name)).html)

    assert not {"script", "img", "style", "iframe"} & page.names
    assert not [a for _, attributes in page.tags for a in attributes if a.startswith("on")]
