"""Scores share ties, the map covers every combination, and a cell can be kept as a segment."""

import json
from collections import Counter
from datetime import date
from decimal import Decimal
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segkit.errors import ParameterError
from segkit.measures.sides import Sides
from segkit.measures.value import scores as module
from segkit.measures.value.scores import (
    CELLS,
    RULES,
    BuyerGroup,
    build_cell_segment,
    find_cell,
    find_quantiles,
    measure_cells,
    measure_spenders,
    score_buyers,
    score_values,
    withhold_groups,
)
from segkit.measures.value.summary import Buyers, build_buyers
from segkit.segments.build import Segment, set_
from segkit.segments.model import to_yaml
from segkit.segments.read import read_definitions
from segkit.store.engine import Engine
from segkit.workspace import Workspace
from tests.measures.value.orders import everyone, make_buyers, order_tables
from tests.tiny_shop import write_tiny_shop

ALL = tuple(product(range(1, 6), repeat=3))
NAMES = {
    "champions", "loyal", "potential_loyalists", "new", "promising", "needs_attention",
    "about_to_sleep", "at_risk", "cannot_lose", "hibernating", "lost",
}  # fmt: skip


@given(st.lists(st.integers(-3, 3), min_size=1, max_size=40))
def test_scores_rise_with_values_and_equal_values_share_one(values: list[int]) -> None:
    scores = score_values(values).tolist()

    assert all(1 <= s <= 5 for s in scores)
    for (v, s), (w, t) in product(zip(values, scores, strict=True), repeat=2):
        assert (v == w and s == t) or (v < w and s <= t) or (v > w and s >= t)


def test_five_different_values_have_the_five_scores() -> None:
    assert score_values([30, 10, 50, 20, 40]).tolist() == [3, 1, 5, 2, 4]


def test_where_all_are_alike_everyone_is_in_the_middle() -> None:
    # Average rank 2.5 of 4 is 0.625; 5 × 0.625 = 3.125.
    assert score_values([7, 7, 7, 7]).tolist() == [4, 4, 4, 4]
    assert score_values([]).tolist() == []


@pytest.mark.shared
def test_published_quantiles_and_scores_come_out(shared: Path) -> None:
    told = json.loads((shared / "vectors/clv/quantile_and_scores.json").read_text("utf-8"))
    shares = [float(share) for share in told["quantiles"]]

    quantiles = find_quantiles(told["values"], shares)

    wanted = [q["duckdb_quantile_cont"] for q in told["quantiles"].values()]
    assert quantiles.tolist() == pytest.approx(wanted, rel=1e-12)
    assert score_values(told["values"]).tolist() == told["rfm_scores_5"]["recommended_scores"]


# The map ----------------------------------------------------------------------------------------


def test_the_map_has_the_eleven_cells() -> None:
    assert set(CELLS) == NAMES
    assert len(RULES) == 11


def test_every_one_of_the_125_combinations_has_a_cell() -> None:
    found = Counter(find_cell(*scores) for scores in ALL)

    # Of the 25 pairs of F and M, 6 sum to 2..4, 4 to 5, 5 to 6, 4 to 7, and 6 to 8..10.
    assert found == {
        "champions": 2 * 6, "loyal": 2 * 4 + 10, "potential_loyalists": 2 * 9, "new": 6,
        "promising": 6, "needs_attention": 9, "about_to_sleep": 6, "cannot_lose": 6,
        "at_risk": 15 + 9, "hibernating": 10, "lost": 10,
    }  # fmt: skip
    assert sum(found.values()) == 125


def test_no_rule_is_hidden_by_those_before_it() -> None:
    first = {next(i for i, rule in enumerate(RULES) if rule.holds(*s)) for s in ALL}

    assert first == set(range(len(RULES)))


def test_a_later_last_order_never_leads_to_a_worse_cell_of_the_best() -> None:
    for _, f, m in ALL:
        lately = [find_cell(r, f, m) for r in range(1, 6)]

        assert "champions" not in lately[:3]
        assert not {"lost", "cannot_lose", "at_risk", "hibernating"} & set(lately[2:])


def test_a_score_outside_1_to_5_is_refused() -> None:
    with pytest.raises(ParameterError, match=r"from 1 to 5; found 0, 3, 3"):
        find_cell(0, 3, 3)


def test_the_documented_map_is_the_map() -> None:
    lines = [line for line in (module.__doc__ or "").splitlines() if line.startswith("| ")]

    documented = [tuple(cell.strip() for cell in line.split("|")[1:4]) for line in lines[1:]]

    assert documented == [
        (rule.cell.replace("_", " "), _ends(rule.r), _ends(rule.fm)) for rule in RULES
    ]


def _ends(ends: tuple[int, int]) -> str:
    return str(ends[0]) if ends[0] == ends[1] else f"{ends[0]}-{ends[1]}"


# Buyers -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def five() -> Buyers:
    """Five buyers, from the best in every respect to the worst."""
    return make_buyers(
        days_since_last=[1, 2, 3, 4, 5], n_orders=[5, 4, 3, 2, 1],
        revenue=[160.0, 80.0, 40.0, 20.0, 0.0],
    )  # fmt: skip


