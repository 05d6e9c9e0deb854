"""Find patterns anew and carry over ids and names, so that they keep their meaning."""

import numpy as np

from segkit.measures.roles import mask_mails
from segkit.measures.withhold import find_withheld
from segkit.patterns.carry_over import Carried, CarryOver, carry_over
from segkit.patterns.facts_later import NO_PATTERN
from segkit.patterns.facts_parts import UNKNOWN_PART, Part
from segkit.patterns.fit import OTHERS
from segkit.patterns.refit import CarriedFacts, Migration, RefitFacts
from segkit.reports.pattern_hide import hide_labels, hide_table, part_of
from segkit.reports.pattern_study import PatternStudy

WITHHELD = (
    "Numbers of fewer than {least} users, and others that would give them away, are withheld."
)


def carry(before: PatternStudy, found: PatternStudy) -> PatternStudy:
    """Give patterns found anew with the ids and names of the kept ones that they carry on.

    Parameters
    ----------
    before
        The kept patterns, asked of the window in which the others were found.
    found
        The patterns found anew.

    Notes
    -----
    A pattern that carries on none gets an id that no kept one has, gone ones included.
    """
    matched = match(before, found)
    ids = matched.ids(before.ids)
    names = matched.names(_names(before), _names(found))
    return found.relabelled(ids, {ids[pattern]: name for pattern, name in names.items()})


def match(before: PatternStudy, now: PatternStudy) -> CarryOver:
    """Match the patterns of two studies of one window by the users that they share."""
    _, old, new = np.intersect1d(
        before.now.features.user_no,
        now.now.features.user_no,
        assume_unique=True,
        return_indices=True,
    )
    return carry_over(
        before.now.scores.labels[old], now.now.scores.labels[new], old=before.ids, new=now.ids
    )


def build_refit_facts(before: PatternStudy, now: PatternStudy) -> RefitFacts:
    """Give what became of the kept patterns, withheld where it is of too few.

    Parameters
    ----------
    before
        The kept patterns, asked of the new window.
    now
        The patterns found anew in it, with their ids and names carried over.
    """
    request, found = now.request, match(before, now)
    migration = _migrate(before, now, found)
    old = {name: mask_mails(text) for name, text in _names(before).items()}
    new = {name: mask_mails(text) for name, text in _names(now).items()}
    is_hidden = any(None in line for line in (migration.totals, *migration.counts))
    return RefitFacts(
        name=before.request.name,
        segment=request.segment,
        title=request.title,
        before_on=before.frozen.as_of,
        as_of=now.frozen.as_of,
        days=now.frozen.days,
        min_size=request.least,
        reason=now.frozen.model.reason,
        patterns=tuple(
            _carried(one, new[one.pattern], (before, now), migration) for one in found.patterns
        ),
        gone=tuple(old[name] for name in found.gone),
        splits=tuple(
            (old[s.previous], tuple(new[p] for p in s.patterns))
            for s in found.splits
            if before.ids.index(s.previous) not in _hidden(before)
        ),
        mergers=tuple(
            (new[m.pattern], tuple(old[p] for p in m.previous))
            for m in found.mergers
            if now.ids.index(m.pattern) not in _hidden(now)
        ),
        migration=migration,
        notes=(WITHHELD.format(least=request.least),) if is_hidden else (),
    )


def _carried(
    one: Carried, name: str, studies: tuple[PatternStudy, PatternStudy], migration: Migration
) -> CarriedFacts:
    before, now = studies
    column = now.ids.index(one.pattern)
    sizes = _sizes(now)
    n_users = None if column in _hidden(now) else sizes[column]
    n_previous, stayed = None, UNKNOWN_PART
    if one.previous is not None:
        row = before.ids.index(one.previous)
        n_previous = migration.totals[row]
        stayed = _stayed(one, n_previous, migration.counts[row][column], now.request.least)
    is_known = n_users is not None and stayed.n is not None
    return CarriedFacts(
        pattern=one.pattern,
        name=name,
        status=one.status,
        previous=one.previous,
        n_users=n_users,
        n_previous=n_previous,
        stayed=stayed,
        jaccard=one.jaccard if is_known else None,
    )


def _stayed(one: Carried, n_previous: int | None, shown: int | None, least: int) -> Part:
    """Give who is in both, of the old pattern's users; a bound where the table withholds it."""
    if shown is not None or one.n_previous is None:
        return part_of(shown, n_previous, least)
    # Users in both follow from the Jaccard index b / (n + m − b) of the two sizes.
    both = round(one.jaccard * (one.n_users + one.n_previous) / (1 + one.jaccard))
    part = part_of(both, n_previous, least)
    return UNKNOWN_PART if part.n is not None else part


def _migrate(before: PatternStudy, now: PatternStudy, found: CarryOver) -> Migration:
    rows = {name: i for i, name in enumerate(before.ids)}
    columns = {name: i for i, name in enumerate(now.ids)}
    counts = [[0] * (len(columns) + 1) for _ in range(len(rows) + 1)]
    for flow in found.migration:
        i, j = rows.get(flow.previous, len(rows)), columns.get(flow.label, len(columns))
        counts[i][j] += flow.n_users
    hidden = _hidden(before)
    old, new = _names(before), _names(now)
    return Migration(
        rows=(*(mask_mails(old[name]) for name in rows), NO_PATTERN),
        columns=(*(mask_mails(new[name]) for name in columns), NO_PATTERN),
        counts=hide_table(counts, now.request.least, rows=hidden, columns=_hidden(now)),
        totals=tuple(None if i in hidden else sum(line) for i, line in enumerate(counts)),
    )


def _sizes(study: PatternStudy) -> list[int]:
    """Count the users of every pattern, and last of all rests together."""
    labels = study.now.scores.labels
    sizes = [int(np.sum(labels == name)) for name in study.ids]
    return [*sizes, len(labels) - sum(sizes)]


def _hidden(study: PatternStudy) -> frozenset[int]:
    """Give the places of `_sizes` that are withheld, as in all that is said of these patterns."""
    labels, least = (*study.ids, *OTHERS), study.request.least
    counts = [int(np.sum(study.now.scores.labels == label)) for label in labels]
    n = len(study.ids)
    hidden = hide_labels(counts, range(n), least, n_absent=study.now.n_absent)
    gone = {i for i in hidden if i < n} | ({n} if len(labels) in hidden else set())
    sizes = _sizes(study)
    known = [None if i in gone else size for i, size in enumerate(sizes)]
    return find_withheld(known, sum(sizes), least) | gone


def _names(study: PatternStudy) -> dict[str, str]:
    return {group.id: group.name for group in study.frozen.model.groups}
