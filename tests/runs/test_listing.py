"""What a look into the folder of reports keeps, and what it never believes."""

import json
import shutil
from pathlib import Path

import pytest

from segkit.runs import listing
from segkit.runs.catalogue import find_runs, write_catalogue
from segkit.runs.listing import LISTED, Listing
from segkit.runs.manifest import read_manifest
from tests.runs.test_catalogue import _publish


def _page(out: Path) -> str:
    return write_catalogue(out, workspace="Shop").read_text("utf-8")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """Give a folder of three runs that was looked at."""
    for n in (1, 2, 3):
        _publish(tmp_path, n, warnings=[f"warning {n}"])
    _page(tmp_path)
    return tmp_path


def test_a_second_look_opens_no_run_and_gives_the_same_page(
    out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = _page(out)
    opened: list[Path] = []
    monkeypatch.setattr(listing, "read_manifest", opened.append)

    second = _page(out)
    (out / LISTED).unlink()
    monkeypatch.undo()
    anew = _page(out)

    assert opened == []
    assert first == second == anew


def test_only_a_new_run_is_opened(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = _publish(out, 4)
    opened: list[Path] = []

    def seen(folder: Path) -> object:
        opened.append(folder)
        return read_manifest(folder)

    monkeypatch.setattr(listing, "read_manifest", seen)
    page = _page(out)

    assert opened == [place]
    assert [f"Loyal {n}" in page for n in (1, 2, 3, 4)] == [True] * 4


@pytest.mark.parametrize("file", ["report.html", "manifest.json"])
def test_a_file_that_changed_since_is_checked_though_its_size_is_the_same(
    out: Path, file: str
) -> None:
    (bad,) = out.glob("*/*/20260701T120002Z-*")
    content = bytearray((bad / file).read_bytes())
    content[len(content) // 2] ^= 1
    (bad / file).write_bytes(content)

    page = _page(out)

    assert [f"Loyal {n}<" in page for n in (1, 2, 3)] == [True, False, True]


def test_a_run_that_was_removed_is_forgotten(out: Path) -> None:
    (gone,) = out.glob("*/*/20260701T120002Z-*")
    shutil.rmtree(gone)

    assert "Loyal 2<" not in _page(out)
    assert gone.name not in (out / LISTED).read_text("utf-8")


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[: len(text) // 2],
        lambda text: text.replace('"n_users": 1234', '"n_users": 1234,,'),
        lambda _: "",
        lambda text: text.partition("\n")[2],
        lambda text: f"0.0.0 older\n{text.partition(chr(10))[2]}",
        lambda text: "\n".join([text.partition("\n")[0], json.dumps(["a/b/c", [1]])]),
        lambda text: "\n".join([text.partition("\n")[0], "7"]),
    ],
    ids=["torn", "broken", "empty", "no maker", "older", "short", "a number"],
)
def test_a_kept_look_that_is_damaged_or_of_another_version_counts_for_nothing(
    out: Path, damage: object
) -> None:
    before, kept = _page(out), (out / LISTED).read_text("utf-8")
    assert callable(damage)
    (out / LISTED).write_text(damage(kept), "utf-8")

    assert _page(out) == before
    assert (out / LISTED).read_text("utf-8") == kept


def test_the_row_with_the_course_moves_to_the_newest_run(out: Path) -> None:
    _publish(out, 4, period="2026-07-31")

    page = _page(out)

    rows = page.partition("<tbody")[2].split("<tr ")
    assert ["Users over" in row for row in rows if "Loyal" in row] == [True, False, False, False]


def test_a_run_that_comes_between_two_looks_is_found(out: Path) -> None:
    look = Listing.look(out)
    _publish(out, 4)
    look.keep()

    assert len(find_runs(out)) == 4
