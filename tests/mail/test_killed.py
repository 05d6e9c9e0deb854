"""A runner that is killed while it queues or sends mails nobody twice, and the next one goes on."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from segkit.cli.main import main
from segkit.mail.outbox import Outbox
from tests.mail.killed import TRAPS, tell
from tests.mail.post import Scripted
from tests.runs.own_notebook import write_notebook

ROOT = Path(__file__).parents[2]
PEOPLE = ("a@example.com", "b@example.com")
WEEKLY = f"""\
notebook: tiny
owner: owner@example.com
segments: [buyers]
period: weekly
every: Monday 07:30
recipients: {{all: [{", ".join(PEOPLE)}]}}
"""
PARAMETERS = 'workspace = "."\nsegment = "a"\nas_of = ""\ndays = 7'
LOST = {"before sending": 1}
"""How many of the two are not mailed, as nobody can know whether they were."""


@pytest.mark.slow
@pytest.mark.notebook
@pytest.mark.parametrize("phase", TRAPS)
def test_nobody_is_mailed_twice_though_the_runner_is_killed(
    shop: Path, mailed: Scripted, phase: str
) -> None:
    write_notebook(shop, "tiny", parameters=PARAMETERS)
    (shop / "reports").mkdir()
    (shop / "reports" / "weekly.yml").write_text(WEEKLY, "utf-8")

    killed = subprocess.run(
        [sys.executable, "-m", "tests.mail.killed", str(shop), phase],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
        timeout=120,
    )
    (outcome,), _ = tell(shop)
    (again,), _ = tell(shop)

    assert killed.returncode == -9
    assert (outcome.state, again.state) in {("made", "done"), ("done", "done")}
    assert sorted(mailed.got) == sorted(set(mailed.got))
    assert len(set(mailed.got) & set(PEOPLE)) == len(PEOPLE) - LOST.get(phase, 0)
    assert ("owner@example.com" in mailed.got) == ("sending" in phase)
    states = {row["state"] for row in Outbox(shop / "outbox.sqlite").count_states()}
    assert states == ({"sent", "unknown"} if "sending" in phase else {"sent"})


@pytest.mark.slow
@pytest.mark.notebook
def test_a_failed_notebook_is_told_to_its_owner_alone_without_its_values(
    shop: Path, mailed: Scripted
) -> None:
    raises = 'raise KeyError("eve@example.org", 103069482)'
    write_notebook(shop, "tiny", parameters=PARAMETERS, code=raises)
    (shop / "reports").mkdir()
    (shop / "reports" / "weekly.yml").write_text(WEEKLY, "utf-8")
    command = ["-w", str(shop), "tick", "--now", "2026-06-29T08:00:00+00:00"]

    codes = [main(command) for _ in range(2)]

    (message,) = mailed.messages
    text = message.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert codes == [30, 0]
    assert message["To"] == "owner@example.com"
    assert message["Subject"] == "Failed: weekly, 2026-W26"
    assert "Code cell 3 failed with KeyError. See the executed copy." in text
    for value in ("eve@", "103069482", str(shop)):
        assert value not in message.as_string()
    listed = (shop / "reports_out" / "index.html").read_text("utf-8")
    assert "code cell 3, line 1" in listed
    assert "eve@" not in listed
