"""Find the orders in which people go: paths of one type choose each move by the same chances.

Two paths may see the same pages and still be of two types: one compares, then decides, the other
decides, then looks around. Only a model of moves can tell them apart.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from segkit.patterns.features import BoolArray, FloatArray, IntArray
from segkit.patterns.paths.sequences import Sequences
from segkit.patterns.threads import one_thread

PSEUDO_COUNT = 0.1
N_STARTS = 5
N_ROUNDS = 60
MOST_TYPES = 6
LEAST_STEPS = 2
LEAST_JACCARD = 0.85
LEAST_RAND = 0.70
LEAST_GAIN = 1e-5
"""A fit ends early when a round gains less than this share of the log-likelihood."""


@dataclass(frozen=True, kw_only=True)
class Mixture:
    """Types of order: the share of each among the paths, and how it moves.

    `weights` sum to 1; `chains` has a matrix a type (from, to) whose rows sum to 1.
    `log_likelihood` is that of the moves of the paths fitted, given where they begin, in nats.
    """

    weights: FloatArray
    chains: FloatArray
    log_likelihood: float

    @property
    def k(self) -> int:
        """The number of types."""
        return len(self.weights)


@dataclass(frozen=True, kw_only=True)
class Trial:
    """How well some number of types did.

    `gain` is the log-likelihood of paths of users that took no part in the fit, less that of one
    type, in nats a move. `rand` and `jaccard` say how alike two fits, each on half of the users,
    sort the paths.
    """

    k: int
    gain: float
    rand: float
    jaccard: float


def fit_mixture(
    paths: Sequences,
    k: int,
    *,
    seed: int = 0,
    n_starts: int = N_STARTS,
    n_rounds: int = N_ROUNDS,
) -> Mixture:
    """Fit a mixture of k first-order Markov chains to paths of two steps or more.

    Parameters
    ----------
    paths
        The paths; repeats of a page are as a rule collapsed before.
    k
        The number of types, 1 or more.
    seed, n_starts, n_rounds
        The best of some random starts is given, after at most so many rounds each.

    Notes
    -----
    Expectation-maximisation: every path belongs to every type by its probability; types are counted
    anew with these weights, 0.1 added to every count, until nothing is gained. Types are given by
    falling weight. Where a path begins is given: it says which page, not in which order.

    Source: Cadez, Heckerman, Meek, Smyth and White 2003, Data Mining and Knowledge Discovery 7.
    """
    moves = _count_moves(paths)
    random = np.random.default_rng(seed)
    with one_thread():
        fits = [_climb(moves, k, random, n_rounds) for _ in range(n_starts if k > 1 else 1)]
    best = max(fits, key=lambda fit: fit.log_likelihood)
    order = np.argsort(-best.weights, kind="stable")
    return Mixture(
        weights=best.weights[order],
        chains=best.chains[order],
        log_likelihood=best.log_likelihood,
    )


def assign_types(mixture: Mixture, paths: Sequences) -> tuple[FloatArray, FloatArray]:
    """Give each path's probability of every type, and its log-likelihood, in nats."""
    with one_thread():
        return _expect(_count_moves(paths), mixture)


def _count_moves(paths: Sequences) -> Any:  # noqa: ANN401  scipy has no types
    """Give a sparse matrix of counts, one row a path, one column a pair of places."""
    from scipy.sparse import csr_matrix  # noqa: PLC0415  slow to import

    same = paths.path[1:] == paths.path[:-1]
    pair = paths.places[:-1][same] * paths.n_places + paths.places[1:][same]
    shape = paths.n_paths, paths.n_places**2
    return csr_matrix((np.ones(len(pair)), (paths.path[:-1][same], pair)), shape=shape)


