"""Find patterns in raw features, freeze them, and score anyone by what was frozen."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from segkit.errors import EmptyError, ParameterError, UnknownNameError
from segkit.patterns.alternatives import CONSENSUS, METHODS, group_otherwise
from segkit.patterns.cluster import MOST_GROUPS, agree, cut_pieces, nearest, resample
from segkit.patterns.eligible import ELIGIBLE, STANDINGS, Labels, find_standing
from segkit.patterns.encode import encode, encode_acts, fit_encoding, iterate_columns
from segkit.patterns.features import Features, FloatArray, IntArray
from segkit.patterns.model import VERSION, DistanceSpread, Group, PatternModel
from segkit.patterns.sample import MOST_FITTED, choose_sample, name_sample
from segkit.patterns.scorer import (
    MIN_PROBABILITY,
    MIXED,
    Scorer,
    distances,
    fit_scorer,
    probabilities,
)
from segkit.patterns.stability import Stability, badge, choose_k, measure_stability
from segkit.patterns.threads import one_thread
from segkit.patterns.tiers import fit_tiers, name_tiers
from segkit.patterns.valley import merge_without_valley

NO_GROUPS = "no separate groups"
CONTINUUM = "no separate groups, one continuum"
TOO_FEW = "too few eligible users to tell groups apart"
MIN_GROUPS = 2
MIN_FITTED = 200
SILHOUETTE_SIZE = 3_000
N_DISTANCE_BOOTSTRAPS = 200
OTHERS = (*STANDINGS[:-1], MIXED, NO_GROUPS)
"""Labels that are no pattern's id; together with the ids they cover everyone once."""


@dataclass(frozen=True, kw_only=True)
class Scores:
    """What a model says of each user, in the order of the features.

    `labels` holds a group's id or one of `OTHERS`; `group` the likeliest group's place in
    `model.groups` or −1; `probabilities` a column a group and `distance` the way to the nearest
    centre, nan for who is not eligible; `tiers` light, medium or heavy, for everyone.
    """

    labels: Labels
    group: IntArray
    probabilities: FloatArray
    distance: FloatArray
    tiers: Labels


@dataclass(frozen=True, kw_only=True)
class Fit:
    """A model, and what it says of everyone it was fitted on."""

    model: PatternModel
    scores: Scores


@dataclass(frozen=True, kw_only=True)
class _Found:
    """Groups of the fitting sample before they are frozen; no group or one is "none"."""

    groups: IntArray
    jaccards: tuple[float, ...]
    measured: tuple[Stability, ...]
    reason: str


def fit_patterns(
    features: Features,
    *,
    seed: int,
    k: int | None = None,
    method: str = CONSENSUS,
    window: tuple[date, date] | None = None,
    most_fitted: int = MOST_FITTED,
) -> Fit:
    """Find the patterns of users over one window, or that there are none.

    Parameters
    ----------
    features
        Everyone, in any order of rows and columns.
    seed
        Of k-means and of the bootstraps.
    k
        2 to 10 groups, taken as they are; default as many as are found again in bootstraps and
        have a valley between them, which can be none.
    method
        `consensus`; or `kmeans`, `gmm`, `hdbscan` for comparison.
    window
        First and last day that the features cover; kept in the model.
    most_fitted
        Users to fit on; everyone is scored.

    Raises
    ------
    UnknownNameError
        No such method.
    ParameterError
        k is out of range.
    EmptyError
        Nobody is eligible.
    PatternError
        No feature differs between users.

    Notes
    -----
    k is the largest of 2 to 10 with a mean clusterwise Jaccard index of at least 0.85 and a mean
    adjusted Rand index of at least 0.70 over 20 bootstraps; then groups without a valley between
    them, in what they do, are joined. Fewer than 200 eligible users have no groups. Equal features
    and seed give equal results, whatever the order of rows and columns and the number of threads.
    """
    if method not in METHODS:
        raise UnknownNameError.of_kind("method", method, METHODS)
    if k is not None and not MIN_GROUPS <= k <= MOST_GROUPS:
        raise ParameterError.build(f"k is {k}; expected {MIN_GROUPS} to {MOST_GROUPS}, or none.")
    eligible = np.flatnonzero(find_standing(features) == STANDINGS.index(ELIGIBLE))
    if not len(eligible):
        raise EmptyError.build(
            "Nobody came twice and saw five pages, or did as many of the events or purchases that "
            "stand for them, so there are no patterns to find.",
            hint="take a longer window.",
        )
    chosen = choose_sample(features.user_key[eligible], most=most_fitted)
    sample = features.take(eligible[chosen])
    with one_thread():
        model = _freeze(sample, seed=seed, k=k, method=method, window=window)
        return Fit(model=model, scores=score(model, features))


