"""Turn the rows of any file into canonical raw rows, as its source's map says.

The same rules for every format: which columns must be there, how texts become times, amounts and
states, and the words for why a row is bad. Raw schemas: `segkit.schema.RAW_TABLES`.
"""

from collections.abc import Callable, Iterable
from typing import Any

import ibis
from ibis import Table
from ibis.expr.types import BooleanValue, StringValue, Value

from segkit.config import ColumnMap, SourceConfig
from segkit.errors import SourceError, near_names
from segkit.schema import MONEY, RAW_TABLES
from segkit.sources.files import RawFile
from segkit.sources.frames import Frame, as_text
from segkit.sources.functions import is_json
from segkit.sources.labels import labels_of_columns, labels_of_documents
from segkit.sources.times import TimeParts, settle_time, split_time

Keep = Callable[[Table, str], Table]
"""Write a table down under a name and give the stored one; or give it back as it is."""

_PLACE = ("row_no", "fault", "raw")
_IDS = ("user_id", "device_id")
_REQUIRED = {
    "events": ("time", "event"),
    "attributes": (),
    "consents": ("purpose", "state", "time"),
    "exposures": ("experiment", "variant", "time"),
}
_MISSING = {
    "event": "no event name",
    "purpose": "no purpose",
    "experiment": "no experiment",
    "variant": "no variant",
    "name": "no label name",
}
_STATES = {
    "granted": ("granted", "yes", "true", "1"),
    "denied": ("denied", "no", "false", "0"),
}
Faults = list[tuple[BooleanValue, str]]


def check_map(source: SourceConfig) -> None:
    """Check that a source's map names canonical columns, and all that its table cannot do without.

    Raises
    ------
    SourceError
        For an unknown canonical column, with near names, and for a missing one.
    """
    columns = set(RAW_TABLES[source.table].columns) - set(_PLACE)
    for name in source.map:
        if name not in columns:
            raise SourceError.build(
                f"Source `{source.name}`: `{name}` is not a column of {source.table}.",
                where="[sources.map]",
                hint=near_names(name, columns),
            )
    missing = [name for name in _REQUIRED[source.table] if name not in source.map]
    if not set(_IDS) & set(source.map):
        missing.append("user_id")
    if source.table == "attributes" and len({"name", "value"} & set(source.map)) == 1:
        missing += sorted({"name", "value"} - set(source.map))
    if missing:
        raise SourceError.build(
            f"Source `{source.name}`: the map lacks {' and '.join(f'`{n}`' for n in missing)}.",
            where="[sources.map]",
            hint="name the file's column; user_id or device_id, one of the two is needed.",
        )


def used_columns(source: SourceConfig) -> list[str]:
    """Give the file's columns that the map uses, once each."""
    return list(dict.fromkeys(spec.column for spec in source.map.values() if spec.column))


def build_tables(
    backend: Any,  # noqa: ANN401  Ibis backends have no common stub
    source: SourceConfig,
    file: RawFile,
    frame: Frame,
    keep: Keep,
) -> dict[str, Table]:
    """Give the canonical raw tables of one file, or of several read as one, by name.

    Events, consents and exposures give their own table; where several files are read as one it has
    the column `file_no` too. Attributes also give `links`: one row a good row of the file, so that
    a person without any label is known, and two ids belong together.

    Raises
    ------
    ColumnsMissingError
        When mapped columns are not in the file.
    SourceError
        When times need a zone or a format that the source does not give.
    """
    chosen = source.properties if source.table == "events" else source.attributes
    carries = source.table in {"events", "attributes"} and chosen != "rest"
    frame.check(source, file, [*used_columns(source), *(chosen if carries else [])])
    rows = _Rows(source, frame)
    if source.table == "attributes" and "name" not in source.map:
        return _build_wide(backend, source, file, rows, keep)
    table, parts = rows.build(keep)
    settled = _settle(backend, source, file, table, parts)
    own = {} if frame.file_no is None else {"file_no": settled.file_no}
    tables: dict[str, Table] = {source.table: select_raw(settled, source.table, **own)}
    if source.table == "attributes":
        tables["links"] = _links(settled)
        told = tables["attributes"]
        tables["attributes"] = told.filter(told.value.notnull() | told.fault.notnull())
    return tables


def _settle(
    backend: Any,  # noqa: ANN401
    source: SourceConfig,
    file: RawFile,
    table: Table,
    parts: TimeParts | None,
) -> Table:
    if parts is None:
        return table.mutate(time=ibis.literal(None, "timestamp('UTC', 6)"))
    return table.mutate(time=settle_time(backend, source, file, table, parts))


def select_raw(table: Table, name: str, **more: Value) -> Table:
    """Give exactly the columns of a raw table, in order and type, and what is named besides."""
    columns = {c: table[c].cast(kind) for c, kind in RAW_TABLES[name].columns.items()}
    return table.select(**columns, **more)


