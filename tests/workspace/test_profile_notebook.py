"""The notebook of the user profile, executed by papermill: looked at, and inside of a run."""

from pathlib import Path
from typing import Any

import papermill
import pytest
from papermill.exceptions import PapermillExecutionError

from segkit.runs.share import share_folder

pytestmark = [pytest.mark.notebook, pytest.mark.slow]

WIDGET = "application/vnd.jupyter.widget-view+json"


def execute(root: Path, folder: Path, user: str) -> list[Any]:
    """Execute the notebook in a folder and give all outputs."""
    executed: Any = papermill.execute_notebook(
        str(share_folder("notebooks") / "user_profile.ipynb"),
        str(folder / "executed.ipynb"),
        parameters={"workspace": str(root), "user": user, "as_of": "2026-06-30"},
        progress_bar=False,
        cwd=str(folder),
    )
    return [output for cell in executed.cells for output in cell.get("outputs", [])]


@pytest.mark.parametrize("user", ["u03", ""], ids=["chosen", "asked for in the page"])
def test_looked_at_it_has_controls_and_seven_sections(
    loaded_shop: Path, tmp_path: Path, user: str
) -> None:
    outputs = execute(loaded_shop, tmp_path, user)

    assert sum(WIDGET in output.get("data", {}) for output in outputs) == 8
    assert not [output for output in outputs if output.output_type == "error"]


def test_without_anybody_to_look_it_has_sections_and_writes_nothing(
    loaded_shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = tmp_path / "run"
    run.mkdir()
    monkeypatch.setenv("SEGKIT_RUN_DIR", str(run))

    texts = [str(output.get("data")) for output in execute(loaded_shop, tmp_path, "u03")]

    assert WIDGET not in str(texts)
    assert any("Events 1 to 21 of 21" in text for text in texts)
    assert "never published" in texts[-1]
    assert list(run.iterdir()) == []


def test_without_anybody_to_look_a_user_must_be_chosen(
    loaded_shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEGKIT_RUN_DIR", str(tmp_path))

    with pytest.raises(PapermillExecutionError, match="No user is chosen"):
        execute(loaded_shop, tmp_path, "")