def _freeze(
    sample: Features,
    *,
    seed: int,
    k: int | None,
    method: str,
    window: tuple[date, date] | None,
) -> PatternModel:
    """Find the groups of the fitting sample and write down all that scoring needs."""
    encoding = fit_encoding(sample)
    places = encode(encoding, sample)
    acts = encode_acts(encoding, sample)
    found = _find(places, acts, seed=seed, k=k, method=method)
    scorer = fit_scorer(places, found.groups)
    return PatternModel(
        version=VERSION,
        method=method,
        seed=seed,
        window=window,
        sample_hash=name_sample(sample.user_key),
        n_fitted=len(places),
        encoding=encoding,
        scorer=scorer,
        groups=_describe(scorer, places, found),
        reason=found.reason,
        stability=found.measured,
        silhouette=_silhouette(places, found.groups, seed=seed),
        silhouette_noise=_silhouette_of_noise(places, found.groups, seed=seed),
        distance=_spread(distances(scorer, places), seed=seed),
        tier_limits=fit_tiers(sample),
    )


def score(model: PatternModel, features: Features) -> Scores:
    """Give what a frozen model says of each user; nothing is fitted.

    Raises
    ------
    PatternError
        A block of the features has other columns than the model was made with.
    """
    standing = find_standing(features)
    is_eligible = standing == STANDINGS.index(ELIGIBLE)
    rows = np.flatnonzero(is_eligible)
    n_groups = len(model.groups)
    group = np.full(len(standing), -1)
    chances = np.full((len(standing), n_groups), np.nan)
    distance = np.full(len(standing), np.nan)
    names = np.array([*OTHERS, *(g.id for g in model.groups)])
    codes = np.where(is_eligible, OTHERS.index(NO_GROUPS), standing)
    with one_thread():
        components = np.array(model.encoding.components).T
        start = 0
        for columns in iterate_columns(model.encoding, features, rows):
            places = columns @ components
            here = rows[start : start + len(places)]
            start += len(places)
            distance[here] = distances(model.scorer, places)
            if n_groups:
                chances[here] = probabilities(model.scorer, places)
                group[here] = chances[here].argmax(axis=1)
                is_mixed = chances[here].max(axis=1) < MIN_PROBABILITY
                codes[here] = np.where(is_mixed, OTHERS.index(MIXED), len(OTHERS) + group[here])
    return Scores(
        labels=names[codes],
        group=group,
        probabilities=chances,
        distance=distance,
        tiers=name_tiers(model.tier_limits, features),
    )


