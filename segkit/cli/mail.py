"""`segkit mail`: the mail of a published report: look at it, send it, see what became of it."""

from pathlib import Path
from typing import Annotated

import typer

from segkit.cli.context import open_workspace
from segkit.cli.output import AsJson, print_json, print_line, print_table

app = typer.Typer(help="Mail published reports.", no_args_is_help=True)

RUN = Annotated[
    str,
    typer.Argument(
        metavar="RUN", help="A segment's id or a report's name (the newest run), or a run's folder."
    ),
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
    from segkit.mail.folders import find_run  # noqa: PLC0415  only this command
    from segkit.mail.letter import address_letter  # noqa: PLC0415
    from segkit.mail.preview import preview_letter  # noqa: PLC0415

    workspace = open_workspace(context)
    folder = find_run(run, workspace.root / "reports_out")
    letter = preview_letter(workspace, folder, link=link, checks=tuple(checks or ()))
    if out is not None:
        message = address_letter(letter, sender=NOBODY, recipient=NOBODY, unsubscribe="")
        out.write_bytes(bytes(message))
    if as_json:
        print_json(
            {
                "run": letter.run,
                "subject": letter.subject,
                "html_bytes": len(letter.html.encode()),
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
    from segkit.mail.drain import drain_outbox  # noqa: PLC0415  only this command
    from segkit.mail.folders import compose_run, find_run, name_run, read_whole  # noqa: PLC0415
    from segkit.mail.letter import Letter, Occasion, read_address  # noqa: PLC0415
    from segkit.mail.notices import Notices  # noqa: PLC0415
    from segkit.mail.outbox import Job  # noqa: PLC0415
    from segkit.mail.smtp import Line, read_server  # noqa: PLC0415

    workspace = open_workspace(context)
    folder = find_run(run, workspace.root / "reports_out")
    words, name = tuple(checks or ()), name_run(folder)
    compose_run(folder, read_whole(folder), Occasion(run=name, link=link), checks=words)
    if dry_run:
        n = len({read_address(address).addr_spec for address in to or ()})
        _show([{"run": name, "state": "not queued", "reason": "dry run", "n": n}], as_json)
        return 0
    server = read_server(config=workspace.config.mail)
    notices = Notices(workspace, server)
    notices.outbox.queue(name, to or (), link=link)

    def compose(job: Job) -> Letter:
        return notices.compose(job, words if job.run == name else ())

    drain_outbox(notices.outbox, Line(server), server, compose)
    rows = [row for row in notices.outbox.count_states() if row["run"] == name]
    _show(rows, as_json)
    return 0 if {row["state"] for row in rows} <= {"sent", "suppressed"} else INCOMPLETE


@app.command("drain")
def drain_mail(context: typer.Context, as_json: AsJson = False) -> int:
    """Send what is queued and due, and tell owners what was refused."""
    from segkit.mail.notices import Notices, find_notifier  # noqa: PLC0415  only this command
    from segkit.mail.smtp import read_server  # noqa: PLC0415

    workspace = open_workspace(context)
    found = find_notifier(workspace)
    notices = found or Notices(workspace, read_server(config=workspace.config.mail))
    code = notices.drain()
    _show(notices.outbox.count_states(), as_json)
    return code


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
