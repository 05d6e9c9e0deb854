"""`segkit value`: what buyers are worth, and the cells of the RFM map as segments."""

from typing import Annotated

import typer

from segkit.cli.context import open_workspace
from segkit.cli.output import AsJson, print_json, print_line, print_note

app = typer.Typer(
    help="What buyers are worth, and segments by how lately, often and for how much they bought.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
SEGMENT = Annotated[
    str, typer.Argument(metavar="SEGMENT", help="The buyers of its universe are scored.")
]
AS_OF = Annotated[
    str | None, typer.Option("--as-of", metavar="DATE", help="The day on which edges are found.")
]
PREFIX = Annotated[str, typer.Option("--prefix", metavar="P", help="What the ids begin with.")]
REPLACE = Annotated[bool, typer.Option("--replace", help="Write over segments of these ids.")]


@app.callback()
def _group() -> None:
    pass


@app.command("segments")
def save_segments(
    context: typer.Context,
    segment: SEGMENT = "known",
    as_of: AS_OF = None,
    prefix: PREFIX = "rfm",
    replace: REPLACE = False,
    as_json: AsJson = False,
) -> None:
    """Write the cells of the RFM map as segments to segments/PREFIX_CELL.yml."""
    from segkit.workspace.rfm import rfm_segments  # noqa: PLC0415  numpy is slow to import

    workspace = open_workspace(context)
    made = rfm_segments(workspace, segment, as_of, prefix=prefix)
    paths = [workspace.save(one, replace=replace) for one in made]
    if as_json:
        print_json(
            {
                "segments": [
                    {"segment": one.segment, "title": one.title, "file": path}
                    for one, path in zip(made, paths, strict=True)
                ]
            }
        )
        return
    for path in paths:
        print_line(str(path))
    print_note(f"{made[0].description} Ask `segkit segments count {made[0].segment}`.")
