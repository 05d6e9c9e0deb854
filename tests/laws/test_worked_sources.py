"""The worked sources of docs/workspace.md load the data that they are written for, as written."""

import re
from decimal import Decimal
from pathlib import Path

import pytest

import segkit

DOCUMENT = Path(__file__).parents[2] / "docs" / "workspace.md"


def example(word: str) -> str:
    """Give the worked example that holds a word, as a whole file."""
    blocks = re.findall(r"```toml\n(.*?)```", DOCUMENT.read_text("utf-8"), re.DOTALL)
    found = [block for block in blocks if word in block]
    assert len(found) == 1, f"{len(found)} examples hold {word}"
    return found[0] if found[0].startswith("name") else f'name = "example"\n{found[0]}'


@pytest.mark.shared
@pytest.mark.slow
@pytest.mark.parametrize(
    ("word", "folder", "kept", "n_users", "revenue"),
    [
        ("CDNOW_master", "cdnow", {"purchases": 69_659}, 23_570, Decimal("2500315.63")),
        ("CDNOW_sample", "cdnow", {"purchases": 6_919}, 2_357, None),
        (
            "household_id",
            "completejourney",
            {"transactions": 75_000, "demographics": 801},
            2_377,
            Decimal("233935.24"),
        ),
    ],
    ids=["cdnow", "cdnow sample", "completejourney"],
)
def test_a_worked_source_loads_every_row_and_again_none(
    shared: Path,
    tmp_path: Path,
    word: str,
    folder: str,
    kept: dict[str, int],
    n_users: int,
    revenue: Decimal | None,
) -> None:
    (tmp_path / "data").symlink_to(shared / "data" / folder)
    (tmp_path / "segkit.toml").write_text(example(word), "utf-8")

    first = segkit.open(tmp_path).load()
    workspace = segkit.open(tmp_path)
    second = workspace.load()

    assert {source.name: source.kept for source in first.sources} == kept
    assert sum(source.quarantined for source in first.sources) == 0
    assert sum(source.kept for source in second.sources) == 0
    assert second.snapshot == first.snapshot
    tables = workspace.tables
    assert tables.engine.scalar(tables.users.count()) == n_users
    assert revenue is None or tables.engine.scalar(tables.events.value.sum()) == revenue
