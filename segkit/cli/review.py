"""`segkit review`: many segments on one page, now."""

from typing import Annotated

import typer

from segkit.cli.context import open_workspace
from segkit.cli.output import AsJson
from segkit.cli.report import AS_OF, CLEARANCE, TIMEOUT, say_run

SEGMENTS = Annotated[
    list[str] | None,
    typer.Argument(metavar="[SEGMENT …]", help="Ids of segments; the workspace's own without any."),
]
SETTINGS = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="Set a parameter: period=month, days=28."),
]


def make_review(
    context: typer.Context,
    segments: SEGMENTS = None,
    as_of: AS_OF = None,
    settings: SETTINGS = None,
    clearance: CLEARANCE = None,
    timeout: TIMEOUT = 1800,
    as_json: AsJson = False,
) -> int:
    """Make the review of many segments, alerts first, and print the path of its report.html."""
    from segkit.runs.execute import Limits  # noqa: PLC0415  only this command needs it
    from segkit.runs.parameters import WEEKLY_REVIEW  # noqa: PLC0415
    from segkit.runs.run import order_report, run_order  # noqa: PLC0415

    given = {"segments": ",".join(segments)} if segments else {}
    given |= {"as_of": as_of} if as_of else {}
    order = order_report(
        open_workspace(context),
        WEEKLY_REVIEW.report,
        given,
        settings=settings or (),
        clearance=clearance,
    )
    run = run_order(order, limits=Limits(cell_s=timeout, run_s=timeout))
    return say_run(run, as_json=as_json)
