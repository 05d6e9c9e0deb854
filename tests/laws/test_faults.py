"""The page on faults names each once, and only tests that are there."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"^\| (\d+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")
N_FAULTS = 41


def rows() -> list[tuple[str, ...]]:
    """Give number, fault, what becomes of it, and tests, by row."""
    return ROW.findall((ROOT / "docs" / "faults.md").read_text("utf-8"))


def list_tests(path: Path) -> set[str]:
    """Give the names of the tests in a file; none when there is no such file."""
    if not path.is_file():
        return set()
    tree = ast.parse(path.read_text("utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_every_fault_stands_once_with_a_test() -> None:
    assert [int(row[0]) for row in rows()] == list(range(1, N_FAULTS + 1))
    assert [row[0] for row in rows() if not NAMED.search(row[3])] == []


def test_every_test_that_is_named_is_there() -> None:
    named = [found for row in rows() for found in NAMED.findall(row[3])]

    assert [found for found in named if found[1] not in list_tests(ROOT / found[0])] == []
