"""A mail is about a whole published run; the earlier periods of its report are its history."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from segkit.cli.main import main
from segkit.errors import EmptyError, ParameterError
from segkit.mail.folders import find_run, letter_of_run
from segkit.runs.publish import point_latest, publish
from tests.mail.letters import SUNDAY, make_facts
from tests.mail.weeks import publish_week as publish_named
from tests.mail.weeks import write_schedule


def publish_week(root: Path, weeks_ago: int, n: int) -> Path:
    """Publish a run of the facts of one week, as the runner does."""
    day = SUNDAY - timedelta(weeks=weeks_ago)
    building = root / "reports_out" / f".building-{weeks_ago}"
    building.mkdir(parents=True)
    (building / "facts.json").write_text(json.dumps(make_facts(n, day)), "utf-8")
    report = root / "reports_out" / "segment_report-loyal"
    folder = report / day.isoformat() / f"20260601T00000{weeks_ago}Z-abcdef"
    publish(building, folder, {"run": folder.name, "report": "segment_report"})
    point_latest(report)
    return folder


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Give a workspace with reports of two weeks: 1,000 then 1,204 users."""
    (tmp_path / "segkit.toml").write_text('name = "x"\n', "utf-8")
    publish_week(tmp_path, 1, 1000)
    publish_week(tmp_path, 0, 1204)
    return tmp_path


def test_the_newest_run_of_a_segment_is_compared_with_the_period_before(root: Path) -> None:
    letter, changes = letter_of_run(find_run("loyal", root / "reports_out"))

    assert changes.before_on == SUNDAY - timedelta(weeks=1)
    assert letter.subject == "Loyal customers, week 22: 1,204 (+20.4%)"


def test_a_changed_earlier_run_is_no_history(root: Path) -> None:
    broken = publish_week(root, 2, 1)
    (broken / "facts.json").write_text("{}", "utf-8")

    _, changes = letter_of_run(find_run("loyal", root / "reports_out"))

    assert changes.before_on == SUNDAY - timedelta(weeks=1)


def test_a_run_that_was_changed_is_refused(root: Path) -> None:
    folder = find_run("loyal", root / "reports_out")
    (folder / "facts.json").write_text("{}", "utf-8")

    with pytest.raises(ParameterError, match="is not whole, or was changed"):
        letter_of_run(folder)


def test_a_segment_without_a_report_is_refused(root: Path) -> None:
    with pytest.raises(EmptyError, match="no published report of that name"):
        find_run("nobody", root / "reports_out")


def test_preview_prints_subject_and_text_and_writes_the_message(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = root / "mail.eml"
    words = ["--check", "size rises more than 5%", "--out", str(out)]

    code = main(["-w", str(root), "mail", "preview", "loyal", *words])

    said = capsys.readouterr().out
    assert code == 0
    assert said.startswith(
        "Subject: Loyal customers, week 22: 1,204 (+20.4%) – warning: size rises"
    )
    assert b"Content-Type: multipart/alternative" in out.read_bytes()


def test_the_preview_of_a_scheduled_run_has_its_warnings_and_names_its_period(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "segkit.toml").write_text('name = "x"\n', "utf-8")
    write_schedule(tmp_path)
    publish_named(tmp_path, 3)
    said: dict[str, Any] = {
        "warnings": ["`size` is 1,204, more than 1,000."],
        "broken": ["size above 1000"],
    }
    publish_named(tmp_path, 0, **said)

    assert main(["-w", str(tmp_path), "mail", "preview", "weekly-buyers"]) == 0

    subject, _, text = capsys.readouterr().out.partition("\n")
    assert subject.endswith("week 22: 1,204 (±0.0%) – warning: size above 1000")
    assert "WARNING: `size` is 1,204, more than 1,000." in text
    assert "No report was made on the 2 periods before this one: 2026-W20 to 2026-W21." in text


def test_preview_as_json_is_one_document(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["-w", str(root), "mail", "preview", "loyal", "--json"])

    document = json.loads(capsys.readouterr().out)
    assert code == 0
    assert document["subject"] == "Loyal customers, week 22: 1,204 (+20.4%)"
    assert document["html_bytes"] < 90_000


def test_a_check_of_an_unknown_number_is_a_usage_error(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["-w", str(root), "mail", "preview", "loyal", "--check", "sise below 5"])

    assert code == 2
    assert "Did you mean `size`?" in capsys.readouterr().err


def test_a_dry_run_queues_nothing(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--to", "ann@example.org", "--to", "ann@example.org", "--dry-run", "--json"]

    code = main(["-w", str(root), "mail", "send", "loyal", *words])

    assert code == 0
    assert json.loads(capsys.readouterr().out)[0]["n"] == 1
    assert not (root / "outbox.sqlite").exists()


def test_a_server_that_is_down_is_exit_code_50_and_no_address_is_shown(
    root: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = {"HOST": "127.0.0.1", "PORT": "1", "TLS": "none"}
    for name, value in settings.items():
        monkeypatch.setenv(f"SEGKIT_SMTP_{name}", value)
    monkeypatch.setenv("SEGKIT_MAIL_FROM", "r@example.org")

    code = main(["-w", str(root), "mail", "send", "loyal", "--to", "ann@example.org"])
    main(["-w", str(root), "mail", "suppress", "ann@example.org"])
    main(["-w", str(root), "mail", "status"])

    said = capsys.readouterr().out
    assert code == 50
    assert "queued" in said
    assert "suppressed" in said
    assert "@" not in said


def test_the_newest_run_of_any_report_is_found_by_its_name(root: Path) -> None:
    folder = publish_named(root, 0, report="own", name="weekly")

    assert find_run("weekly-buyers", root / "reports_out") == folder


def test_a_check_of_a_number_that_another_report_lacks_is_refused(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    publish_named(root, 0, report="own", name="weekly")

    code = main(["-w", str(root), "mail", "preview", "weekly-buyers", "--check", "sise below 5"])

    assert code == 2
    assert "names no number of the report: `sise`" in capsys.readouterr().err
