"""Gather all that a comparison of segments says, and the notes that a reader needs."""

from collections.abc import Sequence

from segkit.compare.comparison import (
    BesideRow,
    ComparedSegment,
    ComparisonHead,
    MixFacts,
    SegmentDiffers,
    SegmentLine,
)
from segkit.compare.facts import Overlap
from segkit.compare.overlap import measure_overlap
from segkit.measures.withhold import is_small
from segkit.periods import local_day
from segkit.reports.comparison_beside import may_show_others
from segkit.reports.comparison_study import ComparisonStudy
from segkit.reports.notes import describe_data, describe_money


def build_head(study: ComparisonStudy, *, has_others: bool) -> ComparisonHead:
    """Give what was asked, of whom and from which data."""
    asked, sides = study.first, study.groups[0].sides
    catalogue, zone = asked.tables.catalogue, asked.clock.zone
    return ComparisonHead(
        segments=tuple(_segment(study, place) for place in range(len(study.requests))),
        as_of=asked.clock.day,
        days=asked.days,
        start_on=sides.start_on,
        timezone=zone.key,
        currency=study.money.currency,
        baseline=asked.baseline,
        baseline_title=asked.baseline_title,
        n_baseline=study.others.sides.n_segment if has_others else None,
        snapshot=asked.tables.snapshot,
        engine=sides.engine.name,
        clearance=asked.clearance,
        min_size=study.least,
        data_first_on=local_day(catalogue.first_at, zone) if catalogue.first_at else None,
        data_last_on=local_day(catalogue.last_at, zone) if catalogue.last_at else None,
    )


def _segment(study: ComparisonStudy, place: int) -> ComparedSegment:
    asked, group = study.requests[place], study.groups[place]
    left = abs(group.n_universe - group.sides.n_segment)
    return ComparedSegment(
        segment=asked.segment,
        title=asked.title,
        definition=asked.definition,
        definition_text=asked.definition_text,
        n_users=None if group.is_withheld else group.sides.n_segment,
        n_universe=None if group.is_withheld or is_small(left, study.least) else group.n_universe,
    )


def build_overlap(study: ComparisonStudy) -> Overlap | None:
    """Give how the segments share the first one's universe.

    None for a single segment, where a segment is withheld, and where sizes would have to be
    withheld that the report shows elsewhere.
    """
    if len(study.groups) == 1 or any(group.is_withheld for group in study.groups):
        return None
    sides = study.groups[0].sides
    overlap = measure_overlap(
        sides.engine,
        study.first.universe_at(study.first.clock).select("user_no"),
        {
            (asked.segment, asked.title): group.sides.members
            for asked, group in zip(study.requests, study.groups, strict=True)
        },
        min_size=study.least,
    )
    sizes = [segment.n_users for segment in overlap.segments]
    return None if None in sizes or overlap.n_universe is None else overlap


def shows_others(study: ComparisonStudy, overlap: Overlap | None) -> bool:
    """Say whether the baseline has a column of its own beside the segments."""
    if len(study.groups) > 1 and (overlap is None or overlap.n_none is None):
        return False
    return may_show_others(study)


def build_notes(
    study: ComparisonStudy,
    *,
    beside: Sequence[BesideRow],
    differs: Sequence[SegmentDiffers],
    overlap: Overlap | None,
    lines: Sequence[SegmentLine],
    mix: MixFacts,
) -> tuple[str, ...]:
    """Give what was left out, withheld or assumed."""
    engine, users = study.first.tables.engine, study.first.tables.users
    n_bots = int(engine.scalar(users.is_bot.sum()) or 0)
    group = study.groups[0]
    notes = [
        *describe_data(study.first, group.sides, n_bots=n_bots),
        *describe_money(study.money, order_id=study.first.order_id),
        *_small(study),
        *_several(study, overlap, has_pair=any(d.other_segment for d in differs)),
        *_beside(beside),
        *_lines(lines),
        *mix.notes,
    ]
    return tuple(dict.fromkeys(notes))


def _small(study: ComparisonStudy) -> list[str]:
    names = [g.request.title for g in study.groups if g.is_withheld]
    return [
        f"All of “{name}” is withheld: it or its baseline has fewer than {study.least} users."
        for name in names
    ]


def _several(study: ComparisonStudy, overlap: Overlap | None, *, has_pair: bool) -> list[str]:
    if len(study.groups) == 1:
        return []
    notes = []
    if len(_universes(study)) > 1:
        notes.append(
            "The segments have universes of different sizes: shares of the universe are each of "
            "their own, and the overlap looks at the first one's."
        )
    if overlap is None:
        notes.append("The overlap is withheld: it would tell of too few users.")
    pair = len(study.groups) == 2  # noqa: PLR2004  two segments
    if pair and not has_pair:
        notes.append(
            "The two segments are not set against each other: those in one of them only, or those "
            "in both, are too few."
        )
    return notes


def _universes(study: ComparisonStudy) -> set[int]:
    return {group.n_universe for group in study.groups}


def _beside(beside: Sequence[BesideRow]) -> list[str]:
    notes = []
    blank = sum(value.value is None for row in beside for value in row.values)
    if blank:
        cells = "1 value is" if blank == 1 else f"{blank} values are"
        notes.append(f"{cells} withheld or unknown in the table of measures.")
    if beside and beside[0].baseline is None:
        notes.append(
            "The baseline has no column of its own: the users in none of the segments are none, "
            "too few, or would give small groups away."
        )
    return notes


def _lines(lines: Sequence[SegmentLine]) -> list[str]:
    short = [line.title for line in lines if line.rows and not line.n_periods]
    if not short:
        return []
    named = ", ".join(f"“{title}”" for title in short)
    return [
        f"Level shifts of {named} are not looked for: complete periods are too few or withheld."
    ]
