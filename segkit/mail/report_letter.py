"""Compose the mail of a segment report from its facts alone."""

from collections.abc import Sequence

from segkit.compare.changes import Changes
from segkit.compare.checks import Finding
from segkit.compare.quantities import Document
from segkit.config import Role
from segkit.mail import spoken
from segkit.mail.charts import draw_over_png, draw_trend_png
from segkit.mail.letter import Letter, Occasion, Part, content_id
from segkit.mail.rendering import Facts, seal_letter

SHORT_ROWS = 7
TREND, OVER = "trend.png", "over.png"


def compose_letter(
    document: Document,
    changes: Changes,
    findings: Sequence[Finding] = (),
    *,
    occasion: Occasion,
    clearance: Role = "pseudonymous",
) -> Letter:
    """Give the mail of a segment report.

    Parameters
    ----------
    document, changes, findings
        The report's facts, what changed in them, and what its checks found.
    occasion
        What the run says of itself: its name, links, warnings.
    clearance
        What the recipients may see. The mail shows no single user; values of labels are left out
        when the report was made for a higher clearance.
    """
    over = spoken.list_over(document, clearance)
    pictures = {
        TREND: (draw_trend_png(document["trend"]), spoken.trend_words(document)),
        OVER: (draw_over_png(document) if over else None, spoken.over_words(over)),
    }
    drawn = {name: picture for name, (picture, _) in pictures.items() if picture is not None}
    facts: Facts = {
        "subject": spoken.subject_of(document, changes, findings, occasion),
        "title": spoken.clean(document["title"], spoken.MOST_TITLE),
        "header": spoken.list_header(document, changes),
        "alerts": (*spoken.list_alerts(findings), *occasion.warnings),
        "before_heading": f"{changes.before_on}" if changes.before_on else "",
        "year_heading": f"{changes.year_on}" if changes.year_on else "",
        "rows": spoken.list_rows(document, changes),
        "trend_words": spoken.trend_words(document),
        "charts": [{"cid": content_id(name), "words": pictures[name][1]} for name in drawn],
        "over": over,
        "link": occasion.link,
        "app": occasion.app,
        "notes": (*occasion.notes, *spoken.list_notes(document, changes, clearance)),
        "digest": spoken.say_digest(document, changes),
    }
    return seal_letter(
        "report",
        facts,
        occasion,
        thread=f"{document['segment']}/{document['days']}",
        charts=tuple(Part(name=n, kind="image/png", content=png) for n, png in drawn.items()),
        shorten=_shortened,
    )


def _shortened(facts: Facts) -> Facts:
    return facts | {
        "rows": facts["rows"][:SHORT_ROWS],
        "alerts": facts["alerts"][:SHORT_ROWS],
        "over": [],
    }
