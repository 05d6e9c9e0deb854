"""Build in Python the conditions on the life of a habit: first time, regular, stopped, resumed.

Each takes one target as `did` does: `event`, `page`, `visit` or `experience`, with `where`.
"""

from typing import Any

from segkit.segments.conditions import Condition
from segkit.segments.forms import CONDITION
from segkit.segments.shapes import Place

Plain = dict[str, Any]


def _read(kind: str, target: Plain, **keys: Any) -> Condition:  # noqa: ANN401  plain values
    given = target | {key.removesuffix("_"): body for key, body in keys.items() if body is not None}
    if isinstance(given.get("event"), tuple | set | frozenset):
        given["event"] = list(given["event"])
    return CONDITION.read({kind: given}, Place())


def first_time(*, during: str | Plain, **target: Any) -> Condition:  # noqa: ANN401  plain values
    """Give the condition that a user's first target ever lies in a window.

    Raises
    ------
    DefinitionError
        When a part is not of the language.
    """
    return _read("first_time", target, during=during)


def regularly(
    *,
    per: str,
    periods: Any,  # noqa: ANN401  a value, a list or comparators
    of_last: int,
    is_: Any = None,  # noqa: ANN401  the same
    **target: Any,  # noqa: ANN401  plain values
) -> Condition:
    """Give the condition that a user does something again and again.

    Parameters
    ----------
    per
        The length of a period, like `"1w"`; periods adjoin and are counted back from T.
    periods, of_last
        In how many of the last `of_last` periods the number of times must satisfy `is_`.
    is_
        How often in a period; at least once by default.
    **target
        What, as in `did`.

    Raises
    ------
    DefinitionError
        When a part is not of the language.
    """
    counted = {"is": periods, "of_last": of_last}
    return _read("regularly", target, is_=is_, per=per, periods=counted)


def stopped(*, active_in: str | Plain, silent_for: str, **target: Any) -> Condition:  # noqa: ANN401
    """Give the condition that a user did it in a window, but not in the last `silent_for`.

    Raises
    ------
    DefinitionError
        When a part is not of the language.
    """
    return _read("stopped", target, active_in=active_in, silent_for=silent_for)


def resumed(*, silent_for: str, during: Plain, **target: Any) -> Condition:  # noqa: ANN401
    """Give the condition that a user did it in a window and earlier, not in `silent_for` between.

    Raises
    ------
    DefinitionError
        When a part is not of the language.
    """
    return _read("resumed", target, silent_for=silent_for, during=during)
