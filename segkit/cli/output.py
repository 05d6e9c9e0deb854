"""Write to the terminal: one JSON document, or plain aligned text."""

import json
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

AsJson = Annotated[
    bool,
    typer.Option("--json", help="Print one JSON document and nothing else.", show_default=False),
]


def _plain(value: Any) -> str:  # noqa: ANN401  what json cannot write itself
    if isinstance(value, date | Path):
        return str(value)
    raise TypeError(type(value).__name__)


def print_json(document: Any) -> None:  # noqa: ANN401  a JSON tree
    """Print one JSON document."""
    print_line(json.dumps(document, indent=2, ensure_ascii=False, default=_plain))


def print_line(text: str = "") -> None:
    """Print one line on standard output."""
    sys.stdout.write(f"{text}\n")


def print_note(text: str) -> None:
    """Print one line on standard error."""
    sys.stdout.flush()
    sys.stderr.write(f"{text}\n")


def print_table(
    headings: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[str] = ()
) -> None:
    """Print rows in columns as wide as their widest cell.

    Columns named in `right` are right-aligned.
    """
    widths = [max(map(len, column)) for column in zip(headings, *rows, strict=True)]
    for row in [headings, *rows]:
        cells = [
            cell.rjust(width) if heading in right else cell.ljust(width)
            for heading, cell, width in zip(headings, row, widths, strict=True)
        ]
        print_line("  ".join(cells).rstrip())
