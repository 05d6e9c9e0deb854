"""`segkit init`: an empty workspace."""

import re
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import typer

from segkit.cli.output import print_line
from segkit.errors import WorkspaceError

FOLDERS = ("data", "segments", "lists", "notebooks", "reports_out")
DIR = Annotated[Path, typer.Argument(metavar="DIR", help="The folder to make a workspace of.")]


def init_workspace(folder: DIR) -> None:
    """Make an empty workspace: a commented segkit.toml and the folders it speaks of."""
    path = folder / "segkit.toml"
    if path.exists():
        raise WorkspaceError.build(
            "There is a workspace already.",
            where=str(path),
            hint="edit it, or name another folder.",
        )
    name = re.sub(r'["\\\x00-\x1f]', "", folder.resolve().name) or "workspace"
    text = files("segkit.cli").joinpath("init.toml").read_text("utf-8").replace("{{name}}", name)
    try:
        for inner in FOLDERS:
            (folder / inner).mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    except OSError as exc:
        raise WorkspaceError.build(
            f"The workspace cannot be written: {exc.strerror}.",
            where=str(folder),
            hint="name a folder that you may write to.",
        ) from exc
    print_line(str(path))
