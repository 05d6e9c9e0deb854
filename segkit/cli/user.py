"""`segkit user`: one person, for whoever helps that person."""

import sys
from typing import Annotated

import typer

from segkit.cli.context import open_workspace
from segkit.cli.output import AsJson, print_json, print_line
from segkit.cli.report import AS_OF, CLEARANCE

STDIN = "-"
USER = Annotated[
    str,
    typer.Argument(
        metavar="ID", help="The id of a user or a device; `-` reads it from standard input."
    ),
]
DAYS = Annotated[
    int, typer.Option("--days", metavar="N", help="Days that are set beside the average.")
]
PAGE = Annotated[
    int, typer.Option("--page", metavar="N", help="The page of the timeline, from 1: the newest.")
]


def show_user(
    context: typer.Context,
    user: USER,
    as_of: AS_OF = None,
    days: DAYS = 90,
    page: PAGE = 1,
    clearance: CLEARANCE = None,
    as_json: AsJson = False,
) -> None:
    """Print what one user did and which segments the user is in, as far as the reader may see."""
    asked = sys.stdin.readline().strip() if user == STDIN else user
    profile = open_workspace(context).profile(asked, as_of, days, page=page, clearance=clearance)
    if as_json:
        print_json(profile.document())
        return
    for name in profile.sections:
        print_line(f"{getattr(profile, name)().text}\n")
