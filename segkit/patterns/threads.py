"""Keep sums of floats the same on every machine: one thread adds in one order."""

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def one_thread() -> Iterator[None]:
    """Hold the mathematics below to one thread, and leave other threads' limits as they were."""
    import sklearn.cluster  # noqa: F401, PLC0415  limits reach only what is already loaded
    from threadpoolctl import threadpool_limits  # noqa: PLC0415  comes with scikit-learn

    with threadpool_limits(limits=1):
        yield
