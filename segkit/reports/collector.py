"""Keep Python's collector of cyclic garbage still while queries are written."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def no_collection() -> Iterator[None]:
    """Collect no cycles inside, and go on as before after it.

    A report builds some hundred thousand small objects of query trees, nearly all of which live
    until its end: to look through them again and again takes a tenth of its time and frees little.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
