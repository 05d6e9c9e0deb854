"""Frozen edges score as the ranks did, and a cell by them is a definition that says the same."""

from collections import Counter
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segkit.errors import ParameterError
from segkit.measures.value.frozen import (
    ScoreTable,
    build_cell_segments,
    cell_condition,
    freeze_scores,
    score_by,
)
from segkit.measures.value.history import build_history
from segkit.measures.value.scores import CELLS, Scores, score_buyers
from segkit.segments.evaluate import evaluate
from segkit.segments.model import to_yaml
from segkit.segments.read import read_definitions
from segkit.store.engine import Engine
from tests.measures.value.orders import Order, everyone, make_buyers, order_tables

START, END = date(2026, 1, 1), date(2026, 3, 31)
BUY = ["purchase"]


def table(**changes: object) -> ScoreTable:
    """Give edges known by heart: 60, 40, 20, 5 days; 2, 3, 5, 9 orders; 10, 20, 50, 99 EUR."""
    known = {
        "as_of": END, "days": None, "purchases": ("purchase",), "order_id": None,
        "currency": "EUR", "n_buyers": 100, "recency": (60, 40, 20, 5),
        "orders": (2, 3, 5, 9), "revenue": (10.0, 20.0, 50.0, 99.0),
    }  # fmt: skip
    return ScoreTable(**known | changes)  # type: ignore[arg-type]


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 4), st.integers(-5, 60)), min_size=1))
def test_the_buyers_it_was_found_among_keep_their_scores(rows: list[tuple[int, int, int]]) -> None:
    told = np.array(rows)
    buyers = make_buyers(days_since_last=told[:, 0], n_orders=told[:, 1], revenue=told[:, 2] / 10)
    ranked = score_buyers(buyers)

    found = score_by(freeze_scores(ranked, purchases=BUY), buyers)

    for name in ("r", "f", "m", "place"):
        assert getattr(found, name).tolist() == getattr(ranked, name).tolist(), name


def test_edges_are_the_last_days_and_orders_of_a_score_and_plain_amounts() -> None:
    buyers = make_buyers(
        days_since_last=[1, 2, 3, 4, 5], n_orders=[5, 4, 3, 2, 1], revenue=[9.5, 7, 5, 3, 1]
    )

    found = freeze_scores(score_buyers(buyers), purchases=BUY, days=365)

    assert list(found.recency) == [4, 3, 2, 1]
    assert list(found.orders) == [2, 3, 4, 5]
    assert list(found.revenue) == [3.0, 5.0, 7.0, 9.0]
    assert (found.days, found.n_buyers, found.currency) == (365, 5, "EUR")


def test_other_buyers_are_scored_by_the_same_edges() -> None:
    buyers = make_buyers(
        days_since_last=[0, 5, 6, 61], n_orders=[9, 8, 1, 2], revenue=[99, 98, 0, 10]
    )

    found = score_by(table(), buyers)

    assert (found.r.tolist(), found.f.tolist(), found.m.tolist()) == (
        [5, 5, 4, 1], [5, 4, 1, 2], [5, 4, 1, 2],
    )  # fmt: skip


def test_no_buyers_have_no_edges() -> None:
    nobody = make_buyers(days_since_last=np.zeros(0, np.int64))

    with pytest.raises(ParameterError, match="Nobody ordered up to 2026-03-31"):
        freeze_scores(score_buyers(nobody), purchases=BUY)
    assert score_by(table(), nobody).place.tolist() == []


def test_the_file_gives_back_what_was_written() -> None:
    written = table(orders=(1, 2, None, None), days=90, order_id="basket").to_json()

    assert ScoreTable.from_json(written).to_json() == written


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("{", "a part is missing or wrong"), ("[]", "a part is missing or wrong"),
        ('{"segkit_scores": 2}', "its format is 2, expected 1"),
        ('{"segkit_scores": 1}', "a part is missing or wrong"),
        (table(recency=(3, 2)).to_json(), "a score has not 4 edges"),
    ],
    ids=["no JSON", "a list", "another format", "empty", "edges missing"],
)  # fmt: skip
def test_a_file_that_is_none_is_refused(text: str, fault: str) -> None:
    with pytest.raises(ParameterError, match=fault):
        ScoreTable.from_json(text, where="value/rfm.json")


