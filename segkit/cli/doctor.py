"""`segkit doctor`: look whether all is there that the work needs, and fits together."""

import re
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import Literal

import typer

from segkit.cli.context import said
from segkit.cli.output import AsJson, print_json, print_line
from segkit.errors import SegkitError, WorkspaceError
from segkit.workspace import Workspace

State = Literal["good", "optional", "wrong"]
MARKS: dict[State, str] = {"good": "ok  ", "optional": "--  ", "wrong": "!!  "}
PINS = {"duckdb": (2,), "sqlglot": (30, 18)}
"""Versions from which ibis 12 breaks: the first that may not be installed."""
NEEDED = (
    "deltalake",
    "ibis-framework",
    "jupyterlab",
    "nbconvert",
    "nh3",
    "pandas",
    "papermill",
    "pyarrow",
    "seaborn",
)
FREE_MB = 500


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that was looked at.

    Its state, what was found, and what to do when it is not good.
    """

    what: str
    state: State
    found: str
    hint: str = ""


def examine(context: typer.Context, as_json: AsJson = False) -> int:
    """Look at versions, the workspace, its snapshot and what is optional.

    Exit 2 when something is wrong.
    """
    findings = [*check_programs(), *check_machine(), *check_workspace(said(context).workspace)]
    is_wrong = any(finding.state == "wrong" for finding in findings)
    if as_json:
        print_json({"is_good": not is_wrong, "findings": [asdict(finding) for finding in findings]})
    else:
        for finding in findings:
            print_line(f"{MARKS[finding.state]}{finding.what}: {finding.found}")
            if finding.hint and finding.state != "good":
                print_line(f"    Hint: {finding.hint}")
    return SegkitError.exit_code if is_wrong else 0


def check_programs() -> Iterator[Finding]:
    """Look at Python and the packages, most of all at those whose next version breaks another."""
    version = ".".join(map(str, sys.version_info[:3]))
    is_new = sys.version_info >= (3, 11)
    yield Finding(
        what="Python",
        state="good" if is_new else "wrong",
        found=version,
        hint="install Python 3.11 or later.",
    )
    for name, first_bad in PINS.items():
        yield _check_pin(name, first_bad)
    for name in NEEDED:
        try:
            yield Finding(what=name, state="good", found=metadata.version(name))
        except metadata.PackageNotFoundError:
            yield Finding(
                what=name, state="wrong", found="not installed", hint="install segkit again."
            )


def _check_pin(name: str, first_bad: tuple[int, ...]) -> Finding:
    try:
        version = metadata.version(name)
    except metadata.PackageNotFoundError:
        return Finding(
            what=name, state="wrong", found="not installed", hint="install segkit again."
        )
    parts = tuple(int(part) for part in re.findall(r"\d+", version))
    bound = ".".join(map(str, first_bad))
    return Finding(
        what=name,
        state="wrong" if parts[: len(first_bad)] >= first_bad else "good",
        found=version,
        hint=f"pip install '{name}<{bound}': ibis breaks from {bound} on.",
    )


def check_machine() -> Iterator[Finding]:
    """Look at what only some of the work needs, and at the room for sockets and scratch files."""
    for what, names, hint in (
        ("Java (for the engine pyspark)", ("java",), "apt install default-jre-headless"),
        (
            "Chromium (for pictures of reports)",
            ("chromium", "chromium-browser", "google-chrome"),
            "apt install chromium",
        ),
        ("git (for the commit in manifests)", ("git",), "apt install git"),
    ):
        path = next(filter(None, map(shutil.which, names)), None)
        yield Finding(
            what=what, state="good" if path else "optional", found=path or "not found", hint=hint
        )
    yield _check_sockets()


def _check_sockets() -> Finding:
    """Try the kind of socket over which kernels are spoken to; its path may not be long."""
    try:
        with (
            tempfile.TemporaryDirectory(prefix="segkit-") as folder,
            socket.socket(socket.AF_UNIX) as tried,
        ):
            tried.bind(str(Path(folder) / f"kernel-{'0' * 36}-ipc-1"))
    except OSError as exc:
        return Finding(
            what="scratch folder",
            state="wrong",
            found=str(exc),
            hint="set TMPDIR to a short path that can be written.",
        )
    return Finding(what="scratch folder", state="good", found=tempfile.gettempdir())


def check_workspace(path: Path | None) -> Iterator[Finding]:
    """Look at the workspace, its snapshot, its segments and its disk.

    No workspace is no fault unless one was named.
    """
    try:
        workspace = Workspace.open(path)
    except WorkspaceError as error:
        sentence, _, hint = str(error).partition("\nHint: ")
        yield Finding(
            what="workspace",
            state="optional" if path is None else "wrong",
            found=sentence,
            hint=hint,
        )
        return
    yield Finding(what="workspace", state="good", found=str(workspace.root))
    yield _check_disk(workspace.root)
    try:
        catalogue = workspace.tables.catalogue
        for name in ("events", "users", "visits"):
            workspace.tables.engine.scalar(getattr(workspace.tables, name).count())
    except SegkitError as error:
        sentence, _, hint = str(error).partition("\nHint: ")
        yield Finding(what="snapshot", state="wrong", found=sentence, hint=hint)
        return
    found = f"{workspace.snapshot}: {catalogue.n_events:,} events of {catalogue.n_users:,} users"
    yield Finding(what="snapshot", state="good", found=found)
    yield _check_segments(workspace)


def _check_segments(workspace: Workspace) -> Finding:
    faulty = 0
    for entry in workspace.segments.entries:
        try:
            workspace.check(entry.segment)
        except SegkitError:
            faulty += 1
    return Finding(
        what="segments",
        state="wrong" if faulty else "good",
        found=f"{len(workspace.segments.entries)}, of which {faulty} faulty",
        hint="run `segkit segments check`.",
    )


def _check_disk(root: Path) -> Finding:
    free = shutil.disk_usage(root).free // 1_000_000
    return Finding(
        what="free disk",
        state="good" if free >= FREE_MB else "wrong",
        found=f"{free:,} MB",
        hint="free some space: a load needs about the size of its raw files.",
    )
