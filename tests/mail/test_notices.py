"""Who should hear of a run hears of it once, and of nothing that is not theirs to see."""

from pathlib import Path
from typing import Any

import pytest

import segkit as sk
from segkit.errors import ParameterError
from segkit.mail.notices import INCOMPLETE, Notices, find_notifier
from segkit.runs.manifest import read_manifest
from tests.mail.post import Scripted
from tests.mail.weeks import WEEKLY, publish_week, write_schedule

LINK = '[mail]\nlink = "https://reports.example.org"\napp = "https://reports.example.org/app"\n'


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Give a workspace with a weekly report and a place that readers open it at."""
    (tmp_path / "segkit.toml").write_text(f'name = "x"\n{LINK}', "utf-8")
    write_schedule(tmp_path)
    return tmp_path


def notices_of(root: Path) -> Notices:
    """Give who tells people of a workspace's reports."""
    found = find_notifier(sk.open(root))
    assert found is not None
    return found


def tell(notices: Notices, folder: Path, *recipients: str) -> int:
    """Hand a run over as the runner does, and send."""
    manifest = read_manifest(folder) or {}
    for recipient in recipients:
        notices.published(folder, manifest, recipient)
    return notices.drain()


def body(message: Any) -> str:
    """Give the plain text of a message."""
    return str(message.get_body(("plain",)).get_content())


