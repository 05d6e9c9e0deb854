"""Say what went wrong, where, and what mends it.

Every refusal of segkit is one of these classes, so that the command line, the notebooks and the
runner can tell what a person can mend (`SegkitError`, exit code 2) from a defect of the program
(anything else).

::

    SegkitError                      a person can mend it; exit code 2 ├── WorkspaceError
    no workspace, unreadable or wrong segkit.toml ├── SourceError                  a raw file is
    missing, unreadable or has other columns than its map says │   ├── ColumnsMissingError
    columns its map names are not in the file │   └── QuarantineError          too many bad rows:
    the load was refused whole ├── StoreError                   no snapshot yet, a snapshot whose
    files are gone, a second writer ├── DefinitionError              a segment definition cannot be
    read or means nothing │   ├── UnknownNameError         an event, property, attribute, segment or
    list that does not exist │   └── NotYetError              a part of the language this version
    cannot evaluate ├── ParameterError               an unknown or ill-typed parameter ├──
    EmptyError                   nothing to report: empty store, empty universe, empty segment ├──
    PrivacyError                 the reader's clearance or the segment's policy forbids it └──
    RunError                     a run failed; carries the exit code of the run contract
"""

from collections.abc import Iterable
from datetime import date
from difflib import get_close_matches
from typing import Self


def name_some(names: Iterable[str], *, most: int = 5) -> str:
    """Give at most `most` sorted names in quotes, then how many more there are.

    >>> name_some(["b", "a"])
    '`a`, `b`'
    >>> name_some([])
    'none'
    """
    ordered = sorted(set(names))
    if not ordered:
        return "none"
    shown = ", ".join(f"`{name}`" for name in ordered[:most])
    return shown if len(ordered) <= most else f"{shown} and {len(ordered) - most} more"


def near_names(name: str, known: Iterable[str]) -> str:
    """Give the hint sentence that names what was probably meant.

    >>> near_names("purchse", ["purchase", "page_view"])
    'Did you mean `purchase`?'
    """
    ordered = sorted(set(known))
    near = get_close_matches(name, ordered, n=3, cutoff=0.6)
    if near:
        return f"Did you mean {' or '.join(f'`{n}`' for n in near)}?"
    return f"Known: {name_some(ordered)}."


class SegkitError(Exception):
    """Something that a person can mend; its text is the whole message."""

    exit_code = 2

    @classmethod
    def build(cls, sentence: str, *, where: str = "", hint: str = "") -> Self:
        """Give the error whose text is the sentence, then the place, then the hint."""
        text = f"{sentence} ({where})" if where else sentence
        return cls(f"{text}\nHint: {hint}" if hint else text)


class WorkspaceError(SegkitError):
    """There is no workspace here, or its segkit.toml cannot be read."""


class SourceError(SegkitError):
    """A raw file is missing, unreadable or not what its source says."""


class ColumnsMissingError(SourceError):
    """A file came without columns that its map names."""

    @classmethod
    def in_file(
        cls, source: str, file: str, missing: Iterable[str], present: Iterable[str]
    ) -> Self:
        """Give the error for a file of a source that lacks mapped columns."""
        return cls.build(
            f"Source `{source}`: the file lacks {name_some(missing)}; it has {name_some(present)}.",
            where=file,
            hint="map the file's headings under [sources.map] in segkit.toml.",
        )


class QuarantineError(SourceError):
    """Too large a share of rows was bad; nothing was loaded."""


class StoreError(SegkitError):
    """The store has no snapshot, or a snapshot cannot be opened."""


class DefinitionError(SegkitError):
    """A segment definition cannot be read or means nothing."""


class UnknownNameError(DefinitionError):
    """A definition names something that the catalogue does not hold."""

    @classmethod
    def of_kind(cls, kind: str, name: str, known: Iterable[str], *, where: str = "") -> Self:
        """Give the error for an unknown event, attribute, segment, … with near names."""
        return cls.build(f"Unknown {kind} `{name}`.", where=where, hint=near_names(name, known))


class NotYetError(DefinitionError):
    """A part of the language that this version cannot evaluate."""


class ParameterError(SegkitError):
    """An unknown or ill-typed parameter of a report."""

    @classmethod
    def not_read(cls, name: str, found: object, expected: str, *, hint: str) -> Self:
        """Give the error for a parameter of another kind, the same wherever it was given."""
        text = str(found)[:40]
        return cls.build(f"Parameter `{name}`: expected {expected}, found `{text}`.", hint=hint)


class PatternError(SegkitError):
    """A pattern model cannot be read, or the features are not those it was made for."""


class EmptyError(SegkitError):
    """There is nothing to report."""

    @classmethod
    def unknown_user_at(cls, day: date) -> Self:
        """Give the error for a user of whom nothing was known yet at the end of a day."""
        return cls.build(
            f"Nothing was known of this user at the end of {day}.", hint="ask for a later day."
        )


class PrivacyError(SegkitError):
    """The reader's clearance or the segment's policy forbids it."""


class RunError(SegkitError):
    """A run failed; `exit_code` is the one of the run contract."""

    def __init__(self, text: str, *, exit_code: int = 30) -> None:
        super().__init__(text)
        self.exit_code = exit_code
