import io
import json
from pathlib import Path

import pytest

from segkit.cli.main import main


def test_a_user_is_printed_section_by_section(
    loaded_shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["-w", str(loaded_shop), "user", "u03", "--as-of", "2026-06-30", "--days", "30"])

    said = capsys.readouterr().out
    assert code == 0
    assert "User: u03" in said
    assert "Events 1 to 21 of 21, newest first (page 1 of 1)" in said
    assert "buyers" in said
    assert "u03@example.com" not in said


def test_the_id_may_come_from_standard_input_and_json_is_one_document(
    loaded_shop: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("u03\n"))

    code = main(
        ["-w", str(loaded_shop), "user", "-", "--clearance", "personal", "--page", "1", "--json"]
    )

    document = json.loads(capsys.readouterr().out)
    assert code == 0
    assert document["person"]["user"] == "u03"
    assert {row["label"] for row in document["labels"]["rows"]} == {"Email", "Plan"}
    assert document["timeline"]["n_rows"] == 21


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nobody-17"], "No user is known by this id."),
        (["u03", "--clearance", "public"], "Single users are not shown"),
        (["u03", "--days", "0"], "`days`"),
    ],
)
def test_what_cannot_be_shown_is_refused_without_the_id(
    loaded_shop: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    sentence: str,
) -> None:
    code = main(["-w", str(loaded_shop), "user", *arguments])

    said = capsys.readouterr()
    assert code == 2
    assert sentence in said.err
    assert arguments[0] not in said.err
    assert said.out == ""


def test_a_profile_is_never_run(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (shop / "reports").mkdir()
    text = "notebook: user_profile\nowner: a@example.com\nperiod: weekly\nevery: Monday 07:30\n"
    (shop / "reports" / "one.yml").write_text(text, "utf-8")

    code = main(["-w", str(shop), "run", "one", "--period", "2026-W26"])

    assert code == 2
    assert "never published" in capsys.readouterr().err
