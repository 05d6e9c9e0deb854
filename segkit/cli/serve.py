"""`segkit serve`: the reports of a workspace in the browser."""

import importlib.util
from typing import Annotated

import typer

from segkit.cli.context import open_workspace
from segkit.cli.output import print_line, print_note
from segkit.errors import SegkitError

HOST = Annotated[
    str,
    typer.Option(metavar="H", help="Address to listen at; beyond this machine a secret is due."),
]
PORT = Annotated[int, typer.Option(min=0, max=65535, help="Port to listen at; 0 takes a free one.")]
HASH = Annotated[
    bool,
    typer.Option(
        "--hash-password",
        help="Ask for a password, print what SEGKIT_SERVE_PASSWORD_HASH must hold, and end.",
        show_default=False,
    ),
]
NEEDED = ("starlette", "uvicorn", "argon2")


def serve_reports(
    context: typer.Context, host: HOST = "127.0.0.1", port: PORT = 8050, hashing: HASH = False
) -> None:
    """Serve the published reports, for this machine only unless told otherwise."""
    if any(importlib.util.find_spec(name) is None for name in NEEDED):
        raise SegkitError.build(
            "`segkit serve` needs the extra `apps`.", hint="pip install 'segkit[apps]'."
        )
    if hashing:
        from segkit.apps.access import hash_password  # noqa: PLC0415

        password: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
        print_line(hash_password(password))
        return
    from segkit.apps.serve import serve  # noqa: PLC0415  an extra, and slow to import

    workspace = open_workspace(context)
    serve(workspace, host=host, port=port, say=_say)


def _say(line: str) -> None:
    """Print the address for whoever reads standard output, all else for people."""
    (print_line if line.startswith("http") else print_note)(line)
