"""Find the notebooks that come with segkit, and check that they take their parameters.

A workspace's own copy of a notebook comes first: people edit theirs.
"""

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from segkit.errors import ParameterError, RunError, SegkitError, name_some
from segkit.runs.share import share_folder


def find_notebook(report: str, workspace: Path) -> Path:
    """Give the notebook of a report: the workspace's own, else the shipped one.

    Raises
    ------
    RunError
        When there is neither.
    """
    for folder in (workspace / "notebooks", share_folder("notebooks")):
        path = folder / f"{report}.ipynb"
        if path.is_file():
            return path
    text = f"There is no notebook for the report `{report}`. ({workspace / 'notebooks'})"
    raise RunError(f"{text}\nHint: install segkit again.", exit_code=SegkitError.exit_code)


def check_notebook(path: Path, names: tuple[str, ...]) -> None:
    """Check that a notebook has one cell tagged `parameters` that sets every name it will be given.

    Raises
    ------
    ParameterError
        When it has not; a parameter that the notebook does not take would silently change nothing.
    """
    missing = set(names) - set(read_parameters(path))
    if missing:
        raise ParameterError.build(
            f"The notebook's parameters cell does not set {name_some(missing)}.",
            where=str(path),
            hint=_MEND,
        )


def read_parameters(path: Path) -> dict[str, ast.expr]:
    """Give the names that a notebook's parameters cell sets, each with what stands behind it.

    Raises
    ------
    ParameterError
        When the file is no notebook, or has not one such cell, or the cell is not Python.
    """
    tagged = [
        cell for cell in _read_cells(path) if "parameters" in cell["metadata"].get("tags", [])
    ]
    if len(tagged) != 1:
        raise ParameterError.build(
            f"Expected one cell tagged `parameters`, found {len(tagged)}.",
            where=str(path),
            hint=_MEND,
        )
    return dict(_assigned("".join(tagged[0]["source"]), path))


def read_title(path: Path) -> str:
    """Give the first heading of a notebook's first cell; empty when there is none."""
    for cell in _read_cells(path)[:1]:
        if cell["cell_type"] == "markdown":
            for line in "".join(cell["source"]).splitlines():
                if line.startswith("# "):
                    return line.removeprefix("# ").strip()
    return ""


_MEND = "mend the workspace's copy, or remove it to use the shipped one."


def _read_cells(path: Path) -> list[dict[str, Any]]:
    """Give the cells of a notebook, each with its type, tags and source."""
    try:
        cells: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))["cells"]
        for cell in cells:
            "".join(cell["source"]), cell["cell_type"], cell["metadata"].get("tags", [])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as exc:
        raise ParameterError.build(
            "The notebook cannot be read.", where=str(path), hint=_MEND
        ) from exc
    return cells


def _assigned(source: str, path: Path) -> Iterator[tuple[str, ast.expr]]:
    try:
        tree = ast.parse(source)
    except SyntaxError as exc:
        raise ParameterError.build(
            "The notebook's parameters cell is not Python.", where=str(path), hint=_MEND
        ) from exc
    for node in tree.body:
        if isinstance(node, ast.Assign):
            targets = node.targets
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            targets = [node.target]
        else:
            continue
        for target in targets:
            if isinstance(target, ast.Name) and node.value is not None:
                yield target.id, node.value
