"""Put together all that may be said of a segment's patterns, withheld where it is of too few."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from segkit.compare.group_paths import ReadGroups
from segkit.measures.roles import mask_mails
from segkit.measures.withhold import find_withheld, is_small, keep_part
from segkit.patterns.detectable import least_detectable_share
from segkit.patterns.facts import (
    Apart,
    ModelFacts,
    PathFacts,
    PatternFacts,
    PatternRow,
    ProfileCell,
    ProfileRow,
    Who,
)
from segkit.patterns.facts_plane import Plane
from segkit.patterns.fit import OTHERS
from segkit.patterns.names import Term
from segkit.patterns.plane import measure_plane
from segkit.patterns.profile import Profile, measure_profile
from segkit.patterns.retest import UNTOLD
from segkit.patterns.rules import VIEWED
from segkit.reports.pattern_hide import hide_labels, shows_sum
from segkit.reports.pattern_people import (
    CountedLabels,
    count_labels,
    describe,
    find_brought,
    find_pages,
    state_rules,
    typical_members,
)
from segkit.reports.pattern_study import PatternStudy
from segkit.reports.pattern_time import (
    count_flows,
    count_windows,
    state_after,
    state_drift,
    state_retest,
)
from segkit.reports.pattern_ways import read_ways, tell_ways

SMALL = "Patterns of fewer than {least} users, and others that would give them away, are withheld."
BOUNDED = (
    "A share given as “at least” or “at most” is withheld because it, or what it leaves over, "
    "stands for fewer than {least} users."
)
NO_MONEY = "Revenue is not given: amounts are in several currencies, or none is known."
SEVERAL_MODEL = "Patterns were found in segment `{other}` and are only asked here."
NO_WINDOW = "The data does not reach back far enough for an earlier window of {days} days."


@dataclass(frozen=True, kw_only=True)
class _Counted:
    """Sizes of all patterns and rests that have a user, and the places that are withheld."""

    rows: tuple[PatternRow, ...]
    hidden: frozenset[int]
    n_eligible: int | None

    @property
    def shown(self) -> tuple[str, ...]:
        """The ids of the patterns that are shown."""
        return tuple(
            row.pattern
            for i, row in enumerate(self.rows)
            if i not in self.hidden and row.is_pattern and row.n_users
        )


@dataclass(frozen=True, kw_only=True)
class CountedPatterns:
    """Patterns of a study with what sets them apart counted, but not judged yet.

    With `is_whole` more than the one window is asked: test and retest, the days after, past
    windows, flows. Without it they are None, and patterns have no paths.
    """

    study: PatternStudy
    sizes: _Counted
    labels: CountedLabels
    ways: ReadGroups | None
    is_whole: bool

    @property
    def p_values(self) -> tuple[float, ...]:
        """Of all that the patterns are compared by: labels, and in a whole report ways."""
        return (*self.labels.p_values, *self._p_of_ways)

    @property
    def _p_of_ways(self) -> tuple[float, ...]:
        return self.ways.p_values if self.ways else ()

    def judge(self, beside: Sequence[float] = ()) -> PatternFacts:
        """Give the facts, all p-values judged as one family with those `beside` of the report."""
        who = self.labels.tell((*self._p_of_ways, *beside))
        ways = tell_ways(self.study, self.labels.shown, self.ways, (*self.labels.p_values, *beside))
        return _build(self, _fill(self, who, ways))


def count_patterns(study: PatternStudy, *, is_whole: bool) -> CountedPatterns:
    """Count what sets the patterns of a study apart.

    Raises
    ------
    EmptyError
        When too few members came in the window to say anything.
    """
    sizes = _count(study)
    return CountedPatterns(
        study=study,
        sizes=sizes,
        labels=count_labels(study, sizes.shown),
        ways=read_ways(study) if is_whole and sizes.shown else None,
        is_whole=is_whole,
    )


def build_pattern_facts(study: PatternStudy, *, is_whole: bool = True) -> PatternFacts:
    """Give the facts of a study where nothing else is compared; `is_whole` as `CountedPatterns`.

    Raises
    ------
    EmptyError
        When too few members came in the window to say anything.
    """
    return count_patterns(study, is_whole=is_whole).judge()


def _build(found: CountedPatterns, rows: tuple[PatternRow, ...]) -> PatternFacts:
    study, counted, is_whole = found.study, found.sizes, found.is_whole
    request, frozen, now = study.request, study.frozen, study.now
    model, least = frozen.model, request.least
    shown = counted.shown
    is_time = is_whole and bool(study.ids)
    windows = count_windows(study) if is_time else None
    facts = PatternFacts(
        segment=request.segment,
        title=request.title,
        as_of=now.span.clock.day.isoformat(),
        days=request.days,
        definition=request.definition,
        snapshot=request.tables.snapshot,
        engine=request.tables.engine.name,
        timezone=request.clock.zone.key,
        currency=request.currency,
        min_size=least,
        kind=frozen.page_groups.kind,
        n_users=None if len(counted.rows) in counted.hidden else len(now.scores.labels),
        n_eligible=counted.n_eligible,
        reason=model.reason,
        model=_model(study, is_told=counted.n_eligible is not None),
        patterns=rows,
        profile=_profile(study, shown),
        plane=_plane(study),
        stability=tuple((s.k, s.mean_jaccard, s.mean_rand) for s in model.stability),
        silhouette=model.silhouette,
        silhouette_noise=model.silhouette_noise,
        least_share=least_detectable_share(model.n_fitted),
        retest=state_retest(study, shown) if is_time else None,
        after=state_after(study) if is_time else None,
        drift=state_drift(study, shown, is_told=counted.n_eligible is not None),
        windows=windows,
        flows=count_flows(study) if windows is not None else None,
        limits=(),
        notes=(),
    )
    if facts.model.n_fitted is None:
        facts = replace(facts, least_share=None)
    return replace(facts, limits=_limits(facts), notes=_notes(facts, is_time=is_time))


def _count(study: PatternStudy) -> _Counted:
    """Count every pattern, in the model's order, then every rest that has a user."""
    labels, least = study.now.scores.labels, study.request.least
    known = {group.id: group for group in study.frozen.model.groups}
    outcomes = study.now.features.outcomes.values
    rows = []
    for label in (*known, *OTHERS):
        inside = labels == label
        n = int(inside.sum())
        if label in OTHERS and not n:
            continue
        group = known.get(label)
        n_buyers = keep_part(int(np.count_nonzero(outcomes[inside, 0] > 0)), n, least)
        is_told = n_buyers is not None and study.request.currency is not None
        rows.append(
            PatternRow(
                pattern=label,
                name=mask_mails(group.name) if group else label,
                n_users=n,
                share=n / len(labels),
                jaccard=group.jaccard if group else None,
                badge=group.badge if group else None,
                n_buyers=n_buyers,
                buyer_share=None if n_buyers is None or not n else n_buyers / n,
                revenue=round(float(outcomes[inside, 1].sum()), 2) if is_told else None,
            )
        )
    counts = [row.n_users or 0 for row in rows]
    patterns = [i for i, row in enumerate(rows) if row.is_pattern]
    hidden = hide_labels(counts, patterns, least, n_absent=study.now.n_absent)
    if len(rows) in hidden:
        rows = [replace(row, share=None) for row in rows]
    untold = [i for i, row in enumerate(rows) if row.pattern in UNTOLD]
    eligible = [i for i in range(len(rows)) if i not in untold]
    is_told = all(shows_sum(counts, places, hidden, least) for places in (eligible, untold))
    n_eligible = sum(counts[i] for i in eligible) if is_told else None
    return _Counted(rows=tuple(rows), hidden=hidden, n_eligible=n_eligible)


