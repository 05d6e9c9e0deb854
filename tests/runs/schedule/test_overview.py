from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

import segkit as sk
from segkit.runs.schedule.make import Desk, make_all
from segkit.runs.schedule.overview import check_schedules, describe_schedules, list_coming
from segkit.runs.schedule.plan import Task
from segkit.runs.schedule.spec import ReportSpec
from segkit.store.run_ledger import Claim, Ledger
from tests.runs.schedule.conftest import NOON, WEEKLY

Plan = Callable[..., tuple[Desk, ReportSpec, list[Task]]]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (WEEKLY.replace("owner", "ownr"), r"weekly.yml, line 2[\s\S]*Did you mean `owner`"),
        (WEEKLY.replace("[buyers]", "[buyrs]"), r"Did you mean `buyers`"),
        (WEEKLY.replace("[buyers]", "\n  - buyers\n  - gone"), r"weekly.yml, line 5"),
        (WEEKLY + "parameters: {dayz: 3}\n", r"weekly.yml, line 6[\s\S]*Did you mean `days`"),
        (WEEKLY + "recipients: {buyerz: [a@example.com]}\n", r"weekly.yml, line 6[\s\S]*`buyers`"),
        (WEEKLY.replace("tiny", "tinyy"), r"weekly.yml, line 1[\s\S]*Did you mean `tiny`"),
    ],
)
def test_a_fault_is_named_with_its_line_and_near_names(weekly: Path, text: str, fault: str) -> None:
    (weekly / "reports" / "weekly.yml").write_text(text, "utf-8")
    (weekly / "reports" / "good.yml").write_text(WEEKLY, "utf-8")

    good, faulty = check_schedules(sk.open(weekly))

    assert good.faults == ()
    assert faulty.where == "reports/weekly.yml"
    with pytest.raises(AssertionError, match=fault):
        raise AssertionError(faulty.faults[0])


def test_all_faults_of_a_file_are_named_at_once(weekly: Path) -> None:
    text = WEEKLY.replace("owner@example.com", "nobody").replace("every", "evry")
    text += "segments: 7\nlimits: {runn: 5min}\nretries: {times: 99}\n"
    text = text.replace("segments: [buyers]\n", "")
    (weekly / "reports" / "weekly.yml").write_text(text, "utf-8")

    (one,) = check_schedules(sk.open(weekly))

    sentences = [fault.partition("\nHint")[0] for fault in one.faults]
    assert len(sentences) == 6
    assert all(sentence.startswith("Unknown key") for sentence in sentences[:2])
    named = ("evry", "every", "owner", "segments", "runn", "retries.times")
    assert all(any(name in sentence for sentence in sentences) for name in named)


def test_two_files_of_one_report_are_a_fault(weekly: Path) -> None:
    (weekly / "reports" / "weekly.yaml").write_text(WEEKLY, "utf-8")

    (one,) = check_schedules(sk.open(weekly))

    assert "Report `weekly` has two files" in one.faults[0]


@pytest.mark.usefixtures("no_kernel")
def test_a_report_stands_as_its_newest_period_does(planned: Plan, weekly: Path) -> None:
    desk, spec, tasks = planned()

    def state() -> str:
        (one,) = describe_schedules(desk.workspace, desk.ledger, NOON)
        return one.state

    states = [state()]
    claim = desk.ledger.claim(tasks[0].job, now="now")
    assert isinstance(claim, Claim)
    states.append(state())
    facts = {"exit_code": 30, "message": "It failed."}
    desk.ledger.close(claim, None, state="failed", now=NOON.isoformat(), facts=facts)
    states.append(state())
    make_all(desk, spec, tasks)
    states.append(state())
    planned(paused="true")
    states.append(state())
    (weekly / "reports" / "weekly.yml").write_text("[]", "utf-8")
    states.append(state())

    assert states == ["not made", "running", "failed", "made", "paused", "faulty"]


def test_the_next_instants_of_all_reports_come_in_order(weekly: Path) -> None:
    daily = WEEKLY.replace("weekly", "daily").replace("Monday 07:30", "day 06:00")
    (weekly / "reports" / "daily.yml").write_text(daily + "zone: Asia/Tokyo\n", "utf-8")
    (weekly / "reports" / "off.yml").write_text(WEEKLY + "paused: true\n", "utf-8")
    now = datetime(2026, 7, 5, 12, tzinfo=UTC)

    standings = describe_schedules(sk.open(weekly), Ledger(weekly), now)
    coming = list_coming(standings, now, 4)

    assert [(one.report, str(due.period), due.at.isoformat()[:16]) for one, due in coming] == [
        ("daily", "2026-07-05", "2026-07-05T21:00"),
        ("weekly", "2026-W27", "2026-07-06T07:30"),
        ("daily", "2026-07-06", "2026-07-06T21:00"),
        ("daily", "2026-07-07", "2026-07-07T21:00"),
    ]
    assert not (weekly / ".segkit").exists()
