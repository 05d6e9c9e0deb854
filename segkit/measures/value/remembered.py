"""Remember the last fits: the same buyers have the same model, whichever segment is asked about."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from hashlib import blake2b
from typing import Any, TypeVar

import numpy as np

Fit = TypeVar("Fit")
MOST = 16


class Remembered:
    """The last fits of one kind, by everything that they hang on."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._known: OrderedDict[tuple[Hashable, ...], Any] = OrderedDict()

    def fit(
        self, columns: tuple[np.ndarray[Any, Any], ...], *others: Hashable, by: Callable[[], Fit]
    ) -> Fit:
        """Give what `by` gives, which hangs on the numbers of some columns and on `others` alone.

        >>> fits = Remembered()
        >>> fits.fit((np.ones(3),), "b", by=lambda: 1), fits.fit((np.ones(3),), "b", by=lambda: 2)
        (1, 1)
        """
        key = (*(_digest(column) for column in columns), *others)
        if key not in self._known:
            self._known[key] = by()
            if len(self._known) > self._most:
                self._known.popitem(last=False)
        self._known.move_to_end(key)
        found: Fit = self._known[key]
        return found


def _digest(column: np.ndarray[Any, Any]) -> bytes:
    plain = np.ascontiguousarray(column)
    return blake2b(plain.tobytes(), digest_size=16, person=plain.dtype.str.encode()).digest()
