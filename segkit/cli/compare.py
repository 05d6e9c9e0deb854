"""`segkit compare`: one report on several segments beside each other."""

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from segkit.cli.context import open_workspace
from segkit.cli.output import AsJson, print_json
from segkit.cli.report import AS_OF, CLEARANCE, TIMEOUT, say_run

if TYPE_CHECKING:
    from segkit.runs.run import Run

SEGMENTS = Annotated[
    list[str], typer.Argument(metavar="SEGMENT …", help="1 to 8 segments, by their ids.")
]
DAYS = Annotated[
    int | None, typer.Option("--days", help="Length of the window in days; 90 by default.")
]
BASELINE = Annotated[
    str | None,
    typer.Option(
        "--baseline", metavar="ID", help="rest (the default), everyone, or another segment."
    ),
]
SETTINGS = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="Set a parameter of the report: days=28."),
]


def compare(
    context: typer.Context,
    segments: SEGMENTS,
    as_of: AS_OF = None,
    days: DAYS = None,
    baseline: BASELINE = None,
    settings: SETTINGS = None,
    clearance: CLEARANCE = None,
    timeout: TIMEOUT = 1800,
    as_json: AsJson = False,
) -> int:
    """Compare segments with each other and a baseline; prints the path of report.html."""
    from segkit.runs.execute import Limits  # noqa: PLC0415  only this command needs it
    from segkit.runs.run import order_comparison, run_order  # noqa: PLC0415

    wishes = {"days": days, "baseline": baseline}
    order = order_comparison(
        open_workspace(context),
        segments,
        as_of=as_of,
        settings=[
            *(f"{name}={wish}" for name, wish in wishes.items() if wish is not None),
            *(settings or ()),
        ],
        clearance=clearance,
    )
    run = run_order(order, limits=Limits(cell_s=timeout, run_s=timeout))
    if not as_json:
        return say_run(run, as_json=False)
    print_json(_headline(run))
    return run.verdict.exit_code


def _headline(run: "Run") -> dict[str, Any]:
    """Give where the report is, and what its facts say first: sizes and measures by segment."""
    facts = json.loads((run.folder / "facts.json").read_text("utf-8"))
    asked = ("as_of", "days", "baseline", "n_baseline", "snapshot", "engine", "currency")
    return {
        "report": str(run.html),
        "folder": str(run.folder),
        "exit_code": run.verdict.exit_code,
        **{name: facts[name] for name in asked},
        "segments": [
            {
                **{name: told[name] for name in ("segment", "title", "n_users", "n_universe")},
                "share": told["share"],
                "measures": {row["name"]: row["values"][at] for row in facts["beside"]},
            }
            for at, told in enumerate(facts["segments"])
        ],
        "n_judged": facts["n_judged"],
        "n_found": sum(told["differences"]["n_found"] for told in facts["differs"]),
        "notes": facts["notes"],
    }
