"""Offer the tiny shop with scheduled reports to the tests of this folder."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

import segkit as sk
from segkit.runs.schedule import make
from segkit.runs.schedule.make import Desk
from segkit.runs.schedule.period import Period, read_period
from segkit.runs.schedule.plan import Task, plan_tasks
from segkit.runs.schedule.read import find_spec
from segkit.runs.schedule.spec import ReportSpec
from tests.runs.own_notebook import write_notebook
from tests.runs.schedule import stand_in
from tests.tiny_shop import loaded_shop, shop

__all__ = ["loaded_shop", "shop"]

WEEKLY = """\
notebook: tiny
owner: owner@example.com
segments: [buyers]
period: weekly
every: Monday 07:30
"""
PARAMETERS = 'workspace = "."\nsegment = "a"\nas_of = ""\ndays = 7'
NOON = datetime(2026, 6, 30, 12, tzinfo=UTC)


@pytest.fixture
def weekly(shop: Path) -> Path:
    """Give the tiny shop with a weekly report of a tiny notebook on its buyers."""
    write_notebook(shop, "tiny", parameters=PARAMETERS)
    (shop / "reports").mkdir()
    (shop / "reports" / "weekly.yml").write_text(WEEKLY, "utf-8")
    return shop


@pytest.fixture
def planned(weekly: Path) -> Callable[..., tuple[Desk, ReportSpec, list[Task]]]:
    """Give a desk on the shop and the tasks of its weekly report for week 26."""

    def plan(period: str = "2026-W26", **more: str) -> tuple[Desk, ReportSpec, list[Task]]:
        text = WEEKLY + "".join(f"{key}: {value}\n" for key, value in more.items())
        (weekly / "reports" / "weekly.yml").write_text(text, "utf-8")
        desk = Desk.of(sk.open(weekly), now=lambda: NOON)
        spec = find_spec(weekly, "weekly")
        week: Period = read_period(period, "week")
        return desk, spec, plan_tasks(desk.workspace, "weekly", spec, week)

    return plan


@pytest.fixture
def no_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let runs publish small folders without a kernel."""
    monkeypatch.setattr(make, "run_order", stand_in.run_order)
