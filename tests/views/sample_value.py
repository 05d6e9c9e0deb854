"""Facts of what buyers are worth, written by hand."""

from datetime import date
from typing import Any

from segkit.measures.facts import Breakdown, BreakdownRow, Measure
from segkit.measures.value.bg_nbd import BgNbd
from segkit.measures.value.facts import (
    CellRevenue,
    CustomerValue,
    HoldoutFacts,
    HoldoutRow,
    Models,
)
from segkit.measures.value.scores import RULES

BUYERS = (310, 120, 40, 30, 20, 25, None, 12, None, 30, 30)
"""Buyers of each of the 11 cells, two of them withheld."""


def sample_value(**changed: Any) -> CustomerValue:
    """Give the value of 640 buyers of a segment beside 900 of its baseline."""
    rows = tuple(
        BreakdownRow(value=rule.title, n=n, n_baseline=80, lift=2.0, lift_low=1.5, lift_high=2.6)
        for rule, n in zip(RULES, BUYERS, strict=True)
    )
    revenue = tuple(
        CellRevenue(
            name=rule.cell,
            value=rule.title,
            revenue=None if n is None else 100.0 * n,
            baseline_revenue=900.0,
        )
        for rule, n in zip(RULES, BUYERS, strict=True)
    )
    check = HoldoutFacts(
        until=date(2026, 5, 22),
        end_on=date(2026, 6, 30),
        grain="day",
        length=39,
        n_buyers=500,
        predicted=330.0,
        actual=300,
        model=BgNbd(r=0.24, alpha=4.4, a=0.8, b=2.4, loglik=-9.0, n_buyers=500, n_repeat=20),
        rows=(
            HoldoutRow(frequency="0", n_buyers=480, predicted=300.0, actual=280),
            HoldoutRow(frequency="7 or more", n_buyers=None, predicted=None, actual=None),
        ),
    )
    told: dict[str, Any] = {
        "currency": "EUR",
        "start_on": date(2026, 1, 1),
        "end_on": date(2026, 6, 30),
        "cells": Breakdown(
            name="rfm_cells",
            title="Cells of the RFM map",
            of="buyers",
            denominator=640,
            baseline_denominator=900,
            is_partition=True,
            rows=rows,
            is_ordered=True,
        ),
        "scores": ("5: 0 to 13 days ago", "1: 80 days ago or longer"),
        "away_days": 59,
        "revenue": revenue,
        "total_revenue": 100_000.0,
        "total_baseline_revenue": 50_000.0,
        "measures": (
            Measure(
                name="repeat_buyers",
                title="Repeat buyers",
                unit="% of buyers who ordered on a second day",
                kind="share",
                numerator=320,
                denominator=640,
                baseline_numerator=300,
                baseline_denominator=900,
            ),
        ),
        "months": 6,
        "monthly_discount": 0.01,
        "models": Models(
            r=0.24, alpha=4.4, a=0.8, b=2.4, is_alike=False, p=6.0, q=4.0, v=15.0, correlation=0.1
        ),
        "check": check,
        "reason": None,
    }
    return CustomerValue(**{**told, **changed})
