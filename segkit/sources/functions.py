"""Name the DuckDB functions that raw files are read with and that Ibis has no word for.

Each is one call of DuckDB, nothing more; null in, null out. JSON travels as text, times as whole
microseconds since 1970.
"""

from collections.abc import Callable
from typing import Any

import ibis
import ibis.expr.datatypes as dt
from ibis.expr.types import StringValue

_TEXT = dt.string
_TEXTS = dt.Array(dt.string)
_WALL = dt.Timestamp(scale=6)
_INSTANT = dt.Timestamp("UTC", 6)

Function = Callable[..., Any]
"""A function of Ibis values that gives an Ibis value."""


def function(name: str, takes: tuple[dt.DataType, ...], gives: dt.DataType) -> Function:
    """Give the DuckDB function of one or two arguments as one of Ibis."""

    def one(first: object) -> None: ...

    def two(first: object, second: object) -> None: ...

    shape = one if len(takes) == 1 else two
    built: Function = ibis.udf.scalar.builtin(shape, name=name, signature=(takes, gives))
    return built


is_json = function("json_valid", (_TEXT,), dt.boolean)
"""Whether a text is JSON."""
json_keys = function("json_keys", (_TEXT,), _TEXTS)
"""The keys of a JSON object."""
json_type = function("json_type", (_TEXT, _TEXT), _TEXT)
"""What lies at a path: OBJECT, ARRAY, VARCHAR, NULL, …; null when nothing does."""
_json_at = function("json_extract", (_TEXT, _TEXT), dt.json)
_json_patch = function("json_merge_patch", (_TEXT, _TEXT), dt.json)
json_text_at = function("json_extract_string", (_TEXT, _TEXT), _TEXT)
"""The text at a path: a string without its quotes, everything else as JSON."""
json_texts_at = function("json_extract_string", (_TEXT, _TEXTS), _TEXTS)
"""The texts at several paths; the document is parsed once."""
json_list_at = function("json_extract", (_TEXT, _TEXTS), dt.Array(dt.json))
"""The JSON at several paths; the document is parsed once."""
read_wall = function("try_strptime", (_TEXT, _TEXT), _WALL)
"""The wall time that a text gives by a pattern; null when it does not fit."""
read_zoned = function("try_strptime", (_TEXT, _TEXT), _INSTANT)
"""The instant that a text gives by a pattern with an offset; null when it does not fit."""
wall_us = function("epoch_us", (_WALL,), dt.int64)
"""Microseconds since 1970 of a wall time."""
instant_us = function("epoch_us", (_INSTANT,), dt.int64)
"""Microseconds since 1970 of an instant."""
instant_at = function("make_timestamptz", (dt.int64,), _INSTANT)
"""The instant some microseconds after 1970 (six times as fast as a cast from a wall time)."""


def json_at(document: StringValue, path: StringValue) -> StringValue:
    """Give the JSON at a path, as text."""
    found: StringValue = _json_at(document, path).cast("string")
    return found


def json_patch(document: StringValue | str, patch: StringValue | str) -> StringValue:
    """Lay one JSON object over another (RFC 7396): nulls of the upper one remove keys."""
    patched: StringValue = _json_patch(document, patch).cast("string")
    return patched


def pointer(*keys: str) -> str:
    """Give the JSON pointer (RFC 6901) to a nested key.

    >>> pointer("context", "a/b")
    '/context/a~1b'
    """
    return "".join("/" + key.replace("~", "~0").replace("/", "~1") for key in keys)