def _climb(moves: Any, k: int, random: np.random.Generator, n_rounds: int) -> Mixture:  # noqa: ANN401
    shares = random.dirichlet(np.ones(k), size=moves.shape[0])
    mixture = _maximise(moves, shares, -np.inf)
    for _ in range(n_rounds):
        shares, per_path = _expect(moves, mixture)
        total = float(per_path.sum())
        is_done = total - mixture.log_likelihood < LEAST_GAIN * abs(total)
        mixture = _maximise(moves, shares, total)
        if is_done:
            break
    return mixture


def _expect(moves: Any, mixture: Mixture) -> tuple[FloatArray, FloatArray]:  # noqa: ANN401
    tables = np.log(mixture.chains).reshape(mixture.k, -1).T
    logs = moves @ tables + np.log(mixture.weights)
    top = logs.max(axis=1, keepdims=True)
    odds = np.exp(logs - top)
    total = odds.sum(axis=1, keepdims=True)
    return odds / total, (np.log(total) + top)[:, 0]


def _maximise(moves: Any, shares: FloatArray, log_likelihood: float) -> Mixture:  # noqa: ANN401
    n = round(moves.shape[1] ** 0.5)
    pairs = np.asarray(moves.T @ shares).T.reshape(-1, n, n) + PSEUDO_COUNT
    weights = shares.sum(axis=0) + PSEUDO_COUNT
    return Mixture(
        weights=weights / weights.sum(),
        chains=pairs / pairs.sum(axis=2, keepdims=True),
        log_likelihood=log_likelihood,
    )


def choose_types(
    paths: Sequences, *, seed: int = 0, most: int = MOST_TYPES
) -> tuple[Mixture, tuple[Trial, ...]]:
    """Fit as many types as unseen paths speak for and two halves of the users agree on.

    Returns
    -------
    tuple
        The mixture, of one type where no larger number passes, and how each number did.

    Notes
    -----
    Users are cut in two halves by chance. For k = 1, 2, …, each half is fitted and asked about the
    other. Of the numbers with a mean clusterwise Jaccard index of at least 0.85 and an adjusted
    Rand index of at least 0.70 between the two fits' sortings of all paths, the one with the
    highest log-likelihood of unseen paths is taken.
    """
    half = _halve(paths.user_no, seed)
    sides = paths.take(half), paths.take(~half)
    trials: list[Trial] = []
    base = 0.0
    n_moves = max(len(paths.places) - paths.n_paths, 1)
    for k in range(1, most + 1):
        fits = [fit_mixture(side, k, seed=seed) for side in sides]
        asked = [assign_types(fit, paths) for fit in fits]
        unseen = float(asked[0][1][~half].sum() + asked[1][1][half].sum())
        base = unseen if k == 1 else base
        first, second = (shares.argmax(axis=1) for shares, _ in asked)
        rand, jaccard = _agreement(first, second, k)
        gain = (unseen - base) / n_moves
        trials.append(Trial(k=k, gain=gain, rand=rand, jaccard=jaccard))
    stable = [t for t in trials if t.rand >= LEAST_RAND and t.jaccard >= LEAST_JACCARD]
    best = max(stable, key=lambda t: (t.gain, -t.k))
    return fit_mixture(paths, best.k, seed=seed), tuple(trials)


def _halve(user_no: IntArray, seed: int) -> BoolArray:
    users, where = np.unique(user_no, return_inverse=True)
    is_first = np.random.default_rng(seed).permutation(len(users)) % 2 == 0
    return np.asarray(is_first[where], dtype=np.bool_)


def _agreement(first: IntArray, second: IntArray, k: int) -> tuple[float, float]:
    """Give the adjusted Rand index, and the mean over types of the best Jaccard index."""
    from sklearn.metrics import adjusted_rand_score  # noqa: PLC0415  slow to import

    both = np.bincount(first * k + second, minlength=k * k).reshape(k, k)
    either = both.sum(axis=1, keepdims=True) + both.sum(axis=0, keepdims=True) - both
    best = (both / np.maximum(either, 1)).max(axis=1)
    return float(adjusted_rand_score(first, second)), float(best.mean())
