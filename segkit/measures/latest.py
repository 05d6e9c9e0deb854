"""Pick a value by its time: DuckDB and Spark name the same aggregate, which Ibis would sort for."""

import ibis
import ibis.expr.datatypes as dt
from ibis.expr.types import StringScalar, StringValue, TimestampValue

from segkit.schema import INSTANT


@ibis.udf.agg.builtin(name="max_by", signature=((dt.string, dt.dtype(INSTANT)), dt.string))  # type: ignore[untyped-decorator]
def _max_by(value: str, at: object) -> str: ...  # type: ignore[empty-body]


def value_at_last(value: StringValue, at: TimestampValue) -> StringScalar:
    """Give, as an aggregate, the value of the row with the latest instant.

    Rows without an instant are left out. The value must not be null where the instant is not:
    engines differ on that.
    """
    return _max_by(value, at)
