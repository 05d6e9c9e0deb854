import io
import json
from pathlib import Path
from typing import Any

import pytest

from segkit.cli.main import main


def _json(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def test_count_says_exactly_what_the_contract_says(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["-w", str(shop), "segments", "count", "buyers", "--as-of", "2026-06-30", "--json"])

    document = _json(capsys)
    assert code == 0
    assert list(document) == [
        "segment",
        "as_of",
        "universe",
        "members",
        "share",
        "definition",
        "snapshot",
        "engine",
    ]
    assert (document["segment"], document["as_of"]) == ("buyers", "2026-06-30")
    assert (document["members"], document["universe"], document["share"]) == (15, 40, 0.375)
    assert len(document["definition"]) == 64
    assert document["engine"] == "duckdb"


def test_count_in_words(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["-w", str(shop), "segments", "count", "buyers"])

    said = "15 of 40 users (37.5%) are in `buyers` at the end of 2026-06-30.\n"
    assert capsys.readouterr().out == said


def test_list_holds_titles_origins_and_sizes(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["-w", str(shop), "segments", "list", "--sizes", "--json"])

    rows = {row["segment"]: row for row in _json(capsys)["segments"]}
    assert rows["buyers"] == {
        "segment": "buyers",
        "title": "Bought at least once",
        "origin": "workspace",
        "fault": None,
        "members": 15,
        "share": 0.375,
    }
    assert rows["known"]["origin"] == "shipped"


def test_list_without_data_lists_names(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (shop / "store" / "CURRENT").unlink()

    code = main(["-w", str(shop), "segments", "list"])

    assert code == 0
    assert "buyers" in capsys.readouterr().out


def test_check_finds_what_is_wrong_and_says_where(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (shop / "segments" / "buyers.yml").read_text("utf-8")
    bad = text.replace("segment: buyers", "segment: bad").replace("purchase", "purchse")
    (shop / "segments" / "bad.yml").write_text(bad, "utf-8")
    (shop / "segments" / "worse.yml").write_text("segkit: 2\n", "utf-8")

    code = main(["-w", str(shop), "segments", "check", "--json"])

    faults = {row["segment"]: row["fault"] for row in _json(capsys)["segments"]}
    assert code == 2
    assert "`purchase`" in faults["bad"]
    assert "segments/worse.yml" in faults["worse"]
    assert faults["buyers"] is None


def test_check_of_good_segments_is_good(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["-w", str(shop), "segments", "check", "buyers"])

    assert (code, capsys.readouterr().out) == (0, "buyers: good\n")


def test_describe_says_it_in_words(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["-w", str(shop), "segments", "describe", "buyers"])

    assert "purchase" in capsys.readouterr().out


def test_describe_as_json_names_the_definition(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["-w", str(shop), "segments", "describe", "buyers", "--json"])

    document = _json(capsys)
    assert (document["segment"], document["title"]) == ("buyers", "Bought at least once")
    assert len(document["definition"]) == 64


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["count", "buyrs"], "Unknown segment `buyrs`"),
        (["count", "buyers", "--as-of", "soon"], "`as_of`: expected a date"),
        (["describe", "nobody"], "Unknown segment `nobody`"),
        (["check", "nobody"], "Unknown segment `nobody`"),
    ],
)
def test_wrong_names_exit_with_two(
    shop: Path, arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["-w", str(shop), "segments", *arguments])

    assert code == 2
    assert sentence in capsys.readouterr().err


def test_a_user_is_explained_condition_by_condition(
    loaded_shop: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    where = ["-w", str(loaded_shop), "segments", "explain", "buyers"]

    code = main([*where, "u16", "--as-of", "2026-06-30"])
    plain = capsys.readouterr().out
    monkeypatch.setattr("sys.stdin", io.StringIO("u03\n"))
    main([*where, "-", "--as-of", "2026-06-20", "--json"])
    document = json.loads(capsys.readouterr().out)

    assert code == 0
    assert plain.startswith("User u16 is not in “Bought at least once” (buyers)")
    assert "[no]  did “purchase”\n      number of times: 0 (up to 2026-06-30)" in plain
    assert (document["user"], document["is_member"]) == ("u03", True)
    (part,) = document["conditions"]
    assert (part["holds"], part["seen"][0]["value"]) == (True, 1)


def test_a_user_who_is_not_known_is_not_explained_nor_named(
    loaded_shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["-w", str(loaded_shop), "segments", "explain", "buyers", "nobody-17"])

    said = capsys.readouterr()
    assert code == 2
    assert "No user is known by this id." in said.err
    assert "nobody-17" not in said.err
