"""Set patterns into time: how sure they are, what became of them, what changed since."""

from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np

from segkit.measures.withhold import find_withheld
from segkit.patterns.after import PatternLater, measure_after
from segkit.patterns.carry_over import Flow
from segkit.patterns.collect import Span
from segkit.patterns.collect_more import collect_later
from segkit.patterns.drift import measure_drift
from segkit.patterns.facts_later import (
    ABSENT,
    NO_PATTERN,
    AfterFacts,
    DriftFacts,
    Flows,
    LaterRow,
    RetestFacts,
    ShareThenNow,
    Shift,
    WindowRow,
    Windows,
)
from segkit.patterns.fit import OTHERS
from segkit.reports.pattern_hide import hide_labels, hide_table, part_of
from segkit.reports.pattern_study import PatternStudy, Scored

AFTER_DAYS = 30
MOST_WINDOWS = 6
YEAR_DAYS = 364
"""52 weeks, so that the weekdays are the same."""
MOST_SHIFTS = 8


def state_retest(study: PatternStudy, shown: Sequence[str]) -> RetestFacts:
    """Give how far "this user is in this pattern" can be trusted."""
    found, least = study.retest(), study.request.least
    eligible = part_of(found.n_eligible_same, found.n_eligible, least)
    is_open = eligible.n is not None
    return RetestFacts(
        eligible=eligible,
        low=found.low if is_open else None,
        high=found.high if is_open else None,
        everyone=part_of(found.n_same, found.n_users, least),
        patterns=tuple(
            (row.label, part_of(row.n_same, row.n_users, least))
            for row in found.patterns
            if row.label in shown
        ),
    )


def state_after(study: PatternStudy) -> AfterFacts | None:
    """Give what patterns of 30 days ago did since; None where the data does not reach so far."""
    before = study.window(AFTER_DAYS)
    if before is None or not len(before.features.user_no) or not study.ids:
        return None
    request = study.request
    span = Span(
        tables=request.tables, users=before.span.users, clock=request.clock, days=AFTER_DAYS
    )
    later = collect_later(span, before.features, purchases=study.frozen.purchases)
    found = measure_after(
        before.features, before.scores.labels, later, patterns=study.ids, seed=request.seed
    )
    names = _names(study)
    hidden = hidden_labels(study, before)
    return AfterFacts(
        split_on=before.span.clock.day,
        days=AFTER_DAYS,
        days_before=request.days,
        rows=tuple(
            _later(row, names.get(row.label, row.label), request.least, has_money=request.currency)
            for row in found.patterns
            if row.label not in hidden
        ),
        contests=found.contests
        if request.currency
        else tuple(c for c in found.contests if c.of != "revenue"),
    )


def _later(row: PatternLater, name: str, least: int, *, has_money: str | None) -> LaterRow:
    returned = part_of(row.n_returned, row.n_users, least)
    bought = part_of(row.n_buyers, row.n_users, least)
    is_open = bought.n is not None and has_money is not None
    return LaterRow(
        pattern=row.label,
        name=name,
        returned=returned,
        low=row.low if returned.n is not None else None,
        high=row.high if returned.n is not None else None,
        bought=bought,
        revenue_per_user=row.revenue_per_user if is_open else None,
        revenue_low=row.revenue_low if is_open else None,
        revenue_high=row.revenue_high if is_open else None,
    )


def state_drift(study: PatternStudy, shown: Sequence[str], *, is_told: bool) -> DriftFacts | None:
    """Give whether a kept model still fits; None for one that was found in these very users.

    Shares of the eligible users are left out unless their number `is_told`.
    """
    if study.request.frozen is None:
        return None
    frozen, now, least = study.frozen, study.now, study.request.least
    found = measure_drift(
        frozen.bins,
        now.features,
        labels=now.scores.labels,
        probabilities=now.scores.probabilities,
        distance=now.scores.distance,
        alarm=frozen.model.distance.alarm,
        patterns=study.ids,
    )
    then = {group.id: group for group in frozen.model.groups}
    names = _names(study)
    return DriftFacts(
        mean_distance=found.mean_distance,
        alarm=found.alarm,
        is_alarm=found.is_alarm,
        unsure=part_of(found.n_unsure, found.n_users if is_told else None, least),
        shifts=tuple(
            Shift(block=s.block, column=s.column, index=s.index, level=s.level)
            for s in found.features[:MOST_SHIFTS]
        ),
        shares=tuple(
            ShareThenNow(
                pattern=row.label,
                name=names[row.label],
                then=then[row.label].share if then[row.label].n_users >= least else None,
                now=row.share,
                low=row.low,
                high=row.high,
            )
            for row in found.shares
            if row.label in shown and is_told
        ),
    )


