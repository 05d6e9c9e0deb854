"""Make one list of everything that was compared, judged together, strongest first.

A report that compares 300 things finds 15 "significant" ones in pure chance. So all p-values of one
report go through one Benjamini–Hochberg step; what holds is ranked by how large it is, never by its
p-value, which mostly tells how many users there are. What a definition reads is taken out before.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from math import isfinite
from typing import Any

from segkit.compare.amounts import Amounts, cliff_delta, mean_difference, median_difference, medians
from segkit.compare.categories import cramer_v
from segkit.compare.effect_words import EffectKind, strength_of, word_of
from segkit.compare.facts import Finding, FindingKind
from segkit.compare.lifts import FALSE_SHARE
from segkit.compare.reads import Source
from segkit.compare.share_effects import cohen_h, share_p_value
from segkit.compare.shares import lift_interval, newcombe_difference, q_values

Counts = tuple[int, int, int, int]
"""Users with it and all of the segment, users with it and all of the baseline."""


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What is compared: `source` ties it to what definitions read, `group` to its like.

    `group` joins findings of which one tells the other: values of one label.
    """

    kind: FindingKind
    source: Source
    name: str
    title: str
    of: str
    group: str = ""
    format: str = "share"


@dataclass(frozen=True, kw_only=True)
class ShareCompared:
    """One share of users on both sides; `counts` is None where it is withheld."""

    subject: Subject
    counts: Counts | None


@dataclass(frozen=True, kw_only=True)
class AmountCompared:
    """One amount a user on both sides; `amounts` is None where it is withheld."""

    subject: Subject
    amounts: Amounts | None


@dataclass(frozen=True, kw_only=True)
class LabelCompared:
    """One label as a whole: users of both sides by value, the values excluding each other.

    `denominators` are the users of both sides. The single counts never leave: only V, which is of
    all of them.
    """

    subject: Subject
    counts: Sequence[tuple[int, int]] | None
    denominators: tuple[int, int]


Compared = ShareCompared | AmountCompared | LabelCompared


@dataclass(frozen=True, kw_only=True)
class Judged:
    """Findings judged together, what is so by definition, and how many were withheld."""

    findings: tuple[Finding, ...]
    by_definition: tuple[Finding, ...]
    n_tested: int
    n_withheld: int


def judge(
    compared: Iterable[Compared],
    *,
    is_read: Callable[[Source], bool],
    is_behaviour: bool = False,
    seed: int = 0,
    level: float = FALSE_SHARE,
) -> Judged:
    """Compare, take out what is so by definition, judge the rest together.

    Parameters
    ----------
    compared
        Everything to compare, withheld counts left out already.
    is_read
        Says of a source whether the definitions read it or it follows from what they read.
    is_behaviour
        Whether the definitions read behaviour: then what every single member did (the cart on the
        way to an order) is taken to follow from it too.
    seed
        Where the bootstrap of medians begins.
    level
        The expected share of false ones among the findings that hold.

    Returns
    -------
    Judged
        Findings that hold first (q ≤ level), then the others, each part by falling strength; what
        nobody or everybody of both groups has is not listed.
    """
    examined = examine(compared, is_read=is_read, is_behaviour=is_behaviour, seed=seed)
    return judge_together([examined], level=level)[0]


@dataclass(frozen=True, kw_only=True)
class Examined:
    """Findings of one comparison, not judged yet: to be tested, and so by definition."""

    tested: tuple[Finding, ...]
    by_definition: tuple[Finding, ...]
    n_withheld: int


def examine(
    compared: Iterable[Compared],
    *,
    is_read: Callable[[Source], bool],
    is_behaviour: bool = False,
    seed: int = 0,
) -> Examined:
    """Measure every comparison and take out what is so by definition; parameters as of `judge`."""
    listed = list(compared)
    known = [(c, f) for c, f in zip(listed, _measure(listed, seed=seed), strict=True) if f]
    given = [is_read(c.subject.source) or (is_behaviour and _is_of_all(f)) for c, f in known]
    apart = [replace(f, p=None) for (_, f), is_given in zip(known, given, strict=True) if is_given]
    tested = [
        f for (_, f), is_given in zip(known, given, strict=True) if not is_given and f.p is not None
    ]
    return Examined(
        tested=tuple(tested),
        by_definition=tuple(sorted(apart, key=lambda f: (-f.strength, f.group, f.name))),
        n_withheld=sum(_is_withheld(c) for c in listed),
    )


def judge_together(
    examined: Sequence[Examined], *, beside: Sequence[float] = (), level: float = FALSE_SHARE
) -> tuple[Judged, ...]:
    """Judge the findings of several comparisons as one family; give them apart, in order.

    Parameters
    ----------
    beside
        The p-values of what else the report compares: of the same family.

    Notes
    -----
    One Benjamini–Hochberg step over all p-values of all comparisons: a report that makes five
    comparisons has no more false claims than one that makes a single one.
    """
    q = iter(q_values([*(f.p or 0.0 for part in examined for f in part.tested), *beside]))
    return tuple(_judged(part, [float(next(q)) for _ in part.tested], level) for part in examined)


