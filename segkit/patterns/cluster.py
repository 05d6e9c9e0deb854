"""Cut users into many small groups and join those that samples of the users keep together.

One run of k-means at the right number of groups finds balanced groups and loses rare ones. So it
cuts far too finely, a tree joins the pieces, and what holds is what 20 resamples agree on.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from segkit.patterns.features import FloatArray, IntArray
from segkit.patterns.threads import side_by_side

FEW_CENTRES, MANY_CENTRES, MANY_USERS = 25, 50, 30_000
N_BOOTSTRAPS = 20
BOOTSTRAP_SIZE = 8_000
FEW_STARTS, MANY_STARTS = 3, 10
MOST_GROUPS = 10


@dataclass(frozen=True, kw_only=True)
class Resamples:
    """How the users fall into pieces, once for all of them and once for each bootstrap.

    `pieces` has an entry a user; `boot_pieces` a row a bootstrap and an entry a user: the nearest
    centre. `trees` has for each bootstrap a row a piece and a column k − 1: its group of k.
    """

    pieces: IntArray
    n_pieces: int
    boot_pieces: npt.NDArray[np.uint8]
    trees: tuple[IntArray, ...]


def resample(places: FloatArray, *, seed: int) -> Resamples:
    """Give the pieces of all users and of 20 bootstraps of at most 8,000 of them.

    `places` has a row a user and a column an axis. 25 pieces, 50 above 30,000 users.
    """
    n_users = len(places)
    is_many = n_users > MANY_USERS
    n_pieces = MANY_CENTRES if is_many else FEW_CENTRES
    n_starts = FEW_STARTS if is_many else MANY_STARTS
    rng = np.random.default_rng(seed)
    state = _draw_state(rng)
    # All is drawn first, in one order; then the two parts can be done side by side.
    draws = [
        (rng.integers(0, n_users, min(BOOTSTRAP_SIZE, n_users)), _draw_state(rng))
        for _ in range(N_BOOTSTRAPS)
    ]

    def cut_all() -> IntArray:
        return nearest(places, _cut_pieces(places, n_pieces, state, n_starts=n_starts))

    def cut_each() -> tuple[npt.NDArray[np.uint8], list[IntArray]]:
        boot_pieces = np.empty((N_BOOTSTRAPS, n_users), dtype=np.uint8)
        trees = []
        for b, (drawn, own) in enumerate(draws):
            centres = _cut_pieces(places[drawn], n_pieces, own)
            boot_pieces[b] = nearest(places, centres)
            trees.append(join_pieces(centres))
        return boot_pieces, trees

    with _few_places_are_fine():
        pieces, (boot_pieces, trees) = side_by_side(cut_all, cut_each)
    return Resamples(pieces=pieces, n_pieces=n_pieces, boot_pieces=boot_pieces, trees=tuple(trees))


def _draw_state(rng: np.random.Generator) -> int:
    return int(rng.integers(2**31))


def cut_pieces(
    places: FloatArray, n_pieces: int, rng: np.random.Generator, *, n_starts: int = 1
) -> FloatArray:
    """Give the centres that k-means finds, one row a piece; some coincide where users do."""
    with _few_places_are_fine():
        return _cut_pieces(places, n_pieces, _draw_state(rng), n_starts=n_starts)


def _cut_pieces(places: FloatArray, n_pieces: int, state: int, *, n_starts: int = 1) -> FloatArray:
    from sklearn.cluster import KMeans  # noqa: PLC0415  slow to import, and only fitting needs it

    means = KMeans(n_pieces, n_init=n_starts, random_state=state)
    centres: FloatArray = means.fit(places).cluster_centers_
    return centres


@contextmanager
def _few_places_are_fine() -> Iterator[None]:
    """Say nothing of pieces that coincide; filters are those of all threads, so set them once."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Number of distinct clusters")
        yield


def nearest(places: FloatArray, centres: FloatArray) -> IntArray:
    """Give the nearest centre of each user."""
    found: IntArray = np.argmin(squared_distances(places, centres), axis=1)
    return found


def squared_distances(places: FloatArray, centres: FloatArray) -> FloatArray:
    """Give each user's squared distance to each centre, less the user's own square length.

    Enough to compare centres by; add `(places**2).sum(axis=1)` for distances.
    """
    found: FloatArray = np.sum(centres**2, axis=1) - 2 * (places @ centres.T)
    return found


def join_pieces(centres: FloatArray) -> IntArray:
    """Give each piece's group when centres are joined to 1, 2, … 10 groups; a column each.

    Source: Ward 1963, J. Am. Stat. Assoc. 58, each piece counted once.
    """
    from scipy.cluster.hierarchy import linkage  # noqa: PLC0415  slow to import

    return _cut(linkage(centres, "ward"))


def agree(resamples: Resamples) -> IntArray:
    """Give each piece's group by consensus: a row a piece, a column k − 1 for k groups.

    Notes
    -----
    For k groups, two pieces are as near as the chance, averaged over bootstraps, that a user of
    one and a user of the other fall into one group of the bootstrap's k; average linkage.

    Source: Monti et al. 2003, Machine Learning 52 (consensus clustering).
    """
    from scipy.cluster.hierarchy import linkage  # noqa: PLC0415  slow to import
    from scipy.spatial.distance import squareform  # noqa: PLC0415  the same

    n_pieces = resamples.n_pieces
    tables = count_pieces(resamples.pieces, n_pieces, resamples)
    agreed = np.zeros((n_pieces, MOST_GROUPS), dtype=np.int64)
    for k in range(2, MOST_GROUPS + 1):
        together = np.zeros((n_pieces, n_pieces))
        for table, tree in zip(tables, resamples.trees, strict=True):
            shares = table @ np.eye(k)[tree[:, k - 1]]
            shares /= np.maximum(shares.sum(axis=1, keepdims=True), 1)
            together += shares @ shares.T
        apart = np.clip(1 - (together + together.T) / 2 / len(tables), 0, None)
        np.fill_diagonal(apart, 0)
        tree = linkage(squareform(apart, checks=False), "average")
        agreed[:, k - 1] = _cut(tree)[:, k - 1]
    return agreed


def count_pieces(groups: IntArray, n_groups: int, resamples: Resamples) -> FloatArray:
    """Give, for each bootstrap, how many users of each group fall into each of its pieces.

    Shape: bootstraps, groups, pieces.
    """
    n_pieces = resamples.n_pieces
    base = groups.astype(np.int64) * n_pieces
    tables = [
        np.bincount(base + boot, minlength=n_groups * n_pieces).reshape(n_groups, n_pieces)
        for boot in resamples.boot_pieces
    ]
    return np.array(tables, dtype=np.float64)


def _cut(tree: FloatArray) -> IntArray:
    from scipy.cluster.hierarchy import cut_tree  # noqa: PLC0415  slow to import

    cut: IntArray = cut_tree(tree, n_clusters=range(1, MOST_GROUPS + 1))
    return cut.astype(np.int64)
