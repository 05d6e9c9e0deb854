"""The mail of a review says how many alerts there are, and the same numbers as its page."""

from pathlib import Path
from typing import Any

import pytest

import segkit as sk
from segkit.mail.letter import Letter, Occasion
from segkit.mail.rendering import MOST_BYTES
from segkit.mail.review_letter import compose_review

MANIFEST = {"summary": {"title": "Review of 1 segments"}, "name": "review"}
RUN = "review/2026-W26/r1"


@pytest.fixture
def document(shop: Path) -> dict[str, Any]:
    """Give the facts of a review of the tiny shop's buyers."""
    found: dict[str, Any] = sk.open(shop).review(as_of="2026-06-28").document()
    return found


def compose(document: dict[str, Any], **occasion: Any) -> Letter:
    """Give the mail of a review."""
    return compose_review(document, MANIFEST, Occasion(run=RUN, **occasion))


def test_the_mail_says_numbers_with_what_they_were(document: dict[str, Any]) -> None:
    letter = compose(document, link="https://r.example.org/x", is_corrected=True)

    assert letter.subject == (
        "Corrected: Review of 1 segments, week 26: too little history for alerts"
    )
    for part in (letter.html, letter.text):
        assert "37.5% of 40" in part
        assert "±0.0% from 15" in part
        assert "https://r.example.org/x" in part
    assert len(letter.html.encode()) < MOST_BYTES


def test_alerts_come_first_and_their_number_stands_in_the_subject(document: dict[str, Any]) -> None:
    reason = {"segment": "odd", "title": "Odd", "change": None, "reason": "It is faulty."}
    document["alerts"] = [reason] * 2

    letter = compose(document)

    assert letter.subject.endswith("week 26: 2 alerts")
    assert letter.text.index("LOOK AT: Odd: no numbers: It is faulty.") < letter.text.index("Users")


def test_a_review_of_very_many_segments_is_cut_with_a_notice(document: dict[str, Any]) -> None:
    long = document["segments"][0] | {"title": "<" * 300}
    document["segments"] = [long] * 500

    letter = compose(document)

    assert len(letter.html.encode()) <= MOST_BYTES
    assert "more segments stand in the report" in letter.text or "too long" in letter.text
