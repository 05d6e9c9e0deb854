"""`segkit run`: one report for one period, whoever asks, once."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from segkit.cli.desk import drain, open_desk
from segkit.cli.output import AsJson, print_json, print_line, print_note
from segkit.cli.progress import PROGRESS, Kind
from segkit.cli.report import SETTINGS

if TYPE_CHECKING:
    from segkit.runs.schedule.make import Outcome

REPORT = Annotated[
    str,
    typer.Argument(help="A file of reports/ without its ending, or the name of a notebook."),
]
PERIOD = Annotated[
    str | None,
    typer.Option(
        "--period",
        metavar="P",
        help="2026-06-30, 2026-W26 or 2026-06, by the report; the newest that is over by default.",
    ),
]
SEGMENTS = Annotated[
    list[str] | None,
    typer.Option(
        "--segment", metavar="ID", help="Only this segment of the report; can be given again."
    ),
]
FORCE = Annotated[
    bool,
    typer.Option(
        "--force", help="Make it again though it is made, marked as corrected.", show_default=False
    ),
]


def run_report(
    context: typer.Context,
    report: REPORT,
    period: PERIOD = None,
    settings: SETTINGS = None,
    segments: SEGMENTS = None,
    force: FORCE = False,
    progress: PROGRESS = Kind.auto,
    as_json: AsJson = False,
) -> int:
    """Make a report for one period, unless it is made already, and print where it lies."""
    from segkit.cli.run_progress import witnessed  # noqa: PLC0415  only this command needs it
    from segkit.runs.own import find_model  # noqa: PLC0415
    from segkit.runs.schedule import make, plan  # noqa: PLC0415

    desk = open_desk(context, tells=True)
    workspace = desk.workspace
    spec = plan.find_report(workspace, report, segments or ())
    model, _ = find_model(spec.notebook, workspace.root)
    chosen = plan.choose_period(workspace, spec, period, desk.now())
    tasks = plan.plan_tasks(
        workspace,
        report,
        spec,
        chosen,
        settings=model.read_settings(settings or ()),
        only=segments or (),
    )
    with witnessed(desk, progress) as seen:
        outcomes = make.make_all(seen, spec, tasks, force=force)
    return print_outcomes(outcomes, mailed=drain(desk), as_json=as_json)


def print_outcomes(outcomes: list["Outcome"], *, mailed: int = 0, as_json: bool) -> int:
    """Print what became of some tasks and give the exit code of all.

    `mailed` is the exit code of their mail, 50 when not everybody has it.
    """
    from segkit.runs.schedule.make import SEVERITY, worst  # noqa: PLC0415

    code = max(worst(outcomes), mailed, key=SEVERITY.index)
    if as_json:
        print_json({"exit_code": code, "mail": mailed, "runs": [describe(o) for o in outcomes]})
    else:
        say_outcomes(outcomes)
        if mailed:
            print_note("Not everybody has the mail; `segkit mail status` says why.")
    return code


def say_outcomes(outcomes: Sequence["Outcome"]) -> None:
    """Print where reports lie, and what else became of some tasks."""
    for one in outcomes:
        about = f"{one.task.job.report} {one.task.job.period}"
        about += f" {one.task.job.segment}" if one.task.job.segment else ""
        if one.folder is not None:
            print_line(str(one.folder / "report.html"))
        if one.state != "made":
            print_note(f"{about}: {one.state}. {one.message}")
        for warning in one.warnings:
            print_note(f"{about}: Warning: {warning}")


def describe(outcome: "Outcome") -> dict[str, Any]:
    """Give what one JSON document says of an outcome."""
    job = outcome.task.job
    folder = outcome.folder
    return {
        "report": job.report,
        "period": job.period,
        "segment": job.segment,
        "state": outcome.state,
        "exit_code": outcome.exit_code,
        "message": outcome.message,
        "run": outcome.run,
        "html": None if folder is None else str(folder / "report.html"),
        "corrects": outcome.corrects,
        "warnings": list(outcome.warnings),
    }
