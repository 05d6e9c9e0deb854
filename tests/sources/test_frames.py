import json
from typing import Any

import ibis
import pytest

from segkit.sources.frames import as_text, pack_json, without
from segkit.sources.functions import json_patch, pointer
from segkit.store.engine import Engine


def value_of(engine: Engine, expression: Any) -> Any:
    return engine.rows(expression.name("x").as_table())[0][0]


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (34.0, "float64", "34"),
        (34.5, "float64", "34.5"),
        (1e300, "float64", "1e+300"),
        (float("nan"), "float64", "nan"),
        (7, "int32", "7"),
        (True, "boolean", "true"),
        ([1, 2], "array<int64>", "[1,2]"),
        ("007", "string", "007"),
    ],
)
def test_values_as_text(engine: Engine, value: Any, kind: str, text: str) -> None:
    assert value_of(engine, as_text(ibis.literal(value, kind))) == text


def test_missing_texts_are_null_and_numbers_are_left_alone(engine: Engine) -> None:
    assert value_of(engine, without(ibis.literal("NA"), ["", "NA"])) is None
    assert value_of(engine, without(ibis.literal(0), ["0"])) == 0


def test_an_object_without_values_is_null(engine: Engine) -> None:
    packed = pack_json({"a": ibis.literal(None, "string"), "b": ibis.literal(None, "int64")})

    assert value_of(engine, packed) is None


def test_a_merge_patch_lays_one_object_over_another(engine: Engine) -> None:
    merged = json_patch(ibis.literal('{"a":1,"b":2}'), ibis.literal('{"b":null,"c":3}'))

    assert json.loads(value_of(engine, merged)) == {"a": 1, "c": 3}


def test_pointers_escape_what_they_must() -> None:
    assert pointer("a/b", "c~d", "") == "/a~1b/c~0d/"
