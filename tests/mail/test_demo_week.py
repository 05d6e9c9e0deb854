"""A week of the demo shop's schedule: three ticks send exactly the mails that are due."""

from pathlib import Path

import pytest

from segkit.cli.main import main
from segkit.mail.outbox import Outbox
from tests.mail.post import Scripted

TICKS = ("2026-05-25T08:00:00+02:00", "2026-05-27T08:00:00+02:00", "2026-06-01T08:00:00+02:00")
BOTH = ("marketing@example.com", "sales@example.com")


@pytest.mark.slow
@pytest.mark.notebook
def test_three_ticks_over_a_week_send_exactly_the_mails_that_are_due(
    tmp_path: Path, mailed: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("segkit.cli.demo.REPORTS", ())
    shop = tmp_path / "shop"
    assert main(["demo", str(shop), "--users", "600", "--days", "90", "--schedule"]) == 0

    sent, codes = [], []
    for now in TICKS:
        before = len(mailed.messages)
        codes.append(main(["-w", str(shop), "tick", "--now", now]))
        sent.append([(str(m["To"]), str(m["Subject"])) for m in mailed.messages[before:]])

    assert set(codes) <= {0, 10}
    for week, mails in ((21, sent[0]), (22, sent[2])):
        subjects = sorted(subject for _, subject in mails)
        assert sorted(to for to, _ in mails) == [*[BOTH[0]] * 3, BOTH[1]]
        assert all(f", week {week}: " in subject for subject in subjects)
        assert sum(s.startswith("Review of 8 segments") for s in subjects) == 1
        assert len(set(subjects)) == 3
    assert sent[1] == []
    assert {row["state"] for row in Outbox(shop / "outbox.sqlite").count_states()} == {"sent"}
