"""Set what patterns find against the truth of drawn users: the measures that gates are put on."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from segkit.patterns.agreement import adjusted_rand, contingency
from segkit.patterns.eligible import ELIGIBLE, name_eligible
from segkit.patterns.encode import encode_columns, fit_encoding
from segkit.patterns.features import Block, Features, FloatArray, IntArray
from segkit.patterns.fit import Scores
from tests.patterns.archetypes import Drawn


def agreement(first: IntArray, second: IntArray) -> float:
    """Give the adjusted Rand index of two ways to group the same users, whatever the labels."""
    codes = (np.unique(groups, return_inverse=True)[1] for groups in (first, second))
    return adjusted_rand(contingency(*codes))


def truth_agreement(drawn: Drawn, scores: Scores) -> float:
    """Give the agreement with the truth of everyone whom the model holds for eligible.

    Each user counts in the likeliest group, also who is "mixed". Bots that were not found out
    are a kind of their own. Where no groups were found everyone is in one: 0.
    """
    told = ~np.isnan(scores.distance)
    return agreement(drawn.truth[told], scores.group[told])


def kinds_of_groups(drawn: Drawn, scores: Scores, n_groups: int) -> tuple[str, ...]:
    """Give the kind that most users of each group are of."""
    found = []
    for group in range(n_groups):
        truth = drawn.truth[(scores.group == group) & (drawn.truth >= 0)]
        counts = np.bincount(truth, minlength=len(drawn.kinds))
        found.append(drawn.kinds[int(counts.argmax())])
    return tuple(found)


def kinds_held(drawn: Drawn, scores: Scores, n_groups: int) -> tuple[frozenset[str], ...]:
    """Give the kinds of each group: those of whose users it holds more than any other group.

    Kinds that the method tells not apart share a group, whichever of them is larger this month.
    """
    held: list[set[str]] = [set() for _ in range(n_groups)]
    for place, kind in enumerate(drawn.kinds):
        inside = scores.group[(drawn.truth == place) & (scores.group >= 0)]
        if len(inside):
            held[int(np.bincount(inside).argmax())].add(kind)
    return tuple(frozenset(kinds) for kinds in held)


def best_f1(is_kind: npt.NDArray[np.bool_], group: IntArray) -> float:
    """Give the best F1 that any one group has for a kind, of users with a group."""
    told = group >= 0
    kind = is_kind & told
    return max(
        (
            2 * int((kind & (group == g)).sum()) / int(kind.sum() + (group == g).sum())
            for g in range(int(group.max(initial=-1)) + 1)
        ),
        default=0.0,
    )


def worst_share_error(drawn: Drawn, scores: Scores, kinds: tuple[str, ...]) -> float:
    """Give the largest gap between the share of a group and that of its kind, of the eligible."""
    told = scores.group >= 0
    truth, group = drawn.truth[told], scores.group[told]
    gaps = [
        abs(float(np.mean(group == g)) - float(np.mean(truth == drawn.kinds.index(kind))))
        for g, kind in enumerate(kinds)
    ]
    return max(gaps)


def fit_oracle(drawn: Drawn) -> Callable[[Drawn], float]:
    """Give what says how well a classifier that was taught the truth knows other draws."""
    from sklearn.ensemble import HistGradientBoostingClassifier  # noqa: PLC0415  slow to import

    taught = drawn.features.take(name_eligible(drawn.features) == ELIGIBLE)
    encoding = fit_encoding(taught)
    is_taught = name_eligible(drawn.features) == ELIGIBLE
    classifier = HistGradientBoostingClassifier(random_state=0)
    classifier.fit(encode_columns(encoding, taught), drawn.truth[is_taught])

    def judge(other: Drawn) -> float:
        is_asked = name_eligible(other.features) == ELIGIBLE
        columns = encode_columns(encoding, other.features.take(is_asked))
        return agreement(other.truth[is_asked], classifier.predict(columns))

    return judge


def shuffle(features: Features, rng: np.random.Generator) -> tuple[Features, IntArray]:
    """Give the features with rows and columns in another order, and the order of the rows."""
    rows = rng.permutation(len(features.user_key))
    mixed = features.take(rows)
    blocks = {}
    for name in rng.permutation(list(mixed.blocks)).tolist():
        block = mixed.blocks[name]
        columns = rng.permutation(len(block.columns))
        blocks[name] = Block(
            columns=tuple(block.columns[i] for i in columns), values=block.values[:, columns]
        )
    return replace(mixed, blocks=blocks), rows


def rescale(features: Features, factors: Mapping[str, float], *, outcomes: float = 1.0) -> Features:
    """Give the features with some columns of the volume in other units, outcomes too."""
    volume = features.blocks["volume"]
    by = np.array([factors.get(column, 1.0) for column in volume.columns])
    scaled = replace(volume, values=volume.values * by)
    judged = replace(features.outcomes, values=features.outcomes.values * outcomes)
    return replace(features, blocks={**features.blocks, "volume": scaled}, outcomes=judged)


def deal_halves(drawn: Drawn, rng: np.random.Generator) -> tuple[Features, Features]:
    """Deal each user's visits into two halves by chance; views go with the visits.

    The last visit is in one half; the other's is a gap longer ago, drawn from an exponential of
    the user's mean gap. Minutes a visit are each half's own mean of visits that vary by half.
    """
    whole = drawn.features
    visits = whole.column("volume", "n_visits").astype(np.int64)
    own = rng.binomial(visits, 0.5)
    share = own / visits
    seen = whole.blocks["pages"].values.astype(np.int64)
    counts = {
        "pages": rng.binomial(seen, share[:, None]).astype(np.float64),
        "source": _deal(whole.blocks["source"].values, own, rng),
        "device": _deal(whole.blocks["device"].values, own, rng),
    }
    rest = {name: whole.blocks[name].values - counts[name] for name in counts}
    has_last = rng.random(len(visits)) < share
    gap = rng.exponential(30 / visits)
    return (
        _half(whole, counts, own, np.where(has_last, 0, gap), rng),
        _half(whole, rest, visits - own, np.where(has_last, gap, 0), rng),
    )


def _half(
    whole: Features,
    counts: Mapping[str, FloatArray],
    visits: IntArray,
    gap: FloatArray,
    rng: np.random.Generator,
) -> Features:
    """Give the features of some of the visits; `gap` is how much longer ago their last one is."""
    at_least_one = np.maximum(visits, 1)
    views = counts["pages"].sum(axis=1)
    noise = np.exp(rng.normal(0, 0.5, len(visits)) / np.sqrt(at_least_one))
    told = {
        "n_visits": visits,
        "n_page_views": views,
        "n_active_days": np.minimum(visits, whole.column("volume", "n_active_days")),
        "days_since_last": whole.column("volume", "days_since_last") + gap,
        "minutes_per_visit": whole.column("volume", "minutes_per_visit") * noise,
        "pages_per_visit": views / at_least_one,
    }
    columns = whole.blocks["volume"].columns
    values = {**counts, "volume": np.column_stack([told[column] for column in columns])}
    blocks = {
        name: replace(block, values=np.asarray(values.get(name, block.values), dtype=np.float64))
        for name, block in whole.blocks.items()
    }
    return replace(whole, blocks=blocks)


def _deal(counts: FloatArray, n: IntArray, rng: np.random.Generator) -> FloatArray:
    """Give as many of each user's counts as asked, drawn without putting back."""
    left, wanted = counts.sum(axis=1).astype(np.int64), n.copy()
    dealt = np.zeros_like(counts)
    for i in range(counts.shape[1]):
        own = counts[:, i].astype(np.int64)
        left -= own
        drawn = rng.hypergeometric(own, left, wanted)
        wanted -= drawn
        dealt[:, i] = drawn
    return dealt
