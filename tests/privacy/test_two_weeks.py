"""Two weeks of one report beside each other give no few away, and neither does the mail between."""

import json
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import segkit as sk
from segkit.compare.changes import compare_reports
from segkit.mail.letter import Occasion
from segkit.mail.report_letter import compose_letter
from segkit.reports.document import facts_document
from tests.privacy.audit import given_away, small_numbers
from tests.tiny_shop import loaded_shop

__all__ = ["loaded_shop"]

BEFORE, AFTER = date(2026, 6, 17), date(2026, 6, 24)
MIN_SIZE, N_BEFORE, N_AFTER = 5, 21, 15


@pytest.fixture(scope="module")
def weeks(loaded_shop: Path, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """Give the facts of two weeks: of 21 people seven leave, one comes, groups below five hide."""
    shop = Path(shutil.copytree(loaded_shop, tmp_path_factory.mktemp("two") / "shop"))
    with (shop / "segkit.toml").open("a", encoding="utf-8") as toml:
        toml.write(f"min_size = {MIN_SIZE}\n")
    ws = sk.open(shop)
    seen = sk.Segment("seen", sk.did(event="page_view", during=sk.last("10d")), title="Seen")
    reports = [ws.report(seen, as_of=day, days=7, clearance="public") for day in (BEFORE, AFTER)]
    return [
        json.loads(json.dumps(facts_document(r.facts(), None, r.differences, r.customer_value)))
        for r in reports
    ]


def test_who_came_and_left_between_two_weeks_is_in_neither_report(
    weeks: list[dict[str, Any]],
) -> None:
    before, after = weeks
    rows = {row["end_on"]: row for row in after["trend"]}

    assert (before["overview"]["n_users"], after["overview"]["n_users"]) == (N_BEFORE, N_AFTER)
    moves = rows[AFTER.isoformat()]
    assert (moves["n_entered"], moves["n_left"]) == (None, None)
    for document in weeks:
        assert small_numbers(document, MIN_SIZE) == []
        assert given_away(document, MIN_SIZE) == []


def test_the_mail_that_sets_a_week_against_the_one_before_names_no_move_of_few(
    weeks: list[dict[str, Any]],
) -> None:
    before, after = weeks

    changes = compare_reports(after, [before])
    letter = compose_letter(after, changes, occasion=Occasion(run="seen/w/r"), clearance="public")

    moves = {c.now.name: c for c in changes.since_before if c.now.name in {"entered", "left"}}
    assert {name: (one.now.value, one.difference) for name, one in moves.items()} == {
        "entered": (None, None),
        "left": (None, None),
    }
    assert f"Users: {N_AFTER}\n  {BEFORE}: {N_BEFORE}, " in letter.text
    assert f"Entered in the period: –\n  {BEFORE}: –\nLeft in the period: –" in letter.text
