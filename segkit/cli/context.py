"""Carry what was said before the command, and open the workspace for it."""

from dataclasses import dataclass
from pathlib import Path

import typer

from segkit.workspace import Workspace


@dataclass
class Said:
    """The options before the command."""

    workspace: Path | None = None
    is_debug: bool = False


def said(context: typer.Context) -> Said:
    """Give the options before the command."""
    found = context.find_root().obj
    return found if isinstance(found, Said) else Said()


def open_workspace(context: typer.Context) -> Workspace:
    """Open the workspace that `-w` names, else the nearest above the current folder.

    Raises
    ------
    WorkspaceError
        When there is none, or its segkit.toml cannot be read.
    """
    return Workspace.open(said(context).workspace)
