import json
from pathlib import Path

import pytest

from segkit.cli.main import main


@pytest.mark.slow
@pytest.mark.notebook
def test_report_prints_the_path_of_the_page(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["-w", str(shop), "report", "buyers", "--as-of", "2026-06-30", "--set", "days=28"])

    said = capsys.readouterr()
    assert code == 0
    assert said.out.endswith("/report.html\n")
    assert Path(said.out.strip()).is_file()


@pytest.mark.slow
@pytest.mark.notebook
def test_report_as_json_says_what_was_published(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["-w", str(shop), "report", "buyers", "--clearance", "personal", "--json"])

    document = json.loads(capsys.readouterr().out)
    assert code == 0
    assert document["summary"]["n_users"] == 15
    assert (document["segment"], document["period"]) == ("buyers", "2026-06-30")
    assert "u01@example.com" in Path(document["report"]).read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["buyrs"], "Unknown segment `buyrs`"),
        (["buyers", "--as-of", "soon"], "expected a date"),
        (["buyers", "--set", "days"], "has no `=`"),
        (["buyers", "--set", "day=1"], "Did you mean `days`?"),
        (["buyers", "--clearance", "admin"], "Unknown clearance `admin`"),
        (["buyers", "--timeout", "0"], "Invalid value for '--timeout'"),
    ],
)
def test_wrong_words_exit_with_two_and_publish_nothing(
    shop: Path, arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["-w", str(shop), "report", *arguments])

    said = capsys.readouterr()
    assert (code, said.out) == (2, "")
    assert sentence in said.err
    assert not list((shop / "reports_out").glob("*"))
