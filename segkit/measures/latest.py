"""Name two aggregates as DuckDB and Spark both do; Ibis would sort for one and lacks the other."""

import ibis
import ibis.expr.datatypes as dt
from ibis.expr.types import (
    IntegerScalar,
    IntegerValue,
    StringScalar,
    StringValue,
    TimestampValue,
)

from segkit.schema import INSTANT


@ibis.udf.agg.builtin(name="max_by", signature=((dt.string, dt.dtype(INSTANT)), dt.string))  # type: ignore[untyped-decorator]
def _max_by(value: str, at: object) -> str: ...  # type: ignore[empty-body]


@ibis.udf.agg.builtin(name="bit_or", signature=((dt.int64,), dt.int64))  # type: ignore[untyped-decorator]
def _bit_or(bits: int) -> int: ...  # type: ignore[empty-body]


def all_bits(bits: IntegerValue) -> IntegerScalar:
    """Give, as an aggregate, the bits that any row has; null without rows."""
    return _bit_or(bits.cast("int64"))


def value_at_last(value: StringValue, at: TimestampValue) -> StringScalar:
    """Give, as an aggregate, the value of the row with the latest instant.

    Rows without an instant are left out. The value must not be null where the instant is not:
    engines differ on that.
    """
    return _max_by(value, at)
