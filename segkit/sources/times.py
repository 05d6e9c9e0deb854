"""Turn what files call a time into UTC instants, exactly.

A time is either an instant (it has an offset, or counts from 1970) or a wall time (it needs a
zone). Both are kept as whole microseconds until the whole file was looked at: only then is it known
which clock changes of the zone matter, and they become one CASE expression. The engine's own
time-zone tables are never asked.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import ibis
from ibis import Table
from ibis.expr.types import BooleanValue, IntegerValue, StringValue, TimestampValue, Value

from segkit.config import ColumnMap, SourceConfig
from segkit.errors import SourceError
from segkit.periods import local_steps, read_zone
from segkit.sources.files import RawFile
from segkit.sources.functions import instant_at, instant_us, read_wall, read_zoned, wall_us

FIRST_YEAR, LAST_YEAR = 1900, 2199
NAIVE = "time has no offset and the source no timezone"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_US = timedelta(microseconds=1)
_LOW = (datetime(FIRST_YEAR, 1, 1, tzinfo=UTC) - _EPOCH) // _US
_HIGH = (datetime(LAST_YEAR + 1, 1, 1, tzinfo=UTC) - _EPOCH) // _US - 1
_PER_UNIT = {"epoch_s": 1_000_000, "epoch_ms": 1_000, "epoch_us": 1}
_FORMATS_HINT = (
    'give `format`: "iso", "epoch_s", "epoch_ms", "epoch_us" or a pattern like "%Y%m%d".'
)

_DIRECTIVE = re.compile(r"%-?(.?)", re.DOTALL)
_LETTERS = frozenset("aAbBdfHIjmMpSyYz%")

_DAY = r"^\d{4}-\d{2}-\d{2}"
_CLOCK = r"[T ]\d{2}:\d{2}:\d{2}(\.\d+)?"
_ZONED = _DAY + _CLOCK + r"(Z|[+-]\d{2}(:?\d{2})?)$"
_WALL = _DAY + rf"([T ]\d{{2}}:\d{{2}}|{_CLOCK})?$"
_NO_SECONDS = r"([T ]\d{2}:\d{2})(Z|[+-]\d{2}(:?\d{2})?)$"


@dataclass(frozen=True, kw_only=True)
class TimeParts:
    """One time column on its way.

    `given` is whether the row has any time. `us` are the microseconds since 1970 of an instant,
    `wall` those of a wall time; at most one of the two is filled, neither where the value cannot be
    read or lies outside the years 1900 to 2199. `zone` is where the wall times were read off.
    """

    given: BooleanValue
    us: IntegerValue
    wall: IntegerValue
    format: str
    zone: ZoneInfo | None
    has_walls: bool

    @property
    def unreadable(self) -> str:
        """The reason of a row whose time cannot be read."""
        return f"time is not a date that `{self.format}` reads, of {FIRST_YEAR} to {LAST_YEAR}"

    def faults(self) -> list[tuple[BooleanValue, str]]:
        """Give what makes a row's time bad, first reason first."""
        found = [
            (~self.given, "no time"),
            (self.us.isnull() & self.wall.isnull(), self.unreadable),
        ]
        if self.has_walls and self.zone is None:
            found.append((self.wall.notnull(), NAIVE))
        return found


def split_time(source: SourceConfig, spec: ColumnMap, value: Value) -> TimeParts:
    """Read one column of times: text, numbers, dates or timestamps.

    Parameters
    ----------
    source
        Its `timezone` is the zone of wall times, unless `spec` names one.
    spec
        The map's entry: format and zone. Without a format text is ISO 8601.
    value
        The column.

    Raises
    ------
    SourceError
        When numbers come without a format, the format is no pattern, or typed wall times without
        a zone.
    """
    zone_name = spec.timezone or source.timezone
    zone = read_zone(zone_name, where=f"source `{source.name}`") if zone_name else None
    kind = value.type()
    form = spec.format or "iso"
    if kind.is_timestamp() or kind.is_date():
        us, wall = _split_typed(source, spec, value, zone=zone)
    elif kind.is_string() and form == "iso":
        us, wall = _split_iso(value)
    elif form in _PER_UNIT:
        us, wall = _from_epoch(value, _PER_UNIT[form]), None
    elif form == "iso":
        raise _time_error(source, "the time column holds numbers.", _FORMATS_HINT)
    else:
        us, wall = _split_pattern(source, value, form)
    none = ibis.literal(None, "int64")
    return TimeParts(
        given=value.notnull(),
        us=none if us is None else _in_range(us),
        wall=none if wall is None else _in_range(wall),
        format=form,
        zone=zone,
        has_walls=wall is not None,
    )


def _time_error(source: SourceConfig, sentence: str, hint: str) -> SourceError:
    return SourceError.build(
        f"Source `{source.name}`: {sentence}", where="time in [sources.map]", hint=hint
    )


def _in_range(us: IntegerValue) -> IntegerValue:
    return ibis.ifelse(us.between(_LOW, _HIGH), us, ibis.null())


def _split_typed(
    source: SourceConfig,
    spec: ColumnMap,
    value: Any,  # noqa: ANN401  dates and timestamps
    *,
    zone: ZoneInfo | None,
) -> tuple[IntegerValue | None, IntegerValue | None]:
    if spec.format not in {None, "iso"}:
        raise _time_error(
            source, f"the column is a time already, not `{spec.format}`.", "remove `format`."
        )
    kind = value.type()
    if kind.is_timestamp() and kind.timezone is not None:
        return instant_us(value), None
    if zone is None:
        raise _time_error(
            source, "the times have no zone.", 'add timezone = "…" to the source, for example UTC.'
        )
    return None, wall_us(value.cast("timestamp(6)"))


