import threading
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from segkit.reports.report import Report
from segkit.workspace import Workspace
from segkit.workspace.answering import Answerer, begin_apart
from segkit.workspace.live_asking import follow
from segkit.workspace.live_report import LiveReport, Wish, is_live
from segkit.workspace.reporting import report_segment

WISH = Wish.of(segment="buyers", as_of="2026-06-30", days=28, baseline="rest")


def make_live(
    root: Path,
    *,
    before: Callable[[Wish], object] = str,
) -> LiveReport:
    """Give a live report that calls `before` with each wish that it asks."""
    workspace = Workspace.open(root)

    def ask(wish: Wish) -> Report:
        before(wish)
        return report_segment(
            workspace,
            wish["segment"],
            wish["as_of"],
            wish["days"],
            baseline=wish["baseline"],
            clearance=None,
        )

    return follow(workspace, "segment_report", ask(WISH), WISH, ask=ask)


def controls_of(live: LiveReport) -> dict[str, Any]:
    row, *_others = live.controls().children
    return dict(zip(("segment", "as_of", "days", "baseline"), row.children, strict=True))


def state_of(live: LiveReport) -> str:
    _row, state, *_others = live.controls().children
    return str(state.value)


def wait(live: LiveReport) -> None:
    assert live.wait()


def test_without_controls_a_live_report_is_like_any_other(loaded_shop: Path) -> None:
    live = make_live(loaded_shop)

    assert live.overview().text == live.report.overview().text
    assert live.facts().overview.n_users == 15
    assert "overview" in dir(live)
    with pytest.raises(AttributeError, match="nothing"):
        live.nothing()


def test_sections_are_filled_after_the_controls_are_shown(loaded_shop: Path) -> None:
    live = make_live(loaded_shop)
    live.controls()
    cover, overview = live.cover(), live.overview()
    before = cover.value

    live.finish()
    wait(live)

    assert "Computing" in before
    assert cover.value == live.report.cover().html
    assert overview.value == live.report.overview().html
    assert "Computed in" in state_of(live)
    assert 'data-query="segment=buyers&amp;as_of=2026-06-30&amp;days=28&amp;baseline=rest"' in (
        state_of(live)
    )


def test_each_control_changes_what_every_section_shows(loaded_shop: Path) -> None:
    asked: list[Wish] = []
    live = make_live(loaded_shop, before=asked.append)
    cover = (live.controls(), live.cover())[1]
    controls = controls_of(live)
    changes: dict[str, object] = {
        "segment": "known",
        "as_of": date(2026, 6, 20),
        "days": 14,
        "baseline": "everyone",
    }

    for name, value in changes.items():
        controls[name].value = value
        wait(live)

    assert asked[-1] == Wish.of(segment="known", as_of="2026-06-20", days=14, baseline="everyone")
    assert "14 days, 2026-06-07 to 2026-06-20" in cover.value
    assert "segment=known&amp;as_of=2026-06-20&amp;days=14&amp;baseline=everyone" in (
        state_of(live)
    )


def test_what_was_asked_before_is_not_computed_again(loaded_shop: Path) -> None:
    asked: list[Wish] = []
    live = make_live(loaded_shop, before=asked.append)
    days = controls_of(live)["days"]
    live.cover()

    for value in (14, 28, 14):
        days.value = value
        wait(live)

    assert [wish["days"] for wish in asked] == [28, 14]


def test_going_back_shows_the_page_as_it_was_drawn(
    loaded_shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = make_live(loaded_shop)
    days = controls_of(live)["days"]
    sections = [live.cover(), live.overview()]
    wait(live)
    before = [section.value for section in sections]
    days.value = 14
    wait(live)
    between = [section.value for section in sections]
    monkeypatch.setattr(Report, "measured", None)

    days.value = 28
    wait(live)

    assert [section.value for section in sections] == before != between
    assert "days=28" in state_of(live)
    assert "sk-faulty" not in state_of(live)


def test_a_wish_without_anybody_is_refused_and_the_report_stays(loaded_shop: Path) -> None:
    live = make_live(loaded_shop)
    controls = controls_of(live)
    cover = live.cover()
    wait(live)
    before = cover.value

    controls["as_of"].value = date(2020, 1, 1)
    wait(live)

    assert cover.value == before
    assert "sk-faulty" in state_of(live)
    assert "as_of=2026-06-30" in state_of(live)


def test_a_defect_is_said_in_the_page_and_the_next_wish_works(
    loaded_shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail_once(wish: Wish) -> None:
        if wish["days"] == 7:
            raise ZeroDivisionError

    live = make_live(loaded_shop, before=fail_once)
    days = controls_of(live)["days"]
    live.cover()
    days.value = 7
    wait(live)
    failed = state_of(live)
    days.value = 14
    wait(live)

    assert "could not be computed" in failed
    assert "ZeroDivisionError" in capsys.readouterr().err
    assert "days=14" in state_of(live)
    assert "Computed in" in state_of(live)


def test_the_segment_of_the_question_can_be_chosen_though_it_is_not_listed(
    loaded_shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEGKIT_KEPT_BACK", "buyers")
    live = make_live(loaded_shop)

    assert controls_of(live)["segment"].value == "buyers"


def test_a_run_and_a_plain_process_are_not_live(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = is_live()
    monkeypatch.setenv("SEGKIT_RUN_DIR", "somewhere")

    assert plain is False
    assert is_live() is False


def test_the_newest_question_is_answered_and_older_ones_are_given_up() -> None:
    answered: list[int] = []
    begun, go = threading.Event(), threading.Event()

    def answer(question: int, is_newest: Callable[[], bool]) -> None:
        begun.set()
        go.wait(10)
        if is_newest():
            answered.append(question)

    answerer = Answerer(answer)
    answerer.ask(1)
    begun.wait(10)
    for question in (2, 3, 4):
        answerer.ask(question)
    go.set()

    assert answerer.wait(10)
    assert answered == [4]


def test_a_question_waits_for_those_that_follow_it_closely() -> None:
    answered: list[int] = []
    answerer = Answerer[int](lambda question, _is_newest: answered.append(question))

    for question in range(5):
        answerer.ask(question, after_s=0.05)

    assert answerer.wait(10)
    assert answered == [4]


def test_what_is_computed_apart_is_waited_for_and_its_errors_are_raised() -> None:
    go = threading.Event()

    waited = begin_apart(lambda: go.wait(10))
    failed = begin_apart(lambda: 1 // 0)
    go.set()

    assert waited() is True
    with pytest.raises(ZeroDivisionError, match="by zero"):
        failed()


def test_a_page_that_missed_a_section_hears_it_again(
    loaded_shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = make_live(loaded_shop)
    *_others, lost, _run = live.controls().children
    sections = {name: getattr(live, name)() for name in ("overview", "funnel")}
    wait(live)
    said: list[object] = []
    for widget in (*sections.values(), live.controls().children[1]):
        monkeypatch.setattr(
            type(widget), "send_state", lambda self, key=None: said.append((self, key))
        )

    lost.value = "1 funnel unheard"

    assert (sections["funnel"], "value") in said
    assert (live.controls().children[1], "value") in said
    assert (sections["overview"], "value") not in said
