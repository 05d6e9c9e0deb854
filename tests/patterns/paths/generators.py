"""Paths by chance with known truths in them, as `sequence_generators.json` describes them."""

import numpy as np

from segkit.patterns.features import FloatArray, IntArray
from segkit.patterns.paths.sequences import Sequences

N_PAGES = 12
SAME = 0.4


def draw_paths(
    random: np.random.Generator, chains: FloatArray, kind: IntArray, lengths: IntArray
) -> list[IntArray]:
    """Draw a path a `kind` and length: uniform start, then by the kind's chain."""
    n, n_pages = len(kind), chains.shape[-1]
    steps = np.empty((n, int(lengths.max())), dtype=np.int64)
    steps[:, 0] = random.integers(n_pages, size=n)
    limits = chains.cumsum(axis=2)
    for at in range(1, steps.shape[1]):
        chance = random.random((n, 1))
        steps[:, at] = np.minimum(
            (limits[kind, steps[:, at - 1]] < chance).sum(axis=1), n_pages - 1
        )
    return [steps[at, :length] for at, length in enumerate(lengths)]


def lay(paths: list[IntArray], n_pages: int = N_PAGES) -> Sequences:
    """Lay paths out one after the other, one user each."""
    return Sequences(
        places=np.concatenate(paths),
        path=np.repeat(np.arange(len(paths)), [len(path) for path in paths]),
        user_no=np.arange(len(paths)),
        n_places=n_pages,
    )


def draw_mixture(
    conc: float, seed: int, *, n: int = 6_000, k: int = 4
) -> tuple[Sequences, IntArray, FloatArray]:
    """Give paths of k kinds, the kind of each, and the chains that made them."""
    random = np.random.default_rng(seed)
    common = random.dirichlet(np.full(N_PAGES, 3.0), size=N_PAGES)
    own = random.dirichlet(np.full(N_PAGES, conc), size=(k, N_PAGES))
    chains = SAME * common + (1 - SAME) * own
    kind = random.integers(k, size=n)
    lengths = 5 + random.geometric(0.08, size=n)
    return lay(draw_paths(random, chains, kind, lengths)), kind, chains


def draw_planted(rate: float, seed: int, *, n: int = 20_000) -> tuple[Sequences, tuple[int, ...]]:
    """Give paths of one chain, a share of which hold the same four pages, and these pages."""
    random = np.random.default_rng(seed)
    chain = random.dirichlet(np.full(N_PAGES, 0.6), size=(1, N_PAGES))
    lengths = 2 + random.geometric(0.15, size=n)
    paths = draw_paths(random, chain, np.zeros(n, dtype=np.int64), lengths)
    planted = random.permutation(N_PAGES)[:4]
    for at in random.permutation(n)[: round(rate * n)]:
        paths[at] = np.insert(paths[at], random.integers(len(paths[at]) + 1), planted)
    return lay(paths), tuple(planted.tolist())


def collapse(paths: Sequences) -> Sequences:
    """Let one step stand for a page that is seen several times in a row."""
    stays = np.zeros(len(paths.places), dtype=bool)
    stays[1:] = (np.diff(paths.places) == 0) & (np.diff(paths.path) == 0)
    return Sequences(
        places=paths.places[~stays],
        path=paths.path[~stays],
        user_no=paths.user_no,
        n_places=paths.n_places,
    )
