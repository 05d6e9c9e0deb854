"""Bits are counted three at a time, and give what is counted one by one."""

import random
from collections.abc import Sequence

import ibis
import pytest

from segkit.store import engine as engine_module
from segkit.store.engine import Engine

BITS = {"few": 3, "some": 22, "all": 62}
N_ROWS = 300


def one_by_one(rows: Sequence[dict[str, int]], column: str) -> list[int]:
    return [sum(row[column] >> place & 1 for row in rows) for place in range(BITS[column])]


@pytest.mark.parametrize("most_rows", [10**6, 10], ids=["packed", "plain"])
def test_counts_are_those_of_counting_bit_by_bit(
    monkeypatch: pytest.MonkeyPatch, most_rows: int
) -> None:
    monkeypatch.setattr(engine_module, "MOST_ROWS", most_rows)
    drawn = random.Random(7)
    rows = [
        {"side": drawn.randrange(2), **{name: drawn.getrandbits(62) for name in BITS}}
        for _ in range(N_ROWS)
    ]
    engine = Engine()
    kept = engine.keep(ibis.memtable(rows), "drawn")

    by_side = engine.count_bits(kept, BITS, by="side")
    together = engine.count_bits(kept.select(*BITS), BITS)

    assert together[None][""] == [N_ROWS]
    for name in BITS:
        assert together[None][name] == one_by_one(rows, name)
        for side in (0, 1):
            own = [row for row in rows if row["side"] == side]
            assert by_side[side][name] == one_by_one(own, name)


def test_bits_of_nobody_are_none_and_unknown_ones_count_as_unset() -> None:
    engine = Engine()
    schema = ibis.schema({"bits": "int64"})
    nobody = engine.keep(ibis.memtable([], schema=schema), "nobody")
    unknown = engine.keep(ibis.memtable([{"bits": 2}, {"bits": None}], schema=schema), "unknown")

    assert engine.count_bits(nobody, {"bits": 2}) == {None: {"": [0], "bits": [0, 0]}}
    assert engine.count_bits(unknown, {"bits": 2}) == {None: {"": [2], "bits": [0, 1]}}
