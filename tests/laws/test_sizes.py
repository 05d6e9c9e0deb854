"""Files and functions stay small enough to hold one idea, and names say something."""

import ast
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "segkit"
MAX_FILE = 400
MAX_BODY = 60
EMPTY_NAMES = {"utils", "util", "helpers", "common", "misc", "tools"}


def oversized(package: Path) -> Iterator[str]:
    """Give each file and function that is longer than the law allows."""
    for path in sorted(package.rglob("*.py")):
        text = path.read_text("utf-8")
        n_lines = len(text.splitlines())
        if n_lines > MAX_FILE:
            yield f"{path}: {n_lines} lines, at most {MAX_FILE}"
        for node in ast.walk(ast.parse(text, filename=str(path))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                body = (node.end_lineno or 0) - node.body[0].lineno + 1
                if body > MAX_BODY:
                    yield f"{path}:{node.lineno}: {node.name} has {body} lines, at most {MAX_BODY}"


def undocumented(package: Path) -> Iterator[str]:
    """Give each module and public class, function and method without a docstring."""
    for path in sorted(package.rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"), filename=str(path))
        if ast.get_docstring(tree) is None:
            yield f"{path}:1: the module has no docstring"
        yield from (f"{path}:{line}: `{name}` has no docstring" for line, name in _silent(tree))


def _silent(parent: ast.Module | ast.ClassDef) -> Iterator[tuple[int, str]]:
    for node in parent.body:
        if not isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if node.name.startswith("_") or _is_overload(node):
            continue
        if ast.get_docstring(node) is None:
            yield node.lineno, node.name
        if isinstance(node, ast.ClassDef):
            yield from _silent(node)


def _is_overload(node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    marks = {ast.unparse(decorator).split(".")[-1] for decorator in node.decorator_list}
    return bool(marks & {"overload", "override", "setter"})


def test_files_and_functions_are_small() -> None:
    assert "\n".join(oversized(PACKAGE)) == ""


def test_every_public_name_has_a_docstring() -> None:
    assert "\n".join(undocumented(PACKAGE)) == ""


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert [path for path in PACKAGE.rglob("*") if path.stem in EMPTY_NAMES] == []


def test_a_long_function_is_found_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "x.py").write_text("\ndef f():\n" + "    pass\n" * (MAX_BODY + 1), "utf-8")

    assert list(oversized(tmp_path)) == [f"{tmp_path}/x.py:2: f has 61 lines, at most 60"]


def test_a_silent_method_is_found_with_its_line(tmp_path: Path) -> None:
    text = '"""M."""\nclass A:\n    """A."""\n    def f(self): ...\n    def _g(self): ...\n'
    (tmp_path / "x.py").write_text(text, "utf-8")

    assert list(undocumented(tmp_path)) == [f"{tmp_path}/x.py:4: `f` has no docstring"]
