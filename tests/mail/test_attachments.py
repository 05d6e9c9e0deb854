"""Files go beside a mail as far as they left into the run, and say when they do not."""

import io
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

import segkit as sk
from segkit.errors import DefinitionError, SegkitError
from segkit.mail.attachments import attach_files, write_workbook
from segkit.mail.printing import print_pdf
from segkit.runs.schedule.period import read_period
from segkit.runs.schedule.plan import find_report, plan_tasks
from tests.mail.weeks import WEEKLY, write_schedule

MADE = datetime(2026, 5, 31)  # noqa: DTZ001  a workbook knows no zone


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a run's folder with a list of users, one with the name of a formula, and a page."""
    rows = {
        "user": ["=cmd()", "u2", None],
        "visits": [1, 2, None],
        "last_seen": [datetime(2026, 5, 31, 12, tzinfo=UTC), None, None],
    }
    parquet.write_table(pa.table(rows), tmp_path / "users.parquet")
    (tmp_path / "users.csv").write_text("user\nu1\n", "utf-8")
    (tmp_path / "report.html").write_text("<h1>Loyal</h1>", "utf-8")
    return tmp_path


def manifest(*outputs: str, clearance: str = "pseudonymous") -> dict[str, object]:
    """Give what is read of a manifest."""
    return {
        "outputs": dict.fromkeys(outputs),
        "clearance": clearance,
        "as_of": "2026-05-31",
        "report": "segment_report",
    }


def test_lists_are_attached_as_they_were_published(folder: Path) -> None:
    made = manifest("users.csv", "users.parquet")

    parts, left_out = attach_files(folder, made, ["csv", "xlsx"], "pseudonymous")

    assert [part.name for part in parts] == ["users.csv", "users.xlsx"]
    assert parts[0].content == (folder / "users.csv").read_bytes()
    assert left_out == ()


def test_a_list_that_did_not_leave_is_not_attached_and_the_mail_says_so(folder: Path) -> None:
    parts, left_out = attach_files(folder, manifest("report.html"), ["csv", "pdf"], "personal")

    assert parts == ()
    sentence, of_page = left_out
    assert of_page.startswith("report.pdf is not attached: the segment's policy")
    assert sentence.startswith("users.csv is not attached: the segment's policy, or its size,")


def test_who_may_see_less_than_the_report_was_made_for_gets_no_file(folder: Path) -> None:
    made = manifest("users.csv", "users.parquet", clearance="personal")

    parts, left_out = attach_files(folder, made, ["csv", "pdf"], "pseudonymous")

    assert parts == ()
    assert all("made for readers who may see more" in sentence for sentence in left_out)


def test_text_of_a_workbook_is_never_computed_and_the_same_rows_are_the_same_bytes(
    folder: Path,
) -> None:
    book = write_workbook(folder / "users.parquet", made=MADE)

    with zipfile.ZipFile(io.BytesIO(book)) as files:
        sheet = files.read("xl/worksheets/sheet1.xml").decode()
        texts = files.read("xl/sharedStrings.xml").decode()
    assert "<f>" not in sheet
    assert "=cmd()" in texts
    assert "last_seen (UTC)" in texts
    assert book == write_workbook(folder / "users.parquet", made=MADE)


def test_a_printed_report_is_a_pdf_and_fetches_nothing(folder: Path) -> None:
    page = '<h1>Loyal</h1><img src="http://192.0.2.1/x.png"><img src="file:///etc/hostname">'
    (folder / "report.html").write_text(page, "utf-8")

    printed = print_pdf(folder / "report.html")

    assert printed.startswith(b"%PDF-")
    assert b"/Subtype /Image" not in printed


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("attach: [csv]\n", "the policy of `buyers` lets no list of users leave"),
        ("attach: [pdf]\n", "lets no list of users leave, and pdf shows one"),
        ("attach: [docx]\n", "Input should be 'csv', 'xlsx' or 'pdf'"),
    ],
)
def test_what_may_not_leave_or_is_unknown_is_refused_before_anything_runs(
    shop: Path, text: str, sentence: str
) -> None:
    toml = (shop / "segkit.toml").read_text("utf-8").replace('"pseudonymous"', '"none"')
    (shop / "segkit.toml").write_text(toml, "utf-8")
    write_schedule(shop, WEEKLY + text)
    workspace = sk.open(shop)

    with pytest.raises(SegkitError, match=sentence) as refused:
        plan_tasks(
            workspace,
            "weekly",
            find_report(workspace, "weekly"),
            read_period("2026-W26", "week"),
        )

    assert isinstance(refused.value, DefinitionError) == ("docx" in text)
