"""`segkit mail`: the mail of a published report: look at it, send it, see what became of it."""

from pathlib import Path
from typing import Annotated

import typer

from segkit.cli.context import open_workspace
from segkit.cli.output import AsJson, print_json, print_line, print_table

app = typer.Typer(help="Mail published reports.", no_args_is_help=True)

RUN = Annotated[
    str,
    typer.Argument(metavar="RUN", help="A segment's id (its newest report) or a run's folder."),
]
CHECKS = Annotated[
    list[str] | None,
    typer.Option(
        "--check",
        metavar="TEXT",
        help="Warn of it: `size drops more than 20%`, `share below 5%`.",
    ),
]
LINK = Annotated[str, typer.Option(metavar="URL", help="Where readers open the whole report.")]
OUT = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Write the whole message to this .eml file.")
]
TO = Annotated[
    list[str] | None, typer.Option("--to", metavar="ADDRESS", help="A recipient; more than once.")
]
DRY = Annotated[
    bool, typer.Option("--dry-run", help="Say what would be queued; queue and send nothing.")
]
ADDRESS = Annotated[str, typer.Argument(help="Who wants no mail.")]
INCOMPLETE = 50
NOBODY = "reports@example.invalid"


@app.command("preview")
def preview_mail(
    context: typer.Context,
    run: RUN,
    checks: CHECKS = None,
    link: LINK = "",
    out: OUT = None,
    as_json: AsJson = False,
) -> None:
    """Print the subject and the text of a report's mail; nothing is sent."""
    from segkit.mail.folders import find_run, letter_of_run  # noqa: PLC0415  only this command
    from segkit.mail.letter import address_letter  # noqa: PLC0415

    folder = find_run(run, open_workspace(context).root / "reports_out")
    letter, changes = letter_of_run(folder, checks=tuple(checks or ()), link=link)
    if out is not None:
        message = address_letter(letter, sender=NOBODY, recipient=NOBODY, unsubscribe="")
        out.write_bytes(bytes(message))
    if as_json:
        print_json(
            {
                "run": letter.run,
                "subject": letter.subject,
                "html_bytes": len(letter.html.encode()),
                "before_on": changes.before_on,
                "year_on": changes.year_on,
                "text": letter.text,
                "file": out,
            }
        )
    else:
        print_line(f"Subject: {letter.subject}\n\n{letter.text}")


@app.command("send")
def send_mail(
    context: typer.Context,
    run: RUN,
    to: TO = None,
    checks: CHECKS = None,
    link: LINK = "",
    dry_run: DRY = False,
    as_json: AsJson = False,
) -> int:
    """Queue a report's mail for recipients and send what is due; nobody gets a run twice."""
    from segkit.mail.folders import find_run, letter_of_run  # noqa: PLC0415  only this command
    from segkit.mail.letter import Letter, read_address  # noqa: PLC0415
    from segkit.mail.outbox import OUTBOX, Outbox  # noqa: PLC0415
    from segkit.mail.smtp import Line, drain_outbox, read_server  # noqa: PLC0415

    root = open_workspace(context).root
    folder = find_run(run, root / "reports_out")
    words = tuple(checks or ())
    letter, _ = letter_of_run(folder, checks=words, link=link)
    if dry_run:
        n = len({read_address(address).addr_spec for address in to or ()})
        _show([{"run": letter.run, "state": "not queued", "reason": "dry run", "n": n}], as_json)
        return 0
    server, outbox = read_server(), Outbox(root / OUTBOX)
    outbox.queue(letter.run, to or (), link=link)

    def compose(queued: str, its_link: str) -> Letter:
        own = words if queued == letter.run else ()
        return letter_of_run(root / "reports_out" / queued, checks=own, link=its_link)[0]

    drain_outbox(outbox, Line(server), server, compose)
    rows = [row for row in outbox.count_states() if row["run"] == letter.run]
    _show(rows, as_json)
    return 0 if {row["state"] for row in rows} <= {"sent", "suppressed"} else INCOMPLETE


@app.command("status")
def show_status(context: typer.Context, as_json: AsJson = False) -> None:
    """Say how many recipients each run has in each state; no address is shown."""
    from segkit.mail.outbox import OUTBOX, Outbox  # noqa: PLC0415  only this command

    _show(Outbox(open_workspace(context).root / OUTBOX).count_states(), as_json)


@app.command("suppress")
def suppress_address(context: typer.Context, address: ADDRESS) -> None:
    """Mail an address no more: neither what is queued nor what comes."""
    from segkit.mail.outbox import OUTBOX, Outbox  # noqa: PLC0415  only this command

    Outbox(open_workspace(context).root / OUTBOX).suppress(address)


def _show(rows: list[dict[str, str | int]], as_json: bool) -> None:
    if as_json:
        print_json(rows)
    else:
        names = ("run", "state", "reason", "n")
        print_table(names, [[str(row[name]) for name in names] for row in rows], right=("n",))