def _fill(
    found: CountedPatterns,
    who: Mapping[str, tuple[Who, ...]],
    ways: Mapping[str, tuple[PathFacts, ...]],
) -> tuple[PatternRow, ...]:
    """Give the rows with all that describes them; withheld ones keep their name and stability."""
    study, counted = found.study, found.sizes
    request, shown = study.request, counted.shown
    described = {name: told for name, told in describe(study).items() if name in shown}
    brings = find_brought(described, request.least, has_money=request.currency is not None)
    pages = find_pages(study, shown) if shown else {}
    rules = state_rules(study, shown)
    few = _few_columns(study)
    rows = []
    for i, row in enumerate(counted.rows):
        name = row.pattern
        if i in counted.hidden:
            rows.append(
                replace(
                    row, n_users=None, share=None, n_buyers=None, buyer_share=None, revenue=None
                )
            )
        elif name not in described:
            rows.append(row)
        else:
            rows.append(
                replace(
                    row,
                    terms=_apart(study.named[name].terms, few),
                    who=who[name],
                    brings=brings[name],
                    rule=rules.get(name),
                    pages=pages[name],
                    paths=ways[name],
                    typical=typical_members(study, described[name]),
                )
            )
    return tuple(rows)


def _few_columns(study: PatternStudy) -> set[tuple[str, str]]:
    """Give the columns that too few users have anything of: their very names could tell of one."""
    features = study.now.features
    return {
        (name, column)
        for name in ("pages", "source", "device")
        for i, column in enumerate(features.blocks[name].columns)
        if np.count_nonzero(features.blocks[name].values[:, i] > 0) < study.request.least
    }


