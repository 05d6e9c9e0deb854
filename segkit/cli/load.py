"""`segkit load`: new raw data into the store."""

from dataclasses import asdict
from typing import Annotated

import typer

from segkit.cli.context import open_workspace
from segkit.cli.output import AsJson, print_json, print_line, print_note, print_table
from segkit.formats import Count

SOURCES = Annotated[
    list[str] | None, typer.Argument(help="Sources of segkit.toml by name; all of them by default.")
]


def load_sources(context: typer.Context, sources: SOURCES = None, as_json: AsJson = False) -> None:
    """Load what is new in the raw files; loading the same again changes nothing."""
    from segkit.cli.progress import shown  # noqa: PLC0415  only this command needs it

    workspace = open_workspace(context)
    with shown() as progress:
        result = workspace.load(sources or None, progress=progress)
    if as_json:
        print_json(asdict(result))
        return
    count = Count()
    numbers = ("rows read", "kept", "repeated", "quarantined")
    print_table(
        ("source", *numbers),
        [
            (s.name, count(s.rows_read), count(s.kept), count(s.repeated), count(s.quarantined))
            for s in result.sources
        ],
        right=numbers,
    )
    state = "new" if result.is_new else "unchanged"
    print_line(f"Snapshot {result.snapshot} ({state}).")
    for note in result.notes:
        print_note(f"Note: {note}")
