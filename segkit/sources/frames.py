"""Give every format one shape: rows with a number, and a way to ask for a column by its name.

The formats differ only in how a column is found, what "the rest" is, and whether reading the rows
again is cheap; all else, from times to reasons, is the same for all and lies in `canonical`.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import ibis
from ibis import Table
from ibis.expr.types import IntegerValue, StringValue, Value

from segkit.config import SourceConfig
from segkit.errors import ColumnsMissingError
from segkit.sources.files import RawFile
from segkit.sources.functions import json_list_at, json_patch, pointer

Choice = Sequence[str] | Literal["rest"]
"""Columns to carry along: named ones, or all that the map does not use."""


@dataclass(frozen=True, kw_only=True)
class Frame:
    """Rows of one file, or of Parquet files read as one, whose columns are known.

    `fault` is why a row cannot be read at all, null when it can; `raw` its text. `columns` maps the
    names in the file to those in `table`. Texts among `nulls` count as missing. `is_fast` when
    reading the rows again costs next to nothing; else canonical rows are written down once.
    `file_no` is the place of a row's file among several, from 0; None for a single file.
    """

    table: Table
    row_no: IntegerValue
    fault: StringValue
    raw: StringValue
    columns: Mapping[str, str]
    nulls: Sequence[str] = ()
    is_fast: bool = False
    file_no: IntegerValue | None = None

    def check(self, source: SourceConfig, file: RawFile, wanted: Iterable[str]) -> None:
        """Raise ColumnsMissingError for names that the file does not have."""
        missing = set(wanted) - set(self.columns)
        if missing:
            raise ColumnsMissingError.in_file(source.name, file.name, missing, self.columns)

    def column(self, name: str) -> Value:
        """Give a column by its name in the file; missing texts are null."""
        return without(self.table[self.columns[name]], self.nulls)

    def carried(self, choice: Choice, used: Iterable[str]) -> StringValue | None:
        """Give the chosen columns as one JSON object a row, nulls left out; None without any."""
        fields = {name: self.column(name) for name in self._names(choice, used)}
        return pack_json(fields) if fields else None

    def labels(self, choice: Choice, used: Iterable[str]) -> dict[str, StringValue] | None:
        """Give the chosen columns as text by name; None when they are what `carried` holds."""
        return {name: as_text(self.column(name)) for name in self._names(choice, used)}

    def _names(self, choice: Choice, used: Iterable[str]) -> list[str]:
        taken = set(used)
        return [n for n in self.columns if n not in taken] if choice == "rest" else list(choice)


@dataclass(frozen=True, kw_only=True)
class DocumentFrame(Frame):
    """Rows of one file that are JSON objects: any row may lack any key.

    `columns` are the keys that the map uses, as text; `document` is the whole object, null in a row
    with a fault.
    """

    document: StringValue

    def check(self, source: SourceConfig, file: RawFile, wanted: Iterable[str]) -> None:
        """Accept every name: a key may be absent from one file and present in the next."""

    def carried(self, choice: Choice, used: Iterable[str]) -> StringValue | None:
        """Give the chosen keys as one JSON object a row, nulls left out."""
        if choice == "rest":
            gone = json.dumps(_removal(used))
            left = json_patch(json_patch("{}", self.document), ibis.literal(gone))
            return left.nullif("{}")
        if not choice:
            return None
        paths = ibis.array([pointer(*name.split(".")) for name in choice])
        values = json_list_at(self.document, paths)
        return pack_json({name: values[i] for i, name in enumerate(choice)})

    def labels(self, choice: Choice, used: Iterable[str]) -> dict[str, StringValue] | None:
        """Give None: labels are the keys of `carried`."""


def _removal(used: Iterable[str]) -> dict[str, Any]:
    """Give the merge patch that removes keys and dotted paths."""
    patch: dict[str, Any] = {}
    for name in sorted(used):
        patch.setdefault(name, None)
        *outer, last = name.split(".")
        inner = patch
        for key in outer:
            step = inner.get(key, {})
            if step is None:
                break
            inner = inner.setdefault(key, step)
        else:
            inner.setdefault(last, None)
    return patch


def without(value: Any, nulls: Iterable[str]) -> Any:  # noqa: ANN401  any Ibis value
    """Give a text column with null for the texts that mean missing; other columns as they are."""
    if value.type().is_string():
        for text in nulls:
            value = value.nullif(text)
    return value


def as_text(value: Any) -> StringValue:  # noqa: ANN401  any Ibis value
    """Give a column as text: whole floats without `.0`, nested values as JSON."""
    kind = value.type()
    text: StringValue
    if kind.is_string():
        text = value
    elif kind.is_floating():
        whole = value.cast("int64").cast("string")
        is_whole = (value.abs() < 1e15) & (value == value.floor())  # noqa: PLR2004  exact integers
        text = ibis.ifelse(is_whole, whole, value.cast("string"))
    elif kind.is_nested():
        text = value.cast("json").cast("string")
    else:
        text = value.cast("string")
    return text


def pack_json(fields: Mapping[str, Value]) -> StringValue:
    """Give columns as one JSON object a row; nulls are left out, null when nothing is left."""
    packed = ibis.struct(dict(fields)).cast("json").cast("string")
    return json_patch("{}", packed).nullif("{}")
