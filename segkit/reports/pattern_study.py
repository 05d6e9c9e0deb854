"""Find or ask the patterns of a segment, once, for all that is said of them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property

from ibis import Table

from segkit.errors import EmptyError
from segkit.measures.withhold import is_small
from segkit.patterns.collect import (
    ITEM_PROPERTIES,
    Span,
    choose_kind,
    collect_features,
    collect_halves,
)
from segkit.patterns.collect_more import keep_labels
from segkit.patterns.drift import bin_features
from segkit.patterns.features import BoolArray, Features
from segkit.patterns.fit import Scores, fit_patterns, score
from segkit.patterns.frozen import FrozenPatterns
from segkit.patterns.names import PatternName, name_patterns
from segkit.patterns.page_groups import PageGroups
from segkit.patterns.retest import Retest, measure_retest
from segkit.periods import Clock, local_day
from segkit.reports.pattern_request import PatternRequest


@dataclass(frozen=True, kw_only=True)
class Scored:
    """One window of one length: whose features, and what the model says of them."""

    span: Span
    features: Features
    scores: Scores

    @cached_property
    def n_absent(self) -> int:
        """How many members of the segment did not come in the window."""
        members = self.span.tables.engine.scalar(self.span.users.count())
        return max(int(members) - len(self.scores.labels), 0)


Found = tuple[FrozenPatterns, Scored, dict[str, PatternName] | None]
Apart = Callable[[Callable[[], Found]], Callable[[], Found]]
"""Begins a computation beside this one, and gives how its result is waited for."""


class PatternStudy:
    """The patterns of one segment in one window; each part is computed when it is first asked for.

    Parameters
    ----------
    request
        What is asked.
    """

    def __init__(self, request: PatternRequest) -> None:
        self.request = request
        self._begun: Callable[[], Found] | None = None
        self._named_at_fit: dict[str, PatternName] | None = None
        self._windows: dict[int, Scored | None] = {}

    @cached_property
    def _collected(self) -> tuple[Span, Features, PageGroups]:
        request, span = self.request, self.span_at(0)
        kept = request.frozen
        features, groups = collect_features(
            span,
            purchases=request.purchases,
            goals=request.goals,
            left_out=kept.goals if kept else None,
            groups=kept.page_groups if kept else None,
            channels=kept.channels if kept else None,
        )
        self._refuse_few(features)
        if kept is None:
            self._refuse_purchases_alone(span)
        return span, features, groups

    def begin(self, apart: Apart) -> None:
        """Collect what patterns are found in, and let them be found apart meanwhile.

        Raises
        ------
        EmptyError
            As `frozen`.
        """
        collected = self._collected
        if self._begun is None:
            self._begun = apart(lambda: self._find_in(*collected))

    def _find_in(self, span: Span, features: Features, groups: PageGroups) -> Found:
        """Give the patterns of features, what they say of everyone, and the names of a new fit."""
        request = self.request
        if request.frozen:
            scores = score(request.frozen.model, features)
            return request.frozen, Scored(span=span, features=features, scores=scores), None
        window = span.first_day, span.clock.day
        fit = fit_patterns(
            features, seed=request.seed, k=request.k, method=request.method, window=window
        )
        ids = [group.id for group in fit.model.groups]
        among = {name: fit.scores.labels == name for name in ids}
        named = name_patterns(features, among, kind=groups.kind)
        frozen = FrozenPatterns(
            segment=request.segment,
            definition=request.definition,
            as_of=span.clock.day,
            days=request.days,
            purchases=request.purchases,
            page_groups=groups,
            channels=features.blocks["source"].columns,
            model=fit.model.rename({name: found.name for name, found in named.items()}),
            bins=bin_features(features),
            goals=request.goals if groups.kind == "event" else (),
        )
        return frozen, Scored(span=span, features=features, scores=fit.scores), named

    @cached_property
    def _found(self) -> tuple[FrozenPatterns, Scored]:
        found = self._begun() if self._begun else self._find_in(*self._collected)
        frozen, scored, self._named_at_fit = found
        return frozen, scored

    @property
    def frozen(self) -> FrozenPatterns:
        """The model with all that it is asked by.

        Raises
        ------
        EmptyError
            When too few members came in the window to say anything, or the data holds purchases
            alone and does not say of what.
        """
        return self._found[0]

    @property
    def now(self) -> Scored:
        """The window that was asked."""
        return self._found[1]

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of the patterns, largest at the fit first."""
        return tuple(group.id for group in self.frozen.model.groups)

    @cached_property
    def groups(self) -> dict[str, BoolArray]:
        """Who is in each pattern, by its id; who is mixed or not eligible is in none."""
        return {name: self.now.scores.labels == name for name in self.ids}

    @cached_property
    def labels(self) -> Table:
        """Who is in which pattern, for the engine: `user_no`, and `place` in `ids`."""
        return keep_labels(self.now.span, self.now.features, self.now.scores, self.ids)

    @cached_property
    def named(self) -> dict[str, PatternName]:
        """What sets each pattern apart in the window that was asked."""
        kind = self.frozen.page_groups.kind
        if self._named_at_fit is not None:
            return self._named_at_fit
        return name_patterns(self.now.features, self.groups, kind=kind)

    def renamed(self, names: dict[str, str]) -> "PatternStudy":
        """Give the same study with other names for some patterns, by their id.

        Raises
        ------
        UnknownNameError
            When no pattern has the id.
        """
        other = PatternStudy(self.request)
        other.__dict__["_found"] = (self.frozen.rename(names), self.now)
        return other

    def relabelled(self, ids: dict[str, str], names: dict[str, str]) -> "PatternStudy":
        """Give the same study with other ids for its patterns, and names by those new ids.

        Raises
        ------
        PatternError
            Two patterns would have the same id.
        UnknownNameError
            When no pattern has the id of a name.
        """
        model = self.frozen.model.relabel(ids).rename(names)
        now = replace(self.now, scores=score(model, self.now.features))
        other = PatternStudy(self.request)
        other.__dict__["_found"] = (replace(self.frozen, model=model), now)
        return other

    def span_at(self, days_before: int) -> Span:
        """Give whose features over which days, for a window that ends some days before T."""
        request = self.request
        clock = request.clock
        if days_before:
            clock = Clock.at_end_of(clock.day - timedelta(days=days_before), clock.zone)
        members = request.members_at(clock).select("user_no")
        users = request.tables.engine.keep(members, "pattern_users")
        return Span(tables=request.tables, users=users, clock=clock, days=request.days)

    def reaches(self, days_before: int) -> bool:
        """Say whether the data covers the whole of a window that ends some days before T."""
        first_at = self.request.tables.catalogue.first_at
        if first_at is None:
            return False
        first_on = local_day(first_at, self.request.clock.zone)
        last_on = self.request.clock.day - timedelta(days=days_before)
        return last_on - timedelta(days=self.request.days - 1) >= first_on

    def window(self, days_before: int) -> Scored | None:
        """Score a window that ends some days before T; None where the data does not cover it."""
        if not days_before:
            return self.now
        if days_before not in self._windows:
            self._windows[days_before] = (
                self.score(self.span_at(days_before)) if self.reaches(days_before) else None
            )
        return self._windows[days_before]

    def score(self, span: Span) -> Scored:
        """Give the features of a span, counted as the model does, and what it says of them."""
        frozen = self.frozen
        features, _ = collect_features(
            span,
            purchases=frozen.purchases,
            left_out=frozen.goals,
            groups=frozen.page_groups,
            channels=frozen.channels,
        )
        return Scored(span=span, features=features, scores=score(frozen.model, features))

    def retest(self) -> Retest:
        """Label both halves of each user's visits and count how often the labels agree."""
        frozen = self.frozen
        first, second = collect_halves(
            self.now.span,
            purchases=frozen.purchases,
            left_out=frozen.goals,
            groups=frozen.page_groups,
            channels=frozen.channels,
        )
        return measure_retest(
            first,
            second,
            label=lambda half: score(frozen.model, half).labels,
            patterns=self.ids,
        )

    def _refuse_purchases_alone(self, span: Span) -> None:
        """Refuse data in which no window, however long, could show kinds of behaviour."""
        request = self.request
        kind, _ = choose_kind(span, request.purchases, request.goals)
        outcomes = {*request.purchases, *request.goals}
        if kind != "event" or set(request.tables.catalogue.events) - outcomes:
            return
        alone = "purchases and goals" if request.goals else "purchases"
        raise EmptyError.build(
            f"The data holds {alone} alone, and does not say of what: there is nothing that "
            "patterns could be made of.",
            hint=f"map page views, or a property of purchases: {', '.join(ITEM_PROPERTIES)}.",
        )

    def _refuse_few(self, features: Features) -> None:
        request, n = self.request, len(features.user_no)
        if n and not is_small(n, request.least):
            return
        found = "nobody" if not n else f"fewer than {request.least} users"
        raise EmptyError.build(
            f"Of segment `{request.segment}` {found} came in the {request.days} days to "
            f"{request.clock.day}.",
            hint="take a longer window, another day or a larger segment.",
        )