def _split_iso(text: StringValue) -> tuple[IntegerValue, IntegerValue]:
    """Read ISO 8601; the strict shape first, because most files have it in every row."""
    tidy = text.strip().upper().replace(",", ".").replace("UTC", "Z")
    tidy = tidy.re_replace(r"\s+([Z+-])", r"\1").re_replace(_NO_SECONDS, r"\1:00\2")
    is_zoned, is_wall = text.re_search(_ZONED), text.re_search(_WALL)
    us = ibis.cases(
        (is_zoned, _zoned_us(text)),
        (is_wall, ibis.literal(None, "int64")),
        (tidy.re_search(_ZONED), _zoned_us(tidy)),
        else_=ibis.literal(None, "int64"),
    )
    wall = ibis.cases(
        (is_zoned, ibis.literal(None, "int64")),
        (is_wall, _naive_us(text)),
        (tidy.re_search(_WALL), _naive_us(tidy)),
        else_=ibis.literal(None, "int64"),
    )
    return us, wall


def _zoned_us(text: StringValue) -> IntegerValue:
    us: IntegerValue = instant_us(text.try_cast("timestamp('UTC', 6)"))
    return us


def _naive_us(text: StringValue) -> IntegerValue:
    us: IntegerValue = wall_us(text.try_cast("timestamp(6)"))
    return us


def _from_epoch(value: Any, per_unit: int) -> IntegerValue:  # noqa: ANN401  any number or text
    """Give microseconds; what lies outside the years that are read is null, not an overflow."""
    low, high = _LOW // per_unit, _HIGH // per_unit
    number = value if value.type().is_integer() else value.try_cast("decimal(26, 6)")
    inside = ibis.ifelse(number.between(low, high), number, ibis.null())
    if number.type().is_integer():
        return inside.cast("int64") * per_unit
    return (inside * per_unit).cast("int64")


def _split_pattern(
    source: SourceConfig,
    value: Any,  # noqa: ANN401  numbers and text
    pattern: str,
) -> tuple[IntegerValue | None, IntegerValue | None]:
    text = value if value.type().is_string() else value.cast("int64").cast("string")
    _check_pattern(source, pattern)
    if "%z" in pattern:
        return instant_us(read_zoned(text, pattern)), None
    return None, wall_us(read_wall(text, pattern))


def _check_pattern(source: SourceConfig, pattern: str) -> None:
    """Refuse what is no pattern before any row is read."""
    used = _DIRECTIVE.findall(pattern)
    if not used or any(letter not in _LETTERS for letter in used):
        sentence = f"`{pattern}` is not a time format."
        raise _time_error(source, sentence, _FORMATS_HINT)


def settle_time(
    backend: Any,  # noqa: ANN401  Ibis backends have no common stub
    source: SourceConfig,
    file: RawFile,
    table: Table,
    parts: TimeParts,
) -> TimestampValue:
    """Give the instant of each row of a table that holds the parts as `time_us` and `time_wall`.

    Looks at the whole column once where its content decides: how far wall times reach, and whether
    the file can be read at all.

    Raises
    ------
    SourceError
        When no time of the file can be read, or most have no offset and the source has no zone.
    """
    if not parts.has_walls and parts.format == "iso":
        return instant_at(table.time_us)
    seen = table.aggregate(
        n_us=table.time_us.count(),
        n_wall=table.time_wall.count(),
        n_bad=(table.fault == parts.unreadable).sum(),
        low=table.time_wall.min(),
        high=table.time_wall.max(),
    )
    n_us, n_wall, n_bad, low, high = fetch_row(backend, seen)
    if n_bad and not n_us and not n_wall:
        raise SourceError.build(
            f"Source `{source.name}`: none of the times can be read as `{parts.format}`.",
            where=file.name,
            hint=_FORMATS_HINT,
        )
    if parts.zone is None and n_wall > n_us:
        raise SourceError.build(
            f"Source `{source.name}`: {n_wall:,} of {n_us + n_wall:,} times have no offset.",
            where=file.name,
            hint='say in which zone they are: timezone = "Europe/Berlin" in the source.',
        )
    if not n_wall or parts.zone is None:
        return instant_at(table.time_us)
    offset = _offset(table.time_wall, local_steps(parts.zone, _naive(low), _naive(high)))
    return instant_at(ibis.coalesce(table.time_us, table.time_wall - offset))


def fetch_row(backend: Any, table: Table) -> tuple[Any, ...]:  # noqa: ANN401
    """Give the one row of a small table as plain values."""
    row: tuple[Any, ...] = backend.raw_sql(ibis.to_sql(table, dialect="duckdb")).fetchone()
    return row


def _naive(us: int) -> datetime:
    return (_EPOCH + us * _US).replace(tzinfo=None)


def _offset(wall: IntegerValue, steps: list[tuple[datetime, int]]) -> IntegerValue:
    """Give the microseconds between wall time and UTC, by when each offset begins to hold."""
    until = [(at.replace(tzinfo=UTC) - _EPOCH) // _US for at, _ in steps[1:]]
    offsets = [ibis.literal(seconds * 1_000_000, "int64") for _, seconds in steps]
    if not until:
        return offsets[0]
    branches = [(wall < us, offset) for us, offset in zip(until, offsets, strict=False)]
    return ibis.cases(*branches, else_=offsets[-1])
