"""Read what a workspace's own notebook takes from its cell tagged `parameters`.

A shipped report has its parameters declared (`segkit.runs.parameters`). A notebook that people put
into the workspace's `notebooks/` is a report too: its cell says the names and the defaults, and the
kind of a default is the kind that is accepted.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

from segkit.errors import ParameterError, UnknownNameError
from segkit.runs.parameters import (
    MODELS,
    DateParameter,
    ListParameter,
    OptionalParameter,
    Parameter,
    ParameterModel,
    TextParameter,
    WholeParameter,
)
from segkit.runs.secret_words import check_name
from segkit.runs.shipped import find_notebook, read_parameters, read_title

OWN: dict[str, Parameter] = {
    "workspace": TextParameter(name="workspace", is_own=True, most=4096),
    "segment": TextParameter(name="segment", is_own=True, most=120),
    "segments": ListParameter(name="segments", is_own=True),
    "as_of": DateParameter(name="as_of"),
}
"""Names that mean the same in every notebook; `as_of` is always set, `workspace` too."""
WALKS = frozenset({"home", "start_here"})
"""Notebooks that people walk through by hand; they are no reports, wherever they lie."""


def list_reports(workspace: Path) -> tuple[str, ...]:
    """Give the names of all reports: the shipped ones, and the workspace's own notebooks."""
    own = {path.stem for path in (workspace / "notebooks").glob("*.ipynb") if path.is_file()}
    return tuple(sorted({*MODELS, *own} - WALKS))


def find_model(report: str, workspace: Path) -> tuple[ParameterModel, Path]:
    """Give what a report takes, and its notebook.

    Raises
    ------
    UnknownNameError
        When there is no report of that name; a path is none.
    ParameterError
        When a notebook of the workspace has a parameter of a kind that no text can give, or one
        that is named like a secret.
    """
    known = list_reports(workspace)
    if report not in known:
        raise UnknownNameError.of_kind("report", report[:80], known, where="notebooks")
    notebook = find_notebook(report, workspace)
    return MODELS.get(report) or _read_model(report, notebook), notebook


def _read_model(report: str, notebook: Path) -> ParameterModel:
    return ParameterModel(
        report=report,
        heading=read_title(notebook) or report,
        parameters=tuple(_read_kinds(notebook)),
    )


def _read_kinds(notebook: Path) -> Iterator[Parameter]:
    for name, value in read_parameters(notebook).items():
        if name in OWN:
            yield OWN[name]
            continue
        check_name(name, notebook)
        try:
            default = ast.literal_eval(value)
        except ValueError:
            default = None
        if isinstance(default, str):
            yield OptionalParameter(inner=TextParameter(name=name), default=default)
        elif type(default) is int:
            yield WholeParameter(name=name, default=str(default), least=-1_000_000_000, most=10**9)
        else:
            raise ParameterError.build(
                f"Parameter `{name}`: expected a text or a whole number as its default, "
                f"found `{ast.unparse(value)[:40]}`.",
                where=str(notebook),
                hint="write other values as text, and read them in the notebook.",
            )