def _judged(part: Examined, q: Sequence[float], level: float) -> Judged:
    judged = [replace(f, q=value) for f, value in zip(part.tested, q, strict=True)]
    judged.sort(key=lambda f: ((f.q or 0) > level, -f.strength, f.group, f.name))
    return Judged(
        findings=tuple(judged),
        by_definition=part.by_definition,
        n_tested=len(judged),
        n_withheld=part.n_withheld,
    )


def _is_of_all(finding: Finding) -> bool:
    """Say whether every member who came did something."""
    is_act = finding.kind in {"event", "page", "entry_page", "active"}
    return is_act and finding.numerator == finding.denominator


def _is_withheld(compared: Compared) -> bool:
    match compared:
        case AmountCompared(amounts=None):
            return True
        case ShareCompared(counts=None) | LabelCompared(counts=None):
            return True
    return False


def _measure(listed: Sequence[Compared], *, seed: int) -> list[Finding | None]:
    """Give one finding each, in order; None where there is nothing to tell."""
    shares = [c for c in listed if isinstance(c, ShareCompared) and c.counts and _differs(c.counts)]
    found = dict(zip(map(id, shares), _share_findings(shares), strict=True))
    made: list[Finding | None] = []
    for c in listed:
        match c:
            case ShareCompared():
                made.append(found.get(id(c)))
            case AmountCompared():
                made.append(_amount_finding(c, seed=seed))
            case LabelCompared():
                made.append(_label_finding(c))
    return made


def _differs(counts: Counts) -> bool:
    """Say whether some, but not all, users of both groups have it, and nobody is missing."""
    n, total, m, other = counts
    return bool(total and other) and 0 < n + m < total + other


def _share_findings(shares: Sequence[ShareCompared]) -> list[Finding]:
    if not shares:
        return []
    counts = [[c.counts[at] for c in shares if c.counts] for at in range(4)]
    difference, lift = newcombe_difference(*counts), lift_interval(*counts)
    h, p = cohen_h(*counts), share_p_value(*counts)
    return [
        _finding(
            c.subject,
            "cohen_h",
            (float(h.estimate[i]), float(h.low[i]), float(h.high[i])),
            numerator=n,
            denominator=total,
            baseline_numerator=m,
            baseline_denominator=other,
            difference=finite(difference.estimate[i]),
            difference_low=finite(difference.low[i]),
            difference_high=finite(difference.high[i]),
            lift=finite(lift.estimate[i]),
            lift_low=finite(lift.low[i]),
            lift_high=finite(lift.high[i]),
            p=finite(p[i]),
        )
        for i, (c, n, total, m, other) in enumerate(zip(shares, *counts, strict=True))
    ]


def _amount_finding(c: AmountCompared, *, seed: int) -> Finding | None:
    amounts = c.amounts
    if amounts is None or not amounts.is_comparable:
        return None
    cliff, mean = cliff_delta(amounts), mean_difference(amounts)
    middle, middles = median_difference(amounts, seed=seed), medians(amounts)
    if finite(cliff.p) is None:
        return None
    own, other = (float((amounts.values * n).sum()) for n in (amounts.n, amounts.n_baseline))
    return _finding(
        c.subject,
        "cliff_delta",
        (cliff.value, cliff.low, cliff.high),
        numerator=own,
        denominator=int(amounts.sizes[0]),
        baseline_numerator=other,
        baseline_denominator=int(amounts.sizes[1]),
        difference=finite(mean.value),
        difference_low=finite(mean.low),
        difference_high=finite(mean.high),
        median=middles[0],
        baseline_median=middles[1],
        median_low=finite(middle.low),
        median_high=finite(middle.high),
        p=finite(cliff.p),
    )


def _label_finding(c: LabelCompared) -> Finding | None:
    if c.counts is None:
        return None
    found = cramer_v([n for n, _ in c.counts], [m for _, m in c.counts])
    if finite(found.v) is None:
        return None
    return _finding(
        c.subject,
        "cramer_v",
        (found.v, None, None),
        numerator=None,
        denominator=c.denominators[0],
        baseline_numerator=None,
        baseline_denominator=c.denominators[1],
        p=finite(found.p),
    )


def _finding(
    subject: Subject,
    kind: EffectKind,
    effect: tuple[float, float | None, float | None],
    **numbers: Any,  # noqa: ANN401  the numbers of a finding, by field
) -> Finding:
    value, low, high = effect
    return Finding(
        kind=subject.kind,
        group=subject.group,
        name=subject.name,
        title=subject.title,
        of=subject.of,
        format=subject.format,
        effect_kind=kind,
        effect=value,
        effect_low=None if low is None else finite(low),
        effect_high=None if high is None else finite(high),
        size=word_of(kind, value),
        strength=strength_of(kind, value),
        **numbers,
    )


def finite(value: float) -> float | None:
    """Give a number as JSON can hold it; None for what is unknown or without bound."""
    return float(value) if isfinite(value) else None
