"""Write small notebooks into a workspace, for tests that need another one than the shipped."""

import json
from pathlib import Path
from typing import Any

FINISH = """\
import json, os, pathlib
folder = pathlib.Path(os.environ["SEGKIT_RUN_DIR"])
(folder / "facts.json").write_text(json.dumps({"days": days}))
"""


def write_notebook(
    shop: Path, name: str, *, parameters: str, code: str = FINISH, title: str = "Tiny"
) -> Path:
    """Write a notebook of a title, a parameters cell and one cell of code, and give its path."""
    tags = {"tags": ["parameters"]}
    cells: list[dict[str, Any]] = [
        {"cell_type": "markdown", "metadata": {}, "source": f"# {title}\n\nWhat it is."},
        {"cell_type": "code", "metadata": tags, "source": parameters},
        {"cell_type": "code", "metadata": {}, "source": code},
    ]
    for number, cell in enumerate(cells):
        cell["id"] = f"cell{number}"
        if cell["cell_type"] == "code":
            cell |= {"outputs": [], "execution_count": None}
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    document = {
        "cells": cells,
        "metadata": {"kernelspec": kernel},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    path = shop / "notebooks" / f"{name}.ipynb"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(document), "utf-8")
    return path
