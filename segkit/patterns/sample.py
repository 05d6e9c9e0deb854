"""Choose whom patterns are fitted on, so that next week the same people are asked."""

from hashlib import blake2b

import numpy as np
import numpy.typing as npt

from segkit.patterns.features import IntArray

MOST_FITTED = 100_000
CHUNK = 1_000_000
_OFFSET, _PRIME = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3)
_MIXERS = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))
_SHIFTS = (np.uint64(30), np.uint64(27), np.uint64(31))


def choose_sample(user_key: npt.NDArray[np.str_], *, most: int = MOST_FITTED) -> IntArray:
    """Give the rows of at most `most` users, in the order of their keys.

    Notes
    -----
    Those with the smallest hashes of their key: a user's hash is the same in every week and in
    every order of rows, so samples of two weeks share all who were there in both, but for the few
    at the limit.
    """
    if len(user_key) > most:
        rows = np.argpartition(hash_keys(user_key), most)[:most]
    else:
        rows = np.arange(len(user_key))
    return rows[np.argsort(user_key[rows], kind="stable")]


def hash_keys(user_key: npt.NDArray[np.str_]) -> npt.NDArray[np.uint64]:
    """Give a number of 64 bits for each key, the same in every array that holds the key.

    Source: Fowler, Noll and Vo 1991 (FNV-1a, over code points); Steele, Lea and Flood 2014
    (SplitMix64, the last mixing).
    """
    parts = [_hash(user_key[i : i + CHUNK]) for i in range(0, len(user_key), CHUNK)]
    return np.concatenate(parts) if parts else np.empty(0, np.uint64)


def name_sample(user_key: npt.NDArray[np.str_]) -> str:
    """Give a text that two samples share only if they hold the same users, whatever the order."""
    return blake2b("\n".join(sorted(user_key.tolist())).encode(), digest_size=16).hexdigest()


def _hash(keys: npt.NDArray[np.str_]) -> npt.NDArray[np.uint64]:
    width = keys.dtype.itemsize // np.dtype(np.uint32).itemsize
    letters = np.ascontiguousarray(keys).view(np.uint32).reshape(len(keys), width)
    found = np.full(len(keys), _OFFSET)
    for letter in letters.T:
        # A shorter key is padded with zeros, which are no part of it.
        found = np.where(letter > 0, (found ^ letter) * _PRIME, found)
    for shift, mixer in zip(_SHIFTS, _MIXERS, strict=False):
        found = (found ^ (found >> shift)) * mixer
    mixed: npt.NDArray[np.uint64] = found ^ (found >> _SHIFTS[-1])
    return mixed
