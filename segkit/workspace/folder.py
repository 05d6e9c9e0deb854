"""Find a workspace's folder and the files that people keep in it."""

import csv
import os
import secrets
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path

from segkit.config import WorkspaceConfig, read_config
from segkit.errors import DefinitionError, ParameterError, WorkspaceError, name_some

TOML = "segkit.toml"
LISTS = "lists"


def find_root(start: Path) -> Path:
    """Give the nearest folder, from `start` upwards, that holds a segkit.toml.

    Raises
    ------
    WorkspaceError
        When there is none.
    """
    here = start.expanduser().absolute()
    if not here.exists():
        raise WorkspaceError.build(
            "There is no such folder.",
            where=str(here),
            hint="check the path; the current folder is searched when none is named.",
        )
    here = here.parent if here.name == TOML else here
    for folder in (here, *here.parents):
        if (folder / TOML).is_file():
            return folder
    raise WorkspaceError.build(
        "There is no workspace here or above.",
        where=str(here),
        hint=f"name a folder with a {TOML}, or make one: `segkit init DIR`, `segkit demo DIR`.",
    )


def read_toml(root: Path) -> WorkspaceConfig:
    """Give what a workspace's segkit.toml says.

    Raises
    ------
    WorkspaceError
        When it cannot be read, or says what it may not say.
    """
    path = root / TOML
    try:
        text = path.read_text("utf-8")
    except OSError as exc:
        raise WorkspaceError.build(
            f"{TOML} cannot be read: {exc.strerror}.",
            where=str(path),
            hint="check its permissions.",
        ) from exc
    except UnicodeDecodeError as exc:
        raise WorkspaceError.build(
            f"{TOML} is not UTF-8 text.", where=str(path), hint="save it as UTF-8."
        ) from exc
    return read_config(text, where=str(path))


def write_bytes(path: Path, content: bytes) -> Path:
    """Write a file so that readers see the old or the new one, never a part; give its path.

    Raises
    ------
    WorkspaceError
        When it cannot be written.
    """
    aside = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with aside.open("wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        aside.replace(path)
    except OSError as exc:
        with suppress(OSError):
            aside.unlink()
        raise WorkspaceError.build(
            f"`{path.name}` cannot be written: {exc.strerror}.",
            where=str(path.parent),
            hint="check the folder's permissions and free space.",
        ) from exc
    return path


def write_text(path: Path, text: str) -> Path:
    """Write a text file like `write_bytes`."""
    return write_bytes(path, text.encode())


class ListFiles:
    """The lists of people that a workspace keeps below `lists/`; CSV with a heading line."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def path_of(self, file: str) -> Path:
        """Give the path of a list, named from the workspace or from `lists/`.

        Raises
        ------
        DefinitionError
            When it lies outside `lists/`, or is not there.
        """
        folder = (self._root / LISTS).resolve()
        name = file.removeprefix(f"{LISTS}/")
        path = (folder / name).resolve() if "\0" not in file else folder
        if path == folder or not path.is_relative_to(folder):
            raise DefinitionError.build(
                f"The list `{file}` lies outside the folder `{LISTS}`.",
                where=str(self._root),
                hint=f"put it into `{LISTS}/`.",
            )
        if not path.is_file():
            known = sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*.csv"))
            raise DefinitionError.build(
                f"There is no list `{file}`.",
                where=str(folder),
                hint=f"there are {name_some(known)}.",
            )
        return path

    def __call__(self, file: str) -> list[dict[str, str]]:
        """Give the rows of a list, values without surrounding blanks; what the evaluator asks for.

        Raises
        ------
        DefinitionError
            When the list is not there, or the file is not CSV in UTF-8 with one heading a column.
        """
        path = self.path_of(file)
        try:
            with path.open(encoding="utf-8-sig", newline="") as lines:
                rows = csv.reader(lines, strict=True)
                headings = [heading.strip() for heading in next(rows, [])]
                listed = [[cell.strip() for cell in row] for row in rows if any(row)]
        except (OSError, UnicodeDecodeError, csv.Error) as exc:
            raise DefinitionError.build(
                f"The list `{file}` cannot be read.",
                where=str(path),
                hint="save it as CSV in UTF-8.",
            ) from exc
        for number, row in enumerate(listed, start=2):
            if len(row) != len(headings) or len(set(headings)) < len(headings):
                raise DefinitionError.build(
                    f"The list `{file}`: expected {len(headings)} different columns, "
                    f"found {len(row)} values in row {number}.",
                    where=str(path),
                    hint="give every row one value a heading, and every heading another name.",
                )
        return [dict(zip(headings, row, strict=True)) for row in listed]


def read_day(asked: str | date, *, today: date) -> date:
    """Give the date that is asked for: an ISO date, `today`, `yesterday`, or a date itself.

    Raises
    ------
    ParameterError
        When it is none of them, or lies in the future.
    """
    words = {"today": today, "yesterday": today - timedelta(days=1)}
    day = words.get(asked) or _read_iso(asked) if isinstance(asked, str) else asked
    if day > today:
        raise ParameterError.build(
            f"`as_of`: expected a day that has begun, found {day}; today is {today}.",
            hint="ask for a day up to `yesterday`, the last one that is whole.",
        )
    return day


def _read_iso(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as exc:
        raise ParameterError.not_read(
            "as_of",
            text,
            "a date like 2026-06-30",
            hint="write the date as year-month-day, or `yesterday`.",
        ) from exc
