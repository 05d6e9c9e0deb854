"""The documents say what is there: commands, keys, tables, links; nothing is left for later."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from pydantic import BaseModel

from segkit import config
from segkit.config import read_config
from tools.tables import BEGIN, DOCUMENT, render_tables

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
WORKSPACE = (ROOT / "docs" / "workspace.md").read_text("utf-8")
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)[^)]*\)")
LEFT_OVER = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")
TEXT = {".css", ".html", ".ipynb", ".j2", ".js", ".md", ".py", ".toml", ".yaml", ".yml"}
FOLDERS = ("segkit", "tests", "tools", "docs", "notebooks", "templates", "benchmarks")


def commands(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Give the words and the object of every command below a typer application's command."""
    inner = getattr(command, "commands", None)
    if inner is None:
        yield " ".join(path), command
        return
    for name, child in sorted(inner.items()):
        if not child.hidden:
            yield from commands(child, (*path, name))


def cli() -> dict[str, Any]:
    """Give every command of the command line by its words."""
    from segkit.cli.main import app  # noqa: PLC0415  slow, and only these tests need it

    return dict(commands(typer.main.get_command(app)))


def models() -> list[type[BaseModel]]:
    """Give every model of segkit.toml."""
    return [
        thing
        for thing in vars(config).values()
        if isinstance(thing, type)
        and issubclass(thing, config.Strict)
        and thing is not config.Strict
    ]


def toml_examples() -> list[str]:
    """Give each example of docs/workspace.md as a whole file."""
    blocks = re.findall(r"```toml\n(.*?)```", WORKSPACE, re.DOTALL)
    return [b if b.startswith("name") else f'name = "example"\n{b}' for b in blocks]


def text_files() -> Iterator[Path]:
    """Give the project's own text files."""
    yield from (path for path in ROOT.iterdir() if path.is_file() and path.suffix in TEXT)
    yield from (ROOT / "Makefile", ROOT / ".ci" / "run")
    for folder in FOLDERS:
        for path in (ROOT / folder).rglob("*"):
            if path.is_file() and path.suffix in TEXT and "__pycache__" not in path.parts:
                yield path


def test_readme_names_every_command() -> None:
    assert [words for words in cli() if f"\nsegkit {words} " not in README] == []


def test_readme_names_no_command_that_is_not_there() -> None:
    blocks = "\n".join(re.findall(r"^```\n(.*?)^```", README, re.MULTILINE | re.DOTALL))
    named = re.findall(r"^segkit ((?:[a-z][a-z-]* ?)+)", blocks, re.MULTILINE)

    assert sorted({words.strip() for words in named} - set(cli())) == []


def test_every_command_and_option_has_help() -> None:
    silent = [
        f"segkit {words} {parameter.name}"
        for words, command in cli().items()
        for parameter in command.params
        if not getattr(parameter, "help", None)
    ]

    assert silent == []
    assert [words for words, command in cli().items() if not command.help] == []


@pytest.mark.parametrize("model", models(), ids=lambda model: model.__name__)
def test_every_key_of_the_workspace_file_is_documented(model: type[BaseModel]) -> None:
    missing = [
        name
        for name in model.model_fields
        if f"| `{name}` |" not in WORKSPACE
        and not re.search(rf"^\[+(\w+\.)?{name}\]+$", WORKSPACE, re.MULTILINE)
        and model is not config.ColumnMap
    ]

    assert missing == []


def test_the_column_map_is_documented() -> None:
    assert [k for k in config.ColumnMap.model_fields if f"`{k}`" not in WORKSPACE] == []


@pytest.mark.parametrize("example", toml_examples(), ids=lambda text: text.splitlines()[0])
def test_every_example_of_the_workspace_file_is_valid(example: str) -> None:
    assert read_config(example, where="docs/workspace.md").name


def test_the_commented_file_that_init_writes_names_every_table_of_keys() -> None:
    written = (ROOT / "segkit" / "cli" / "init.toml").read_text("utf-8")

    keys = set(config.WorkspaceConfig.model_fields)

    assert sorted(key for key in keys if not re.search(rf"\b{key}\b", written)) == []


def test_the_canonical_tables_are_documented_as_they_are() -> None:
    written = DOCUMENT.read_text("utf-8").partition(BEGIN)[2]

    assert render_tables() in written, "run `make docs`"


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_between_documents_leads_somewhere(path: Path) -> None:
    targets = [t for t in LINK.findall(path.read_text("utf-8")) if "://" not in t]

    assert [target for target in targets if not (path.parent / target).exists()] == []


def test_every_decision_is_listed() -> None:
    folder = ROOT / "docs" / "decisions"
    listed = LINK.findall((folder / "README.md").read_text("utf-8"))

    assert sorted(listed) == sorted(p.name for p in folder.glob("[0-9]*.md"))


def test_nothing_is_left_to_do_later() -> None:
    places = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in text_files()
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1)
        if LEFT_OVER.search(line)
    ]

    assert "\n".join(places) == ""
