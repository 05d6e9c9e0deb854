import json
from pathlib import Path

import pytest

from segkit.cli import doctor
from segkit.cli.main import main


def test_a_sound_workspace_is_good(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["-w", str(shop), "doctor", "--json"])

    document = json.loads(capsys.readouterr().out)
    found = {finding["what"]: finding for finding in document["findings"]}
    assert (code, document["is_good"]) == (0, True)
    assert found["snapshot"]["found"].endswith("285 events of 40 users")
    assert found["duckdb"]["state"] == "good"


def test_a_missing_data_file_is_found(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for path in (shop / "store" / "tables" / "visits").glob("*.parquet"):
        path.unlink()

    code = main(["-w", str(shop), "doctor"])

    assert code == 2
    assert "!!  snapshot: A data file of snapshot" in capsys.readouterr().out


def test_a_faulty_segment_is_found(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (shop / "segments" / "bad.yml").write_text("segkit: 2\n", "utf-8")
    text = (shop / "segments" / "buyers.yml").read_text("utf-8").replace("buyers", "unknown_event")
    (shop / "segments" / "two.yml").write_text(text.replace("purchase", "refund"), "utf-8")

    code = main(["-w", str(shop), "doctor"])

    assert code == 2
    assert "of which 2 faulty" in capsys.readouterr().out


def test_no_workspace_is_no_fault_unless_one_was_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    assert main(["doctor"]) == 0
    assert main(["-w", str(tmp_path), "doctor"]) == 2


@pytest.mark.parametrize(
    ("name", "version", "state"),
    [
        ("duckdb", "1.5.6", "good"),
        ("duckdb", "2.0.0", "wrong"),
        ("sqlglot", "30.17.3", "good"),
        ("sqlglot", "30.18.0", "wrong"),
        ("sqlglot", "31.0", "wrong"),
    ],
)
def test_versions_that_break_ibis_are_found(
    monkeypatch: pytest.MonkeyPatch, name: str, version: str, state: str
) -> None:
    monkeypatch.setattr("importlib.metadata.version", lambda _name: version)

    findings = {finding.what: finding for finding in doctor.check_programs()}

    assert findings[name].state == state
