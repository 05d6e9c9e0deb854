import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import segkit as sk
from segkit.errors import RunError
from segkit.runs.manifest import read_manifest
from segkit.runs.schedule import make
from segkit.runs.schedule.beside import Beside
from segkit.runs.schedule.make import Desk, Outcome
from segkit.runs.schedule.plan import Task
from segkit.runs.schedule.spec import ReportSpec
from segkit.runs.schedule.tick import Tick, tick
from segkit.store.run_ledger import Claim
from tests.runs.schedule.conftest import WEEKLY

MONDAY = datetime(2026, 6, 29, 7, 30, tzinfo=UTC)


@dataclass
class Told:
    """Remembers what it was told, in order; `code` is what its mail comes to."""

    said: list[tuple[str, ...]] = field(default_factory=list)
    code: int = 0

    def published(self, folder: Path, manifest: dict[str, Any], recipient: str) -> None:
        self.said.append(("published", folder.parent.name, manifest["report"], recipient))

    def failed(self, report: str, period: str, owner: str, sentence: str) -> None:
        assert sentence
        self.said.append(("failed", report, period, owner))

    def late(self, report: str, period: str, owner: str, sentence: str) -> None:
        assert sentence
        self.said.append(("late", report, period, owner))

    def drain(self) -> int:
        self.said.append(("drain",))
        return self.code


@dataclass
class Kernels:
    """Stands in for kernels: remembers what was run, and fails for the segments named."""

    ran: list[tuple[str, str, str]] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self, desk: Desk, spec: ReportSpec, task: Task, beside: Beside) -> Outcome:
        del spec, beside
        with self.lock:
            self.ran.append((desk.instant(), task.job.period, task.job.segment or ""))
        if task.job.segment in self.broken:
            raise RunError("Code cell 3 failed with KeyError.", exit_code=30)
        return Outcome(task=task, state="made", exit_code=0, message="", run=None)


@pytest.fixture
def kernels(monkeypatch: pytest.MonkeyPatch) -> Kernels:
    stand_in = Kernels()
    monkeypatch.setattr(make, "_run", stand_in.run)
    return stand_in


@pytest.fixture
def at(weekly: Path) -> Callable[[datetime], Tick]:
    """Give a tick on the shop at an instant; what it told is `told` of the function."""
    workspace, told = sk.open(weekly), Told()

    def tick_at(now: datetime) -> Tick:
        return tick(Desk.of(workspace, now=lambda: now, notifier=told))

    tick_at.told = told  # type: ignore[attr-defined]
    return tick_at


def told(at: Callable[[datetime], Tick], *kinds: str) -> list[tuple[str, ...]]:
    said: list[tuple[str, ...]] = at.told.said  # type: ignore[attr-defined]
    return [one for one in said if one[0] in kinds]


def rewrite(shop: Path, extra: str, name: str = "weekly") -> None:
    (shop / "reports" / f"{name}.yml").write_text(WEEKLY + extra, "utf-8")


def test_what_is_due_is_made_once_however_often_it_ticks(
    at: Callable[[datetime], Tick], kernels: Kernels
) -> None:
    ticks = [at(MONDAY + timedelta(hours=hours)) for hours in range(-2, 72, 5)]

    assert [run[1:] for run in kernels.ran] == [("2026-W25", "buyers"), ("2026-W26", "buyers")]
    assert [len(one.outcomes) for one in ticks] == [1, 1, *[0] * 13]
    assert {one.exit_code for one in ticks} == {0}
    assert [word for one in ticks for word in one.words] == []
    assert len(told(at, "drain")) == len(ticks)


def test_after_three_weeks_only_the_newest_is_made_and_the_others_are_named_once(
    at: Callable[[datetime], Tick], kernels: Kernels
) -> None:
    at(MONDAY - timedelta(weeks=4))
    kernels.ran.clear()

    first, second = at(MONDAY), at(MONDAY + timedelta(minutes=5))

    assert [run[1] for run in kernels.ran] == ["2026-W26"]
    (word,) = first.words
    assert (word.kind, first.exit_code) == ("passed", 0)
    assert word.sentence == (
        "2026-W23 to 2026-W25 were not made in time and are passed over.\n"
        "Hint: segkit backfill weekly --from 2026-W23 --to 2026-W25"
    )
    assert second.words == ()
    assert first.outcomes[0].task.passed == ("2026-W23", "2026-W24", "2026-W25")


