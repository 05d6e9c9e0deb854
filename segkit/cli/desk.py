"""Set up the desk that commands make reports at."""

from datetime import datetime
from typing import TYPE_CHECKING

import typer

from segkit.cli.context import open_workspace

if TYPE_CHECKING:
    from segkit.runs.schedule.make import Desk


def open_desk(
    context: typer.Context, now: datetime | None = None, *, tells: bool = False
) -> "Desk":
    """Give the desk of the workspace that a command is about.

    Parameters
    ----------
    now
        The instant that it is taken to be; None is the machine's clock.
    tells
        Whether people hear of what is made there, by mail where a server is named.

    Raises
    ------
    ParameterError
        When people are to hear of it, and the settings of the server are wrong.
    """
    from segkit.mail.notices import find_notifier  # noqa: PLC0415  slow to import
    from segkit.runs.schedule.make import Desk  # noqa: PLC0415

    workspace = open_workspace(context)
    notifier = find_notifier(workspace) if tells else None
    clock = {} if now is None else {"now": lambda: now}
    return Desk.of(workspace, notifier=notifier, **clock)


def drain(desk: "Desk") -> int:
    """Send what is queued for people and give the exit code of that, 0 where nobody is told."""
    return 0 if desk.notifier is None else desk.notifier.drain()
