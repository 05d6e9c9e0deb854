"""Set up the desk that commands make reports at."""

from datetime import datetime
from typing import TYPE_CHECKING

import typer

from segkit.cli.context import open_workspace

if TYPE_CHECKING:
    from segkit.runs.schedule.make import Desk


def open_desk(context: typer.Context, now: datetime | None = None) -> "Desk":
    """Give the desk of the workspace that a command is about.

    Parameters
    ----------
    now
        The instant that it is taken to be; None is the machine's clock.
    """
    from segkit.runs.schedule.make import Desk  # noqa: PLC0415  slow to import

    workspace = open_workspace(context)
    return Desk.of(workspace) if now is None else Desk.of(workspace, now=lambda: now)
