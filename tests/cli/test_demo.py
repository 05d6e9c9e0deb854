import json
from pathlib import Path

import pytest

from segkit.cli import demo
from segkit.cli.main import main


@pytest.mark.slow
@pytest.mark.notebook
def test_a_demo_makes_reports_and_a_second_one_changes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["demo", str(tmp_path / "shop"), "--users", "600", "--days", "90", "--json"]

    first_code = main(command)
    first = json.loads(capsys.readouterr().out)
    before = _state(tmp_path)
    second_code = main(command)
    second = json.loads(capsys.readouterr().out)

    assert (first_code, second_code) == (0, 0)
    assert first == second
    assert len(first["reports"]) == len(demo.REPORTS)
    assert all(Path(page).is_file() for page in [*first["reports"], first["catalogue"]])
    assert _state(tmp_path) == before


def _state(folder: Path) -> dict[str, int]:
    """Give the times of everything that a demo leaves behind, but for the lock of the store."""
    return {
        path.relative_to(folder).as_posix(): path.stat().st_mtime_ns
        for path in folder.rglob("*")
        if path.is_file() and path.name != "LOCK"
    }


def test_a_changed_shop_is_written_anew(tmp_path: Path) -> None:
    shop = demo.Shop(users=20, days=14, seed=1)
    shop.write(tmp_path)

    was_written = shop.is_written(tmp_path)
    (tmp_path / "raw" / "crm.csv").unlink()

    assert was_written
    assert not shop.is_written(tmp_path)
    assert not demo.Shop(users=20, days=14, seed=2).is_written(tmp_path)


def test_a_shop_too_small_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["demo", str(tmp_path), "--users", "2"])

    assert code == 2
    assert "too small" in capsys.readouterr().err
