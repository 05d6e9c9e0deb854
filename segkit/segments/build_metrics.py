"""Build in Python the conditions on metrics: values, comparisons, ranks."""

from collections.abc import Mapping, Sequence
from typing import Any

from segkit.segments.conditions import Condition
from segkit.segments.forms import CONDITION
from segkit.segments.shapes import Place

Plain = dict[str, Any]
Values = Mapping[str, Any]


def _read(kind: str, **keys: Any) -> Condition:  # noqa: ANN401  plain values
    given = {key: body for key, body in keys.items() if body is not None}
    return CONDITION.read({kind: given}, Place())


def metric(  # noqa: PLR0913  the keys of the language
    *,
    event: str | Sequence[str] | None = None,
    page: Values | None = None,
    visit: str | None = None,
    experience: Values | None = None,
    where: Values | None = None,
    calc: str | Values = "count",
    during: str | Plain = "ever",
) -> Plain:
    """Give one value a user: a target, how it is counted, and when; as `measured` and others want.

    Parameters are those of `did`.
    """
    names = list(event) if isinstance(event, tuple | set | frozenset) else event
    told = {"event": names, "page": page, "visit": visit, "experience": experience, "where": where}
    return {k: v for k, v in told.items() if v is not None} | {"calc": calc, "during": during}


def measured(of: Plain, is_: Any) -> Condition:  # noqa: ANN401  a value, a list or comparators
    """Give the condition that a metric satisfies `is_`.

    Raises
    ------
    DefinitionError
        When a part is not of the language.
    """
    return _read("measure", of=of, **{"is": is_})


def compared(left: Plain, op: str, right: Plain, *, times: float = 1, plus: float = 0) -> Condition:
    """Give the condition that a metric stands to another: left `op` right × times + plus.

    `op` is one of eq, ne, gt, gte, lt, lte.
    """
    return _read("compare", left=left, op=op, right=right, times=times, plus=plus)


def ranked(  # noqa: PLR0913  the keys of the language
    by: Plain,
    *,
    top: int | str | None = None,
    bottom: int | str | None = None,
    percentile: Any = None,  # noqa: ANN401  a bound
    bucket: tuple[int, Sequence[int]] | None = None,
    among: Condition | None = None,
    ties: str = "include",
) -> Condition:
    """Give the condition that the user stands high or low enough by a metric.

    Parameters
    ----------
    by
        What is ranked by, as `metric` gives it.
    top, bottom
        A number of users, or a share like `"10%"`.
    percentile
        A bound on the mid-rank percentile, 0 to 100.
    bucket
        Number of equal groups, and which of them; the last is the highest.
    among
        Among whom; by default the whole universe.
    ties
        Whether users who tie with the last one count: `include` or `exclude`.
    """
    groups = None if bucket is None else {"of": bucket[0], "in": list(bucket[1])}
    people = None if among is None else CONDITION.write(among, False)  # noqa: FBT003
    cuts = {"top": top, "bottom": bottom, "percentile": percentile, "bucket": groups}
    return _read("rank", by=by, among=people, ties=ties, **cuts)
