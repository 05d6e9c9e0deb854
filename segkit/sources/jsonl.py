"""Read JSON objects, one a line, whatever their keys: the map names keys or dotted paths."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import ibis
from ibis import Table

from segkit.config import SourceConfig
from segkit.errors import SourceError
from segkit.sources.files import RawFile, stage_path
from segkit.sources.frames import DocumentFrame
from segkit.sources.functions import is_json, json_texts_at, pointer
from segkit.sources.lines import stage_lines
from segkit.sources.times import fetch_row

NOT_JSON = "not JSON"
NOT_OBJECT = "not a JSON object"


def read_jsonl(
    backend: Any,  # noqa: ANN401  Ibis backends have no common stub
    source: SourceConfig,
    file: RawFile,
    stage: Path,
    wanted: Sequence[str],
) -> DocumentFrame:
    """Give the rows of a JSON lines file; `row_no` is the line, empty lines counted.

    Parameters
    ----------
    backend, source, file, stage
        Where to read what, and the folder for intermediate files.
    wanted
        The keys that the map uses. `a.b` is the key `a.b` where a row has it, else `b` inside `a`.

    Raises
    ------
    SourceError
        When the file is one JSON array.
    """
    lines = open_json_lines(backend, source, file, stage)
    paths = {name: [pointer(name)] for name in wanted}
    for name in wanted:
        if "." in name:
            paths[name].append(pointer(*name.split(".")))
    flat = [path for several in paths.values() for path in several]
    if not flat:
        flat = [pointer("")]
    texts = lines.mutate(texts=json_texts_at(lines.document, ibis.array(flat)))
    columns: dict[str, Any] = {}
    for i, several in enumerate(paths.values()):
        places = [flat.index(path) for path in several]
        columns[f"c{i}"] = ibis.coalesce(*(texts.texts[place] for place in places))
    table = texts.mutate(**columns).drop("texts")
    return DocumentFrame(
        table=table,
        row_no=table.row_no,
        fault=table.fault,
        raw=table.line,
        columns={name: f"c{i}" for i, name in enumerate(paths)},
        nulls=source.null_values,
        document=table.document,
    )


def open_json_lines(
    backend: Any,  # noqa: ANN401
    source: SourceConfig,
    file: RawFile,
    stage: Path,
) -> Table:
    """Give one row a line that is not empty: `row_no`, `line`, `fault`, `document`.

    `document` is the line where it is a JSON object, else null and `fault` says why.

    Raises
    ------
    SourceError
        When the file is one JSON array.
    """
    target = stage_path(stage, source, file, "lines.parquet")
    stage_lines(source, file, target)
    lines = backend.read_parquet(str(target))
    # Nearly every line begins with a brace: only the others are looked at more closely.
    lines = lines.filter(lines.line.startswith("{") | (lines.line.strip() != ""))
    head = lines.order_by("row_no").limit(1).select(is_array=lines.line.lstrip().startswith("["))
    if (fetch_row(backend, head) or (False,))[0]:
        raise SourceError.build(
            f"Source `{source.name}`: the file is one JSON array.",
            where=file.name,
            hint="write one object a line, for example with `jq -c '.[]'`.",
        )
    none = ibis.literal(None, "string")
    fault = ibis.cases(
        (lines.fault.notnull(), lines.fault),
        (~is_json(lines.line), NOT_JSON),
        (lines.line.startswith("{"), none),
        (~lines.line.lstrip().startswith("{"), NOT_OBJECT),
        else_=none,
    )
    judged = lines.select("row_no", "line", fault=fault)
    return judged.mutate(document=ibis.ifelse(judged.fault.isnull(), judged.line, ibis.null()))
