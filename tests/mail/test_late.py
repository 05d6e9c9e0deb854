"""A report that nobody made, or nobody can make: its owner is mailed once."""

from pathlib import Path

import pytest

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


@pytest.mark.parametrize(
    "fault",
    ["evry: Monday 07:30\n", "period: [\n", "period: weekly\n  every: x\n"],
    ids=["unknown key", "no YAML", "indented"],
)
def test_the_owner_of_a_file_that_was_broken_hears_of_it_once(
    shop: Path, mailed: Scripted, fault: str
) -> None:
    (shop / "reports").mkdir()
    text = f"notebook: segment_report\nowner: 'owner@example.com'\nsegments: [buyers]\n{fault}"
    file = shop / "reports" / "weekly.yml"
    command = ["-w", str(shop), "tick", "--now", "2026-07-06T08:00:00+00:00"]

    file.write_text(text, "utf-8")
    codes = [main(command) for _ in range(2)]
    before = list(mailed.got)
    file.write_text(f"recipients: 3\n{text}", "utf-8")
    codes.append(main(command))

    assert codes == [10] * 3
    assert before == ["owner@example.com"]
    message = mailed.messages[0]
    assert message["Subject"] == "Failed: weekly, its file"
    said = message.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "reports/weekly.yml" in said
    assert "Until its file is mended no period is made: segkit schedule check" in said


def test_a_broken_file_that_names_no_address_is_only_said(shop: Path, mailed: Scripted) -> None:
    (shop / "reports").mkdir()
    (shop / "reports" / "weekly.yml").write_text("owner: nobody\nperiod: [\n", "utf-8")

    code = main(["-w", str(shop), "tick", "--now", "2026-07-06T08:00:00+00:00"])

    assert (code, mailed.got) == (10, [])