def _apart(terms: Sequence[Term], few: set[tuple[str, str]]) -> tuple[Apart, ...]:
    return tuple(
        Apart(
            block=term.block,
            column=mask_mails(term.column),
            words=mask_mails(term.words),
            difference=term.difference,
            inside=term.inside,
            outside=term.outside,
            lift=term.lift,
        )
        for term in terms
        if (term.block, term.column) not in few
    )


def _profile(study: PatternStudy, shown: Sequence[str]) -> tuple[ProfileRow, ...]:
    few = _few_columns(study)
    terms: Mapping[str, Sequence[Term]] = {
        name: [t for t in found.terms if (t.block, t.column) not in few]
        for name, found in study.named.items()
    }
    found = measure_profile(study.now.features, study.groups, terms)
    return tuple(_profile_row(row, shown, study.request.least) for row in found)


def _profile_row(row: Profile, shown: Sequence[str], least: int) -> ProfileRow:
    counts = [cell.n_any for cell in row.cells]
    hidden = find_withheld(counts, sum(counts), least) if row.block != "volume" else frozenset()
    cells = []
    for i, cell in enumerate(row.cells):
        if cell.pattern not in shown:
            continue
        is_hidden = i in hidden and counts[i] > 0
        cells.append(
            ProfileCell(
                pattern=cell.pattern,
                mean=None if is_hidden else cell.mean,
                low=None if is_hidden else cell.low,
                high=None if is_hidden else cell.high,
                lift=None if is_hidden else cell.lift,
            )
        )
    return ProfileRow(block=row.block, column=mask_mails(row.column), cells=tuple(cells))


def _plane(study: PatternStudy) -> Plane | None:
    least = study.request.least
    plane = measure_plane(study.frozen.model, study.now.features, study.now.scores, least=least)
    if plane is None:
        return None
    between = tuple(
        replace(pair, n_users=None if is_small(pair.n_users, least) else pair.n_users)
        for pair in plane.between
    )
    return replace(plane, between=between)


def _model(study: PatternStudy, *, is_told: bool) -> ModelFacts:
    """Give the model; of one found in these very users `n_fitted` goes with their number."""
    model = study.frozen.model
    is_shown = (is_told or study.request.frozen is not None) and not is_small(
        model.n_fitted, study.request.least
    )
    first_on, last_on = model.window or (None, None)
    return ModelFacts(
        name=study.request.name,
        segment=study.frozen.segment,
        method=model.method,
        first_on=first_on,
        last_on=last_on,
        n_fitted=model.n_fitted if is_shown else None,
    )


def _limits(facts: PatternFacts) -> tuple[str, ...]:
    limits = [
        (
            "Patterns tell how users differ in what they do, where they come from and how "
            "much they do. They are no cause of anything, and nothing was tried on anyone."
        ),
        (
            f"Only users with two visits and five {VIEWED[facts.kind][0]} or more in the window "
            "are in a pattern; the others are listed as “one visit” or “too little data”."
        ),
        (
            "How recently or how much somebody came forms no pattern by itself; those who fall "
            "silent are a state of any pattern, not a pattern of their own."
        ),
    ]
    if facts.least_share is not None:
        limits.append(
            f"With {facts.model.n_fitted:,} users to find patterns in, a clearly different "
            f"kind of behaviour needs about {facts.least_share:.1%} of them to be found; a rarer "
            "one may exist unseen."
        )
    return tuple(limits)


def _notes(facts: PatternFacts, *, is_time: bool) -> tuple[str, ...]:
    notes = []
    if any(row.n_users is None for row in facts.patterns):
        notes.append(SMALL.format(least=facts.min_size))
    notes.append(BOUNDED.format(least=facts.min_size))
    if facts.currency is None:
        notes.append(NO_MONEY)
    if facts.model.segment != facts.segment:
        notes.append(SEVERAL_MODEL.format(other=facts.model.segment))
    if is_time and facts.windows is None:
        notes.append(NO_WINDOW.format(days=facts.days))
    return tuple(notes)