# Cells as definitions ---------------------------------------------------------------------------


def made_up() -> list[Order]:
    rng = np.random.default_rng(7)
    orders: list[Order] = []
    for user in range(1, 80):
        at = rng.integers(0, 90, rng.geometric(0.4))
        orders += [
            (user, str(np.datetime64(START) + day), float(rng.integers(-100, 4000)) / 100)
            for day in at
        ]
    return orders


def members(scores: Scores) -> dict[str, set[int]]:
    return {cell: set(scores.buyers.user_no[scores.place == i]) for i, cell in enumerate(CELLS)}


@pytest.mark.parametrize("days", [None, 45], ids=["all orders", "of 45 days"])
def test_every_cell_as_a_definition_has_the_cells_members(engine: Engine, days: int | None) -> None:
    sides = everyone(order_tables(engine, made_up()), start_on=START, end_on=END)
    scores = score_buyers(build_history(sides, purchases=BUY, currency="EUR", days=days).buyers)
    frozen = freeze_scores(scores, purchases=BUY, days=days)

    built, empty = build_cell_segments(frozen, prefix="rfm")

    wanted = members(scores)
    assert {f"rfm_{cell}" for cell in CELLS} == {s.segment for s in built} | {
        f"rfm_{cell}" for cell in empty
    }
    assert all(not wanted[cell] for cell in empty)
    for segment in built:
        found = evaluate(segment, tables=sides.tables, clock=sides.clock).members
        numbers = {int(n) for (n,) in engine.rows(found.select("user_no"))}
        assert numbers == wanted[segment.segment.removeprefix("rfm_")], segment.segment


def test_a_later_day_is_asked_by_the_same_edges(engine: Engine) -> None:
    sides = everyone(order_tables(engine, made_up()), start_on=START, end_on=END)
    early = everyone(sides.tables, start_on=START, end_on=date(2026, 2, 28))
    frozen = freeze_scores(score_buyers(build_history(early, purchases=BUY).buyers), purchases=BUY)

    now = score_by(frozen, build_history(sides, purchases=BUY).buyers)

    wanted = members(now)
    for segment in build_cell_segments(frozen, prefix="rfm")[0]:
        found = evaluate(segment, tables=sides.tables, clock=sides.clock).members
        numbers = {int(n) for (n,) in engine.rows(found.select("user_no"))}
        assert numbers == wanted[segment.segment.removeprefix("rfm_")], segment.segment
    ranked = score_buyers(build_history(sides, purchases=BUY).buyers)
    assert Counter(now.place.tolist()) != Counter(ranked.place.tolist())


def test_a_definition_survives_its_file() -> None:
    for segment in build_cell_segments(table(), prefix="rfm")[0]:
        assert read_definitions(to_yaml(segment), "x.yml")[0].id == segment.id


def test_a_cell_that_no_score_reaches_has_no_definition() -> None:
    flat = table(recency=(None, None, None, None))

    assert cell_condition(flat, "champions") is None
    assert "champions" in build_cell_segments(flat, prefix="rfm")[1]


def test_edges_are_part_of_a_definitions_identity() -> None:
    later = replace(table(), recency=(70, 40, 20, 5))

    ids = [
        {s.segment: s.id for s in build_cell_segments(t, prefix="rfm")[0]} for t in (table(), later)
    ]

    assert ids[0]["rfm_lost"] != ids[1]["rfm_lost"]
    assert ids[0]["rfm_champions"] == ids[1]["rfm_champions"]
