"""Name a pattern by what sets its users apart from the others, in words of the site.

A name says what people do, never who they are or what they bring: outcomes and attributes are not
among the terms.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from segkit.patterns.features import BoolArray, Features, FloatArray
from segkit.patterns.page_groups import PageKind

LEAST_DIFFERENCE = 0.5
ABOUT = 0.1
"""Terms whose differences are so near to one another count as equally strong."""
LEAST_PREVALENCE = 0.05
MOST_Q = 0.05
N_TERMS = 2
MOST_OF_FAMILY = 2
PSEUDO_COUNT = 5.0
MOSTLY = 0.5

VOLUME_WORDS = {
    "n_visits": ("many visits", "few visits"),
    "n_page_views": ("many page views", "few page views"),
    "n_active_days": ("many active days", "few active days"),
    "days_since_last": ("not seen lately", "seen lately"),
    "minutes_per_visit": ("long visits", "short visits"),
    "pages_per_visit": ("many pages a visit", "few pages a visit"),
}
SPOKEN: Mapping[PageKind, Mapping[str, str]] = {
    "page": {},
    "event": {"page views": "events", "pages": "events"},
    "item": {"page views": "purchases", "pages": "purchases"},
}
"""What volume is called where events or goods stand for pages."""


@dataclass(frozen=True, kw_only=True)
class Term:
    """One thing that sets a pattern apart.

    `inside` and `outside` are means of the column: shares (0 to 1, held back by 5 pseudo-counts)
    of a user's page views for `pages`, of the user's visits for `source` and `device`, the
    column's own unit for `volume`. `difference` is (inside - outside) / standard deviation over
    all users that are in some pattern, of the logarithm for `volume`. `lift` is inside / outside,
    None where outside is 0. `prevalence` and `prevalence_outside` are the shares of users with any.
    """

    block: str
    column: str
    words: str
    difference: float
    lift: float | None
    inside: float
    outside: float
    prevalence: float
    prevalence_outside: float


@dataclass(frozen=True, kw_only=True)
class PatternName:
    """A pattern's name and the terms that it could have been made of, strongest first."""

    name: str
    terms: tuple[Term, ...]


@dataclass(frozen=True, kw_only=True)
class ShownColumn:
    """A column that may name a pattern, one entry a user.

    `shown` is in the unit of `Term`, `compared` on the scale that differences are measured on, and
    `has_any` says who has any of it.
    """

    block: str
    column: str
    shown: FloatArray
    compared: FloatArray
    has_any: BoolArray


def name_patterns(
    features: Features, groups: Mapping[str, BoolArray], *, kind: PageKind = "page"
) -> dict[str, PatternName]:
    """Name every pattern; no two have the same name.

    Parameters
    ----------
    features
        Raw features.
    groups
        By pattern, which users are in it (one entry a user of `features`); together they are the
        users that a pattern is set apart from.
    kind
        What stands for pages: volume is called by it.

    Notes
    -----
    A term has |difference| of at least 0.5, a prevalence of at least 5 % on either side, and
    differs by Welch's test at a false-discovery rate of 5 % over all patterns and columns
    (Benjamini and Hochberg 1995). A name is the two strongest terms, of which no family of pages
    (`/product/...`) gives more than two; where two names are equal each takes its next term. Terms
    up to 0.1 below the strongest left count as strong as it: of these pages come first, then what
    is more, then the alphabet.
    """
    terms = {
        group: [_spoken(term, kind) for term in found]
        for group, found in _find_terms(features, groups).items()
    }
    n_terms = dict.fromkeys(groups, N_TERMS)
    names = {group: _compose(found, N_TERMS) for group, found in terms.items()}
    for _ in range(max((len(found) for found in terms.values()), default=0)):
        double = {g for g, n in names.items() if list(names.values()).count(n) > 1}
        if not double:
            break
        for group in double:
            n_terms[group] += 1
            names[group] = _compose(terms[group], n_terms[group])
    unique = _number_doubles(names)
    return {g: PatternName(name=unique[g], terms=tuple(terms[g])) for g in groups}


def _spoken(term: Term, kind: PageKind) -> Term:
    """Give a term of volume in the words of what stands for pages."""
    words = term.words
    if term.block == "volume":
        for page, other in SPOKEN[kind].items():
            words = words.replace(page, other)
    return replace(term, words=words)


def _number_doubles(names: Mapping[str, str]) -> dict[str, str]:
    """Put a number behind names that no term could tell apart, in the order of the patterns."""
    found: dict[str, str] = {}
    for group, name in names.items():
        before = sum(other == name for other in list(names.values())[: len(found)])
        found[group] = name if not before else f"{name} ({before + 1})"
    return found


def _compose(terms: Sequence[Term], n_terms: int) -> str:
    chosen: list[Term] = []
    families: dict[str, int] = {}
    for term in terms:
        family = term.column.split("/")[1] if term.block == "pages" and "/" in term.column else ""
        if family and families.get(family, 0) >= MOST_OF_FAMILY:
            continue
        families[family] = families.get(family, 0) + 1
        chosen.append(term)
        if len(chosen) == n_terms:
            break
    if not chosen:
        return "like everyone"
    return ", ".join(term.words for term in chosen)


