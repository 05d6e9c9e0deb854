"""The documented examples are whole: workspaces that read, segments that read, pages that link."""

import re
from pathlib import Path

import pytest

from segkit.config import read_config
from segkit.segments.read import read_definitions

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
PAGES = sorted(path for path in EXAMPLES.glob("*.md") if path.name != "README.md")


def blocks(kind: str) -> list[tuple[str, str]]:
    """Give (page, text) of every block of a kind."""
    return [
        (path.name, text)
        for path in PAGES
        for text in re.findall(rf"```{kind}\n(.*?)```", path.read_text("utf-8"), re.DOTALL)
    ]


@pytest.mark.parametrize(("page", "text"), blocks("toml"))
def test_every_workspace_reads(page: str, text: str) -> None:
    assert read_config(text, where=page).sources


@pytest.mark.parametrize(("page", "text"), blocks("yaml"))
def test_every_segment_reads(page: str, text: str) -> None:
    assert len(read_definitions(text, page)) == 1


def test_no_two_workspaces_have_one_name() -> None:
    names = [read_config(text, where=page).name for page, text in blocks("toml")]

    assert sorted(set(names)) == sorted(names)


@pytest.mark.parametrize("page", [path.name for path in PAGES])
def test_every_page_is_listed_and_its_numbers_tested(page: str) -> None:
    tests = "".join(
        p.read_text("utf-8") for p in EXAMPLES.parents[1].glob("tests/shared_data/*.py")
    )

    assert f"({page})" in (EXAMPLES / "README.md").read_text("utf-8")
    assert f'"{page.removesuffix(".md")}"' in tests
