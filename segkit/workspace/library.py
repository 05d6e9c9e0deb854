"""Hold a workspace's segments: its own files over the shipped templates that fit its data.

One bad file must not hide the others: it stays in the list with its fault, and is refused when it
is asked for.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from segkit.errors import DefinitionError, SegkitError, UnknownNameError
from segkit.formats import Count, html_table
from segkit.segments.model import Definition, to_yaml
from segkit.segments.pattern_models import NO_MODELS, PatternModels, bind
from segkit.segments.read import read_definitions
from segkit.workspace.by_name import ByName, text_table
from segkit.workspace.folder import write_text

SEGMENTS = "segments"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One segment of the library.

    Where it comes from, and its definition or the fault that keeps it from being one.

    `origin` is `workspace` or `shipped`, `where` the file.
    """

    segment: str
    title: str
    origin: str
    where: str
    definition: Definition | None
    fault: str | None = None


class Library(ByName[Definition]):
    """The segments that can be asked for, by id.

    A mapping from id to definition, which can be asked for as `.id` too: faulty files are in
    `entries` but are no keys. `count` gives the members of a segment; it is called when the library
    is shown, and each answer is kept.
    """

    _kind = "segment"

    def __init__(self, entries: list[Entry], *, count: Callable[[str], int | None]) -> None:
        self.entries = tuple(
            sorted(entries, key=lambda entry: (entry.origin == "shipped", entry.segment))
        )
        self._known = {e.segment: e.definition for e in self.entries if e.definition is not None}
        self._count = count
        self._sizes: dict[str, int | None] = {}

    def __getitem__(self, segment: str) -> Definition:
        if segment in self._known:
            return self._known[segment]
        for entry in self.entries:
            if entry.segment == segment and entry.fault:
                raise DefinitionError(entry.fault)
        raise UnknownNameError.of_kind("segment", segment, self._known, where=SEGMENTS)

    def __contains__(self, segment: object) -> bool:
        return segment in self._known

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)

    @property
    def definitions(self) -> dict[str, Definition]:
        """The definitions by id, as a plain dictionary."""
        return dict(self._known)

    def size(self, segment: str) -> int | None:
        """Give the number of members at the workspace's default day.

        None when it cannot be counted.
        """
        if segment not in self._sizes:
            try:
                self._sizes[segment] = self._count(segment)
            except SegkitError:
                self._sizes[segment] = None
        return self._sizes[segment]

    def _rows(self) -> list[tuple[str, str, str, str]]:
        return [
            (
                entry.segment,
                entry.title,
                f"{entry.origin}, faulty" if entry.fault else entry.origin,
                Count()(None if entry.fault else self.size(entry.segment)),
            )
            for entry in self.entries
        ]

    def __repr__(self) -> str:
        return text_table(("segment", "title", "origin", "members"), self._rows())

    def _repr_html_(self) -> str:
        return html_table(("segment", "title", "origin", "members"), self._rows(), n_texts=3)


def read_own(root: Path, models: PatternModels = NO_MODELS) -> list[Entry]:
    """Give the entries of `segments/*.yml`, also of those that cannot be read.

    Definitions hold what the pattern models that they name are now.
    """
    entries: list[Entry] = []
    for path in sorted([*(root / SEGMENTS).glob("*.yml"), *(root / SEGMENTS).glob("*.yaml")]):
        where = path.relative_to(root).as_posix()
        try:
            found = read_definitions(path.read_text("utf-8"), where)
        except (OSError, UnicodeDecodeError):
            fault = str(
                DefinitionError.build(
                    "The file cannot be read.", where=where, hint="save it as UTF-8."
                )
            )
            entries.append(_faulty(path.stem, where, fault))
        except SegkitError as error:
            entries.append(_faulty(path.stem, where, str(error)))
        else:
            entries += [_entry(bind(one, models), "workspace", where) for one in found]
    return _refuse_twice(entries)


def _entry(definition: Definition, origin: str, where: str) -> Entry:
    return Entry(
        segment=definition.segment,
        title=definition.title,
        origin=origin,
        where=where,
        definition=definition,
    )


def _faulty(segment: str, where: str, fault: str) -> Entry:
    return Entry(
        segment=segment, title="", origin="workspace", where=where, definition=None, fault=fault
    )


def _refuse_twice(entries: list[Entry]) -> list[Entry]:
    """Make entries faulty that two files give the same id."""
    files: dict[str, list[str]] = {}
    for entry in entries:
        files.setdefault(entry.segment, []).append(entry.where)
    kept: dict[str, Entry] = {}
    for entry in entries:
        places = sorted(set(files[entry.segment]))
        if len(places) > 1:
            fault = DefinitionError.build(
                f"The segment `{entry.segment}` is defined twice.",
                where=" and ".join(places),
                hint="give one of them another id.",
            )
            kept[entry.segment] = _faulty(entry.segment, places[0], str(fault))
        else:
            kept[entry.segment] = entry
    return list(kept.values())


def join_shipped(own: list[Entry], shipped: list[Definition]) -> list[Entry]:
    """Give a workspace's own entries and those shipped ones that it does not define itself."""
    taken = {entry.segment for entry in own}
    return [*own, *(_entry(d, "shipped", "segkit") for d in shipped if d.segment not in taken)]


def save_own(root: Path, definition: Definition, *, replace: bool) -> Path:
    """Write a definition to `segments/<id>.yml` and give the path.

    Raises
    ------
    DefinitionError
        When the file holds another definition and `replace` is false, or the id stands in another
        file.
    WorkspaceError
        When the file cannot be written.
    """
    path = root / SEGMENTS / f"{definition.segment}.yml"
    there = next((e for e in read_own(root) if e.segment == definition.segment), None)
    where = root / there.where if there else path
    if where != path:
        raise DefinitionError.build(
            f"The segment `{definition.segment}` stands in another file.",
            where=str(where),
            hint="edit that file, or save under another id.",
        )
    if path.exists() and not replace and (there is None or there.definition != definition):
        raise DefinitionError.build(
            f"There is another definition of `{definition.segment}`.",
            where=str(path),
            hint="save under another id, or pass replace=True.",
        )
    return write_text(path, to_yaml(definition))
