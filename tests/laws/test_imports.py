"""Data goes one way: a folder imports from lower ranks only, and only a few touch the world."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "segkit"
ORDER: tuple[tuple[str, ...], ...] = (
    ("errors",),
    ("periods", "formats", "schema"),
    ("config",),
    ("sources", "demo"),
    ("store",),
    ("segments",),
    ("measures", "patterns"),
    ("compare", "experiments"),
    ("views",),
    ("reports",),
    ("workspace",),
    ("__init__",),
    ("runs",),
    ("mail",),
    ("apps",),
    ("cli",),
    ("__main__",),
)
RANK = {name: rank for rank, names in enumerate(ORDER) for name in names}
WORLDLY = {
    *("sources", "demo", "store", "workspace"),
    *("runs", "mail", "apps", "cli", "__main__"),
}
WORLDLY_MODULES = {
    "glob",
    "os",
    "pathlib",
    "random",
    "requests",
    "secrets",
    "shutil",
    "smtplib",
    "socket",
    "sqlite3",
    "subprocess",
    "tempfile",
    "threading",
    "time",
    "urllib.request",
    "uuid",
}
PURE_NAMES = {"pathlib.PurePath", "pathlib.PurePosixPath"}
CLOCK_CALLS = {"now", "today", "utcnow"}
SLOW_MODULES = (
    "seaborn",
    "sklearn",
    "papermill",
    "voila",
    "pandas",
    "pyarrow",
    "ibis",
    "matplotlib",
)


def part_of(path: Path, package: Path) -> str:
    """Give the folder or file of the package that a module belongs to."""
    return path.relative_to(package).parts[0].removesuffix(".py")


def imported_names(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Give the line and the dotted name of everything that is imported, inside functions too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def upward_imports(package: Path) -> Iterator[str]:
    """Give each import of a module of the same or a higher rank, with its place."""
    for path in sorted(package.rglob("*.py")):
        here = part_of(path, package)
        if here not in RANK:
            yield f"{path}: `{here}` has no rank in {Path(__file__).name}"
            continue
        for line, name in imported_names(ast.parse(path.read_text("utf-8"), filename=str(path))):
            parts = name.split(".")
            if parts[0] != "segkit":
                continue
            there = parts[1] if len(parts) > 1 and parts[1] in RANK else "__init__"
            if there != here and RANK[there] >= RANK[here]:
                yield f"{path}:{line}: {here} may not import {name}"


def worldly_acts(package: Path) -> Iterator[str]:
    """Give each import or call in a pure layer that reaches disk, network, clock or environment."""
    for path in sorted(package.rglob("*.py")):
        here = part_of(path, package)
        if here in WORLDLY:
            continue
        tree = ast.parse(path.read_text("utf-8"), filename=str(path))
        for line, name in imported_names(tree):
            modules = {name, name.rpartition(".")[0]}
            if modules & WORLDLY_MODULES and name not in PURE_NAMES:
                yield f"{path}:{line}: the pure layer {here} may not import {name}"
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and _is_worldly(node.func):
                act = ast.unparse(node)
                yield f"{path}:{node.lineno}: the pure layer {here} may not call {act}"


def _is_worldly(function: ast.expr) -> bool:
    if isinstance(function, ast.Name):
        return function.id in {"open", "input"}
    if not isinstance(function, ast.Attribute) or function.attr not in CLOCK_CALLS:
        return False
    return ast.unparse(function.value).split(".")[-1] in {"date", "datetime"}


def engine_sql(package: Path) -> Iterator[str]:
    """Give each call outside `store/` that sends an engine SQL which Ibis did not write."""
    for path in sorted(package.rglob("*.py")):
        if part_of(path, package) == "store":
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"), filename=str(path))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            written = [ast.unparse(argument) for argument in node.args]
            if node.func.attr in {"sql", "raw_sql"} and not all("to_sql(" in w for w in written):
                yield f"{path}:{node.lineno}: hand-written SQL belongs into store/"


def swallowed_exceptions(package: Path) -> Iterator[str]:
    """Give each handler that catches everything, or that catches and says nothing."""
    for path in sorted(package.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"), filename=str(path))):
            if not isinstance(node, ast.ExceptHandler):
                continue
            if node.type is None:
                yield f"{path}:{node.lineno}: name the exception that is caught"
            elif ast.unparse(node.type) in {"Exception", "BaseException"} and all(
                isinstance(step, ast.Pass) for step in node.body
            ):
                yield f"{path}:{node.lineno}: an exception is swallowed"


def test_every_import_goes_to_a_lower_rank() -> None:
    assert "\n".join(upward_imports(PACKAGE)) == ""


def test_pure_layers_touch_neither_disk_nor_network_nor_clock() -> None:
    assert "\n".join(worldly_acts(PACKAGE)) == ""


def test_sql_is_written_in_the_store_only() -> None:
    assert "\n".join(engine_sql(PACKAGE)) == ""


def test_no_exception_is_swallowed() -> None:
    assert "\n".join(swallowed_exceptions(PACKAGE)) == ""


@pytest.mark.parametrize(
    ("part", "line", "fault"),
    [
        ("measures", "from segkit.views.fragment import Fragment", "measures may not import"),
        ("views", "import segkit", "views may not import segkit"),
        ("sources", "from segkit.demo import shop", "sources may not import"),
        ("novelty", "", "`novelty` has no rank"),
    ],
    ids=["upward", "facade", "sideways", "unranked"],
)
def test_an_upward_import_is_found_with_its_place(
    tmp_path: Path, part: str, line: str, fault: str
) -> None:
    (tmp_path / part).mkdir()
    (tmp_path / part / "x.py").write_text(f"def f():\n    {line or 'pass'}\n", "utf-8")

    found = list(upward_imports(tmp_path))

    assert len(found) == 1
    assert fault in found[0]


@pytest.mark.parametrize(
    "line",
    ["import os", "from pathlib import Path", "open('x')", "datetime.now(UTC)", "date.today()"],
)
def test_a_worldly_act_is_found_in_a_pure_layer_only(tmp_path: Path, line: str) -> None:
    for part in ("measures", "store"):
        (tmp_path / part).mkdir()
        (tmp_path / part / "x.py").write_text(line, "utf-8")

    found = list(worldly_acts(tmp_path))

    assert len(found) == 1
    assert "measures" in found[0]


def test_sql_is_found_outside_the_store_unless_ibis_wrote_it(tmp_path: Path) -> None:
    for part in ("store", "sources"):
        (tmp_path / part).mkdir()
        text = "backend.raw_sql(ibis.to_sql(table))\nbackend.raw_sql('SELECT 1')\n"
        (tmp_path / part / "x.py").write_text(text, "utf-8")

    found = list(engine_sql(tmp_path))

    assert found == [f"{tmp_path}/sources/x.py:2: hand-written SQL belongs into store/"]


def test_importing_segkit_is_light() -> None:
    program = f"import sys, segkit; print(*sorted(set(sys.modules) & {set(SLOW_MODULES)}))"

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT
    )

    assert done.stdout.split() == []
