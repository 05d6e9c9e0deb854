"""Seal mails that tell of a report in small tables, a chart and a few sentences.

The comparison of segments, the report on patterns and the workspace's own notebooks are told so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from segkit.formats import Count
from segkit.mail import spoken
from segkit.mail.letter import Letter, Occasion, Part, content_id
from segkit.mail.rendering import Facts, seal_letter
from segkit.views.changed import signed

MOST_ROWS, SHORT_ROWS, MOST_SENTENCE, SHORT_SENTENCES = 40, 8, 400, 2
CHART = "over_time.png"


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A number as text: now, what it is a part of, and what it was before."""

    now: str
    of: str = ""
    before: str = ""


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

    `headline` ends the subject and begins the mail; `chart` is a PNG with its words.
    """

    title: str
    headline: str
    thread: str
    header: Sequence[str] = ()
    tables: Sequence[Table] = ()
    findings: Sequence[Finding] = ()
    chart: tuple[bytes, str] | None = None
    notes: Sequence[str] = ()


def seal_story(story: Story, manifest: Mapping[str, Any], occasion: Occasion) -> Letter:
    """Give the letter of a story; its subject says title, period and headline."""
    title = spoken.clean(story.title, spoken.MOST_TITLE)
    warned = spoken.say_alert([], len(occasion.warnings))
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
        "said": (f"{story.headline[:1].upper()}{story.headline[1:]}.",),
        "tables": [_cut(table, MOST_ROWS) for table in story.tables],
        "charts": charts,
        "findings": story.findings,
        "link": occasion.link,
        "app": occasion.app,
        "notes": (*occasion.notes, *story.notes),
        "digest": (f"{story.headline[:1].upper()}{story.headline[1:]}.", *_lines(story)),
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
