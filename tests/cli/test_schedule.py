import json
from pathlib import Path
from typing import Any

import pytest

from segkit.cli.main import main
from segkit.runs.schedule import make
from segkit.store.run_ledger import Claim, Job, Ledger
from tests.runs.own_notebook import write_notebook
from tests.runs.schedule import stand_in
from tests.runs.schedule.conftest import PARAMETERS, WEEKLY

NOW = ["--now", "2026-06-30T12:00:00Z"]


@pytest.fixture
def weekly(shop: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write_notebook(shop, "tiny", parameters=PARAMETERS)
    (shop / "reports").mkdir()
    (shop / "reports" / "weekly.yml").write_text(WEEKLY, "utf-8")
    monkeypatch.setattr(make, "run_order", stand_in.run_order)
    return shop


@pytest.fixture
def ask(weekly: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    """Give a function that runs a command with --json and gives its exit code and document."""

    def asked(*words: str) -> tuple[int, Any]:
        code = main(["-w", str(weekly), *words, "--json"])
        return code, json.loads(capsys.readouterr().out)

    return asked


def test_a_faulty_file_is_checked_with_code_two(weekly: Path, ask: Any) -> None:
    (weekly / "reports" / "bad.yml").write_text(WEEKLY + "evry: x\n", "utf-8")

    code, (bad, good) = ask("schedule", "check")

    assert (code, good["faults"]) == (2, [])
    assert "reports/bad.yml, line 6" in bad["faults"][0]
    assert ask("schedule", "check", "weekly")[0] == 0


def test_schedules_are_listed_before_and_after_a_tick(ask: Any) -> None:
    _, (before,) = ask("schedule", "list", *NOW)
    ask("tick", *NOW)
    _, (after,) = ask("schedule", "list", *NOW)

    assert (before["state"], before["last_made"], before["period"]) == (
        "not made",
        None,
        "2026-W26",
    )
    assert (after["state"], after["last_made"], after["jobs"]) == ("made", "2026-W26", 1)
    assert after["next_at"] == "2026-07-06T07:30:00+00:00"


def test_next_gives_as_many_instants_as_are_asked_for(ask: Any) -> None:
    _, coming = ask("schedule", "next", "--count", "2", *NOW)

    assert [due["period"] for due in coming] == ["2026-W27", "2026-W28"]


def test_runs_are_listed_with_what_they_took(weekly: Path, ask: Any) -> None:
    ask("backfill", "weekly", "--from", "2026-W24", "--to", "2026-W25", "--yes")

    _, runs = ask("runs")

    assert [run["period"] for run in runs] == ["2026-W25", "2026-W24"]
    assert {run["state"] for run in runs} == {"done"}
    assert (runs[0]["wall_s"], runs[0]["cpu_s"], runs[0]["peak_mb"]) == (4.25, 6.5, 1234)
    assert (weekly / runs[0]["folder"] / "report.html").is_file()
    assert [run["period"] for run in ask("runs", "--period", "2026-W24")[1]] == ["2026-W24"]
    assert ask("runs", "--state", "failed")[1] == ask("runs", "--report", "none")[1] == []
    assert len(ask("runs", "--count", "1")[1]) == 1


def test_a_run_on_many_segments_is_found_by_each_and_counts_them(
    capsys: pytest.CaptureFixture[str], weekly: Path, ask: Any
) -> None:
    job = Job(report="review", period="2026-W24", key="review", segment="a,b,buyers,c")
    ledger = Ledger(weekly)
    claim = ledger.claim(job, now="2026-06-15T00:00:00+00:00")
    assert isinstance(claim, Claim)
    ledger.begin(claim, "20260615T000000Z-abcdef", now="2026-06-15T00:00:00+00:00", snapshot="s")

    (found,) = ask("runs", "--segment", "buyers")[1]

    assert found["segment"] == "a,b,buyers,c"
    assert ask("runs", "--segment", "buy")[1] == []
    main(["-w", str(weekly), "runs"])
    assert "  4 segments  " in capsys.readouterr().out


def test_a_backfill_without_yes_only_says_what_it_would_make(weekly: Path, ask: Any) -> None:
    code, jobs = ask("backfill", "weekly", "--from", "2026-W24", "--to", "2026-W25")

    assert (code, [job["would_make"] for job in jobs]) == (0, [True, True])
    assert ask("runs")[1] == []
    assert not (weekly / "reports_out" / "weekly-buyers").exists()


def test_a_rerun_corrects_and_verify_finds_what_is_damaged(weekly: Path, ask: Any) -> None:
    ask("tick", *NOW)
    (first,) = ask("runs")[1]

    code, again = ask("rerun", first["run"])
    whole = ask("verify")
    (weekly / first["folder"] / "report.html").write_text("x", "utf-8")
    damaged = ask("verify")

    assert (code, again["runs"][0]["corrects"]) == (0, first["run"])
    assert whole == (0, {"runs": 2, "damaged": []})
    assert damaged[0] == 40
    assert damaged[1]["damaged"][0]["folder"].endswith(first["run"])
    assert ask("verify", again["runs"][0]["run"])[0] == 0


def test_prune_removes_only_with_yes(weekly: Path, ask: Any) -> None:
    (weekly / "reports" / "weekly.yml").write_text(WEEKLY + "retention: {periods: 1}\n", "utf-8")
    ask("backfill", "weekly", "--from", "2026-W24", "--to", "2026-W25", "--yes")

    _, dry = ask("prune")
    _, done = ask("prune", "--yes")
    _, after = ask("prune")

    assert (dry["removed"], done["removed"]) == (False, True)
    assert dry["runs"] == done["runs"]
    assert [run["period"] for run in dry["runs"]] == ["2026-W24"]
    assert after["runs"] == []


def test_what_people_read_is_aligned(weekly: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["tick", *NOW], ["runs"], ["schedule", "list", *NOW], ["schedule", "next", *NOW],
                  ["schedule", "check"], ["verify"], ["prune"]):  # fmt: skip
        assert main(["-w", str(weekly), *words]) == 0
    backfill = ["backfill", "weekly", "--from", "2026-W24", "--to", "2026-W26"]
    assert main(["-w", str(weekly), *backfill]) == 0

    said = capsys.readouterr()
    assert (
        "weekly  2026-W26  buyers   done      0     4.2    6.5     1,234  reports_out/" in said.out
    )
    assert (
        "weekly  Monday 07:30  UTC   2026-W26  made   2026-W26   Mon 2026-07-06 07:30" in said.out
    )
    assert "reports/weekly.yml: good" in said.out
    assert "1 of 1 runs are whole." in said.out
    assert "2026-W26  buyers   done  leave" in said.out
    assert "2 of 3 would be made with --yes." in said.err
    assert "0 runs of 0.0 MB would be removed with --yes." in said.err