def test_few_days_since_the_last_order_score_high(five: Buyers) -> None:
    scores = score_buyers(five)

    assert scores.r.tolist() == scores.f.tolist() == scores.m.tolist() == [5, 4, 3, 2, 1]
    assert scores.members("champions").tolist() == [1, 2]
    assert scores.members("needs_attention").tolist() == [3]
    assert scores.members("hibernating").tolist() == [4]
    assert scores.members("lost").tolist() == [5]


def test_cells_sum_to_all_buyers_and_all_revenue(five: Buyers) -> None:
    cells = measure_cells(score_buyers(five))

    assert [c.name for c in cells] == list(CELLS)
    assert sum(c.n_users or 0 for c in cells) == 5
    assert sum(c.revenue or 0 for c in cells) == Decimal(300)
    champions = cells[0]
    assert (champions.n_users, champions.revenue, champions.currency) == (2, Decimal(240), "EUR")
    assert (champions.share, champions.revenue_share) == (0.4, 0.8)


def test_an_unknown_cell_is_refused_with_near_names(five: Buyers) -> None:
    with pytest.raises(ParameterError, match=r"`champion`(.|\n)*champions"):
        score_buyers(five).members("champion")


def test_heavy_medium_light_and_zero_spenders() -> None:
    # Of 1..10, the 0.8 quantile is 8.2 and the median 5.5.
    rows = measure_spenders(make_buyers(revenue=[*map(float, range(1, 11)), 0.0, -2.0]))

    assert [(r.name, r.n_users, r.above) for r in rows] == [
        ("heavy", 2, pytest.approx(8.2)), ("medium", 3, 5.5), ("light", 5, 0.0), ("zero", 2, None),
    ]  # fmt: skip
    assert [r.revenue for r in rows] == [Decimal(19), Decimal(21), Decimal(15), Decimal(-2)]
    assert rows[0].share == 2 / 12


def test_where_all_spent_alike_everyone_is_a_light_spender() -> None:
    rows = measure_spenders(make_buyers(revenue=[3.0, 3.0, 3.0]))

    assert [r.n_users for r in rows] == [0, 0, 3, 0]


def test_where_nobody_spent_there_are_no_edges_and_no_shares_of_revenue() -> None:
    rows = measure_spenders(make_buyers(revenue=[0.0, 0.0]))

    assert [(r.n_users, r.above) for r in rows] == [(0, None), (0, None), (0, 0.0), (2, None)]
    assert rows[3].revenue_share is None


def test_groups_of_few_are_withheld_and_protected_by_further_ones() -> None:
    groups = [
        BuyerGroup(
            name=str(n), title="", n_users=n, n_buyers=74, revenue=Decimal(n),
            total_revenue=Decimal(74), currency="EUR",
        )
        for n in (40, 30, 4, 0)
    ]  # fmt: skip

    found = withhold_groups(groups, 10)

    assert [(g.n_users, g.revenue) for g in found] == [
        (40, Decimal(40)), (None, None), (None, None), (0, Decimal(0)),
    ]  # fmt: skip
    assert found[1].share is None
    assert found[1].revenue_share is None


# A cell as a segment ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shop_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write_tiny_shop(tmp_path_factory.mktemp("shop"))
    Workspace.open(folder).load()
    return folder


@pytest.fixture(scope="module")
def shop(engine: Engine) -> Sides:
    orders = [(1, "2026-03-30", 90.0), (1, "2026-03-20", 90.0), (2, "2026-03-01", 5.0)]
    tables = order_tables(engine, orders)
    return everyone(tables, start_on=date(2026, 1, 1), end_on=date(2026, 3, 31))


def test_a_cell_can_be_saved_and_read_and_has_the_same_members(shop: Sides) -> None:
    scores = score_buyers(build_buyers(shop, purchases=["purchase"]))

    segment = build_cell_segment(shop, scores, "champions", segment="best")

    assert segment.title == "Champions on 2026-03-31"
    (read,) = read_definitions(to_yaml(segment), "best.yml")
    assert read.id == segment.id


@pytest.mark.slow
def test_a_saved_cell_counts_its_members_also_within_a_set(shop_folder: Path) -> None:
    workspace = Workspace.open(shop_folder)
    sides = everyone(workspace.tables, start_on=date(2026, 5, 2), end_on=date(2026, 6, 30))
    scores = score_buyers(build_buyers(sides, purchases=["purchase"]))

    # All 15 bought once, on one day, for 10 EUR: average rank 8 of 15, so 3 in every score.
    workspace.save(build_cell_segment(sides, scores, "needs_attention", segment="middle"))
    members = workspace.members("middle")
    rest = workspace.members(Segment("rest", set_("middle - buyers")))

    assert (members.count, rest.count) == (15, 0)


def test_an_empty_cell_is_no_segment(shop: Sides) -> None:
    scores = score_buyers(build_buyers(shop, purchases=["purchase"]))

    with pytest.raises(ParameterError, match=r"Nobody is in the cell `lost` on 2026-03-31"):
        build_cell_segment(shop, scores, "lost", segment="gone")
