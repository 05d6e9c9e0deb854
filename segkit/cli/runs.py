"""`segkit runs`, `rerun` and `backfill`: what was made, and making it again or for the past."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from segkit.cli.desk import drain, open_desk
from segkit.cli.output import AsJson, print_json, print_note, print_table
from segkit.cli.progress import PROGRESS, Kind
from segkit.cli.run import print_outcomes
from segkit.formats import Count

if TYPE_CHECKING:
    from segkit.runs.schedule.again import Backfill
    from segkit.runs.schedule.make import Desk, Outcome
    from segkit.runs.schedule.spec import ReportSpec

RUN = Annotated[str, typer.Argument(metavar="ID", help="A run, as `segkit runs` names it.")]
REPORT = Annotated[
    str, typer.Argument(help="A file of reports/ without its ending, or the name of a notebook.")
]
ONLY_REPORT = Annotated[
    str | None, typer.Option("--report", metavar="NAME", help="Only runs of this report.")
]
ONLY_PERIOD = Annotated[
    str | None, typer.Option("--period", metavar="P", help="Only runs on this period.")
]
ONLY_SEGMENT = Annotated[
    str | None, typer.Option("--segment", metavar="ID", help="Only runs on this segment.")
]
ONLY_STATE = Annotated[
    str | None,
    typer.Option(
        "--state", metavar="STATE", help="Only done, failed, skipped, running or killed ones."
    ),
]
COUNT = Annotated[int, typer.Option("--count", min=1, help="How many to list, newest first.")]
FIRST = Annotated[str, typer.Option("--from", metavar="P", help="The first period.")]
LAST = Annotated[str, typer.Option("--to", metavar="P", help="The last period.")]
SEGMENTS = Annotated[
    list[str] | None,
    typer.Option("--segment", metavar="ID", help="Only this segment; can be given again."),
]
MOST_NAMED = 3
YES = Annotated[
    bool, typer.Option("--yes", help="Make them; else only say what would be.", show_default=False)
]


def list_runs(
    context: typer.Context,
    report: ONLY_REPORT = None,
    period: ONLY_PERIOD = None,
    segment: ONLY_SEGMENT = None,
    state: ONLY_STATE = None,
    count: COUNT = 50,
    as_json: AsJson = False,
) -> None:
    """List runs, newest first, with what they took and where they lie."""
    ledger = open_desk(context).ledger
    wanted = {"period": period, "state": state}
    rows = [
        row
        for row in ledger.list_runs(report=report, most=10**9)
        if all(value is None or row[name] == value for name, value in wanted.items())
        and (segment is None or segment in _segments(row))
    ][:count]
    if as_json:
        hidden = {"key", "phase"}
        print_json([{k: v for k, v in row.items() if k not in hidden} for row in rows])
        return
    right = ("exit", "wall s", "cpu s", "peak MiB")
    headings = ("run", "report", "period", "segment", "state", *right, "folder")
    print_table(headings, [_line(row) for row in rows], right=right)


def _segments(row: dict[str, Any]) -> list[str]:
    return (row["segment"] or "").split(",")


def _line(row: dict[str, Any]) -> list[str]:
    n = len(_segments(row))
    about = f"{n} segments" if n > MOST_NAMED else row["segment"] or ""
    numbers = (row["wall_s"], row["cpu_s"])
    peak = "" if row["peak_mb"] is None else Count()(row["peak_mb"])
    return [
        *(row[name] or "" for name in ("run", "report", "period")),
        about,
        row["state"] or "",
        "" if row["exit_code"] is None else str(row["exit_code"]),
        *("" if number is None else f"{number:.1f}" for number in numbers),
        peak,
        row["folder"] or "",
    ]


def make_again(context: typer.Context, run: RUN, as_json: AsJson = False) -> int:
    """Make one run again, with its period, segment and parameters, marked as corrected."""
    from segkit.runs.schedule.again import plan_rerun  # noqa: PLC0415  slow to import
    from segkit.runs.schedule.make import make_all  # noqa: PLC0415

    desk = open_desk(context, tells=True)
    spec, task = plan_rerun(desk, run)
    outcomes = make_all(desk, spec, [task], force=True)
    return print_outcomes(outcomes, mailed=drain(desk), as_json=as_json)


def fill_back(
    context: typer.Context,
    report: REPORT,
    first: FIRST,
    last: LAST,
    segments: SEGMENTS = None,
    yes: YES = False,
    progress: PROGRESS = Kind.auto,
    as_json: AsJson = False,
) -> int:
    """Make a report for past periods that were never made; without --yes only say which."""
    from segkit.cli.run_progress import witnessed  # noqa: PLC0415  slow to import
    from segkit.runs.schedule.again import plan_backfill  # noqa: PLC0415

    desk = open_desk(context)
    spec, periods = plan_backfill(desk, report, first, last, only=segments or ())
    if yes:
        with witnessed(desk, progress) as seen:
            outcomes = _make(seen, spec, periods)
        return print_outcomes(outcomes, as_json=as_json)
    jobs = [job for period in periods for job in period]
    rows = [
        {
            "report": job.task.job.report,
            "period": job.task.job.period,
            "segment": job.task.job.segment,
            "state": job.state,
            "would_make": job.is_missing,
        }
        for job in jobs
    ]
    if as_json:
        print_json(rows)
        return 0
    headings = ("period", "segment", "now", "with --yes")
    print_table(
        headings,
        [
            [
                job.task.job.period,
                job.task.job.segment or "",
                job.state,
                "make" if job.is_missing else "leave",
            ]
            for job in jobs
        ],
    )
    print_note(f"{sum(job.is_missing for job in jobs)} of {len(jobs)} would be made with --yes.")
    return 0


def _make(desk: "Desk", spec: "ReportSpec", periods: list[list["Backfill"]]) -> list["Outcome"]:
    """Make what is missing, period after period, since a check looks at the one before."""
    from segkit.runs.schedule.make import make_all  # noqa: PLC0415

    outcomes: list[Outcome] = []
    for jobs in periods:
        outcomes += make_all(desk, spec, [job.task for job in jobs if job.is_missing])
    return outcomes
