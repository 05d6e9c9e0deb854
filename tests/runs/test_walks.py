"""The notebooks that people walk through by hand, executed as they stand."""

import json
import shutil
from pathlib import Path
from typing import Any

import papermill
import pytest

from tests.tiny_shop import write_tiny_shop

ROOT = Path(__file__).parents[2]


def walk(name: str, folder: Path) -> list[dict[str, Any]]:
    """Execute a notebook in a folder and give its code cells."""
    there = Path(shutil.copy(ROOT / "notebooks" / name, folder))
    done = folder / f"done-{name}"
    papermill.execute_notebook(there, done, kernel_name="python3", cwd=folder, progress_bar=False)
    cells = json.loads(done.read_text("utf-8"))["cells"]
    return [cell for cell in cells if cell["cell_type"] == "code"]


def told(cells: list[dict[str, Any]], start: str) -> str:
    """Give what the cell says that begins so."""
    (cell,) = [cell for cell in cells if "".join(cell["source"]).startswith(start)]
    said = [out.get("text") or out.get("data", {}).get("text/plain", "") for out in cell["outputs"]]
    return "".join("".join(lines) for lines in said)


@pytest.fixture
def with_commands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.notebook
@pytest.mark.usefixtures("with_commands")
def test_the_tutorial_leads_from_a_raw_file_to_a_mailed_report(tmp_path: Path) -> None:
    cells = walk("start_here.ipynb", tmp_path)

    assert "Members of 'came_often'" in told(cells, "often = ")
    assert "Members of 'left_cart'" in told(cells, "%%segment")
    assert "report.html" in told(cells, "!segkit -w first_shop report")
    assert "Came at least five times" in told(cells, "show_newest")
    assert told(cells, "!segkit -w first_shop schedule check").strip() == "reports/weekly.yml: good"
    ticked = told(cells, "!segkit -w first_shop tick")
    assert "weekly-came_often/2026-W22" in ticked
    assert "weekly-left_cart/2026-W22" in ticked
    assert told(cells, "!segkit -w first_shop mail").startswith("Subject: Came at least five times")
    assert (tmp_path / "first_shop" / "weekly.eml").stat().st_size > 10_000


@pytest.mark.notebook
def test_the_home_of_a_workspace_shows_what_is_there(shop: Path) -> None:
    (shop / "notebooks").mkdir(exist_ok=True)

    cells = walk("home.ipynb", shop / "notebooks")

    assert str(shop) in told(cells, "ws = sk.open()")
    assert "buyers" in told(cells, "ws.segments")
    assert "No report is published yet" in told(cells, "show_newest")


@pytest.mark.notebook
def test_the_home_of_an_empty_workspace_says_what_lacks(tmp_path: Path) -> None:
    write_tiny_shop(tmp_path)
    (tmp_path / "notebooks").mkdir()

    cells = walk("home.ipynb", tmp_path / "notebooks")

    assert "nothing loaded" in told(cells, "ws = sk.open()")
    assert "No report is published yet" in told(cells, "show_newest")
