"""Compose mails that say a few sentences: failures, lateness, reports without a mail of their own.

What went wrong is told without what it went wrong with: no value of the data, no secret, no path of
a machine stands in such a mail.
"""

import os
import re
from collections.abc import Mapping
from typing import Any

from segkit.config import Role
from segkit.formats import Count
from segkit.mail import spoken
from segkit.mail.letter import Letter, Occasion
from segkit.mail.rendering import Facts, seal_letter
from segkit.measures.roles import may_see
from segkit.views.markup import shorten

MOST_SENTENCE = 600
_PATH = re.compile(r"\s*\(?(?:[A-Za-z]:)?(?:/[^\s/()`'\"]+){2,}/?\)?")
_IP = re.compile(
    r"\b\d{1,3}(?:\.\d{1,3}){3}\b|\b(?:[0-9a-f]{1,4}:){3,7}[0-9a-f]{1,4}\b", re.IGNORECASE
)
_LOGIN = re.compile(r"://[^\s/@]+@")
_LONG = re.compile(r"\b(?=\w*\d)[A-Za-z0-9_-]{12,}\b|\b\d{5,}\b")
_QUOTED = re.compile(r"found `[^`]*`")
_SECRET = re.compile(r"PASSWORD|SECRET|TOKEN|KEY|WEBHOOK|CREDENTIAL", re.IGNORECASE)
_LEAST_SECRET = 4


def scrub(sentence: str, environment: Mapping[str, str] = os.environ) -> str:
    """Give a sentence about a failure without what may be personal or secret.

    E-mail and IP addresses, logins in addresses, values of variables that are named like secrets,
    found values, long ids and numbers, and paths are replaced.

    >>> scrub("No row for ann@example.org (/srv/shop/x.csv), found `4711`.", {})
    'No row for (personal), found (a value).'
    """
    for name, secret in environment.items():
        if _SECRET.search(name) and len(secret) >= _LEAST_SECRET:
            sentence = sentence.replace(secret, "(secret)")
    said, _, hint = _LOGIN.sub("://(secret)@", sentence).partition("\nHint: ")
    whole = f"{said} {hint[:1].upper()}{hint[1:]}".strip()
    text = _PATH.sub("", spoken.clean(whole, MOST_SENTENCE * 2))
    text = _QUOTED.sub("found (a value)", _IP.sub("(personal)", text))
    return shorten(_LONG.sub("(an id)", text), MOST_SENTENCE)


def compose_plain(document: Mapping[str, Any], occasion: Occasion) -> Letter:
    """Give the mail of a notice: `subject`, `title`, `said` (sentences) and `thread`."""
    title = spoken.clean(document["title"], spoken.MOST_TITLE)
    facts: Facts = {
        "subject": spoken.clean(document["subject"], spoken.MOST_SUBJECT),
        "title": title,
        "header": tuple(document.get("header", ())),
        "alerts": occasion.warnings,
        "said": tuple(spoken.clean(sentence, MOST_SENTENCE) for sentence in document["said"]),
        "link": occasion.link,
        "app": occasion.app,
        "notes": occasion.notes,
        "digest": tuple(document["said"]),
    }
    return seal_letter("plain", facts, occasion, thread=document["thread"])


def compose_published(manifest: Mapping[str, Any], occasion: Occasion, clearance: Role) -> Letter:
    """Give the mail of a report that has no mail of its own kind: that it is there, and its size.

    A report made for readers who may see more than this one is named without its numbers.
    """
    summary, period = manifest["summary"], manifest["period"]
    title = spoken.clean(summary["title"] or manifest["report"], spoken.MOST_TITLE)
    n = summary.get("n_users") if may_see(manifest["clearance"], clearance) else None
    size = f": {Count()(n)}" if n is not None else ""
    warned = spoken.say_alert([], len(occasion.warnings))
    said = f"The report on {period} is ready"
    document = {
        "subject": f"{spoken.mark_corrected(occasion)}{title}, {period}{size}{warned}",
        "title": title,
        "header": (f"Up to {manifest['as_of']}; snapshot {manifest['snapshot']}.",),
        "said": (f"{said}: {Count()(n)} users." if n is not None else f"{said}.",),
        "thread": f"{manifest.get('name') or manifest['report']}/{title}",
    }
    return compose_plain(document, occasion)
