"""Notebooks hold prose and calls only; anything else is refused with the cell's number."""

import json
from pathlib import Path
from typing import Any

import pytest

from tools.notebooks import notebook_faults, strip_notebook

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def cell(kind: str, source: str, **more: Any) -> dict[str, Any]:
    """Give a cell as notebook files hold it."""
    code: dict[str, Any] = {"outputs": [], "execution_count": None} if kind == "code" else {}
    return {"cell_type": kind, "metadata": {}, "source": source, **code, **more}


def notebook(**changes: dict[str, Any]) -> dict[str, Any]:
    """Give a notebook that obeys, with some of its cells replaced."""
    cells = {
        "title": cell("markdown", "# Title"),
        "parameters": cell("code", "days = 28  # days", metadata={"tags": ["parameters"]}),
        "imports": cell("code", "import segkit as sk"),
        "prose": cell("markdown", "What follows."),
        "call": cell("code", "report = sk.open('.')\nreport.overview()"),
        "end": cell("markdown", "The end."),
        "finish": cell("code", "report.finish()"),
    }
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    return {"cells": list((cells | changes).values()), "metadata": metadata, "nbformat": 4}


def faults_of(tmp_path: Path, content: dict[str, Any]) -> list[str]:
    """Give the faults of a notebook written to disk."""
    path = tmp_path / "x.ipynb"
    path.write_text(json.dumps(content), "utf-8")
    return list(notebook_faults(path))


def test_there_are_notebooks() -> None:
    assert NOTEBOOKS


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_shipped_notebooks_obey(path: Path) -> None:
    assert "\n".join(notebook_faults(path)) == ""


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_shipped_notebooks_are_stripped(path: Path) -> None:
    text = path.read_text("utf-8")

    assert strip_notebook(text) == text, "run `make notebooks`"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_readme_or_architecture_names_every_notebook(path: Path) -> None:
    documents = [ROOT / "README.md", ROOT / "docs" / "architecture.md"]

    assert any(path.name in document.read_text("utf-8") for document in documents)


def test_a_notebook_that_obeys_has_no_faults(tmp_path: Path) -> None:
    assert faults_of(tmp_path, notebook()) == []


@pytest.mark.parametrize(
    ("place", "bad", "fault"),
    [
        ("call", cell("code", "def f():\n    return 1\nf()"), "move the FunctionDef into segkit"),
        ("call", cell("code", "for n in [1]:\n    n\nn"), "move the For into segkit"),
        ("call", cell("code", "[n for n in (1,)]"), "move the ListComp into segkit"),
        ("call", cell("code", "print(1)"), "no `print` in a notebook"),
        ("call", cell("code", "%pip install x"), "not plain Python"),
        ("call", cell("code", "sk.open('/tmp/x')"), "no absolute path"),
        ("call", cell("code", "a = 1"), "end in a displayed view"),
        ("call", cell("code", "sk.a()\n" * 7), "more than 6 lines"),
        ("call", cell("code", "import os\nos"), "imports belong into cell 3"),
        ("call", cell("code", "sk.a()", outputs=[{}]), "strip the output"),
        ("call", cell("code", "sk.a()", execution_count=1), "strip the output"),
        ("call", cell("code", "sk.a()", metadata={"collapsed": True}), "stray metadata"),
        ("prose", cell("code", "sk.a()"), "prose and code take turns"),
        ("imports", cell("code", "import pandas"), "import segkit only, not pandas"),
        ("parameters", cell("code", "days = 28  # days"), "must be tagged `parameters`"),
        (
            "parameters",
            cell("code", "days = 28", metadata={"tags": ["parameters"]}),
            "meaning and unit in a comment",
        ),
        (
            "parameters",
            cell("code", "days = int('3')  # days", metadata={"tags": ["parameters"]}),
            "one name = one literal",
        ),
        ("finish", cell("code", "report.notes()"), "the last code cell must call finish()"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_notebook_that_does_not_obey_is_refused(
    tmp_path: Path, place: str, bad: dict[str, Any], fault: str
) -> None:
    found = faults_of(tmp_path, notebook(**{place: bad}))

    assert any(fault in sentence for sentence in found), found


def test_stripping_takes_outputs_and_stray_metadata_and_leaves_the_rest(tmp_path: Path) -> None:
    dirty = notebook(call=cell("code", "sk.a()", outputs=[{}], execution_count=4))
    dirty["metadata"]["widgets"] = {}

    clean = strip_notebook(json.dumps(dirty))

    assert faults_of(tmp_path, json.loads(clean)) == []
    assert strip_notebook(clean) == clean
    assert [c["source"] for c in json.loads(clean)["cells"]] == [
        c["source"] for c in dirty["cells"]
    ]


def test_a_notebook_to_walk_through_may_hold_commands_and_no_parameters(tmp_path: Path) -> None:
    content = notebook()
    content["cells"] = [
        cell("markdown", "# Start"),
        cell("code", "!segkit init x"),
        cell("markdown", "Then."),
        cell("code", "print(1)"),
    ]
    path = tmp_path / "start_here.ipynb"
    path.write_text(json.dumps(content), "utf-8")

    assert list(notebook_faults(path)) == ["cell 4: line 1: no `print` in a notebook"]
