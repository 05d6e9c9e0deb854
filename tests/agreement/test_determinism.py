"""The same report made twice, in two processes, is the same report."""

import json
import re
from typing import Any

import pytest

from tests.published import CLOCK_CHANGE, Published, Shop

RUN_KEYS = {
    "exit_code", "finished_at", "outputs", "peak_mb", "previous", "run", "seconds", "sha256",
    "started_at",
}  # fmt: skip
"""What a manifest says of the run, not of the report."""

pytestmark = [pytest.mark.notebook, pytest.mark.slow]


@pytest.fixture(scope="module")
def both(lindenhof: Shop) -> tuple[Published, Published]:
    asked: dict[str, Any] = {"as_of": CLOCK_CHANGE, "days": 28}
    first = lindenhof.publish("deal_hunters", **asked)
    return first, lindenhof.publish("deal_hunters", **asked, anew=True)


def test_facts_and_lists_are_the_same_bytes(both: tuple[Published, Published]) -> None:
    first, second = both

    assert first.folder != second.folder
    for name in ("facts.json", "users.csv", "users.parquet"):
        assert (first.folder / name).read_bytes() == (second.folder / name).read_bytes(), name


def test_figures_are_the_same_bytes(both: tuple[Published, Published]) -> None:
    figures = [re.findall(r"<svg.*?</svg>", report.html, re.DOTALL) for report in both]

    assert len(figures[0]) > 5
    assert figures[0] == figures[1]


def test_pages_are_the_same_bytes(both: tuple[Published, Published]) -> None:
    assert both[0].html == both[1].html


def test_manifests_differ_in_the_run_alone(both: tuple[Published, Published]) -> None:
    first, second = (
        json.loads((report.folder / "manifest.json").read_text("utf-8")) for report in both
    )

    assert {key for key in first if first[key] != second[key]} <= RUN_KEYS
    assert first["outputs"]["facts.json"] == second["outputs"]["facts.json"]
    assert second["previous"] is not None
