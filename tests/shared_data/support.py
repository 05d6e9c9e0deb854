"""Make workspaces out of the documented examples, on the shared data."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import segkit
from segkit.config import read_config
from segkit.segments.read import read_definitions
from segkit.store.load_result import LoadResult
from segkit.workspace import Workspace

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """A workspace after its first load, and what that load said."""

    workspace: Workspace
    first: LoadResult

    def rows(self, table: Any) -> Any:
        """Give the rows of an Ibis table as plain tuples."""
        return self.workspace.tables.engine.rows(table)

    def scalar(self, value: object) -> object:
        """Give the one value of an Ibis scalar over the workspace's tables."""
        return self.workspace.tables.engine.scalar(value)


def blocks(page: str, kind: str) -> list[str]:
    """Give the blocks of one kind, `toml` or `yaml`, of a page of examples."""
    text = (EXAMPLES / f"{page}.md").read_text("utf-8")
    return re.findall(rf"```{kind}\n(.*?)```", text, re.DOTALL)


def documented(page: str, name: str) -> str:
    """Give the documented segkit.toml of a name."""
    found = [b for b in blocks(page, "toml") if read_config(b, where=page).name == name]
    assert len(found) == 1, f"{page}.md has {len(found)} workspaces named {name!r}"
    return found[0]


def load_documented(
    root: Path,
    page: str,
    name: str,
    data: Path,
    *,
    changed: Mapping[str, str] | None = None,
) -> Loaded:
    """Write the documented workspace of a name into a folder and load it, its files where they lie.

    `changed` are pieces of its segkit.toml and what stands in their place.
    """
    toml = documented(page, name)
    for old, new in {'path = "data/': f'path = "{data}/', **(changed or {})}.items():
        assert old in toml, f"{page}.md does not say {old!r}"
        toml = toml.replace(old, new)
    (root / "segkit.toml").write_text(toml, "utf-8")
    (root / "segments").mkdir()
    for text in blocks(page, "yaml"):
        (definition,) = read_definitions(text, page)
        (root / "segments" / f"{definition.segment}.yml").write_text(text, "utf-8")
    first = segkit.open(root).load()
    return Loaded(workspace=segkit.open(root), first=first)


def outcome(result: LoadResult) -> dict[str, tuple[int, int, int]]:
    """Give (kept, repeated, quarantined) by source."""
    return {s.name: (s.kept, s.repeated, s.quarantined) for s in result.sources}


def check_nothing_new(loaded: Loaded) -> None:
    """Load once more and find that nothing came of it."""
    again = loaded.workspace.load()

    assert {kept for kept, _, _ in outcome(again).values()} == {0}
    assert (again.snapshot, again.is_new) == (loaded.first.snapshot, False)
