"""`segkit schedule`: how the files in `reports/` stand, what is due next."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from segkit.cli.desk import open_desk
from segkit.cli.output import AsJson, print_json, print_line, print_note, print_table
from segkit.cli.tick import NOW, read_instant
from segkit.errors import SegkitError, UnknownNameError

if TYPE_CHECKING:
    from segkit.runs.schedule.overview import Standing

app = typer.Typer(
    help="Look at scheduled reports and what is due.", no_args_is_help=True, rich_markup_mode=None
)
REPORTS = Annotated[
    list[str] | None,
    typer.Argument(metavar="REPORT …", help="Files of reports/ without ending; all by default."),
]
COUNT = Annotated[int, typer.Option("--count", min=1, max=1000, help="How many instants to list.")]


@app.command("check")
def check_reports(context: typer.Context, reports: REPORTS = None, as_json: AsJson = False) -> int:
    """Check every file of reports/ against the workspace; exit 2 when one is wrong."""
    from segkit.runs.schedule.overview import check_schedules  # noqa: PLC0415  slow to import

    found = check_schedules(open_desk(context).workspace)
    _refuse_unknown(reports, [one.report for one in found])
    found = [one for one in found if not reports or one.report in reports]
    if as_json:
        print_json([vars(one) for one in found])
    else:
        for one in found:
            if not one.faults:
                print_line(f"{one.where}: good")
            for fault in one.faults:
                print_note(f"{one.where}: {fault}")
    return SegkitError.exit_code if any(one.faults for one in found) else 0


@app.command("list")
def list_reports(context: typer.Context, now: NOW = None, as_json: AsJson = False) -> None:
    """List the scheduled reports: when each is due, what became of its newest period."""
    from segkit.runs.schedule.overview import describe_schedules  # noqa: PLC0415

    desk = open_desk(context, _instant(now))
    found = describe_schedules(desk.workspace, desk.ledger, desk.now())
    if as_json:
        print_json([_as_document(one) for one in found])
        return
    headings = ("report", "every", "zone", "period", "state", "last made", "next")
    rows = [
        [
            one.report,
            "" if one.spec is None else one.spec.every,
            one.zone.key,
            "" if one.newest is None else str(one.newest.period),
            one.state,
            one.last_made or "",
            "" if one.next is None else _local(one.next.at, one.zone),
        ]
        for one in found
    ]
    print_table(headings, rows)


@app.command("next")
def list_next(
    context: typer.Context,
    reports: REPORTS = None,
    count: COUNT = 10,
    now: NOW = None,
    as_json: AsJson = False,
) -> None:
    """List the next instants at which reports are due, each in its report's zone."""
    from segkit.runs.schedule.overview import describe_schedules, list_coming  # noqa: PLC0415

    desk = open_desk(context, _instant(now))
    found = describe_schedules(desk.workspace, desk.ledger, desk.now())
    _refuse_unknown(reports, [one.report for one in found])
    wanted = [one for one in found if not reports or one.report in reports]
    coming = list_coming(wanted, desk.now(), count)
    if as_json:
        print_json(
            [
                {
                    "report": one.report,
                    "period": str(due.period),
                    "due_at": due.at.isoformat(),
                    "local": due.at.astimezone(one.zone).isoformat(),
                    "zone": one.zone.key,
                }
                for one, due in coming
            ]
        )
        return
    rows = [
        [_local(due.at, one.zone), one.zone.key, one.report, str(due.period)] for one, due in coming
    ]
    print_table(("due", "zone", "report", "period"), rows)


def _as_document(one: "Standing") -> dict[str, Any]:
    spec = one.spec
    return {
        "report": one.report,
        "state": one.state,
        "every": None if spec is None else spec.every,
        "zone": one.zone.key,
        "owner": None if spec is None else spec.owner,
        "period": None if one.newest is None else str(one.newest.period),
        "due_at": None if one.newest is None else one.newest.at.isoformat(),
        "jobs": one.n_jobs,
        "last_made": one.last_made,
        "next_period": None if one.next is None else str(one.next.period),
        "next_at": None if one.next is None else one.next.at.isoformat(),
    }


def _refuse_unknown(wanted: list[str] | None, known: list[str]) -> None:
    for name in wanted or ():
        if name not in known:
            raise UnknownNameError.of_kind("scheduled report", name[:80], known, where="reports")


def _instant(now: str | None) -> datetime | None:
    return None if now is None else read_instant(now)


def _local(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(UTC).astimezone(zone):%a %Y-%m-%d %H:%M}"
