import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from segkit.runs.earlier import read_earlier, write_earlier
from segkit.runs.run import order_comparison, order_report, order_segment_report, run_order
from segkit.workspace import Workspace
from segkit.workspace.asking import EARLIER, RunFolder
from tests.mail.weeks import publish_week
from tests.runs.own_notebook import write_notebook


def test_where_no_report_was_made_there_are_none(tmp_path: Path) -> None:
    assert read_earlier(tmp_path / "nothing", before="2026-06-30") == []


def test_a_notebook_waits_for_them_and_reads_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(EARLIER, str(tmp_path / ".earlier.json"))
    write_earlier(tmp_path / ".earlier.json", tmp_path / "nothing", before="2026-06-30", now={})

    assert RunFolder(tmp_path).earlier() == []


def test_of_a_period_the_newest_whole_run_counts(tmp_path: Path) -> None:
    older = publish_week(tmp_path, 2, 800)
    first = publish_week(tmp_path, 1, 900)
    later = shutil.copytree(first, first.with_name("20260601T999999Z-abcdef"))
    (later / "facts.json").write_text("{}", "utf-8")

    found = read_earlier(older.parent.parent, before="2026-W22")

    assert [facts["overview"]["n_users"] for facts in found] == [800, 900]


def test_what_no_report_can_be_set_against_is_left_out(tmp_path: Path) -> None:
    facts: dict[str, Any] = {"overview": {}, "behaviour": {}, "trend": []}
    foreign = publish_week(tmp_path, 2, report="own", facts=facts)
    publish_week(tmp_path, 1, report="own", facts={"orders": 3})

    (found,) = read_earlier(foreign.parent.parent, before="2026-W22")

    assert found == {"orders": 3, "as_of": "2026-05-24"}


@pytest.mark.slow
@pytest.mark.notebook
def test_a_report_tells_what_changed_since_the_one_before(shop: Path) -> None:
    workspace = Workspace.open(shop)
    before, after = (
        run_order(order_segment_report(workspace, "buyers", as_of=day))
        for day in ("2026-06-23", "2026-06-30")
    )

    facts = [json.loads((run.folder / "facts.json").read_text("utf-8")) for run in (before, after)]
    (size,) = [c for c in facts[1]["changes"]["since_before"] if c["now"]["name"] == "size"]
    assert facts[0]["changes"]["before_on"] is None
    assert facts[1]["changes"]["before_on"] == "2026-06-23"
    assert [size[when]["numerator"] for when in ("before", "now")] == [
        facts[0]["overview"]["n_users"], facts[1]["overview"]["n_users"],
    ]  # fmt: skip
    assert "Report before (2026-06-23)" in after.html.read_text("utf-8")
    assert not [path for path in after.folder.iterdir() if path.name.startswith(".")]


@pytest.mark.slow
@pytest.mark.notebook
def test_facts_that_were_changed_after_publishing_are_not_compared(shop: Path) -> None:
    workspace = Workspace.open(shop)
    run = run_order(order_segment_report(workspace, "buyers", as_of="2026-06-23"))
    report = run.folder.parent.parent
    (kept,) = read_earlier(report, before="2026-06-30")

    (run.folder / "facts.json").write_bytes(b"{}")

    assert kept["as_of"] == "2026-06-23"
    assert read_earlier(report, before="2026-06-30") == []


@pytest.mark.slow
@pytest.mark.notebook
def test_a_comparison_and_an_own_notebook_tell_what_changed_in_page_and_facts(shop: Path) -> None:
    write_notebook(
        shop,
        "orders",
        parameters='as_of = ""',
        code='import segkit as sk\nsk.finish({"orders": int(as_of[-2:])}, as_of=as_of)',
    )
    workspace = Workspace.open(shop)
    days = ("2026-06-23", "2026-06-30")
    compared = [order_comparison(workspace, ["buyers", "returning"], as_of=day) for day in days]
    own = [order_report(workspace, "orders", {"as_of": day}) for day in days]

    runs = [run_order(order) for order in (*compared, *own)]

    facts = [json.loads((run.folder / "facts.json").read_text("utf-8")) for run in runs]
    moved = {c["now"]["name"]: c for c in facts[1]["changes"]["since_before"]}
    (orders,) = facts[3]["changes"]["since_before"]
    size = moved["buyers.size"]
    assert size["before"]["numerator"] == facts[0]["segments"][0]["n_users"]
    assert (
        moved["returning.share"]["before"]["denominator"] == facts[0]["segments"][1]["n_universe"]
    )
    assert (orders["now"]["value"], orders["before"]["value"]) == (30, 23)
    for run in (runs[1], runs[3]):
        assert "Report before (2026-06-23)" in run.html.read_text("utf-8")