def _find_terms(features: Features, groups: Mapping[str, BoolArray]) -> dict[str, list[Term]]:
    from scipy.stats import false_discovery_control  # noqa: PLC0415  only patterns need it

    everyone = np.zeros(len(features.user_no), dtype=bool)
    for inside in groups.values():
        everyone |= inside
    columns = shown_columns(features)
    found: list[tuple[str, Term]] = []
    chances: list[float] = []
    for group, inside in groups.items():
        outside = everyone & ~inside
        for column in columns:
            term = _measure(column, inside, outside, everyone)
            found.append((group, term))
            chances.append(_welch(column.compared, inside, outside))
    q = false_discovery_control(chances) if chances else []
    terms: dict[str, list[Term]] = {group: [] for group in groups}
    for (group, term), chance in zip(found, q, strict=True):
        is_seen = max(term.prevalence, term.prevalence_outside) >= LEAST_PREVALENCE
        if abs(term.difference) >= LEAST_DIFFERENCE and is_seen and chance <= MOST_Q:
            terms[group].append(term)
    return {group: in_order(listed) for group, listed in terms.items()}


def in_order(terms: Sequence[Term]) -> list[Term]:
    """Give the terms, strongest first; of those about as strong as the strongest left, by name.

    Two terms that chance may swap from week to week then keep their order, and with it the name.
    """
    left, ordered = sorted(terms, key=_strength), []
    while left:
        least = abs(left[0].difference) - ABOUT
        first = min((t for t in left if abs(t.difference) >= least), key=_kind)
        left.remove(first)
        ordered.append(first)
    return ordered


def _strength(term: Term) -> tuple[float, str, str]:
    return (-round(abs(term.difference), 9), term.block, term.column)


def _kind(term: Term) -> tuple[bool, bool, str, str]:
    """Give the order of terms that are about as strong: pages first, more before less, by name."""
    return (term.block != "pages", term.difference < 0, term.block, term.column)


def shown_columns(features: Features) -> list[ShownColumn]:
    """Give the columns that may name a pattern, as shown and as compared."""
    columns = []
    for name in ("pages", "source", "device"):
        block = features.blocks[name]
        average = block.values.sum(axis=0) / max(block.values.sum(), 1.0)
        sums = block.values.sum(axis=1, keepdims=True)
        shares = (block.values + PSEUDO_COUNT * average) / (sums + PSEUDO_COUNT)
        for i, column in enumerate(block.columns):
            if column in {"other", "(unknown)"}:
                continue
            share, has_any = shares[:, i], block.values[:, i] > 0
            columns.append(
                ShownColumn(block=name, column=column, shown=share, compared=share, has_any=has_any)
            )
    volume = features.blocks["volume"]
    for i, column in enumerate(volume.columns):
        values = np.maximum(np.nan_to_num(volume.values[:, i]), 0)
        columns.append(
            ShownColumn(
                block="volume",
                column=column,
                shown=values,
                compared=np.log1p(values),
                has_any=values > 0,
            )
        )
    return columns


def _measure(
    column: ShownColumn, inside: BoolArray, outside: BoolArray, everyone: BoolArray
) -> Term:
    def mean(values: FloatArray | BoolArray, users: BoolArray) -> float:
        return float(values[users].mean()) if users.any() else 0.0

    spread = float(column.compared[everyone].std()) if everyone.any() else 0.0
    apart = mean(column.compared, inside) - mean(column.compared, outside)
    within, beyond = mean(column.shown, inside), mean(column.shown, outside)
    difference = apart / spread if spread > 0 else 0.0
    return Term(
        block=column.block,
        column=column.column,
        words=_say(column.block, column.column, is_more=difference > 0, share=within),
        difference=difference,
        lift=within / beyond if beyond > 0 else None,
        inside=within,
        outside=beyond,
        prevalence=mean(column.has_any, inside),
        prevalence_outside=mean(column.has_any, outside),
    )


def _say(block: str, column: str, *, is_more: bool, share: float) -> str:
    if block == "volume":
        return VOLUME_WORDS.get(column, (f"much {column}", f"little {column}"))[not is_more]
    if block == "source":
        return f"comes by {column}" if is_more else f"seldom by {column}"
    if block == "device":
        return f"on {column}" if is_more else f"seldom on {column}"
    page = "the home page" if column == "/" else column
    if not is_more:
        return f"little of {page}"
    return f"mostly {page}" if share >= MOSTLY else f"much of {page}"


def _welch(values: FloatArray, inside: BoolArray, outside: BoolArray) -> float:
    """Give the p-value of Welch's t-test; 1 where a side has fewer than two users or no spread."""
    from scipy.stats import ttest_ind_from_stats  # noqa: PLC0415

    a, b = values[inside], values[outside]
    if min(len(a), len(b)) <= 1 or (a.std() == 0 and b.std() == 0):
        return 1.0
    result = ttest_ind_from_stats(
        *(a.mean(), a.std(ddof=1), len(a)), *(b.mean(), b.std(ddof=1), len(b)), equal_var=False
    )
    return float(result.pvalue)
