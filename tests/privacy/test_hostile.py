"""Texts that try to be something else stay texts, in every output of a published report."""

import csv
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from segkit.workspace import Workspace
from tests.privacy.audit import given_away, small_numbers
from tests.privacy.hostile import (
    BRACES,
    ESCAPED,
    FORMULA,
    FORMULA_NAME,
    IMAGE,
    LONE,
    MAIL_PAGE,
    QUOTED_NAME,
    REVERSED,
    SCRIPT,
    TITLE,
    user_ids,
    write_hostile,
)
from tests.published import FILES, LISTS, Published, publish

pytestmark = pytest.mark.notebook


class Page(HTMLParser):
    """Read what a browser would: the elements with their attributes, and the text."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write_hostile(tmp_path_factory.mktemp("hostile"))
    Workspace.open(folder).load()
    return folder


@pytest.fixture(scope="module")
def report(root: Path) -> Published:
    return publish(root, "busy", clearance="pseudonymous", as_of=None, days=30)


def test_the_page_shows_hostile_texts_and_runs_none(report: Published) -> None:
    page = Page(report.html)

    for text in (SCRIPT, IMAGE, BRACES, FORMULA, ESCAPED, QUOTED_NAME, TITLE[:80]):
        assert text.replace("\u202e", "\\u202e") in page.text, text
    assert sum(tag == "script" for tag, _ in page.elements) == 1
    assert not [(tag, a) for tag, attrs in page.elements for a in attrs if a.startswith("on")]
    assert not [attrs for tag, attrs in page.elements if tag == "img"]
    assert "\u202e" not in report.html


def test_the_catalogue_shows_them_too(report: Published, root: Path) -> None:
    page = Page((root / "reports_out" / "index.html").read_text("utf-8"))

    assert SCRIPT + BRACES in page.text
    assert report.facts["title"] == TITLE
    assert TITLE[:60] in page.text
    assert [tag for tag, attrs in page.elements if "onerror" in attrs or tag == "img"] == []
    assert not any("alert" in str(attrs) for tag, attrs in page.elements if tag == "script")


def test_a_spreadsheet_computes_nothing(report: Published) -> None:
    with (report.folder / "users.csv").open(encoding="utf-8", newline="") as lines:
        cells = [cell for row in csv.reader(lines) for cell in row]

    assert f"'{FORMULA}" in cells
    assert f"'{FORMULA_NAME}" in cells
    assert "'=HYPERLINK(0)" in cells
    assert not [cell for cell in cells if re.match(r"[=+@\t\r]|-(?!\d)", cell)]
    table = pq.read_table(report.folder / "users.parquet").to_pylist()
    assert {row[FORMULA_NAME] for row in table} == {FORMULA}
    assert {row[QUOTED_NAME] for row in table} == {SCRIPT}
    assert {row[REVERSED] for row in table} == {BRACES}


def test_ids_that_are_addresses_become_pseudonyms(report: Published) -> None:
    mails = [user for user in user_ids() if "@" in user]

    users = {row["user"] for row in report.rows}

    assert sum(bool(re.fullmatch(r"u-[0-9a-f]{10}", user)) for user in users) == len(mails) == 10
    assert len(users) == len(report.rows) == 24
    for name, text in report.texts():
        assert [mail for mail in (*mails, "me@example.net") if mail in text] == [], name


def test_a_page_with_an_address_or_of_one_person_has_no_row(report: Published) -> None:
    document = report.facts

    found = [name for name, text in report.texts() if LONE in text or MAIL_PAGE in text]

    shares = document["behaviour"]["breakdowns"]["entry_pages"]["rows"]
    assert found == []
    assert [row["n"] for row in shares if row["value"] == "(of few users)"] == [None]
    assert small_numbers(document, 10) == []
    assert given_away(document, 10) == []


def test_names_of_files_are_safe(report: Published, root: Path) -> None:
    names = {path.name for path in (root / "reports_out").rglob("*")}

    assert {path.name for path in report.folder.iterdir()} == {*FILES, *LISTS}
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+", name) for name in names), names
    assert report.folder.parent.parent.name == "segment_report-busy"
    assert json.loads((report.folder / "manifest.json").read_text("utf-8"))["segment"] == "busy"
    assert {path.name for path in root.iterdir()} <= {
        "data", "segkit.toml", "segments", "store", "reports_out",
    }  # fmt: skip


@pytest.mark.slow
def test_a_cleared_reader_sees_ids_as_they_are(root: Path) -> None:
    report = publish(root, "busy", clearance="personal", as_of=None, days=30)

    assert report.facts["overview"]["top_users"][0]["user"] == "person0@example.org"
    assert "person0@example.org" in report.html
    assert not any("@" in row["user"] for row in report.rows)
