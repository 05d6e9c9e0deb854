"""Reports on several segments that are made together say what each says when it is made alone."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

import segkit as sk
from segkit.runs.nursery import opened
from segkit.runs.order import order_segment_report
from segkit.runs.run import run_order
from segkit.runs.schedule.make import Desk, make_all
from segkit.runs.schedule.period import read_period
from segkit.runs.schedule.plan import plan_tasks
from segkit.runs.schedule.read import find_spec

DAILY = """\
notebook: segment_report
owner: owner@example.com
segments: [buyers, plus, free]
period: daily
every: day 06:00
"""
PLAN = """\
segkit: 1
segment: {plan}
title: Plan {plan}
where: {{attribute: {{name: plan, is: {{eq: {plan}}}}}}}
"""
pytestmark = [pytest.mark.slow, pytest.mark.long, pytest.mark.notebook]


def test_made_together_they_compute_once_what_is_alike_and_say_what_each_says_alone(
    shop: Path,
) -> None:
    for plan in ("plus", "free"):
        (shop / "segments" / f"{plan}.yml").write_text(PLAN.format(plan=plan), "utf-8")
    (shop / "reports").mkdir()
    (shop / "reports" / "daily.yml").write_text(DAILY, "utf-8")
    workspace, noon = sk.open(shop), datetime(2026, 7, 1, 12, tzinfo=UTC)
    spec = find_spec(shop, "daily")
    tasks = plan_tasks(workspace, "daily", spec, read_period("2026-06-30", "day"))

    with opened(len(tasks)) as nursery:
        assert nursery.alike is not None
        desk = replace(Desk.of(workspace, now=lambda: noon), nursery=nursery, workers=2)
        together = make_all(desk, spec, tasks)
        shared = list(nursery.alike.glob("*.parquet"))
        evaluated = len(list(nursery.alike.glob("*.tried")))
    alone = [
        run_order(order_segment_report(workspace, one, as_of="2026-06-30"))
        for one in ("buyers", "plus", "free")
    ]

    assert [one.state for one in together] == ["made"] * 3
    assert len(shared) > 1
    assert evaluated == 1
    assert not nursery.alike.exists()
    for fanned, lone in zip(together, alone, strict=True):
        assert fanned.folder is not None
        facts = [json.loads((f / "facts.json").read_text()) for f in (fanned.folder, lone.folder)]
        assert facts[0] == facts[1]
        assert facts[0]["snapshot"] == workspace.snapshot