def test_without_a_mail_server_nobody_is_told(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SEGKIT_SMTP_HOST", raising=False)

    assert find_notifier(sk.open(root)) is None
    assert not (root / "outbox.sqlite").exists()


def test_the_workspace_file_names_server_and_sender(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SEGKIT_SMTP_HOST", raising=False)
    text = f'name = "x"\n{LINK}host = "mail.example.org"\nsender = "r@example.org"\n'
    (root / "segkit.toml").write_text(text, "utf-8")

    assert find_notifier(sk.open(root)) is not None


def test_a_server_without_sender_is_refused_before_anything_runs(
    root: Path, mailed: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEGKIT_MAIL_FROM", "")

    with pytest.raises(ParameterError, match="`SEGKIT_MAIL_FROM` is not set"):
        find_notifier(sk.open(root))

    assert mailed.got == []


def test_each_recipient_gets_one_mail_a_run(root: Path, mailed: Scripted) -> None:
    publish_week(root, 1, 1000)
    warned = ["`overview.n_users` changed by 20.4%."]
    asked = {"workspace": "x", "days": 28, "baseline": "rest"}
    folder = publish_week(root, 0, 1204, warnings=warned, parameters=asked)
    people = ("ann@example.org", "bob@example.org")

    codes = [tell(notices_of(root), folder, *people) for _ in range(2)]

    assert codes == [0, 0]
    assert sorted(mailed.got) == sorted(people)
    first = mailed.messages[0]
    assert first["Subject"] == "Loyal customers, week 22: 1,204 (+20.4%) – 1 warning"
    assert "WARNING: `overview.n_users` changed by 20.4%." in body(first)
    run = "weekly-buyers/2026-W22/20260601T000000Z-abcdef"
    assert f"https://reports.example.org/{run}/report.html" in body(first)
    explored = "app?segment=buyers&as_of=2026-05-31&days=28&baseline=rest"
    assert f"https://reports.example.org/{explored}" in body(first)


def test_a_correction_says_so(root: Path, mailed: Scripted) -> None:
    folder = publish_week(root, 0, 1204, corrects="20260531T000000Z-000000")

    tell(notices_of(root), folder, "ann@example.org")

    assert mailed.messages[0]["Subject"].startswith("Corrected: Loyal customers")
    assert "replaces the one that was made before" in body(mailed.messages[0])


def test_periods_without_a_report_are_said(root: Path, mailed: Scripted) -> None:
    publish_week(root, 4, 1000)
    folder = publish_week(root, 0, 1204)

    tell(notices_of(root), folder, "ann@example.org")

    said = "No report was made on the 3 periods before this one: 2026-W19 to 2026-W21."
    assert said in body(mailed.messages[0])


def test_a_group_sees_what_its_audience_allows(root: Path, mailed: Scripted) -> None:
    write_schedule(root, f"{WEEKLY}audience: {{all: public, buyers: personal}}\n")
    folder = publish_week(root, facts={"clearance": "personal"}, clearance="personal")

    tell(notices_of(root), folder, "ann@example.org", "bob@example.org")

    ann, bob = sorted(mailed.messages, key=lambda message: str(message["To"]))
    assert "Tier: gold" in body(bob)
    assert "report.html" in body(bob)
    assert "Tier: gold" not in body(ann)
    assert "report.html" not in body(ann)
    assert "Values of labels are left out" in body(ann)


def test_a_failure_goes_to_the_owner_once_a_run_and_scrubbed(
    root: Path, mailed: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOP_DB_PASSWORD", "hunter2hunter2")
    sentence = (
        "Expected a date, found `carol@example.org 10.1.2.3`. "
        f"({root}/reports_out/.failed/20260601T000000Z-abcdef)\n"
        "Hint: postgres://shop:hunter2hunter2@db/shop for user 103069482."
    )
    notices = notices_of(root)

    for _ in range(2):
        notices.failed("weekly", "2026-W22", "owner@example.org", sentence)
    code = notices.drain()

    assert code == 0
    assert mailed.got == ["owner@example.org"]
    message = mailed.messages[0]
    assert message["Subject"] == "Failed: weekly, 2026-W22"
    assert "Expected a date" in body(message)
    assert "segkit run weekly --period 2026-W22" in body(message)
    for secret in ("carol", "10.1.2.3", str(root), "hunter2", "shop:", "103069482"):
        assert secret not in message.as_string()


def test_two_failures_of_one_period_are_two_mails(root: Path, mailed: Scripted) -> None:
    notices = notices_of(root)

    for run in ("20260601T000000Z-aaaaaa", "20260601T000000Z-bbbbbb"):
        notices.failed("weekly", "2026-W22", "owner@example.org", f"It failed. (/x/y/{run})")
    notices.drain()

    assert mailed.got == ["owner@example.org"] * 2


def test_a_late_report_is_said_once_a_period(root: Path, mailed: Scripted) -> None:
    notices = notices_of(root)

    for sentence in ("It is 4 hours late.", "It is 5 hours late."):
        notices.late("weekly", "2026-W22", "owner@example.org", sentence)
    notices.drain()

    assert [message["Subject"] for message in mailed.messages] == ["Late: weekly, 2026-W22"]
    assert "It is 4 hours late." in body(mailed.messages[0])


def test_a_report_without_owner_tells_nobody_of_a_failure(root: Path, mailed: Scripted) -> None:
    notices = notices_of(root)

    notices.failed("tiny", "2026-05-31", "", "It failed.")

    assert notices.drain() == 0
    assert mailed.got == []


def test_the_owner_hears_of_a_refused_address_without_the_address(
    root: Path, mailed: Scripted
) -> None:
    folder = publish_week(root)
    notices = notices_of(root)

    code = tell(notices, folder, "never@example.org", "bob@example.org")
    again = notices.drain()

    assert (code, again) == (INCOMPLETE, 0)
    assert sorted(mailed.got) == ["bob@example.org", "owner@example.org"]
    message = next(m for m in mailed.messages if m["To"] == "owner@example.org")
    assert message["Subject"] == "Not delivered: weekly, 2026-W22"
    assert "1 did not get it: the server answered 550." in body(message)
    assert "never@" not in message.as_string()


def test_a_report_of_another_kind_is_told_with_its_size(root: Path, mailed: Scripted) -> None:
    folder = publish_week(root, report="tiny")

    tell(notices_of(root), folder, "ann@example.org")

    assert mailed.messages[0]["Subject"] == "Loyal customers, week 22: 1,204 users"
    assert "1,204 users." in body(mailed.messages[0])


def test_a_run_that_is_gone_fails_and_the_others_are_told(root: Path, mailed: Scripted) -> None:
    notices = notices_of(root)
    notices.outbox.queue("gone/2026-W22/r1", ["ann@example.org"])

    code = tell(notices, publish_week(root), "bob@example.org")

    assert code == INCOMPLETE
    assert mailed.got == ["bob@example.org"]


def test_the_user_list_goes_beside_the_mail_where_it_was_published(
    root: Path, mailed: Scripted
) -> None:
    write_schedule(root, f"{WEEKLY}attach: [csv]\n")
    files = {"users.csv": b"user\nu1\n", "users.parquet": b"PAR1"}
    with_list, without = publish_week(root, 0, files=files), publish_week(root, 1)

    tell(notices_of(root), with_list, "ann@example.org")
    tell(notices_of(root), without, "ann@example.org")

    first, second = mailed.messages
    (attached,) = first.iter_attachments()
    assert attached.get_filename() == "users.csv"
    assert attached.get_content() == "user\nu1\n"
    assert list(second.iter_attachments()) == []
    assert "users.csv is not attached: the segment's policy, or its size" in body(second)


def test_the_owner_hears_that_a_mail_may_not_have_arrived(root: Path, mailed: Scripted) -> None:
    code = tell(notices_of(root), publish_week(root), "lost@example.org")

    message = next(m for m in mailed.messages if m["To"] == "owner@example.org")
    assert code == INCOMPLETE
    assert "1 may not have it: the connection ended after" in body(message)
    assert mailed.got.count("lost@example.org") == 1
