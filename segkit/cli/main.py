"""The `segkit` command: options before the command, and what becomes of an error.

An error that a person can mend is one message on standard error and its exit code; `--debug` shows
where it came from. A reader that closes the pipe early ends the command quietly.
"""

import os
import signal
import sys
import threading
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer
from typer.exceptions import TyperException

import segkit
from segkit.cli import (
    compare,
    demo,
    doctor,
    init,
    lab,
    load,
    mail,
    patterns,
    report,
    review,
    run,
    runs,
    schedule,
    segments,
    serve,
    tick,
    triggers,
    upkeep,
    user,
    value,
)
from segkit.cli.context import Said
from segkit.cli.output import print_line, print_note
from segkit.errors import SegkitError

PIPE_CLOSED = 1
INTERRUPTED = 130
TERMINATED = 143

app = typer.Typer(
    name="segkit",
    help="Load raw behaviour data, define segments, report on them.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("demo")(demo.make_demo)
app.command("init")(init.init_workspace)
app.command("load")(load.load_sources)
app.add_typer(segments.app, name="segments")
app.add_typer(patterns.app, name="patterns")
app.add_typer(value.app, name="value")
app.command("report")(report.make_report)
app.command("review")(review.make_review)
app.command("compare")(compare.compare)
app.command("user")(user.show_user)
app.command("run")(run.run_report)
app.command("tick")(tick.make_due)
app.add_typer(schedule.app, name="schedule")
schedule.app.command("start")(triggers.start_ticker)
schedule.app.command("install")(triggers.install_trigger)
schedule.app.add_typer(triggers.export, name="export")
app.command("runs")(runs.list_runs)
app.command("rerun")(runs.make_again)
app.command("backfill")(runs.fill_back)
app.command("verify")(upkeep.verify_reports)
app.command("prune")(upkeep.prune_reports)
app.add_typer(mail.app, name="mail")
app.command("serve")(serve.serve_reports)
app.command("lab")(lab.start_lab)
app.command("doctor")(doctor.examine)


def _print_version(wanted: bool) -> None:
    if wanted:
        print_line(f"segkit {segkit.__version__}")
        raise typer.Exit


@app.callback()
def _before(
    context: typer.Context,
    workspace: Annotated[
        Path | None,
        typer.Option(
            "--workspace",
            "-w",
            help="Folder with a segkit.toml; without it the nearest one above the current folder.",
        ),
    ] = None,
    debug: Annotated[
        bool, typer.Option("--debug", help="Show the traceback of an error.", show_default=False)
    ] = False,
    _version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    context.obj = Said(workspace=workspace, is_debug=debug)


def main(arguments: list[str] | None = None) -> int:
    """Run one command and give its exit code; this is what the `segkit` script calls."""
    given = sys.argv[1:] if arguments is None else arguments
    _on_terminate()
    try:
        code = app(args=given, prog_name="segkit", standalone_mode=False)
        sys.stdout.flush()
    except SegkitError as error:
        if "--debug" in given:
            raise
        print_note(str(error))
        return error.exit_code
    except BrokenPipeError:
        _silence()
        return PIPE_CLOSED
    except TyperException as error:
        return _say_usage(error)
    except (KeyboardInterrupt, typer.Abort):
        print_note("Interrupted.")
        return INTERRUPTED
    except typer.Exit as leaving:
        return leaving.exit_code
    return code if isinstance(code, int) else 0


def _say_usage(error: TyperException) -> int:
    """Say what was wrong with the words of a command."""
    message = error.format_message()
    if message:
        print_note(f"{message.rstrip('.')}.\nHint: add --help to see what there is.")
    return SegkitError.exit_code


def _silence() -> None:
    """Give standard output somewhere to go, so that closing it cannot fail."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _on_terminate() -> None:
    """Let a polite kill clean up like an error does; only a main thread may hear of it."""
    if threading.current_thread() is not threading.main_thread():
        return

    def leave(_number: int, _frame: FrameType | None) -> None:
        raise SystemExit(TERMINATED)

    signal.signal(signal.SIGTERM, leave)


if __name__ == "__main__":
    sys.exit(main())
