"""A report that nobody made in time: its owner is mailed once, whoever else forgot it."""

from pathlib import Path

from segkit.cli.main import main
from tests.mail.post import Scripted
from tests.mail.test_killed import WEEKLY
from tests.runs.own_notebook import write_notebook

PARAMETERS = 'workspace = "."\nsegment = "a"\nas_of = ""\ndays = 7'


def test_a_missed_deadline_is_mailed_to_the_owner_once_and_to_nobody_else(
    shop: Path, mailed: Scripted
) -> None:
    write_notebook(shop, "tiny", parameters=PARAMETERS)
    (shop / "reports").mkdir()
    (shop / "reports" / "weekly.yml").write_text(f"{WEEKLY}deadline: 2h\n", "utf-8")
    instants = ["2026-07-06T08:00:00", "2026-07-06T09:29:00", "2026-07-06T09:30:00"]

    got = []
    for instant in [*instants, "2026-07-07T08:00:00"]:
        code = main(["-w", str(shop), "tick", "--now", f"{instant}+00:00"])
        got.append((code, list(mailed.got)))

    owner = ["owner@example.com"]
    assert got == [(20, []), (20, []), (20, owner), (20, owner)]
    (message,) = mailed.messages
    text = message.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert message["Subject"] == "Late: weekly, 2026-W27"
    assert "was due on 2026-07-06 07:30 (UTC) and is not there" in text
    assert "The data ends on 2026-06-30, the period on 2026-07-05" in text
