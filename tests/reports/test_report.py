import json
from pathlib import Path
from typing import Any

import pytest

import segkit as sk
from segkit.errors import EmptyError, ParameterError
from segkit.reports.report import SECTIONS
from segkit.reports.segment_report import open_report
from segkit.views.fragment import Fragment


def _in_run(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    folder.mkdir()
    monkeypatch.setenv("SEGKIT_RUN_DIR", str(folder))


def test_nothing_is_computed_before_it_is_asked_for_and_then_once(
    shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[object] = []

    def counting(request: Any) -> Any:
        opened.append(request)
        return open_report(request)

    monkeypatch.setattr("segkit.reports.report.open_report", counting)
    report = sk.open(shop).report("buyers")
    n_before = len(opened)
    for section in SECTIONS:
        assert isinstance(getattr(report, section)(), Fragment)

    assert (n_before, len(opened)) == (0, 1)


def test_every_way_to_the_size_gives_one_number(shop: Path) -> None:
    ws = sk.open(shop)
    report = ws.report("buyers", as_of="2026-06-30")

    facts = report.facts()

    assert report.exported is not None
    sizes = (
        facts.overview.n_users,
        facts.user_list.n_rows,
        len(report.exported.rows),
        ws.members("buyers", as_of="2026-06-30").count,
    )
    assert set(sizes) == {15}


def test_finish_writes_facts_and_lists_into_the_folder_of_the_run(
    shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _in_run(monkeypatch, tmp_path / "run")
    report = sk.open(shop).report("buyers", days=28)

    view = report.finish()

    facts = json.loads((tmp_path / "run" / "facts.json").read_text("utf-8"))
    assert sorted(path.name for path in (tmp_path / "run").iterdir()) == [
        "facts.json",
        "users.csv",
        "users.parquet",
    ]
    assert (facts["segment"], facts["days"], facts["user_list"]["n_exported"]) == ("buyers", 28, 15)
    assert "users.csv" in str(view)
    assert "users.csv" in report.users().html


def test_outside_of_a_run_finish_writes_nothing_and_says_so(
    shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(shop)
    before = sorted(shop.rglob("*"))
    report = sk.open(shop).report("buyers")

    view = report.finish()

    assert "Nothing was written" in str(view)
    assert sorted(shop.rglob("*")) == before
    assert "users.csv" not in report.users().html


def test_where_nobody_looks_on_there_are_no_controls(shop: Path) -> None:
    assert sk.open(shop).report("buyers", days=7).controls().text == ""


def test_without_export_no_list_is_written(
    shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _in_run(monkeypatch, tmp_path / "run")
    toml = shop / "segkit.toml"
    toml.write_text(toml.read_text("utf-8").replace('export = "pseudonymous"', ""), "utf-8")

    report = sk.open(shop).report("buyers")
    report.finish()

    assert [path.name for path in (tmp_path / "run").iterdir()] == ["facts.json"]
    assert "users.csv" not in report.users().html


@pytest.mark.parametrize(
    ("clearance", "seen"),
    [("public", []), ("pseudonymous", []), ("personal", ["u01@example.com"])],
)
def test_mail_addresses_are_for_cleared_readers(
    shop: Path, clearance: str, seen: list[str]
) -> None:
    report = sk.open(shop).report("buyers", clearance=clearance)

    shown = report.top_users().html + report.users().html + report.attributes().html

    assert [mail for mail in ["u01@example.com"] if mail in shown] == seen


@pytest.mark.parametrize(("baseline", "n"), [("rest", 25), ("everyone", 25), ("known", 25)])
def test_a_baseline_is_the_rest_everyone_or_a_segment(shop: Path, baseline: str, n: int) -> None:
    facts = sk.open(shop).report("buyers", baseline=baseline).facts()

    assert facts.head.n_baseline == n


@pytest.mark.parametrize("days", [0, -1, 3661, True, "90", 1.5])
def test_days_that_are_no_number_of_days_are_refused(shop: Path, days: Any) -> None:
    with pytest.raises(ParameterError, match="`days`: expected a whole number"):
        sk.open(shop).report("buyers", days=days)


def test_an_unknown_baseline_has_near_names(shop: Path) -> None:
    with pytest.raises(ParameterError, match=r"Unknown baseline `rset`[\s\S]*`rest`"):
        sk.open(shop).report("buyers", baseline="rset")


def test_an_empty_segment_is_refused(shop: Path) -> None:
    with pytest.raises(EmptyError, match="has no members on 2026-06-01"):
        sk.open(shop).report("buyers", as_of="2026-06-01").overview()


def test_a_report_says_what_it_is(shop: Path) -> None:
    text = repr(sk.open(shop).report("buyers", as_of="", days=7))

    assert text.startswith("Report on 'buyers': 7 days to 2026-06-30, against everyone else.")
