import json
from pathlib import Path

import pytest

from segkit.cli.main import main
from tests.tiny_shop import write_tiny_shop


def test_load_says_rows_and_changes_nothing_the_second_time(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_tiny_shop(tmp_path)

    codes = [main(["-w", str(tmp_path), "load", "--json"])]
    first = json.loads(capsys.readouterr().out)
    codes.append(main(["-w", str(tmp_path), "load", "--json"]))
    second = json.loads(capsys.readouterr().out)

    assert codes == [0, 0]
    assert first["is_new"]
    rows = {source["name"]: source for source in first["sources"]}
    assert (rows["web"]["rows_read"], rows["web"]["kept"], rows["web"]["quarantined"]) == (
        285,
        285,
        0,
    )
    assert (second["is_new"], second["snapshot"]) == (False, first["snapshot"])


def test_load_prints_a_table(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["-w", str(shop), "load", "crm"])

    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["source", "rows", "read", "kept", "repeated", "quarantined"]
    assert lines[1].split()[0] == "crm"
    assert lines[-1].endswith("(unchanged).")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (('path = "data/web.csv"', 'path = "data/wbe.csv"'), "data/wbe.csv"),
        (('time = "time"', 'time = "when"'), "lacks `when`"),
        (('format = "csv"', 'format = "cvs"'), "sources.0.format"),
    ],
    ids=["missing file", "wrong column", "wrong format"],
)
def test_a_refused_load_keeps_the_snapshot(
    shop: Path, change: tuple[str, str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    toml = shop / "segkit.toml"
    before = (shop / "store" / "CURRENT").read_bytes()
    toml.write_text(toml.read_text("utf-8").replace(*change, 1), "utf-8")

    code = main(["-w", str(shop), "load"])

    assert code == 2
    assert sentence in capsys.readouterr().err
    assert (shop / "store" / "CURRENT").read_bytes() == before


def test_an_unknown_source_has_near_names(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["-w", str(shop), "load", "wbe"])

    assert code == 2
    assert "Did you mean `web`?" in capsys.readouterr().err
