import json
from pathlib import Path

import pytest

from segkit.cli.main import main

OTHERS = """\
segkit: 1
segment: free
title: On the free plan
where: {attribute: {name: plan, is: free}}
"""


@pytest.fixture
def shop_of_two(shop: Path) -> Path:
    """Give the tiny shop with a second segment."""
    (shop / "segments" / "free.yml").write_text(OTHERS, "utf-8")
    return shop


@pytest.mark.slow
@pytest.mark.notebook
def test_compare_prints_the_path_of_the_page(
    shop_of_two: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["-w", str(shop_of_two), "compare", "buyers", "free", "--days", "28"])

    said = capsys.readouterr()
    assert code == 0, said.err
    page = Path(said.out.strip())
    assert page.name == "report.html"
    assert "Comparison: Bought at least once, On the free plan" in page.read_text("utf-8")
    assert "compare_segments" in (shop_of_two / "reports_out" / "index.html").read_text("utf-8")


@pytest.mark.slow
@pytest.mark.notebook
def test_compare_as_json_gives_the_headline_of_the_facts(
    shop_of_two: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["-w", str(shop_of_two), "compare", "buyers", "free", "--set", "days=28", "--json"])

    document = json.loads(capsys.readouterr().out)
    facts = json.loads((Path(document["folder"]) / "facts.json").read_text("utf-8"))
    assert code == 0
    assert [s["n_users"] for s in document["segments"]] == [15, 20]
    assert document["segments"][0]["measures"]["revenue_per_user"]["numerator"] == 150
    assert document["n_judged"] == facts["n_judged"]


@pytest.mark.slow
@pytest.mark.notebook
def test_a_scheduled_comparison_is_one_run_on_all_its_segments(
    shop_of_two: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (shop_of_two / "reports").mkdir()
    text = (
        "notebook: compare_segments\nowner: owner@example.com\nsegments: [buyers, free]\n"
        "period: weekly\nevery: Monday 07:30\nparameters: {days: '28'}\n"
    )
    (shop_of_two / "reports" / "weekly.yml").write_text(text, "utf-8")

    code = main(["-w", str(shop_of_two), "run", "weekly", "--period", "2026-W26", "--json"])

    document = json.loads(capsys.readouterr().out)
    assert code == 0, document
    (run,) = document["runs"]
    facts = json.loads((Path(run["html"]).parent / "facts.json").read_text("utf-8"))
    assert (run["state"], run["segment"]) == ("made", "buyers,free")
    assert (facts["as_of"], facts["days"]) == ("2026-06-28", 28)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["buyers", "buyrs"], "Did you mean `buyers`?"),
        (["buyers", "buyers"], "different names"),
        (["buyers", "--as-of", "soon"], "expected a date"),
        (["buyers", "--days", "0"], "whole number from 1"),
        (["buyers", "--days", "7", "--set", "days=28"], "`days` is set twice"),
        (["buyers", "--baseline", "buyrs"], "Unknown baseline `buyrs`"),
        ([], "Missing argument"),
    ],
)
def test_wrong_words_exit_with_two_and_publish_nothing(
    shop_of_two: Path, arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["-w", str(shop_of_two), "compare", *arguments])

    said = capsys.readouterr()
    assert (code, said.out) == (2, "")
    assert sentence in said.err
    assert not list((shop_of_two / "reports_out").glob("*"))
