"""Hold notebooks to their standard: prose and calls only, no outputs, one cell of parameters.

Notebooks that people walk through by hand have no parameters and no end, and may hold commands.

`python tools/notebooks.py strip FILE …` removes outputs, counts and stray metadata in place;
`check FILE …` lists every fault and exits with 1 when there is one.
"""

import ast
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

MAX_LINES = 6
WALKS = frozenset({"home.ipynb", "start_here.ipynb"})
"""Notebooks that people walk through; no scheduler runs them."""
IMPORTS_CELL = 3
IMPORT_LINE = re.compile(r"^\s*(import|from)\s", re.MULTILINE)
FORBIDDEN = (
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.ClassDef,
    ast.Lambda,
    ast.For,
    ast.AsyncFor,
    ast.While,
    ast.Try,
    ast.With,
    ast.ListComp,
    ast.DictComp,
    ast.SetComp,
    ast.GeneratorExp,
)
NAMES = {"print", "open", "plt", "pd", "np", "sns", "exec", "eval"}
ABSOLUTE = re.compile(r"^(/|~|[A-Za-z]:[\\/])")
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}

Cell = dict[str, Any]


def notebook_faults(path: Path) -> Iterator[str]:
    """Give each breach of the notebook standard as one sentence with the cell's place (from 1)."""
    notebook = json.loads(path.read_text("utf-8"))
    cells: list[Cell] = notebook["cells"]
    yield from _file_faults(notebook)
    is_walk = path.name in WALKS
    yield from _walk_faults(cells) if is_walk else _order_faults(cells)
    for number, cell in enumerate(cells, start=1):
        for fault in _cell_faults(cell, may_command=is_walk):
            yield f"cell {number}: {fault}"
    if is_walk:
        return
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    if not code or ".finish()" not in _source(code[-1]):
        yield "the last code cell must call finish()"


def _source(cell: Cell) -> str:
    return "".join(cell["source"])


def _tags(cell: Cell) -> list[str]:
    tags: list[str] = cell["metadata"].get("tags", [])
    return tags


def _file_faults(notebook: dict[str, Any]) -> Iterator[str]:
    metadata = notebook["metadata"]
    if metadata.get("kernelspec", {}).get("name") != KERNEL["name"]:
        yield "the kernel must be python3"
    stray = sorted(set(metadata) - {"kernelspec", "language_info"})
    if stray or set(metadata.get("language_info", {})) - {"name"}:
        yield f"stray notebook metadata {stray}: run `make notebooks`"


def _order_faults(cells: list[Cell]) -> Iterator[str]:
    tagged = [n for n, cell in enumerate(cells, start=1) if "parameters" in _tags(cell)]
    if tagged != [2]:
        yield f"exactly the second cell must be tagged `parameters`, found {tagged}"
    kinds = [cell["cell_type"] for cell in cells]
    if kinds[:3] != ["markdown", "code", "code"]:
        yield "begin with a Markdown title, the parameters and the imports"
    wanted = ["markdown" if n % 2 == 0 else "code" for n in range(len(kinds) - 3)]
    for number, (kind, want) in enumerate(zip(kinds[3:], wanted, strict=True), start=4):
        if kind != want:
            yield f"cell {number}: expected {want}, prose and code take turns"
            return
    for number, cell in enumerate(cells, start=1):
        is_code = cell["cell_type"] == "code"
        if is_code and number != IMPORTS_CELL and IMPORT_LINE.search(_source(cell)):
            yield f"cell {number}: imports belong into cell {IMPORTS_CELL}"


def _walk_faults(cells: list[Cell]) -> Iterator[str]:
    wanted = ["markdown" if n % 2 == 0 else "code" for n in range(len(cells))]
    if [cell["cell_type"] for cell in cells] != wanted:
        yield "prose and code take turns, prose first"


def _cell_faults(cell: Cell, *, may_command: bool) -> Iterator[str]:
    if set(cell["metadata"]) - {"tags"}:
        yield f"stray metadata {sorted(set(cell['metadata']) - {'tags'})}: run `make notebooks`"
    if cell["cell_type"] != "code":
        return
    if cell["outputs"] or cell["execution_count"]:
        yield "strip the output: run `make notebooks`"
    if may_command and _source(cell).startswith(("%", "!")):
        return
    try:
        tree = ast.parse(_source(cell))
    except SyntaxError as exc:
        yield f"not plain Python ({exc.msg}): no magics, no shell"
        return
    if "parameters" in _tags(cell):
        yield from _parameter_faults(tree, _source(cell).splitlines())
    elif _is_imports(tree):
        yield from _import_faults(tree)
    else:
        yield from _call_faults(tree, _source(cell))


def _is_imports(tree: ast.Module) -> bool:
    return bool(tree.body) and all(
        isinstance(node, ast.Import | ast.ImportFrom) for node in tree.body
    )


def _parameter_faults(tree: ast.Module, lines: list[str]) -> Iterator[str]:
    for node in tree.body:
        value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
        try:
            ast.literal_eval(value or ast.Name(""))
        except ValueError:
            yield f"line {node.lineno}: a parameter is one name = one literal"
        if "#" not in lines[node.lineno - 1]:
            yield f"line {node.lineno}: say the parameter's meaning and unit in a comment"


def _import_faults(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else names
        for module in modules:
            if module.split(".")[0] != "segkit":
                yield f"line {node.lineno}: import segkit only, not {module}"


def _call_faults(tree: ast.Module, source: str) -> Iterator[str]:
    if len(source.splitlines()) > MAX_LINES:
        yield f"more than {MAX_LINES} lines: move the work into segkit"
    if not tree.body or not isinstance(tree.body[-1], ast.Expr):
        yield "end in a displayed view"
    for node in ast.walk(tree):
        if isinstance(node, FORBIDDEN):
            yield f"line {node.lineno}: move the {type(node).__name__} into segkit"
        if isinstance(node, ast.Name) and node.id in NAMES:
            yield f"line {node.lineno}: no `{node.id}` in a notebook"
        if isinstance(node, ast.Constant) and ABSOLUTE.match(str(node.value)):
            yield f"line {node.lineno}: no absolute path"


def strip_notebook(text: str) -> str:
    """Give a notebook's text without outputs, counts and metadata other than tags and language."""
    notebook = json.loads(text)
    notebook["metadata"] = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    for cell in notebook["cells"]:
        cell["metadata"] = {"tags": _tags(cell)} if _tags(cell) else {}
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"


def main(arguments: list[str]) -> int:
    """Strip or check the named notebooks; give the exit code."""
    if not arguments or arguments[0] not in {"strip", "check"}:
        sys.stderr.write("usage: notebooks.py strip|check FILE …\n")
        return 2
    n_faults = 0
    for path in map(Path, arguments[1:]):
        if arguments[0] == "strip":
            before = path.read_text("utf-8")
            after = strip_notebook(before)
            if after != before:
                path.write_text(after, "utf-8")
            continue
        for fault in notebook_faults(path):
            n_faults += 1
            sys.stdout.write(f"{path}: {fault}\n")
    return 1 if n_faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
