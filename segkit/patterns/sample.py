"""Choose whom patterns are fitted on, so that next week the same people are asked."""

from hashlib import blake2b

import numpy as np
import numpy.typing as npt

from segkit.patterns.features import IntArray

MOST_FITTED = 100_000


def choose_sample(user_key: npt.NDArray[np.str_], *, most: int = MOST_FITTED) -> IntArray:
    """Give the rows of at most `most` users, in the order of their keys.

    Notes
    -----
    Those with the smallest hashes of their key: a user's hash is the same in every week and in
    every order of rows, so samples of two weeks share all who were there in both, but for the few
    at the limit.
    """
    if len(user_key) > most:
        hashes = np.array([_hash(key) for key in user_key.tolist()], dtype=np.uint64)
        rows = np.argpartition(hashes, most)[:most]
    else:
        rows = np.arange(len(user_key))
    return rows[np.argsort(user_key[rows], kind="stable")]


def name_sample(user_key: npt.NDArray[np.str_]) -> str:
    """Give a text that two samples share only if they hold the same users, whatever the order."""
    return blake2b("\n".join(sorted(user_key.tolist())).encode(), digest_size=16).hexdigest()


def _hash(key: str) -> int:
    return int.from_bytes(blake2b(key.encode(), digest_size=8).digest(), "big")
