"""`segkit segments`: the definitions of a workspace, their sizes and members."""

import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from segkit.cli.context import open_workspace
from segkit.cli.output import AsJson, print_json, print_line, print_note, print_table
from segkit.errors import ParameterError, SegkitError
from segkit.formats import Count, Share
from segkit.workspace import Workspace
from segkit.workspace.folder import write_bytes

app = typer.Typer(
    help="List, check, count and export segments.", no_args_is_help=True, rich_markup_mode=None
)
SEGMENT = Annotated[str, typer.Argument(metavar="ID", help="The segment's id.")]
SEGMENTS = Annotated[
    list[str] | None, typer.Argument(metavar="ID …", help="Segments by id; all of them by default.")
]
AS_OF = Annotated[
    str | None,
    typer.Option("--as-of", metavar="DATE", help="The day at whose end membership is asked for."),
]
OUT = Annotated[
    Path,
    typer.Option("--out", metavar="FILE", help="Where to write; .csv or .parquet.", dir_okay=False),
]
CLEARANCE = Annotated[
    str | None,
    typer.Option(metavar="ROLE", help="What the reader may see: public, pseudonymous or personal."),
]
USER = Annotated[
    str,
    typer.Argument(
        metavar="USER", help="The id of a user or a device; `-` reads it from standard input."
    ),
]
STDIN = "-"
WRITERS = {".csv": "csv", ".parquet": "parquet"}
SIZES = Annotated[bool, typer.Option("--sizes", help="Count each segment's members too.")]


@app.command("list")
def list_segments(
    context: typer.Context, sizes: SIZES = False, as_of: AS_OF = None, as_json: AsJson = False
) -> None:
    """List the segments: the workspace's own and the shipped templates that fit its data."""
    workspace = open_workspace(context)
    found: list[dict[str, Any]] = [
        {
            "segment": entry.segment,
            "title": entry.title,
            "origin": entry.origin,
            "fault": entry.fault,
        }
        for entry in workspace.segments.entries
    ]
    if sizes:
        for row in found:
            counted = None if row["fault"] else workspace.members(row["segment"], as_of=as_of)
            row["members"] = None if counted is None else counted.count
            row["share"] = None if counted is None else counted.share
    if as_json:
        print_json({"workspace": workspace.config.name, "segments": found})
        return
    count, share = Count(), Share()
    headings = ["segment", "title", "origin", *(["members", "share"] if sizes else [])]
    rows = [
        [
            row["segment"],
            row["title"],
            row["origin"] + (" (faulty)" if row["fault"] else ""),
            *([count(row["members"]), share(row["share"])] if sizes else []),
        ]
        for row in found
    ]
    print_table(headings, rows, right=("members", "share"))


@app.command("check")
def check_segments(
    context: typer.Context, segments: SEGMENTS = None, as_json: AsJson = False
) -> int:
    """Check definitions against the loaded data; exit 2 when one is wrong."""
    workspace = open_workspace(context)
    named = segments or [entry.segment for entry in workspace.segments.entries]
    checked = [_check(workspace, segment) for segment in named]
    if as_json:
        print_json({"segments": [asdict(row) for row in checked]})
    else:
        for row in checked:
            print_line(f"{row.segment}: {'wrong' if row.fault else 'good'}")
            for text in filter(None, [row.fault, *row.warnings]):
                print_note(f"  {text}")
    return SegkitError.exit_code if any(row.fault for row in checked) else 0


@dataclass(frozen=True, kw_only=True)
class Checked:
    """One checked segment: the first fault that keeps it from being evaluated, and its warnings."""

    segment: str
    fault: str | None
    warnings: list[str]


def _check(workspace: Workspace, segment: str) -> Checked:
    try:
        return Checked(segment=segment, fault=None, warnings=workspace.check(segment))
    except SegkitError as error:
        return Checked(segment=segment, fault=str(error), warnings=[])


@app.command("count")
def count_members(
    context: typer.Context, segment: SEGMENT, as_of: AS_OF = None, as_json: AsJson = False
) -> None:
    """Count the members of a segment and of its universe."""
    members = open_workspace(context).members(segment, as_of=as_of)
    if as_json:
        print_json(members.as_document())
        return
    count = Count()
    print_line(
        f"{count(members.count)} of {count(members.universe)} users ({Share()(members.share)}) "
        f"are in `{members.definition.segment}` at the end of {members.as_of}."
    )


@app.command("members")
def write_members(
    context: typer.Context,
    segment: SEGMENT,
    out: OUT,
    as_of: AS_OF = None,
    clearance: CLEARANCE = None,
    as_json: AsJson = False,
) -> None:
    """Write the members of a segment to a file, as far as its policy allows."""
    if out.suffix not in WRITERS:
        raise ParameterError.build(
            f"`--out`: expected a file that ends in .csv or .parquet, found `{out.name}`.",
            hint="the ending chooses the format.",
        )
    members = open_workspace(context).members(segment, as_of=as_of, clearance=clearance)
    file = members.exported()
    write_bytes(out, getattr(file, WRITERS[out.suffix])())
    if as_json:
        print_json({**members.as_document(), "file": out, "n_written": len(file.rows)})
        return
    print_line(str(out))
    if len(file.rows) < members.count:
        print_note("Note: members who have not consented to the segment's purpose are left out.")


@app.command("describe")
def describe_segment(context: typer.Context, segment: SEGMENT, as_json: AsJson = False) -> None:
    """Say in words what a segment means."""
    workspace = open_workspace(context)
    definition = workspace.find(segment)
    text = workspace.describe(definition)
    if as_json:
        print_json(
            {
                "segment": definition.segment,
                "title": definition.title,
                "description": definition.description,
                "definition": definition.id,
                "text": text,
            }
        )
        return
    print_line(f"{definition.segment}: {definition.title}")
    if definition.description:
        print_line(definition.description)
    print_line(text)


@app.command("explain")
def explain_user(
    context: typer.Context,
    segment: SEGMENT,
    user: USER,
    as_of: AS_OF = None,
    clearance: CLEARANCE = None,
    as_json: AsJson = False,
) -> None:
    """Say of one user which conditions of a segment hold and which do not, with what was seen."""
    asked = sys.stdin.readline().strip() if user == STDIN else user
    told = open_workspace(context).explain(segment, asked, as_of, clearance=clearance)
    if as_json:
        print_json(told.document())
        return
    print_line(str(told))
