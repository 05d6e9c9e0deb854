"""Keep sums of floats the same on every machine: one thread adds in one order.

Work in parts that know nothing of each other may still be done side by side.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

First = TypeVar("First")
Second = TypeVar("Second")


@contextmanager
def one_thread() -> Iterator[None]:
    """Hold the mathematics below to one thread, and leave other threads' limits as they were."""
    import sklearn.cluster  # noqa: F401, PLC0415  limits reach only what is already loaded
    from threadpoolctl import threadpool_limits  # noqa: PLC0415  comes with scikit-learn

    with threadpool_limits(limits=1):
        yield


def side_by_side(first: Callable[[], First], second: Callable[[], Second]) -> tuple[First, Second]:
    """Give what two computations give, each done by one thread, at the same time."""

    def alone() -> Second:
        with one_thread():
            return second()

    with ThreadPoolExecutor(1) as other:
        waited = other.submit(alone)
        return first(), waited.result()
