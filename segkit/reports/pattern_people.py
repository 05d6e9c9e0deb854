"""Describe each pattern's people: labels, pages, what they bring, typical members, a rule."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import ibis

from segkit.compare.lifts import MIN_USERS, add_lifts, over_together, values_p
from segkit.measures.facts import Breakdown
from segkit.measures.label_groups import measure_label_groups
from segkit.measures.people import name_user
from segkit.measures.roles import mask_mails
from segkit.measures.sides import Sides
from segkit.measures.withhold import is_small, withhold_breakdown
from segkit.patterns.collect_more import PageCount, count_top_pages
from segkit.patterns.describe import Description, Outcome, describe_patterns
from segkit.patterns.facts import Brought, Member, RuleFacts, TopPage, Who
from segkit.patterns.page_groups import PageKind
from segkit.patterns.rules import Rule, find_rules
from segkit.reports.pattern_hide import part_of
from segkit.reports.pattern_study import PatternStudy

MOST_LABELS = 5
MOST_TOP_PAGES = 6
MONEY = "revenue"


@dataclass(frozen=True, kw_only=True)
class CountedLabels:
    """The labels of some patterns' users beside all other patterns' users, not judged yet.

    `breakdowns` has those of every pattern in `shown`, withheld, with lifts; `few` are the values
    that too few users have.
    """

    shown: tuple[str, ...]
    breakdowns: tuple[tuple[Breakdown, ...], ...]
    few: frozenset[tuple[str, str]]
    least: int

    @property
    def p_values(self) -> tuple[float, ...]:
        """Of every value of every pattern that is told."""
        return values_p(self.breakdowns)

    def tell(self, beside: Sequence[float]) -> dict[str, tuple[Who, ...]]:
        """Give by pattern the values that its users have more often than other patterns'.

        Values of all patterns are judged together with the `beside` p-values of the report, at a
        false share of 5%.
        """
        over = over_together(
            self.breakdowns,
            beside=beside,
            min_users=max(self.least, MIN_USERS),
            most=MOST_LABELS,
        )
        hidden = {f"{title}: {value}" for title, value in self.few}
        return {name: _who(row, hidden) for name, row in zip(self.shown, over, strict=True)}


def count_labels(study: PatternStudy, shown: Sequence[str]) -> CountedLabels:
    """Count the labels of each pattern's users; they never made a pattern."""
    request = study.request
    if not request.tables.catalogue.attributes or len(study.ids) <= 1:
        return CountedLabels(
            shown=tuple(shown),
            breakdowns=((),) * len(shown),
            few=frozenset(),
            least=request.least,
        )
    sizes = tuple(int(inside.sum()) for inside in study.groups.values())
    sides = Sides(
        tables=request.tables,
        groups=study.labels.mutate(in_segment=ibis.literal(value=True)),
        clock=study.now.span.clock,
        days=request.days,
        n_segment=sum(sizes),
        n_baseline=0,
        min_size=request.least,
    )
    counted = measure_label_groups(
        sides, study.labels, sizes, columns=request.columns, clearance=request.clearance
    )
    found = dict(zip(study.ids, counted, strict=True))
    few = {
        (b.title, row.value)
        for breakdowns in found.values()
        for b in breakdowns
        for row in b.rows
        if is_small(row.n, request.least)
    }
    return CountedLabels(
        shown=tuple(shown),
        breakdowns=tuple(
            tuple(add_lifts(withhold_breakdown(b, request.least)) for b in found[name])
            for name in shown
        ),
        few=frozenset(few),
        least=request.least,
    )


def _who(over: Breakdown, hidden: set[str]) -> tuple[Who, ...]:
    return tuple(
        Who(
            value=row.value,
            n=row.n or 0,
            share=row.share or 0.0,
            others_share=None if row.value in hidden else row.baseline_share,
            lift=None if row.value in hidden else row.lift,
            low=None if row.value in hidden else row.lift_low,
            high=None if row.value in hidden else row.lift_high,
        )
        for row in over.rows
    )