def test_a_failed_report_rests_is_tried_again_and_is_given_up(
    at: Callable[[datetime], Tick], kernels: Kernels, weekly: Path
) -> None:
    rewrite(weekly, "retries: {times: 2, pause: 10min}\n")
    kernels.broken.add("buyers")

    ticks = [at(MONDAY + timedelta(minutes=minutes)) for minutes in (0, 9, 10, 29, 30, 120)]

    assert [run[0][11:16] for run in kernels.ran] == ["07:30", "07:40", "08:00"]
    assert [one.exit_code for one in ticks] == [30, 0, 30, 0, 30, 10]
    assert [word.kind for one in ticks for word in one.words] == [
        *["resting"] * 4,
        *["given up"] * 2,
    ]
    assert "tried again at 2026-06-29 07:40:00 (UTC)" in ticks[0].words[0].sentence
    assert told(at, "failed") == [("failed", "weekly", "2026-W26", "owner@example.com")] * 3


def test_a_report_that_is_missing_at_its_deadline_is_told_once(
    at: Callable[[datetime], Tick], kernels: Kernels, weekly: Path
) -> None:
    rewrite(weekly, "deadline: 2h\nretries: {times: 0, pause: 10min}\n")
    kernels.broken.add("buyers")

    ticks = [at(MONDAY + timedelta(minutes=minutes)) for minutes in (0, 119, 120, 125)]

    lates = [[word for word in one.words if word.kind == "late"] for one in ticks]
    assert [len(words) for words in lates] == [0, 0, 1, 1]
    assert lates[2][0].sentence == (
        "Report `weekly` on 2026-W26 was due on 2026-06-29 07:30 (UTC) and is not there. "
        "Missing: `buyers`. Code cell 3 failed with KeyError."
    )
    assert ticks[3].exit_code == 10
    assert told(at, "late") == [("late", "weekly", "2026-W26", "owner@example.com")]


def test_a_report_made_after_its_deadline_is_not_told_as_missing(
    at: Callable[[datetime], Tick], kernels: Kernels
) -> None:
    done = at(MONDAY + timedelta(days=2))

    assert (len(kernels.ran), done.words, told(at, "late")) == (1, (), [])


def test_data_that_is_late_is_waited_for_without_an_attempt(
    at: Callable[[datetime], Tick], kernels: Kernels
) -> None:
    ticks = [at(MONDAY + timedelta(weeks=1, hours=hours)) for hours in (0, 1, 5)]

    assert kernels.ran == []
    assert [one.outcomes[0].state for one in ticks] == ["waiting"] * 3
    assert {one.exit_code for one in ticks} == {20}
    assert len(told(at, "late")) == 1
    assert "The data ends on 2026-06-30" in ticks[2].words[-1].sentence


def test_a_broken_file_stops_no_other_report(
    at: Callable[[datetime], Tick], kernels: Kernels, weekly: Path
) -> None:
    (weekly / "reports" / "a_broken.yml").write_text("notebook: tiny\nevry: x\n", "utf-8")
    rewrite(weekly, "parameters: {dayz: 3}\n", name="b_refused")

    first, second = at(MONDAY), at(MONDAY + timedelta(minutes=1))

    assert [run[1] for run in kernels.ran] == ["2026-W26"]
    assert (first.exit_code, second.exit_code) == (10, 10)
    broken, refused = first.words
    assert (broken.kind, broken.report, refused.report) == ("faulty", "a_broken", "b_refused")
    assert "reports/a_broken.yml" in broken.sentence
    assert "Did you mean `days`?" in refused.sentence
    assert told(at, "failed") == [("failed", "b_refused", "2026-W26", "owner@example.com")]


