"""Turn wide labels long: one row a label and person.

A table has a column a label; a JSON object has a key a label, and keys below keys become dotted
names. How deep objects nest is known only from the data, so each level is looked at in turn.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import ibis
from ibis import Table

from segkit.sources.frames import without
from segkit.sources.functions import json_at, json_keys, json_text_at, json_type
from segkit.sources.times import fetch_row

_OWN = ("device_id", "user_id", "time", "row_no", "fault", "raw")


def labels_of_columns(table: Table, names: Mapping[str, str]) -> Table:
    """Give one row a label and row of a wide table; labels without a value are left out.

    Parameters
    ----------
    table
        One row a person, with text columns.
    names
        The label of each column that holds one.
    """
    if not names:
        nothing = ibis.literal(None, "string")
        return table.filter(ibis.literal(value=False)).mutate(name=nothing, value=nothing)
    pairs = ibis.array(
        [ibis.struct({"name": ibis.literal(n), "value": table[c]}) for c, n in names.items()]
    )
    long = table.select(*_OWN, pair=pairs.unnest())
    long = long.select(*_OWN, name=long.pair["name"], value=long.pair["value"])
    return long.filter(long.value.notnull())


def labels_of_documents(
    backend: Any,  # noqa: ANN401  Ibis backends have no common stub
    table: Table,
    nulls: Sequence[str],
    keep: Callable[[Table, str], Table],
) -> Table:
    """Give one row a label of JSON objects; objects in objects become dotted names.

    Parameters
    ----------
    backend
        Where the tables live.
    table
        One row a person, with the object in `document`.
    nulls
        Texts that mean missing, like JSON's null; such labels are left out.
    keep
        How to store one level of keys.
    """
    level = table.select(*_OWN, prefix=ibis.literal(""), document=table.document)
    levels: list[Table] = []
    while True:
        stored = keep(_keys(level), f"labels-{len(levels)}")
        is_object = stored.kind == "OBJECT"
        values = stored.filter(~is_object)
        levels.append(values.select(*_OWN, "name", value=without(values.value, nulls)))
        (n_objects,) = fetch_row(backend, stored.aggregate(n=is_object.sum()))
        if not n_objects:
            break
        deeper = stored.filter(is_object)
        level = deeper.select(*_OWN, prefix=deeper.name + ".", document=deeper.inner)
    long = ibis.union(*levels) if len(levels) > 1 else levels[0]
    return long.filter(long.value.notnull())


def _keys(level: Table) -> Table:
    """Give one row a key of each object: name, text, kind, and the inner object if it is one."""
    keys = level.select(*_OWN, "prefix", "document", key=json_keys(level.document).unnest())
    escaped = keys.key.replace("~", "~0").replace("/", "~1")
    # The path is a column of its own: DuckDB's `->` binds tighter than the `||` that makes it.
    paths = keys.mutate(path=ibis.literal("/") + escaped, name=keys.prefix + keys.key)
    found = paths.mutate(
        kind=json_type(paths.document, paths.path),
        value=json_text_at(paths.document, paths.path),
    )
    inner = ibis.ifelse(found.kind == "OBJECT", json_at(found.document, found.path), ibis.null())
    return found.select(*_OWN, "name", "kind", "value", inner=inner)