def _links(table: Table) -> Table:
    none = ibis.literal(None, "string")
    good = table.filter(table.fault.isnull())
    return select_raw(good.mutate(previous_id=none, raw=none), "links")


def _build_wide(
    backend: Any,  # noqa: ANN401
    source: SourceConfig,
    file: RawFile,
    rows: "_Rows",
    keep: Keep,
) -> dict[str, Table]:
    """Turn a table with one column a label into one row a label and person."""
    table, parts = rows.build(keep)
    settled = _settle(backend, source, file, table, parts)
    good = settled.filter(settled.fault.isnull())
    if rows.label_names is None:
        labels = labels_of_documents(backend, good, source.null_values, keep)
    else:
        labels = labels_of_columns(good, rows.label_names)
    none = ibis.literal(None, "string")
    bad = settled.filter(settled.fault.notnull()).mutate(name=none, value=none)
    return {
        "attributes": ibis.union(select_raw(labels, "attributes"), select_raw(bad, "attributes")),
        "links": _links(settled),
    }


class _Rows:
    """The rows of a file on their way: every canonical column but the time, which needs them all.

    `label_names` are the labels of a wide table by the column that holds them, None when a column
    `document` holds them all.
    """

    def __init__(self, source: SourceConfig, frame: Frame) -> None:
        self.source, self.frame = source, frame
        self.label_names: dict[str, str] | None = None
        self.faults: Faults = []

    def build(self, keep: Keep) -> tuple[Table, TimeParts | None]:
        """Give the stored rows and how their time reads, None when the source has none."""
        source, frame = self.source, self.frame
        columns = {
            name: self._column(name, kind)
            for name, kind in RAW_TABLES[source.table].columns.items()
            if name not in {*_PLACE, "time", "properties"}
        }
        if source.table == "events":
            columns["properties"] = self._properties()
        if source.table == "attributes" and "name" not in source.map:
            columns |= self._labels()
        parts = None
        if "time" in source.map:
            parts = split_time(source, source.map["time"], self._value("time"))
            columns |= {"time_us": parts.us, "time_wall": parts.wall}
        no_id = columns["user_id"].isnull() & columns["device_id"].isnull()
        faults = [
            *(parts.faults() if parts else []),
            (no_id, "no user or device id"),
            *(
                (columns[n].isnull(), why)
                for n, why in _MISSING.items()
                if n in columns and n in source.map
            ),
            *self.faults,
        ]
        if frame.file_no is not None:
            columns["file_no"] = frame.file_no
        fault = first_fault(frame.fault, faults)
        table = frame.table.select(
            **columns,
            row_no=frame.row_no,
            fault=fault,
            raw=ibis.ifelse(fault.notnull(), frame.raw, ibis.null()),
        )
        return (table if frame.is_fast else keep(table, source.table)), parts

    def _value(self, name: str) -> Any:  # noqa: ANN401  any Ibis value
        spec: ColumnMap = self.source.map[name]
        if spec.column is None:
            return ibis.literal(str(spec.value), "string")
        return self.frame.column(spec.column)

    def _column(self, name: str, kind: str) -> Value:
        if name not in self.source.map:
            return ibis.literal(None, kind)
        value = self._value(name)
        if kind == MONEY:
            return self._amount(value)
        text = as_text(value)
        return self._state(text) if name == "state" else text

    def _amount(self, value: Any) -> Value:  # noqa: ANN401
        amount = value.try_cast(MONEY)
        self.faults.append((value.notnull() & amount.isnull(), "value is not a number"))
        return amount

    def _state(self, text: StringValue) -> Value:
        spoken = text.strip().lower()
        state = ibis.cases(*((spoken.isin(words), said) for said, words in _STATES.items()))
        self.faults.append((text.isnull(), "no consent state"))
        self.faults.append((state.isnull(), "unknown consent state"))
        return state

    def _properties(self) -> Value:
        if "properties" in self.source.map:
            text = as_text(self._value("properties"))
            self.faults.append((text.notnull() & ~is_json(text), "properties are not JSON"))
            return text
        carried = self.frame.carried(self.source.properties, used_columns(self.source))
        return ibis.literal(None, "string") if carried is None else carried

    def _labels(self) -> dict[str, Value]:
        used = used_columns(self.source)
        labels = self.frame.labels(self.source.attributes, used)
        if labels is None:
            carried = self.frame.carried(self.source.attributes, used)
            return {"document": ibis.literal(None, "string") if carried is None else carried}
        self.label_names = {f"label_{i}": name for i, name in enumerate(labels)}
        return {f"label_{i}": text for i, text in enumerate(labels.values())}


def first_fault(fault: StringValue, faults: Iterable[tuple[BooleanValue, str]]) -> StringValue:
    """Give the first reason that holds: the row's own, then those given, else null."""
    branches = [(condition, ibis.literal(reason)) for condition, reason in faults]
    found: StringValue = ibis.cases(
        (fault.notnull(), fault), *branches, else_=ibis.literal(None, "string")
    )
    return found