def test_a_paused_report_is_never_due(
    at: Callable[[datetime], Tick], kernels: Kernels, weekly: Path
) -> None:
    rewrite(weekly, "paused: true\n")

    assert at(MONDAY).outcomes == ()
    assert kernels.ran == []


def test_what_another_process_makes_is_left_to_it(
    at: Callable[[datetime], Tick], kernels: Kernels, weekly: Path
) -> None:
    (first,) = at(MONDAY - timedelta(weeks=1)).outcomes
    desk = Desk.of(sk.open(weekly))
    job = type(first.task.job)(**{**vars(first.task.job), "period": "2026-W26"})
    assert isinstance(desk.ledger.claim(job, now=MONDAY.isoformat()), Claim)

    done = at(MONDAY)

    assert (done.outcomes[0].state, done.exit_code) == ("claimed", 75)
    assert len(kernels.ran) == 1


def test_a_clock_that_jumped_ahead_and_back_loses_no_period(
    at: Callable[[datetime], Tick], kernels: Kernels
) -> None:
    at(MONDAY - timedelta(weeks=2))
    at(MONDAY + timedelta(weeks=6))
    kernels.ran.clear()

    periods = [at(MONDAY + timedelta(weeks=weeks)).outcomes[0].task.job.period for weeks in (-1, 0)]

    assert periods == ["2026-W25", "2026-W26"]
    assert [run[1] for run in kernels.ran] == periods


def test_mail_that_does_not_reach_everybody_is_in_the_exit_code(
    at: Callable[[datetime], Tick], kernels: Kernels
) -> None:
    at.told.code = 50  # type: ignore[attr-defined]

    assert at(MONDAY).exit_code == 50
    assert len(kernels.ran) == 1


@pytest.mark.parametrize(
    ("zone", "change"),
    [
        ("Europe/Berlin", datetime(2026, 3, 29, 1, tzinfo=UTC)),
        ("Europe/Berlin", datetime(2025, 10, 26, 1, tzinfo=UTC)),
        ("America/New_York", datetime(2026, 3, 8, 7, tzinfo=UTC)),
        ("America/New_York", datetime(2025, 11, 2, 6, tzinfo=UTC)),
        ("Australia/Lord_Howe", datetime(2025, 10, 4, 15, 30, tzinfo=UTC)),
        ("Australia/Lord_Howe", datetime(2026, 4, 4, 15, tzinfo=UTC)),
    ],
    ids=lambda value: f"{value:%B}" if isinstance(value, datetime) else value,
)
def test_each_day_is_reported_once_through_a_change_of_the_clock(
    at: Callable[[datetime], Tick], kernels: Kernels, weekly: Path, zone: str, change: datetime
) -> None:
    daily = WEEKLY.replace("weekly", "daily").replace("Monday 07:30", "day 02:15")
    (weekly / "reports" / "weekly.yml").write_text(f"{daily}zone: {zone}\n", "utf-8")

    for minutes in range(-26 * 60, 26 * 60, 25):
        at(change + timedelta(minutes=minutes))

    days = [run[1] for run in kernels.ran]
    first = date.fromisoformat(days[0])
    assert days == [(first + timedelta(days=n)).isoformat() for n in range(4)]
    assert told(at, "failed", "late") == []


@pytest.mark.slow
@pytest.mark.notebook
def test_a_tick_publishes_with_the_periods_that_it_passed_over(weekly: Path) -> None:
    rewrite(weekly, "recipients: {all: [reader@example.com]}\n")
    heard = Told()
    workspace = sk.open(weekly)

    def at_week(weeks: int) -> Tick:
        now = MONDAY - timedelta(weeks=weeks)
        return tick(Desk.of(workspace, now=lambda: now, notifier=heard))

    at_week(3)
    done = at_week(0)

    (one,) = done.outcomes
    assert one.folder is not None
    assert (read_manifest(one.folder) or {})["passed"] == ["2026-W24", "2026-W25"]
    assert (one.state, done.exit_code) == ("made", 0)
    assert [said[:2] for said in heard.said] == [
        ("published", "2026-W23"),
        ("drain",),
        ("published", "2026-W26"),
        ("drain",),
    ]
