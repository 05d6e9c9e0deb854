import os
from pathlib import Path
from typing import Any

import pytest

from segkit.cli.lab import copy_notebooks
from segkit.cli.main import main

ROOT = Path(__file__).parents[2]


def test_notebooks_are_copied_once_and_never_over_ones_own(shop: Path) -> None:
    first = copy_notebooks(shop)
    (shop / "notebooks" / "segment_report.ipynb").write_text("mine", "utf-8")

    again = copy_notebooks(shop)

    shipped = sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))
    assert "segment_report.ipynb" in shipped
    assert [path.name for path in first] == shipped
    assert again == []
    assert (shop / "notebooks" / "segment_report.ipynb").read_text("utf-8") == "mine"


def test_the_lab_listens_to_this_machine_only(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[list[str]] = []

    def exec_instead(_program: str, command: list[str]) -> None:
        started.append(command)

    monkeypatch.chdir(shop)
    monkeypatch.setattr(os, "execv", exec_instead)
    code = main(["-w", str(shop), "lab", "--port", "0", "--no-browser"])

    command: list[Any] = started[0]
    assert code == 0
    assert "--ServerApp.ip=127.0.0.1" in command
    assert f"--ServerApp.root_dir={shop}" in command
    assert "--LabApp.default_url=/lab/tree/notebooks/home.ipynb" in command
    assert (shop / "notebooks" / "home.ipynb").is_file()
    assert "--LabApp.news_url=None" in command
    assert "--no-browser" in command
