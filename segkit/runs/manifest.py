"""Record what made a report: enough to make it again, and to notice when a byte of it changed.

`manifest.json` is the last file written into a run's folder. It lists the hash of every other file
and its own, so that a folder without a whole manifest, or with a file that changed, is not a run.
"""

import hashlib
import json
import platform
import subprocess
from collections.abc import Iterator
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import segkit

MANIFEST = "manifest.json"
FORMAT = 1
PACKAGES = (
    "deltalake",
    "duckdb",
    "ibis-framework",
    "ipykernel",
    "matplotlib",
    "nbconvert",
    "nh3",
    "numpy",
    "pandas",
    "papermill",
    "pyarrow",
    "pydantic",
    "seaborn",
    "sqlglot",
)


def hash_file(path: Path) -> str:
    """Give the SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _hash_document(document: dict[str, Any]) -> str:
    text = json.dumps(document, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def seal_manifest(folder: Path, document: dict[str, Any]) -> dict[str, Any]:
    """Give the manifest of a folder.

    The document, its files' sizes and hashes, and its own hash.
    """
    files = sorted(path for path in folder.iterdir() if path.is_file() and path.name != MANIFEST)
    outputs = {
        path.name: {"sha256": hash_file(path), "bytes": path.stat().st_size} for path in files
    }
    whole = {"format": FORMAT, **document, "outputs": outputs}
    return {**whole, "sha256": _hash_document(whole)}


def read_manifest(folder: Path) -> dict[str, Any] | None:
    """Give a folder's manifest; None when it has none, or one that is broken or was changed."""
    try:
        document = json.loads((folder / MANIFEST).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        return None
    sealed = document.get("sha256")
    rest = {key: value for key, value in document.items() if key != "sha256"}
    return document if sealed == _hash_document(rest) else None


def holds(folder: Path, manifest: dict[str, Any]) -> bool:
    """Whether every file that the manifest lists is there with the bytes that it had."""
    return next(find_damage(folder, manifest), None) is None


def find_damage(folder: Path, manifest: dict[str, Any]) -> Iterator[str]:
    """Give a sentence for each file of a run that is not as its manifest says."""
    for name, output in manifest["outputs"].items():
        path = folder / name
        if not path.is_file():
            yield f"`{name}` is missing."
        elif path.stat().st_size != output["bytes"]:
            yield f"`{name}` has {path.stat().st_size:,} bytes, not {output['bytes']:,}."
        elif hash_file(path) != output["sha256"]:
            yield f"`{name}` has other bytes than it was published with."


def describe_program() -> dict[str, Any]:
    """Give the versions of segkit, Python and the packages that make numbers and pictures."""
    return {
        "segkit": segkit.__version__,
        "python": platform.python_version(),
        "platform": platform.platform(terse=True),
        "packages": dict(_versions()),
    }


@cache
def _versions() -> tuple[tuple[str, str | None], ...]:
    """Give the packages' versions, which stay as they are while a process lives."""
    return tuple((name, _version(name)) for name in PACKAGES)


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def describe_git(folder: Path) -> dict[str, Any] | None:
    """Give the commit that a folder's files are at and whether any differ.

    None outside a git repository.
    """
    commit = _git(folder, "rev-parse", "HEAD")
    if commit is None:
        return None
    status = _git(folder, "status", "--porcelain", "--untracked-files=normal", "--", ".")
    return {"commit": commit.strip(), "is_dirty": None if status is None else bool(status.strip())}


def _git(folder: Path, *arguments: str) -> str | None:
    command = ["git", "-C", str(folder), "--no-optional-locks", *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=5, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None
