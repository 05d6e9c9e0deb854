"""Find the notebooks that come with segkit, and check that they take their parameters.

A workspace's own copy of a notebook comes first: people edit theirs.
"""

import ast
import json
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
    try:
        cells = json.loads(path.read_text("utf-8"))["cells"]
        tagged = [cell for cell in cells if "parameters" in cell["metadata"].get("tags", [])]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as exc:
        raise ParameterError.build(
            "The notebook cannot be read.", where=str(path), hint=_MEND
        ) from exc
    if len(tagged) != 1:
        raise ParameterError.build(
            f"Expected one cell tagged `parameters`, found {len(tagged)}.",
            where=str(path),
            hint=_MEND,
        )
    missing = set(names) - set(_assigned("".join(tagged[0]["source"]), path))
    if missing:
        raise ParameterError.build(
            f"The notebook's parameters cell does not set {name_some(missing)}.",
            where=str(path),
            hint=_MEND,
        )


_MEND = "mend the workspace's copy, or remove it to use the shipped one."


def _assigned(source: str, path: Path) -> list[str]:
    try:
        tree = ast.parse(source)
    except SyntaxError as exc:
        raise ParameterError.build(
            "The notebook's parameters cell is not Python.", where=str(path), hint=_MEND
        ) from exc
    targets: list[Any] = []
    for node in tree.body:
        targets += node.targets if isinstance(node, ast.Assign) else []
        targets += [node.target] if isinstance(node, ast.AnnAssign) else []
    return [target.id for target in targets if isinstance(target, ast.Name)]
