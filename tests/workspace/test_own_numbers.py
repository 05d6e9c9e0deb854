"""A notebook of one's own ends with its numbers; what moved stands beside them."""

import json
from pathlib import Path
from typing import Any

import pytest

import segkit as sk
from segkit.errors import ParameterError
from segkit.workspace.asking import EARLIER, RUN_DIR

NUMBERS = {"orders": 12, "buyers_share": (3, 10), "held": None, "by_shop": {"north": 2.5}}


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the folder of a run that has a report of the week before."""
    before = {
        "as_of": "2026-06-23",
        "orders": 10,
        "buyers_share": {"numerator": 4, "denominator": 10, "kind": "share"},
    }
    (tmp_path / "earlier.json").write_text(json.dumps([before]), "utf-8")
    monkeypatch.setenv(RUN_DIR, str(tmp_path))
    monkeypatch.setenv(EARLIER, str(tmp_path / "earlier.json"))
    return tmp_path


def test_numbers_are_written_and_shown_beside_those_of_the_run_before(run: Path) -> None:
    shown = sk.finish(NUMBERS, as_of="2026-06-30")

    facts = json.loads((run / "facts.json").read_text("utf-8"))
    share = facts["buyers_share"]
    (moved,) = [c for c in facts["changes"]["since_before"] if c["now"]["name"] == "buyers_share"]
    assert facts["orders"] == 12
    assert facts["held"] is None
    assert (share["numerator"], share["denominator"], share["value"]) == (3, 10, 0.3)
    assert moved["before"]["numerator"] == 4
    assert moved["difference"] == pytest.approx(-0.1)
    assert "Report before (2026-06-23)" in shown.html
    (orders,) = [line for line in shown.text.splitlines() if line.startswith("Orders ")]
    assert orders.split()[1:4] == ["12", "10", "+20.0%"]


def test_the_first_run_shows_its_numbers_alone(run: Path) -> None:
    (run / "earlier.json").write_text("[]", "utf-8")

    shown = sk.finish(NUMBERS, as_of="2026-06-30").text

    assert "There is no earlier report to compare with." in shown
    assert [line.split()[:2] for line in shown.splitlines() if line.startswith("Orders ")] == [
        ["Orders", "12"]
    ]
    assert "30.0% = 3 / 10" in shown


def test_outside_of_a_run_nothing_is_written() -> None:
    assert "this is no run" in sk.finish(NUMBERS, as_of="2026-06-30").text


@pytest.mark.parametrize(
    ("numbers", "message"),
    [
        ({"Orders!": 1}, "is named `Orders!`"),
        ({"as_of": 1}, "no name that facts hold already"),
        ({"orders": {"days": 1}}, "is named `orders.days`"),
        ({"orders": "many"}, "`orders` is no number"),
        ({"orders": float("nan")}, "`orders` is no number"),
        ({"a": {"b": {"c": {"d": 1}}}}, "`a.b.c` is no number"),
        ({"share": (True, 2)}, "`share` is no number"),
    ],
)
def test_what_is_no_number_is_refused_with_its_name(numbers: dict[str, Any], message: str) -> None:
    with pytest.raises(ParameterError, match="Hint: ") as refused:
        sk.finish(numbers, as_of="2026-06-30")

    assert message in str(refused.value)


def test_a_day_that_is_none_is_refused() -> None:
    with pytest.raises(ParameterError, match="expected a date like 2026-06-30, found `soon`"):
        sk.finish({"orders": 1}, as_of="soon")
