"""`segkit lab`: JupyterLab on the workspace."""

import os
import shutil
import sys
from pathlib import Path
from typing import Annotated

import typer

from segkit.cli.context import open_workspace
from segkit.cli.output import print_note

PORT = Annotated[
    int, typer.Option(min=0, max=65535, help="Port on this machine; 0 takes a free one.")
]
BROWSER = Annotated[bool, typer.Option("--browser/--no-browser", help="Open a browser.")]


HOME = "notebooks/home.ipynb"
"""What is open when the lab starts."""


def copy_notebooks(root: Path) -> list[Path]:
    """Copy the shipped notebooks that a workspace does not have yet; give the new ones."""
    from segkit.runs.share import share_folder  # noqa: PLC0415

    folder = root / "notebooks"
    folder.mkdir(exist_ok=True)
    shipped = sorted(share_folder("notebooks").glob("*.ipynb"))
    return [
        shutil.copyfile(path, folder / path.name)
        for path in shipped
        if not (folder / path.name).exists()
    ]


def start_lab(context: typer.Context, port: PORT = 8888, browser: BROWSER = True) -> None:
    """Start JupyterLab on the workspace, for this machine only."""
    from segkit.workspace.asking import LAB_ROOT  # noqa: PLC0415  slow to import

    workspace = open_workspace(context)
    for path in copy_notebooks(workspace.root):
        print_note(f"Copied {path}")
    command = [
        sys.executable, "-m", "jupyterlab",
        f"--ServerApp.root_dir={workspace.root}",
        "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.port={port}",
        "--ServerApp.allow_remote_access=False",
        f"--LabApp.default_url=/lab/tree/{HOME}",
        "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.handlers.announcements.NeverCheckForUpdate",
    ]  # fmt: skip
    if not browser:
        command.append("--no-browser")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
    sys.stdout.flush()
    os.environ[LAB_ROOT] = str(workspace.root)
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    os.chdir(workspace.root)
    os.execv(sys.executable, command)  # noqa: S606  our own interpreter