def _find(places: FloatArray, acts: FloatArray, *, seed: int, k: int | None, method: str) -> _Found:
    """Give the groups of the sample by the method, largest first."""
    nobody = np.zeros(len(places), dtype=np.int64)
    if len(places) < MIN_FITTED:
        return _Found(groups=nobody, jaccards=(), measured=(), reason=TOO_FEW)
    resamples = resample(places, seed=seed)
    agreed = agree(resamples)
    measured = tuple(
        measure_stability(agreed[:, i - 1][resamples.pieces], resamples)
        for i in range(MIN_GROUPS, MOST_GROUPS + 1)
    )
    wanted = k or choose_k(measured)
    groups = nobody
    if method == CONSENSUS:
        groups = agreed[:, wanted - 1][resamples.pieces]
        groups = groups if k else merge_without_valley(places, acts, groups)
    elif wanted > 1 or method == "hdbscan":
        groups = group_otherwise(method, places, k=wanted, seed=seed)
    groups = _largest_first(groups)
    if groups.max() < 1:
        return _Found(groups=nobody, jaccards=(), measured=measured, reason=CONTINUUM)
    likeliest = probabilities(fit_scorer(places, groups), places).argmax(axis=1)
    everyone = np.where(groups >= 0, groups, likeliest)
    jaccards = measure_stability(everyone, resamples).jaccards
    return _Found(groups=groups, jaccards=jaccards, measured=measured, reason="")


def _largest_first(groups: IntArray) -> IntArray:
    """Give the groups numbered by falling size; negative ones stay."""
    inside = groups >= 0
    sizes = np.bincount(groups[inside], minlength=1)
    place = np.argsort(np.argsort(-sizes, kind="stable"), kind="stable")
    return np.where(inside, place[groups], -1)


def _describe(scorer: Scorer, places: FloatArray, found: _Found) -> tuple[Group, ...]:
    if found.reason:
        return ()
    chances = probabilities(scorer, places)
    sure = chances.max(axis=1) >= MIN_PROBABILITY
    sizes = np.bincount(chances.argmax(axis=1)[sure], minlength=len(scorer.centres)).tolist()
    return tuple(
        Group(
            id=f"p{i + 1}",
            name=f"pattern {i + 1}",
            n_users=sizes[i],
            share=sizes[i] / len(places),
            jaccard=jaccard,
            badge=badge(jaccard),
        )
        for i, jaccard in enumerate(found.jaccards)
    )


def _silhouette(places: FloatArray, groups: IntArray, *, seed: int) -> float:
    """Give the mean silhouette of up to 3,000 users; where there is one group, of a cut in two."""
    from sklearn.metrics import silhouette_score  # noqa: PLC0415  slow to import

    rng = np.random.default_rng(seed)
    drawn = rng.permutation(len(places))[:SILHOUETTE_SIZE]
    places, groups = places[drawn], groups[drawn]
    if groups.max() < 1:
        groups = nearest(places, cut_pieces(places, 2, rng))
    if not 1 < len(np.unique(groups)) < len(places):
        return 0.0
    return float(silhouette_score(places, groups))


def _silhouette_of_noise(places: FloatArray, groups: IntArray, *, seed: int) -> float:
    """Give the silhouette that normal noise of the same variances has, cut into as many groups."""
    rng = np.random.default_rng(seed)
    n_groups = max(int(groups.max()) + 1, 2)
    shape = min(len(places), SILHOUETTE_SIZE), places.shape[1]
    noise = rng.normal(0, places.std(axis=0), shape)
    cut = nearest(noise, cut_pieces(noise, min(n_groups, len(noise)), rng))
    return _silhouette(noise, cut, seed=seed)


def _spread(distance: FloatArray, *, seed: int) -> DistanceSpread:
    rng = np.random.default_rng(seed)
    n = len(distance)
    draws = 2 * N_DISTANCE_BOOTSTRAPS
    means = np.array([distance[rng.integers(0, n, n)].mean() for _ in range(draws)])
    gaps = means[:N_DISTANCE_BOOTSTRAPS] - means[N_DISTANCE_BOOTSTRAPS:]
    p50, p90, p99 = np.percentile(distance, [50, 90, 99]).tolist()
    return DistanceSpread(
        mean=float(distance.mean()),
        alarm=float(distance.mean() + np.percentile(gaps, 99)),
        p50=p50,
        p90=p90,
        p99=p99,
    )
