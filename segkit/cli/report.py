"""`segkit report`: one segment report now."""

from typing import TYPE_CHECKING, Annotated

import typer

from segkit.cli.context import open_workspace
from segkit.cli.output import AsJson, print_json, print_line, print_note

if TYPE_CHECKING:
    from segkit.runs.run import Run

SEGMENT = Annotated[
    str, typer.Argument(help="The segment's id, as `segkit segments list` names it.")
]
AS_OF = Annotated[
    str | None,
    typer.Option(
        "--as-of", metavar="DATE", help="Last day looked back from; the last whole day by default."
    ),
]
SETTINGS = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="NAME=VALUE",
        help="Set a parameter of the report: days=28, baseline=everyone.",
    ),
]
CLEARANCE = Annotated[
    str | None,
    typer.Option(metavar="ROLE", help="What the reader may see: public, pseudonymous or personal."),
]
TIMEOUT = Annotated[
    int, typer.Option(min=1, metavar="SECONDS", help="The longest that the run may take.")
]


def make_report(
    context: typer.Context,
    segment: SEGMENT,
    as_of: AS_OF = None,
    settings: SETTINGS = None,
    clearance: CLEARANCE = None,
    timeout: TIMEOUT = 1800,
    as_json: AsJson = False,
) -> int:
    """Make the report of one segment and print the path of its report.html."""
    from segkit.runs.execute import Limits  # noqa: PLC0415  only this command needs it
    from segkit.runs.run import order_segment_report, run_order  # noqa: PLC0415

    order = order_segment_report(
        open_workspace(context), segment, as_of=as_of, settings=settings or (), clearance=clearance
    )
    run = run_order(order, limits=Limits(cell_s=timeout, run_s=timeout))
    return say_run(run, as_json=as_json)


def say_run(run: "Run", *, as_json: bool) -> int:
    """Print where a report is, with its warnings, and give the exit code."""
    if as_json:
        print_json(
            {
                "report": str(run.html),
                "folder": str(run.folder),
                "exit_code": run.verdict.exit_code,
                **{
                    key: run.manifest[key]
                    for key in (
                        "segment",
                        "period",
                        "run",
                        "snapshot",
                        "definition",
                        "summary",
                        "warnings",
                    )
                },
            }
        )
    else:
        print_line(str(run.html))
        for warning in run.verdict.warnings:
            print_note(f"Warning: {warning}")
    return run.verdict.exit_code
