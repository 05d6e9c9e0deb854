"""`segkit verify` and `segkit prune`: look after what is published."""

from typing import Annotated

import typer

from segkit.cli.desk import open_desk
from segkit.cli.output import AsJson, print_json, print_line, print_note, print_table

DAMAGED = 40
RUN = Annotated[
    str | None,
    typer.Argument(metavar="RUN", help="A run, or a folder below reports_out; all by default."),
]
YES = Annotated[
    bool,
    typer.Option("--yes", help="Remove them; else only say which.", show_default=False),
]


def verify_reports(context: typer.Context, run: RUN = None, as_json: AsJson = False) -> int:
    """Compare published runs with the hashes in their manifests; exit 40 when one is damaged."""
    from segkit.runs.upkeep import verify_runs  # noqa: PLC0415  slow to import

    desk = open_desk(context)
    found = verify_runs(desk.workspace, desk.ledger, run)
    damaged = [one for one in found if one.faults]
    if as_json:
        print_json(
            {
                "runs": len(found),
                "damaged": [{"folder": one.folder, "faults": one.faults} for one in damaged],
            }
        )
    else:
        for one in damaged:
            print_note(f"{one.folder}: {' '.join(one.faults)}")
        print_line(f"{len(found) - len(damaged)} of {len(found)} runs are whole.")
        if damaged:
            print_note("Hint: segkit rerun ID makes a run again; the damaged one is not listed.")
    return DAMAGED if damaged else 0


def prune_reports(context: typer.Context, yes: YES = False, as_json: AsJson = False) -> None:
    """Remove runs older than `retention` of their report keeps; without --yes only say which."""
    from segkit.runs.upkeep import find_old, remove_old  # noqa: PLC0415  slow to import

    desk = open_desk(context)
    old = find_old(desk.workspace)
    if yes:
        remove_old(desk.workspace, desk.ledger, old)
    reports_out = desk.workspace.root / "reports_out"
    rows = [
        {
            "report": one.report,
            "period": one.period,
            "folder": one.folder.relative_to(reports_out).as_posix(),
            "bytes": one.n_bytes,
        }
        for one in old
    ]
    if as_json:
        print_json({"removed": yes, "runs": rows})
        return
    if rows:
        print_table(
            ("report", "period", "folder", "bytes"),
            [[str(value) for value in row.values()] for row in rows],
            right=("bytes",),
        )
    megabytes = sum(one.n_bytes for one in old) / 1e6
    end = "were removed" if yes else "would be removed with --yes"
    print_note(f"{len(old)} runs of {megabytes:.1f} MB {end}.")
