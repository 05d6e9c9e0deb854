"""Put files of a run beside its mail: the user list as CSV or Excel, the report as PDF.

A list leaves by mail only as far as it left into the run: under the segment's policy and the
clearance that the report was made for. Who may see less gets none.
"""

import io
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from segkit.config import Role
from segkit.mail.letter import Part
from segkit.mail.printing import print_pdf
from segkit.measures.roles import may_see
from segkit.runs.parameters import MODELS
from segkit.runs.schedule.attach import LISTS, Attachment
from segkit.runs.spec import REPORT

CSV, PARQUET = "users.csv", "users.parquet"
_NAMES = {"csv": CSV, "xlsx": "users.xlsx", "pdf": "report.pdf"}
_KINDS = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}
_WIDEST = 40


def attach_files(
    folder: Path, manifest: dict[str, Any], kinds: Sequence[Attachment], clearance: Role
) -> tuple[tuple[Part, ...], tuple[str, ...]]:
    """Give the files that go beside the mail of a run, and a sentence on each that does not.

    Parameters
    ----------
    folder, manifest
        The run; its files are those that were published.
    kinds
        What the schedule asks for.
    clearance
        What the recipient may see.
    """
    parts, left_out = [], []
    for kind in kinds:
        why = _why_not(manifest, kind, clearance)
        if why:
            left_out.append(f"{_NAMES[kind]} is not attached: {why}.")
        else:
            content = _content(folder, manifest, kind)
            parts.append(Part(name=_NAMES[kind], kind=_KINDS[kind], content=content))
    return tuple(parts), tuple(left_out)


def _why_not(manifest: dict[str, Any], kind: Attachment, clearance: Role) -> str:
    if not may_see(manifest["clearance"], clearance):
        return "the report was made for readers who may see more"
    if shows_users(kind, manifest) and not {CSV, PARQUET} <= set(manifest["outputs"]):
        return "the segment's policy, or its size, lets no list of users leave"
    return ""


def shows_users(kind: Attachment, manifest: dict[str, Any]) -> bool:
    """Whether a file shows single users: a list, and the page of a report that lists them."""
    model = MODELS.get(manifest["report"])
    is_listed = model is not None and model.has_user_list and manifest["clearance"] != "public"
    return kind in LISTS or is_listed


def _content(folder: Path, manifest: dict[str, Any], kind: Attachment) -> bytes:
    if kind == "csv":
        return (folder / CSV).read_bytes()
    if kind == "xlsx":
        day = date.fromisoformat(manifest["as_of"])
        return write_workbook(folder / PARQUET, made=datetime.combine(day, time()))
    return print_pdf(folder / REPORT)


def write_workbook(rows: Path, *, made: datetime) -> bytes:
    """Give the rows of a Parquet file as an Excel workbook: one sheet, times in UTC.

    Text stays text, whatever it begins with: nothing in it is computed or linked.
    """
    import xlsxwriter  # noqa: PLC0415  an extra
    from pyarrow import parquet  # noqa: PLC0415

    table = parquet.read_table(rows)
    out = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "default_date_format": "yyyy-mm-dd hh:mm:ss",
    }
    with xlsxwriter.Workbook(out, options) as book:
        book.set_properties({"created": made})
        sheet, bold = book.add_worksheet("users"), book.add_format({"bold": True})
        for at, name in enumerate(table.column_names):
            values = table.column(name).to_pylist()
            is_time = any(isinstance(value, datetime) for value in values)
            sheet.write_string(0, at, f"{name} (UTC)" if is_time else name, bold)
            for line, value in enumerate(values, start=1):
                _write_cell(sheet, line, at, value)
        sheet.freeze_panes(1, 1)
        sheet.autofilter(0, 0, table.num_rows, max(table.num_columns - 1, 0))
        sheet.autofit(_WIDEST * 7)
    return out.getvalue()


def _write_cell(sheet: Any, line: int, at: int, value: Any) -> None:  # noqa: ANN401  of a library without types
    match value:
        case None:
            return
        case str():
            sheet.write_string(line, at, value)
        case datetime():
            sheet.write_datetime(line, at, value.astimezone(UTC).replace(tzinfo=None))
        case _:
            sheet.write_number(line, at, float(value))