def find_pages(study: PatternStudy, shown: Sequence[str]) -> dict[str, tuple[TopPage, ...]]:
    """Give by pattern the pages that most more of its users see than of other patterns' users."""
    groups, span = study.frozen.page_groups, study.now.span
    counts = count_top_pages(
        span,
        study.labels,
        study.ids,
        kind=groups.kind,
        item=groups.item,
        purchases=study.frozen.purchases,
        goals=study.frozen.goals,
        least=study.request.least,
    )
    least = study.request.least
    few = {c.page for listed in counts.values() for c in listed if is_small(c.n, least)}
    n_all = sum(int(inside.sum()) for inside in study.groups.values())
    sizes = {name: int(inside.sum()) for name, inside in study.groups.items()}
    return {
        name: _top(counts[name], (sizes[name], n_all - sizes[name]), few, least) for name in shown
    }


def _top(
    counts: Sequence[PageCount], sizes: tuple[int, int], few: set[str], least: int
) -> tuple[TopPage, ...]:
    n_own, n_others = sizes

    def ahead(count: PageCount) -> float:
        return count.n / max(n_own, 1) - count.n_others / max(n_others, 1)

    kept = [c for c in counts if c.n >= least and ahead(c) > 0]
    pages = []
    for count in sorted(kept, key=lambda c: (-round(ahead(c), 9), c.page))[:MOST_TOP_PAGES]:
        seen = part_of(count.n, n_own, least)
        is_open = count.page not in few and n_others > 0 and seen.share is not None
        is_open &= not is_small(n_others - count.n_others, least)
        others = count.n_others / n_others if is_open else None
        lift = count.n / n_own / others if others else None
        page = mask_mails(count.page)
        pages.append(TopPage(page=page, seen=seen, others_share=others, lift=lift))
    return tuple(pages)


def find_brought(
    described: Mapping[str, Description], least: int, *, has_money: bool
) -> dict[str, tuple[Brought, ...]]:
    """Give by pattern what it brings: orders, revenue, goals."""
    few = {
        outcome.column
        for description in described.values()
        for outcome in description.brings
        if part_of(outcome.n_any, description.n_users, least).n is None
    }
    return {
        name: tuple(
            _brought(outcome, description.n_users, least, few)
            for outcome in description.brings
            if has_money or outcome.column != MONEY
        )
        for name, description in described.items()
    }


def _brought(outcome: Outcome, n_users: int, least: int, few: set[str]) -> Brought:
    any_ = part_of(outcome.n_any, n_users, least)
    is_told = any_.n is not None
    return Brought(
        column=outcome.column,
        any_=any_,
        total=round(outcome.total, 2) if is_told else None,
        mean=outcome.mean if is_told else None,
        others_mean=None if outcome.column in few else outcome.others_mean,
    )


def describe(study: PatternStudy) -> dict[str, Description]:
    """Give by pattern its outcomes and typical members."""
    scores = study.now.scores
    found = describe_patterns(
        study.now.features,
        scores.labels,
        terms={name: named.terms for name, named in study.named.items()},
        distance=scores.distance,
    )
    return {description.label: description for description in found}


def typical_members(study: PatternStudy, description: Description) -> tuple[Member, ...]:
    """Give the typical members by pseudonym; none for a reader who may not see single users."""
    if not study.request.reader.sees_users:
        return ()
    features = study.now.features
    keys = dict(zip(features.user_no.tolist(), features.user_key.tolist(), strict=True))
    return tuple(
        Member(
            user=name_user(found.user_no, keys[found.user_no], "pseudonymous"),
            pages=tuple((mask_mails(page), share) for page, share in found.pages),
            volume=found.volume,
        )
        for found in description.typical
    )


def state_rules(study: PatternStudy, shown: Sequence[str]) -> dict[str, RuleFacts]:
    """Give by pattern its short rule and how right it is."""
    if len(study.ids) <= 1:
        return {}
    rules = find_rules(study.now.features, study.now.scores.labels, study.ids)
    least = study.request.least
    kind = study.frozen.page_groups.kind
    told = [rule for rule in rules if rule.label in shown and rule.ways]
    return {rule.label: _state(rule, kind, least) for rule in told}


def _state(rule: Rule, kind: PageKind, least: int) -> RuleFacts:
    return RuleFacts(
        text=mask_mails(rule.say(kind)),
        precision=part_of(rule.n_both, rule.n_rule, least),
        recall=part_of(rule.n_both, rule.n_pattern, least),
    )
