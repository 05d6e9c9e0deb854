import json
from pathlib import Path
from typing import Any

import pytest

from segkit.runs.spec import Account
from segkit.runs.verify import Ended, count_rows, judge
from segkit.runs.watch import Stopped

DONE = Account(ending="done")
GOOD = Ended(returncode=0, account=DONE)


def _cell(source: str = "x = 1", *, count: int | None = 1, outputs: Any = ()) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "source": [source],
        "execution_count": count,
        "outputs": list(outputs),
    }


def _error(name: str, value: str = "") -> dict[str, Any]:
    return {"output_type": "error", "ename": name, "evalue": value, "traceback": []}


@pytest.fixture
def run_dir(tmp_path: Path) -> Path:
    cells = [
        {"cell_type": "markdown", "source": ["# Title"]},
        _cell(),
        _cell("", count=None),
        _cell(),
    ]
    (tmp_path / "executed.ipynb").write_text(json.dumps({"cells": cells}), "utf-8")
    facts = {"overview": {"n_users": 2}, "user_list": {"n_rows": 2}}
    (tmp_path / "facts.json").write_text(json.dumps(facts), "utf-8")
    (tmp_path / "users.csv").write_text('user,note\r\n1,"a\r\nb"\r\n2,c\r\n', "utf-8")
    (tmp_path / "report.html").write_text("<p>1</p>", "utf-8")
    return tmp_path


def _cells(run_dir: Path, *cells: dict[str, Any]) -> None:
    (run_dir / "executed.ipynb").write_text(json.dumps({"cells": cells}), "utf-8")


def test_a_whole_run_is_good(run_dir: Path) -> None:
    verdict = judge(run_dir, GOOD)

    assert verdict.exit_code == 0
    assert verdict.is_good


def _ended(returncode: int | None, account: Account | None = None) -> Ended:
    return Ended(returncode=returncode, account=account)


def _stopped(why: str) -> Ended:
    return Ended(
        returncode=None, account=None, stopped=Stopped(why=why, sentence=f"Too much {why}.")
    )


@pytest.mark.parametrize(
    ("ended", "code", "title"),
    [
        (_stopped("time"), 31, "Too much time"),
        (_stopped("memory"), 32, "Too much memory"),
        (_stopped("output"), 30, "Too much output"),
        (_stopped("asked"), 143, "Too much asked"),
        (_ended(-9), 32, "ended by signal 9"),
        (_ended(1), 30, "with code 1"),
        (_ended(1, Account(ending="cell_timeout", detail="too slow")), 31, "too slow"),
        (_ended(1, Account(ending="kernel_died", detail="it died")), 32, "it died"),
        (_ended(1, Account(ending="not_rendered", detail="no page")), 40, "no page"),
        (_ended(1, DONE), 30, "though every cell ran"),
        (_ended(1, Account(ending="error")), 30, "though every cell ran"),
    ],
)
def test_how_the_process_ended_decides_first(
    run_dir: Path, ended: Ended, code: int, title: str
) -> None:
    verdict = judge(run_dir, ended)

    assert verdict.exit_code == code
    assert title in verdict.title
    assert not verdict.is_good


def test_a_cell_that_did_not_run_fails_the_run(run_dir: Path) -> None:
    _cells(run_dir, _cell(), _cell(count=None))

    verdict = judge(run_dir, GOOD)

    assert verdict.exit_code == 30
    assert verdict.title == "Code cell 2 of 2 did not run."


def test_an_error_names_its_kind_but_not_its_values(run_dir: Path) -> None:
    _cells(run_dir, _cell(), _cell(outputs=[_error("KeyError", "anna@example.com")]))

    verdict = judge(run_dir, GOOD)

    assert verdict.exit_code == 30
    assert verdict.title == "Code cell 2 failed with KeyError."


def test_leaving_with_code_zero_is_an_error(run_dir: Path) -> None:
    _cells(run_dir, _cell(outputs=[_error("SystemExit", "0")]), _cell(count=None))

    assert judge(run_dir, GOOD).exit_code == 30


