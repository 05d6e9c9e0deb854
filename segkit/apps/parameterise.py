"""Put the parameters of a request into a notebook, as a cell behind the one tagged `parameters`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nbformat import reads
from nbformat.v4 import new_code_cell

from segkit.runs.parameters import Plain


def has_controls(notebook: Any) -> bool:  # noqa: ANN401  a NotebookNode
    """Whether a notebook shows controls; a workspace's own older copy may show none."""
    return any(cell.cell_type == "code" and ".controls()" in cell.source for cell in notebook.cells)


def parameterise(path: Path, values: Mapping[str, Plain]) -> Any:  # noqa: ANN401  a NotebookNode
    """Give a notebook whose parameters have these values: plain texts and whole numbers.

    A value is written as Python writes it, so that none becomes code.
    """
    notebook: Any = reads(path.read_text("utf-8"), as_version=4)  # type: ignore[no-untyped-call]
    at = next(
        number
        for number, cell in enumerate(notebook.cells)
        if "parameters" in cell.metadata.get("tags", [])
    )
    source = "\n".join(f"{name} = {value!r}" for name, value in values.items())
    cell: Any = new_code_cell(source)  # type: ignore[no-untyped-call]
    notebook.cells.insert(at + 1, cell)
    return notebook
