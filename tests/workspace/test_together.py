"""Reports that are made together have their members evaluated in one go, and say the same."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from segkit.reports.document import facts_document
from segkit.store.alike import ALIKE
from segkit.store.engine import Engine
from segkit.workspace import Workspace, together
from segkit.workspace.together import ask_together

ROOT = Path(__file__).parents[2]
DAY, NAMES = "2026-06-30", ("buyers", "returning", "known")
ASK = """
import sys
from tests.workspace.test_together import size_of
from segkit.workspace import Workspace
print(size_of(Workspace.open(sys.argv[1]), sys.argv[2]))
"""


def facts_of(workspace: Workspace, name: str) -> dict[str, Any]:
    """Give what a report on a segment says."""
    report = workspace.report(name, as_of=DAY, days=28)
    found: dict[str, Any] = json.loads(json.dumps(facts_document(report.facts())))
    return found


def size_of(workspace: Workspace, name: str) -> int:
    """Give how many users a report on a segment is about."""
    n: int = workspace.report(name, as_of=DAY, days=28).opened.sides.n_segment
    return n


@pytest.fixture(scope="module")
def sizes(loaded_shop: Path) -> dict[str, int]:
    """Give the sizes of segments that are asked alone."""
    return {name: size_of(Workspace.open(loaded_shop), name) for name in NAMES}


@pytest.fixture(scope="module")
def alone(loaded_shop: Path) -> dict[str, dict[str, Any]]:
    """Give what each report says that is made alone."""
    return {name: facts_of(Workspace.open(loaded_shop), name) for name in NAMES}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a folder that reports share, with the list of what will be asked."""
    monkeypatch.setenv(ALIKE, str(tmp_path))
    ask_together(tmp_path, DAY, NAMES)
    return tmp_path


def test_the_first_report_evaluates_for_all_and_each_says_what_it_says_alone(
    loaded_shop: Path,
    folder: Path,
    alone: dict[str, dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[list[str]] = []
    evaluate = together._evaluate_all  # noqa: SLF001  counted, not changed

    def count(workspace: Workspace, names: list[str], *rest: Any) -> None:
        asked.append(list(names))
        evaluate(workspace, names, *rest)

    monkeypatch.setattr(together, "_evaluate_all", count)

    found = {name: facts_of(Workspace.open(loaded_shop), name) for name in NAMES}

    assert asked == [sorted(NAMES)]
    assert len(list(folder.glob("*.tried"))) == 1
    assert found == alone


def test_what_was_left_is_what_is_read(
    loaded_shop: Path, folder: Path, sizes: dict[str, int]
) -> None:
    size_of(Workspace.open(loaded_shop), "known")
    engine = Engine()
    (keys,) = (json.loads(path.read_text("utf-8")) for path in folder.glob("[0-9a-f]*.json"))
    place = keys.index(next(key for key in keys if key.startswith("buyers ")))
    (left,) = (path for path in folder.glob("*.parquet") if path.with_suffix(".tried").exists())
    rows = engine.read([str(left)])
    one = rows.filter(rows.segment == place).user_no.min()
    engine.backend.to_parquet(rows.filter(rows.user_no != one), folder / "other")
    (folder / "other").replace(left)

    n_users = size_of(Workspace.open(loaded_shop), "buyers")

    assert n_users == sizes["buyers"] - 1


@pytest.mark.parametrize("fault", ["fails", "killed", "unreadable", "unknown"])
def test_where_it_cannot_be_done_each_asks_alone(
    loaded_shop: Path,
    folder: Path,
    sizes: dict[str, int],
    monkeypatch: pytest.MonkeyPatch,
    fault: str,
) -> None:
    if fault == "fails":
        monkeypatch.setattr(Engine, "leave", lambda *_args, **_more: False)
    elif fault == "killed":
        monkeypatch.setattr(together, "_evaluate_all", lambda *_args: None)
    elif fault == "unreadable":
        (folder / f"segments-{DAY}.json").write_text("[", "utf-8")
    else:
        ask_together(folder, DAY, [*NAMES, "nobody_wrote_this"])

    found = {name: size_of(Workspace.open(loaded_shop), name) for name in NAMES[:2]}

    assert found == {name: sizes[name] for name in NAMES[:2]}


@pytest.mark.slow
def test_of_three_processes_that_ask_at_once_one_evaluates(
    loaded_shop: Path, folder: Path, sizes: dict[str, int]
) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    asking = [
        subprocess.Popen(
            [sys.executable, "-c", ASK, str(loaded_shop), name],
            env=environment,
            stdout=subprocess.PIPE,
        )
        for name in NAMES
    ]

    said = [int(process.communicate()[0]) for process in asking]

    assert said == list(sizes.values())
    assert len(list(folder.glob("*.tried"))) == 1