def count_windows(study: PatternStudy) -> Windows | None:
    """Give the sizes over up to six windows, one after another; None without an earlier one."""
    labels = (*study.ids, *OTHERS)
    rows: list[WindowRow] = []
    for i in range(MOST_WINDOWS):
        scored = study.window(i * study.request.days)
        if scored is None:
            break
        rows.insert(0, _window(scored, labels, study.request.least))
    if len(rows) <= 1:
        return None
    scored = study.window(YEAR_DAYS)
    year = None if scored is None else _window(scored, labels, study.request.least)
    told = [*rows, year] if year else rows
    used = [i for i in range(len(labels)) if any(row.counts[i] != 0 for row in told)]
    names = _names(study)
    return Windows(
        labels=tuple(labels[i] for i in used),
        names=tuple(names.get(labels[i], labels[i]) for i in used),
        rows=tuple(_only(row, used) for row in rows),
        year=_only(year, used) if year else None,
    )


def _only(row: WindowRow, places: Sequence[int]) -> WindowRow:
    """Give a window with the labels at some places alone."""
    counts, shares = tuple(row.counts[i] for i in places), tuple(row.shares[i] for i in places)
    return replace(row, counts=counts, shares=shares)


def _window(scored: Scored, labels: Sequence[str], least: int) -> WindowRow:
    n_users = len(scored.scores.labels)
    counts = [int(np.sum(scored.scores.labels == label)) for label in labels]
    patterns = range(len(labels) - len(OTHERS))
    hidden = hide_labels(counts, patterns, least, n_absent=scored.n_absent)
    is_told = len(labels) not in hidden
    kept = tuple(None if i in hidden else n for i, n in enumerate(counts))
    return WindowRow(
        first_on=scored.span.first_day,
        last_on=scored.span.clock.day,
        n_users=n_users if is_told else None,
        counts=kept,
        shares=tuple(
            None if n is None or not n_users or not is_told else n / n_users for n in kept
        ),
    )


def count_flows(study: PatternStudy) -> Flows | None:
    """Give who went from which label to which since the window before; None without one."""
    before = study.window(study.request.days)
    if before is None or not len(before.features.user_no):
        return None
    moved = pair_labels(before, study.now, study.ids)
    labels = [*study.ids, NO_PATTERN, ABSENT]
    place = {label: i for i, label in enumerate(labels)}
    counts = [[0] * len(labels) for _ in labels]
    for flow in moved:
        counts[place[flow.previous]][place[flow.label]] += flow.n_users
    least = study.request.least
    totals = [sum(row) for row in counts]
    sums = [sum(row[j] for row in counts) for j in range(len(labels))]
    gone = [
        {place[name] for name in hidden_labels(study, scored) if name in place}
        for scored in (before, study.now)
    ]
    rows, columns = (
        _hidden_lines(line, one, least) for line, one in zip((totals, sums), gone, strict=True)
    )
    names = _names(study)
    return Flows(
        before_on=before.span.clock.day,
        now_on=study.now.span.clock.day,
        labels=tuple(labels),
        names=tuple(names.get(label, label) for label in labels),
        counts=hide_table(counts, least, rows=rows, columns=columns),
        totals=tuple(None if i in rows else n for i, n in enumerate(totals)),
    )


def _hidden_lines(totals: Sequence[int], gone: Collection[int], least: int) -> frozenset[int]:
    """Give the labels whose size is withheld, here or in that window; the absent are apart."""
    known = [None if i in gone else n for i, n in enumerate(totals[:-1])]
    hidden = find_withheld(known, sum(totals[:-1]), least)
    return hidden | {len(totals) - 1} if 0 < totals[-1] < least else hidden


def hidden_labels(study: PatternStudy, scored: Scored) -> frozenset[str]:
    """Give the labels of a window whose users are withheld."""
    labels = (*study.ids, *OTHERS)
    counts = [int(np.sum(scored.scores.labels == label)) for label in labels]
    patterns, least = range(len(study.ids)), study.request.least
    hidden = hide_labels(counts, patterns, least, n_absent=scored.n_absent)
    return frozenset(labels[i] for i in hidden if i < len(labels))


def pair_labels(before: Scored, now: Scored, ids: Sequence[str]) -> list[Flow]:
    """Count users by pattern before and now; a rest is `NO_PATTERN`, who did not come `ABSENT`."""
    then, today = (
        {
            user: label if label in ids else NO_PATTERN
            for user, label in zip(
                scored.features.user_no.tolist(), scored.scores.labels.tolist(), strict=True
            )
        }
        for scored in (before, now)
    )
    counts: dict[tuple[str, str], int] = {}
    for user in then.keys() | today.keys():
        pair = then.get(user, ABSENT), today.get(user, ABSENT)
        counts[pair] = counts.get(pair, 0) + 1
    return [Flow(previous=a, label=b, n_users=n) for (a, b), n in sorted(counts.items())]


def _names(study: PatternStudy) -> dict[str, str]:
    return {group.id: group.name for group in study.frozen.model.groups}
