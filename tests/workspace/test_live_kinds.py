from datetime import date
from pathlib import Path
from typing import Any

import pytest

import segkit as sk
from segkit.workspace import Workspace, live_asking
from segkit.workspace.live_controls import Several
from segkit.workspace.live_report import LiveReport

PAIR: dict[str, Any] = {"as_of": "2026-06-30", "days": 28}


@pytest.fixture(autouse=True)
def _somebody_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_asking, "is_live", lambda: True)


def controls_of(live: LiveReport) -> list[Any]:
    row, *_others = live.controls().children
    return list(row.children)


def state_of(live: LiveReport) -> str:
    _row, state, *_others = live.controls().children
    return str(state.value)


def tick(several: Several, title: str, *, value: bool) -> None:
    (box,) = [box for box in several.children[1].children if box.description == title]
    box.value = value


def titles_of(several: Several) -> list[str]:
    return [box.description for box in several.children[1].children]


def test_a_comparison_follows_the_segments_that_are_ticked(loaded_shop: Path) -> None:
    workspace = Workspace.open(loaded_shop)
    live = workspace.compare("buyers", **PAIR)
    *_window, several = controls_of(live)
    (beside, cover) = (live.beside(), live.cover())
    known = workspace.segments["known"].title

    tick(several, known, value=True)

    assert live.wait()
    assert f"Comparison: Bought at least once, {known}" in state_of(live)
    assert "segments=buyers%2Cknown" in state_of(live)
    assert known in cover.value
    assert known in beside.value


def test_every_section_of_a_comparison_is_what_it_is_in_python(loaded_shop: Path) -> None:
    live = sk.compare_segments(Workspace.open(loaded_shop), "buyers,known", **PAIR)
    live.controls()
    shown = {name: getattr(live, name)() for name in live.report.sections}

    live.finish()

    assert live.wait()
    for name, section in shown.items():
        assert section.value == getattr(live.report, name)().html


def test_a_comparison_of_nothing_waits_for_a_segment(loaded_shop: Path) -> None:
    live = Workspace.open(loaded_shop).compare("buyers", **PAIR)
    several = controls_of(live)[-1]
    live.cover()
    assert live.wait()
    before = state_of(live)

    tick(several, "Bought at least once", value=False)

    assert live.wait()
    assert several.value == ""
    assert state_of(live) == before


def test_segments_given_as_definitions_have_no_controls(loaded_shop: Path) -> None:
    workspace = Workspace.open(loaded_shop)

    report = workspace.compare([workspace.segments["buyers"]], **PAIR)

    assert not isinstance(report, LiveReport)


def test_no_more_segments_can_be_ticked_than_may_be() -> None:
    several = Several("Segments", "b", [("A", "a"), ("B", "b"), ("C", "c")], most=2)

    tick(several, "A", value=True)
    full = [box.disabled for box in several.children[1].children]
    tick(several, "B", value=False)

    assert full == [False, False, True]
    assert several.value == "a"
    assert not any(box.disabled for box in several.children[1].children)


def test_a_review_follows_its_controls(loaded_shop: Path) -> None:
    live = Workspace.open(loaded_shop).review()
    day, period, days, several = controls_of(live)
    table = (live.alerts(), live.table())[1]
    live.finish()
    assert live.wait()
    first = (state_of(live), table.value)

    period.value, day.value, days.value = "month", date(2026, 6, 29), 14
    tick(several, "Bought at least once", value=True)

    assert live.wait()
    assert "segments=tracked&amp;as_of=2026-06-30&amp;days=7&amp;period=week" in first[0]
    assert "segments=buyers&amp;as_of=2026-06-29&amp;days=14&amp;period=month" in state_of(live)
    assert table.value != first[1]


def test_a_review_of_all_leaves_out_what_is_kept_from_the_reader(
    shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (shop / "segments" / "buyers.yml").read_text("utf-8")
    secret = text.replace("buyers", "secret").replace("Bought at least once", "Secret buyers")
    (shop / "segments" / "secret.yml").write_text(secret, "utf-8")
    monkeypatch.setenv("SEGKIT_KEPT_BACK", "secret")

    live = Workspace.open(shop).review()
    several = controls_of(live)[-1]

    assert [subject.segment for subject in live.report.request.subjects] == ["buyers"]
    assert "Secret buyers" not in titles_of(several)
    assert "Bought at least once" in titles_of(several)
