import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import segkit as sk
from segkit.cli.main import main
from segkit.mail.outbox import OUTBOX, Outbox
from segkit.runs.schedule.make import Desk
from segkit.runs.schedule.metrics import METRICS, write_metrics
from segkit.runs.schedule.tick import tick
from tests.runs.schedule.conftest import WEEKLY

MONDAY = datetime(2026, 6, 29, 7, 30, tzinfo=UTC)
SAMPLE = re.compile(r'^([a-z_]+)(\{(?:[a-z]+="(?:[^"\\\n]|\\.)*",?)+\})? (-?[\d.e+]+)$')
pytestmark = pytest.mark.usefixtures("no_kernel")


def read(shop: Path) -> dict[str, float]:
    """Give the samples of the file; every line of it must have the form that is read."""
    found: dict[str, float] = {}
    for line in (shop / METRICS).read_text("utf-8").splitlines():
        if line.startswith("#"):
            assert re.match(r"^# (HELP|TYPE) [a-z_]+ \S", line)
            continue
        sample = SAMPLE.match(line)
        assert sample is not None, line
        key = f"{sample[1]}{sample[2] or ''}"
        assert key not in found
        found[key] = float(sample[3])
    return found


def test_runs_ages_and_lateness_are_written_by_report(weekly: Path) -> None:
    (weekly / "reports" / "new.yml").write_text(WEEKLY + "deadline: 1h\n", "utf-8")
    desk = Desk.of(sk.open(weekly), now=lambda: MONDAY)
    tick(desk)
    week_later = Desk.of(sk.open(weekly), now=lambda: MONDAY + timedelta(days=7, hours=2))

    write_metrics(week_later, tick(week_later), {"sent": 3, "queued": 1})

    found = read(weekly)
    assert found['segkit_runs{report="weekly",state="done"}'] == 1
    assert found['segkit_runs{report="weekly",state="failed"}'] == 0
    assert found['segkit_run_seconds_sum{report="weekly"}'] == 4.25
    assert found['segkit_run_seconds_count{report="weekly"}'] == 1
    assert found['segkit_report_age_seconds{report="weekly"}'] == (7 * 24 + 2) * 3600
    assert found['segkit_report_late{report="new"}'] == 1
    assert found['segkit_report_late{report="weekly"}'] == 0
    assert found['segkit_mails{state="queued"}'] == 1
    assert found["segkit_tick_exit_code"] == 20
    assert (
        found["segkit_tick_timestamp_seconds"] == (MONDAY + timedelta(days=7, hours=2)).timestamp()
    )


def test_a_name_that_is_no_plain_label_is_escaped(weekly: Path) -> None:
    (weekly / "reports" / 'a"b\\c.yml').write_text("x: 1\n", "utf-8")
    desk = Desk.of(sk.open(weekly), now=lambda: MONDAY)

    write_metrics(desk, tick(desk), {})

    assert read(weekly)[r'segkit_report_faulty{report="a\"b\\c"}'] == 1


def test_the_command_writes_them_with_the_mails_and_survives_that_it_cannot(
    weekly: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Outbox(weekly / OUTBOX).queue("run", ["a@example.com", "b@example.com"])
    command = ["-w", str(weekly), "tick", "--now", MONDAY.isoformat()]

    assert main(command) == 0
    found = read(weekly)
    (weekly / METRICS).unlink()
    (weekly / METRICS).mkdir()
    assert main(command) == 0

    assert found['segkit_mails{state="queued"}'] == 2
    assert "a@example.com" not in str(found)
    assert "The metrics could not be written" in capsys.readouterr().err