def test_a_refusal_of_segkit_is_told_as_it_is(run_dir: Path) -> None:
    refusal = _error(
        "EmptyError", "Segment `loyal` has nobody. (segments/loyal.yml)\nHint: widen it."
    )
    _cells(run_dir, _cell(outputs=[refusal]))

    verdict = judge(run_dir, Ended(returncode=1, account=Account(ending="error")))

    assert verdict.exit_code == 2
    assert verdict.title == "Segment `loyal` has nobody. (segments/loyal.yml)"
    assert verdict.advice == "widen it."


@pytest.mark.parametrize("text", [None, "", '{"cells": ', "[]"])
def test_a_missing_or_truncated_notebook_fails_the_run(run_dir: Path, text: str | None) -> None:
    (run_dir / "executed.ipynb").unlink()
    if text is not None:
        (run_dir / "executed.ipynb").write_text(text, "utf-8")

    assert judge(run_dir, GOOD).title == "The run left no executed notebook."


def test_a_run_without_facts_is_no_success(run_dir: Path) -> None:
    (run_dir / "facts.json").unlink()

    verdict = judge(run_dir, GOOD)

    assert verdict.exit_code == 30
    assert "finish()" in verdict.advice


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"overview": {"n_users": 2}}'])
def test_truncated_facts_are_no_success(run_dir: Path, text: str) -> None:
    (run_dir / "facts.json").write_text(text, "utf-8")

    assert judge(run_dir, GOOD).title == "facts.json cannot be read."


def test_a_run_without_a_page_cannot_be_published(run_dir: Path) -> None:
    (run_dir / "report.html").unlink()

    assert judge(run_dir, GOOD).exit_code == 40


def test_a_list_shorter_than_the_segment_is_refused(run_dir: Path) -> None:
    (run_dir / "users.csv").write_text("user\r\n1\r\n", "utf-8")

    verdict = judge(run_dir, GOOD)

    assert verdict.exit_code == 30
    assert verdict.title == "Expected 2 users, but users.csv has 1 rows."


def test_a_page_too_large_for_mail_is_a_warning(run_dir: Path) -> None:
    (run_dir / "report.html").write_bytes(b"x" * 3_100_000)

    verdict = judge(run_dir, GOOD)

    assert verdict.exit_code == 10
    assert verdict.is_good
    assert "3.1 MB" in verdict.warnings[0]


@pytest.mark.parametrize(("text", "n"), [("", 0), ("a\r\n", 0), ('a\r\n"1\r\n2"\r\n', 1)])
def test_quoted_line_breaks_count_once(tmp_path: Path, text: str, n: int) -> None:
    path = tmp_path / "x.csv"
    path.write_text(text, "utf-8")

    assert count_rows(path) == n


def test_a_report_without_a_user_list_needs_facts_only(run_dir: Path) -> None:
    (run_dir / "facts.json").write_text('{"pairs": []}', "utf-8")
    (run_dir / "users.csv").unlink()

    assert judge(run_dir, GOOD, has_user_list=False).exit_code == 0
    assert judge(run_dir, GOOD).title == "facts.json cannot be read."


@pytest.mark.parametrize("text", ["[]", "{", "5"])
def test_facts_that_are_no_document_are_refused(run_dir: Path, text: str) -> None:
    (run_dir / "facts.json").write_text(text, "utf-8")

    assert judge(run_dir, GOOD, has_user_list=False).title == "facts.json cannot be read."


def test_a_list_that_was_not_asked_for_must_be_as_long_as_it_says(run_dir: Path) -> None:
    facts = {"overview": {"n_users": 3}, "user_list": {"n_rows": 2}}
    (run_dir / "facts.json").write_text(json.dumps(facts), "utf-8")

    assert judge(run_dir, GOOD, has_user_list=False).exit_code == 30
