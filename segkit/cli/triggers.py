"""`segkit schedule start`, `install` and `export`: let something call the tick."""

from pathlib import Path
from typing import Annotated

import typer

from segkit.cli.context import open_workspace
from segkit.cli.output import print_line, print_note
from segkit.errors import ParameterError, WorkspaceError
from segkit.workspace.folder import write_bytes

export = typer.Typer(
    help="Write schedules for other programs.", no_args_is_help=True, rich_markup_mode=None
)
EVERY = Annotated[
    int, typer.Option("--every", metavar="SECONDS", min=1, help="Seconds between two ticks.")
]
SYSTEMD = Annotated[
    bool, typer.Option("--systemd", help="Write a service and a timer.", show_default=False)
]
CRON = Annotated[
    bool, typer.Option("--cron", help="Print the one line of a crontab.", show_default=False)
]
FOLDER = Annotated[
    Path | None,
    typer.Option(
        "--dir", metavar="DIR", help="Where units are written; ~/.config/systemd/user by default."
    ),
]
MINUTES = Annotated[
    int,
    typer.Option("--minutes", min=1, max=30, help="Minutes between two ticks, from the full hour."),
]
OUT = Annotated[
    Path | None, typer.Option("--out", metavar="FILE", help="Where to write; else it is printed.")
]


def start_ticker(context: typer.Context, every: EVERY = 60) -> int:
    """Tick in the foreground until interrupted or killed politely."""
    from segkit.runs.schedule.ticker import Ticker  # noqa: PLC0415  only this command needs it

    workspace = open_workspace(context)
    print_note(f"Ticking every {every} s in {workspace.root}; end it with Ctrl+C.")
    Ticker(workspace.root.absolute(), every_s=every, say=print_note).run()
    return 0


def install_trigger(
    context: typer.Context,
    systemd: SYSTEMD = False,
    cron: CRON = False,
    folder: FOLDER = None,
    minutes: MINUTES = 5,
) -> None:
    """Write systemd units that call the tick, or print a crontab's line that does."""
    from segkit.runs.schedule.triggers import (  # noqa: PLC0415
        check_units,
        render_cron,
        render_systemd,
    )

    if systemd == cron:
        raise ParameterError.build(
            "Expected one of --systemd and --cron.", hint="add --cron where there is no systemd."
        )
    workspace = open_workspace(context)
    if cron:
        (workspace.root / ".segkit").mkdir(exist_ok=True)
        print_line(render_cron(workspace, minutes=minutes))
        print_note("Add the line with `crontab -e`.")
        return
    units = render_systemd(workspace, minutes=minutes)
    place = folder or Path.home() / ".config" / "systemd" / "user"
    written = [write_bytes(place / unit.name, unit.text.encode()) for unit in units]
    for path in written:
        print_line(str(path))
    faults = check_units(written)
    if faults:
        raise WorkspaceError.build(
            f"systemd refuses what was written: {faults[0]}",
            hint="mend or remove the files above; --cron does without systemd.",
        )
    if faults is not None:
        print_note("systemd-analyze finds no fault in them.")
    enable = f"systemctl --user enable --now {units[1].name}"
    print_note(f"Start it: systemctl --user daemon-reload && {enable}")
    print_note("Let it work while you are logged out: loginctl enable-linger")


@export.command("airflow")
def export_airflow(context: typer.Context, out: OUT = None) -> None:
    """Write a file with an Airflow DAG for each scheduled report; each calls `segkit run`."""
    from segkit.runs.schedule.read import read_all  # noqa: PLC0415  slow to import
    from segkit.runs.schedule.triggers import render_airflow  # noqa: PLC0415

    workspace = open_workspace(context)
    scheduled = read_all(workspace.root)
    text = render_airflow(workspace, scheduled)
    if out is None:
        print_line(text.rstrip("\n"))
    else:
        print_line(str(write_bytes(out, text.encode())))
    for one in scheduled:
        if one.fault is not None:
            print_note(f"{one.where} is left out: {one.fault}")
