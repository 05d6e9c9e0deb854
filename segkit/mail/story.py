"""Seal mails that tell of a report in small tables, a chart and a few sentences.

The comparison of segments, the report on patterns and the workspace's own notebooks are told so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from segkit.compare.changes import Change, Changes, Usualness
from segkit.formats import Count
from segkit.mail import spoken
from segkit.mail.letter import Letter, Occasion, Part, content_id
from segkit.mail.rendering import Facts, seal_letter
from segkit.views.changed import say_move, signed

MOST_ROWS, SHORT_ROWS, MOST_SENTENCE, SHORT_SENTENCES = 40, 8, 400, 2
CHART = "over_time.png"
MOST_UNUSUAL = 5
"""So many unusual moves are told; more stand in the report."""


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A number as text: now, what it is a part of, what it was before and a year ago."""

    now: str
    of: str = ""
    before: str = ""
    year: str = ""


@dataclass(frozen=True, kw_only=True)
class Row:
    """A row of a mail's table: its title, a word below it, and a cell a column."""

    title: str
    cells: Sequence[Cell]
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table of a mail: `first` heads the titles, `headings` the cells."""

    first: str
    headings: Sequence[str]
    rows: Sequence[Row]
    heading: str = ""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Some sentences below a heading."""

    heading: str
    sentences: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class Story:
    """What a mail tells of a report.

    `headline` ends the subject and begins the mail, sentences on `unusual` moves follow it; `chart`
    is a PNG with its words.
    """

    title: str
    headline: str
    thread: str
    header: Sequence[str] = ()
    unusual: Sequence[str] = ()
    tables: Sequence[Table] = ()
    findings: Sequence[Finding] = ()
    chart: tuple[bytes, str] | None = None
    notes: Sequence[str] = ()


def seal_story(story: Story, manifest: Mapping[str, Any], occasion: Occasion) -> Letter:
    """Give the letter of a story; its subject says title, period and headline."""
    title = spoken.clean(story.title, spoken.MOST_TITLE)
    headline = f"{story.headline[:1].upper()}{story.headline[1:]}."
    warned = spoken.say_alert(occasion.broken, len(occasion.warnings) - len(occasion.broken))
    period = spoken.say_period(occasion.period) or manifest["period"]
    charts = [] if story.chart is None else [{"cid": content_id(CHART), "words": story.chart[1]}]
    facts: Facts = {
        "subject": spoken.clean(
            f"{spoken.mark_corrected(occasion)}{title}, {period}: {story.headline}{warned}",
            spoken.MOST_SUBJECT,
        ),
        "title": title,
        "header": tuple(story.header),
        "alerts": occasion.warnings,
        "said": (headline, *story.unusual),
        "tables": [_cut(table, MOST_ROWS) for table in story.tables],
        "charts": charts,
        "findings": story.findings,
        "link": occasion.link,
        "app": occasion.app,
        "notes": (*occasion.notes, *story.notes),
        "digest": (headline, *story.unusual, *_lines(story)),
    }
    parts = () if story.chart is None else (
        Part(name=CHART, kind="image/png", content=story.chart[0]),
    )  # fmt: skip
    return seal_letter(
        "story", facts, occasion, thread=story.thread, charts=parts, shorten=_shortened
    )


def _cut(table: Table, most: int) -> Table:
    rows = table.rows[:most]
    return Table(first=table.first, headings=table.headings, rows=rows, heading=table.heading)


def _lines(story: Story) -> list[str]:
    return [sentence for part in story.findings for sentence in part.sentences[:1]]


def _shortened(facts: Facts) -> Facts:
    return facts | {
        "tables": [_cut(table, SHORT_ROWS) for table in facts["tables"]],
        "findings": [
            Finding(heading=part.heading, sentences=part.sentences[:SHORT_SENTENCES])
            for part in facts["findings"]
        ],
        "alerts": facts["alerts"][:SHORT_ROWS],
    }


def say_change(now: float | None, before: float | None, day: str) -> str:
    """Give how much a count changed, and from what; empty where one side is not known.

    >>> say_change(110, 100, "2026-05-24"), say_change(None, 100, "2026-05-24")
    ('+10.0% from 100 (2026-05-24)', '')
    """
    if now is None or before is None:
        return ""
    moved = signed((now - before) / before) if before else f"{now - before:+,.0f}"
    return f"{moved} from {Count()(before)} ({day})"


@dataclass(frozen=True, kw_only=True)
class Moves:
    """What changed in a report, said beside its numbers in its currency."""

    changes: Changes
    currency: str | None = None

    @property
    def against(self) -> tuple[str, ...]:
        """The line that says which reports the numbers are set against; none without one."""
        before, year = self.changes.before_on, self.changes.year_on
        also = f" and that of {year}, a year ago" if year else ""
        return (f"Set against the report of {before}{also}.",) if before else ()

    @property
    def notes(self) -> tuple[str, ...]:
        """The notes on what could not be compared."""
        return tuple(self.changes.notes)

    def cell(self, name: str, now: str, of: str = "", *, has_parts: bool = True) -> Cell:
        """Give the cell of a number by its name: what it was before and a year ago.

        Without `has_parts` the earlier values stand without what they are divided by.
        """
        changes = self.changes
        year = next((c for c in changes.since_year if c.now.name == name), None)
        return Cell(
            now=now,
            of=of,
            before=self._say(changes.since(name), "", has_parts=has_parts),
            year=self._say(year, " a year ago", has_parts=has_parts),
        )

    def quantity(self, change: Change) -> Cell:
        """Give the cell of a number that the report follows."""
        now = change.now
        return self.cell(
            now.name, spoken.amount(now, self.currency), spoken.parts(now, self.currency)
        )

    def _say(self, change: Change | None, when: str, *, has_parts: bool) -> str:
        if change is None or change.before is None or change.difference is None:
            return ""
        moved = say_move(change)
        if change.now.is_count and change.relative is None:
            moved = f"{change.difference:+,.0f}"
        of = spoken.parts(change.before, self.currency) if has_parts else ""
        was = spoken.amount(change.before, self.currency)
        return f"{moved} from {was}{f' ({of})' if of else ''}{when}"

    def largest(self, names: Sequence[str]) -> Change | None:
        """Give the largest relative move of some numbers; None where none of them moved."""
        found = [c for name in names if (c := self.changes.since(name)) and c.relative]
        return max(found, key=lambda c: abs(c.relative or 0), default=None)

    def unusual(self) -> tuple[str, ...]:
        """Give the moves that are far from the usual ones, a sentence each, the farthest first."""
        far = [c for c in self.changes.since_before if c.usualness is Usualness.unusual]
        far.sort(key=lambda change: -abs(change.z or 0))
        told = [
            f"Unusual: {spoken.clean(c.now.label, spoken.MOST_TITLE * 2)}: {say_move(c)} since "
            f"{self.changes.before_on}, from {spoken.amount(c.before, self.currency)} to "
            f"{spoken.amount(c.now, self.currency)}."
            for c in far[:MOST_UNUSUAL]
        ]
        left = len(far) - len(told)
        return (
            (*told, f"{left} more unusual moves stand in the report.") if left > 0 else tuple(told)
        )
