from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from segkit.workspace import Workspace
from segkit.workspace.magics import complete_segment

OFTEN = """segkit: 1
segment: often
title: Came often
where: {did: {event: page_view, is: {gte: 10}}}
"""


@pytest.fixture
def shell(loaded_shop: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Give a shell in the workspace's folder, with the extension loaded."""
    monkeypatch.chdir(loaded_shop)
    config = Config()
    config.HistoryManager.enabled = False
    running: Any = InteractiveShell(config=config)  # type: ignore[no-untyped-call]
    running.run_line_magic("load_ext", "segkit")
    yield running
    running.reset(new_session=False)


def test_a_segment_of_the_library_is_asked_by_its_name(shell: Any) -> None:
    members = shell.run_line_magic("segment", "buyers")

    assert members.count == 15
    assert shell.run_line_magic("segment", "buyers 2026-06-19").count == 0


def test_a_segment_in_a_cell_is_checked_counted_and_held(shell: Any) -> None:
    members = shell.run_cell_magic("segment", "", OFTEN)

    assert members.count == 6
    assert shell.user_ns["often"].title == "Came often"


def test_the_notebooks_own_workspace_comes_first(
    shell: Any, loaded_shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell.user_ns["ws"] = Workspace.open(loaded_shop)
    monkeypatch.chdir("/")

    assert shell.run_line_magic("segment", "buyers").count == 15


@pytest.mark.parametrize(
    ("line", "cell", "sentence"),
    [
        ("byers", None, "Did you mean `buyers`"),
        ("", None, "expected a segment and perhaps a day, found 0 words"),
        ("buyers tomorrow", None, "tomorrow"),
        ("", OFTEN.replace("page_view", "page_vew"), "Did you mean `page_view`"),
        ("", OFTEN + "---\n" + OFTEN.replace("often", "more"), "expected one definition, found 2"),
        ("", "segkit: [", "this cell"),
    ],
    ids=["name", "empty", "day", "event", "two", "broken"],
)
def test_what_is_wrong_is_one_sentence_without_a_traceback(
    shell: Any, line: str, cell: str | None, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = f"%segment {line}" if cell is None else f"%%segment {line}\n{cell}"

    shell.run_cell(code)

    said = capsys.readouterr()
    assert sentence in said.err + said.out
    assert "Traceback" not in said.err + said.out


def test_a_variable_of_the_notebook_is_not_taken_away(
    shell: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.user_ns["often"] = 7

    shell.run_cell(f"%%segment\n{OFTEN}")

    assert "holds something else as `often`" in capsys.readouterr().err
    assert shell.user_ns["often"] == 7


def test_names_of_segments_are_completed(shell: Any) -> None:
    with provisionalcompleter():
        found = [one.text for one in shell.Completer.completions("%segment buy", 12)]

    assert found == ["buyers"]
    assert complete_segment(shell, "%segment buy") == ["buyers"]
    assert "buyers" in complete_segment(shell, "%segment ")
    assert complete_segment(shell, "%segment nobody") == []


def test_nothing_is_completed_without_a_workspace(
    shell: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir("/")

    assert complete_segment(shell, "%segment ") == []
