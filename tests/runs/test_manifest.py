import json
import subprocess
from pathlib import Path

import pytest

from segkit.runs import manifest


def _sealed(folder: Path) -> dict[str, object]:
    (folder / "report.html").write_text("<p>1</p>", "utf-8")
    (folder / "facts.json").write_text("{}", "utf-8")
    document = manifest.seal_manifest(folder, {"segment": "loyal", "period": "2026-06-30"})
    (folder / manifest.MANIFEST).write_text(json.dumps(document, indent=1), "utf-8")
    return document


def test_a_sealed_manifest_is_read_back_and_holds(tmp_path: Path) -> None:
    document = _sealed(tmp_path)

    found = manifest.read_manifest(tmp_path)

    assert found == document
    assert set(found["outputs"]) == {"report.html", "facts.json"}
    assert manifest.holds(tmp_path, found)


@pytest.mark.parametrize("place", [5, -40, -3])
def test_a_flipped_byte_in_the_manifest_makes_it_no_manifest(tmp_path: Path, place: int) -> None:
    _sealed(tmp_path)
    path = tmp_path / manifest.MANIFEST
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)

    assert manifest.read_manifest(tmp_path) is None


def test_a_changed_value_in_the_manifest_makes_it_no_manifest(tmp_path: Path) -> None:
    document = _sealed(tmp_path)
    changed = json.dumps({**document, "segment": "other"})
    (tmp_path / manifest.MANIFEST).write_text(changed, "utf-8")

    assert manifest.read_manifest(tmp_path) is None


@pytest.mark.parametrize("text", ["", "[]", "null", '{"format": 0}'])
def test_other_json_is_no_manifest(tmp_path: Path, text: str) -> None:
    (tmp_path / manifest.MANIFEST).write_text(text, "utf-8")

    assert manifest.read_manifest(tmp_path) is None


def test_a_changed_or_missing_output_no_longer_holds(tmp_path: Path) -> None:
    _sealed(tmp_path)
    found = manifest.read_manifest(tmp_path)
    assert found is not None
    (tmp_path / "report.html").write_text("<p>2</p>", "utf-8")
    is_changed_held = manifest.holds(tmp_path, found)
    (tmp_path / "report.html").unlink()

    assert not is_changed_held
    assert not manifest.holds(tmp_path, found)


def test_the_program_is_described_by_the_versions_that_make_numbers() -> None:
    program = manifest.describe_program()

    assert program["packages"]["duckdb"]
    assert program["packages"]["ibis-framework"]
    assert program["python"].startswith("3.")


def _git(folder: Path, *arguments: str) -> None:
    command = ["git", "-C", str(folder), "-c", "user.name=a", "-c", "user.email=a@example.com"]
    subprocess.run([*command, *arguments], check=True, capture_output=True)


def test_git_says_commit_and_dirtiness(tmp_path: Path) -> None:
    (tmp_path / "segkit.toml").write_text("", "utf-8")
    _git(tmp_path, "init", "-q")
    _git(tmp_path, "add", ".")
    _git(tmp_path, "commit", "-q", "-m", "Begin")

    clean = manifest.describe_git(tmp_path)
    (tmp_path / "segkit.toml").write_text("changed", "utf-8")
    dirty = manifest.describe_git(tmp_path)

    assert clean is not None
    assert dirty is not None
    assert len(clean["commit"]) == 40
    assert (clean["is_dirty"], dirty["is_dirty"]) == (False, True)


def test_a_folder_outside_git_has_no_commit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))

    assert manifest.describe_git(tmp_path) is None
