"""Compose the mail of a review of many segments from its facts alone: alerts, then a table."""

from collections.abc import Mapping
from typing import Any

from segkit.compare.changes import MIN_HISTORY
from segkit.compare.review import NAMES, STRIKING, Reviewed, ReviewFacts, read_review
from segkit.formats import MISSING
from segkit.mail import spoken
from segkit.mail.letter import Letter, Occasion
from segkit.mail.rendering import Facts, seal_letter
from segkit.views.changed import say_move
from segkit.views.review import amount, fraction, said_of, say_alert
from segkit.views.words import some

COLUMNS = ("size", "active", "entered", "left")
MOST_ROWS, MOST_ALERTS, SHORT_ROWS, MOST_DIGEST = 60, 20, 15, 8
_STEPS = {"day": 1, "week": 7, "month": 0}


def compose_review(
    document: Mapping[str, Any], manifest: Mapping[str, Any], occasion: Occasion
) -> Letter:
    """Give the mail of a review: the number of alerts in the subject, alerts first.

    Parameters
    ----------
    document
        The review's facts. They name no user and no label, so every reader may see them.
    manifest
        Its `summary` holds the title.
    """
    facts = read_review(document)
    title = spoken.clean(manifest["summary"]["title"], spoken.MOST_TITLE)
    names = said_of(facts)
    shown: Facts = {
        "subject": _subject(title, facts, occasion),
        "title": title,
        "header": _header(facts),
        "alerts": (*occasion.warnings, *_alerts(facts)),
        "headings": [names[name] for name in COLUMNS],
        "rows": [_row(one) for one in facts.segments[:MOST_ROWS]],
        "link": occasion.link,
        "app": occasion.app,
        "notes": (*occasion.notes, *_left_out(facts), *facts.notes),
        "digest": _digest(facts),
    }
    return seal_letter(
        "review",
        shown,
        occasion,
        thread=f"review/{manifest.get('name') or facts.period}",
        shorten=lambda all_of_it: (
            all_of_it
            | {"rows": all_of_it["rows"][:SHORT_ROWS], "alerts": all_of_it["alerts"][:SHORT_ROWS]}
        ),
    )


def _subject(title: str, facts: ReviewFacts, occasion: Occasion) -> str:
    step = _STEPS[facts.period]
    period = spoken.say_period(occasion.period) or spoken.name_period(facts.as_of, step)
    n = len(facts.alerts)
    quiet = "nothing unusual" if facts.n_history > MIN_HISTORY else "too little history for alerts"
    said = some(n, "alerts") if n else quiet
    warned = spoken.say_alert(occasion.broken, len(occasion.warnings) - len(occasion.broken))
    return f"{spoken.mark_corrected(occasion)}{title}, {period}: {said}{warned}"


def _header(facts: ReviewFacts) -> tuple[str, ...]:
    against = f"set against {facts.before_on}" if facts.before_on else "no earlier period"
    year = f" and {facts.year_on}" if facts.year_on else ""
    return (
        f"The {facts.period} to {facts.as_of} ({facts.timezone}), {against}{year}.",
        f"Data from {facts.data_first_on} to {facts.data_last_on}; snapshot {facts.snapshot}.",
        f"Groups below {facts.min_size} people are withheld and shown as {MISSING}.",
    )


def _alerts(facts: ReviewFacts) -> tuple[str, ...]:
    said = [
        f"{spoken.clean(alert.title, spoken.MOST_TITLE)}: {say_alert(alert, facts)}"
        for alert in facts.alerts[:MOST_ALERTS]
    ]
    left = len(facts.alerts) - len(said)
    return (*said, f"{left} more alerts stand in the report.") if left else tuple(said)


def _digest(facts: ReviewFacts) -> tuple[str, ...]:
    sizes = [(_row(one)["title"], _cell(one, 0)) for one in facts.segments[:MOST_DIGEST]]
    return tuple(f"{title}: {cell['now']} users {cell['before']}".strip() for title, cell in sizes)


def _left_out(facts: ReviewFacts) -> tuple[str, ...]:
    left = len(facts.segments) - MOST_ROWS
    return (f"{left} more segments stand in the report.",) if left > 0 else ()


def _row(one: Reviewed) -> dict[str, Any]:
    return {
        "title": spoken.clean(one.title, spoken.MOST_TITLE),
        "cells": [_cell(one, NAMES.index(name)) for name in COLUMNS],
    }


def _cell(one: Reviewed, place: int) -> dict[str, str]:
    change = one.since_before[place]
    share = one.since_before[NAMES.index("share")].now if NAMES[place] == "size" else None
    whole = fraction(share).rpartition(" / ")[2]
    year = one.since_year[place] if one.since_year else None
    return {
        "now": amount(change.now),
        "of": f"{amount(share)} of {whole}" if whole else "",
        "before": f"{say_move(change)} from {amount(change.before)}" if say_move(change) else "",
        "year": f"{say_move(year)} from {amount(year.before)} a year ago"
        if year and say_move(year)
        else "",
        "mark": change.usualness.value if change.usualness in STRIKING else "",
    }
