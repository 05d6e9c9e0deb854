"""Mails of comparisons, reports on patterns and own notebooks say what their facts say."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import segkit as sk
from segkit.compare.changes import Change, Changes
from segkit.compare.quantities import Quantity
from segkit.mail.folders import compose_run
from segkit.mail.letter import Letter, Occasion
from segkit.mail.rendering import MOST_BYTES
from segkit.mail.story import Moves
from segkit.runs.manifest import read_manifest
from tests.mail.letters import SUNDAY
from tests.mail.weeks import publish_week

HOSTILE = "<script>alert(1)</script> ann@example.org {{7*7}}"
SALE: dict[str, Any] = {
    "pattern": "p1",
    "name": "mostly /sale/*",
    "n_users": 391,
    "share": 0.2775,
    "badge": "very stable",
    "n_buyers": 161,
    "jaccard": 0.97,
    "buyer_share": 0.4118,
    "terms": [{"words": "mostly /sale/*"}, {"words": "comes by Email"}],
    "rule": {"text": "at least 30% page views on /sale/*."},
}
HELP = SALE | {
    "pattern": "p2", "name": "much of /help/*", "n_users": 60, "share": 0.04, "n_buyers": None,
    "terms": [{"words": "much of /help/*"}], "rule": None,
}  # fmt: skip
MIXED = HELP | {
    "pattern": "mixed",
    "name": "mixed",
    "n_users": None,
    "terms": [],
    "badge": "",
    "jaccard": None,
}


def window(day: int, counts: list[int | None]) -> dict[str, Any]:
    """Give a window of 30 days to a day of May."""
    shares = [None if n is None else n / 1409 for n in counts]
    ends = {"first_on": f"2026-05-{day - 9:02}", "last_on": f"2026-05-{day:02}"}
    return {**ends, "n_users": 1409, "counts": counts, "shares": shares}


PATTERNS: dict[str, Any] = {
    "segment": "buyers", "title": "Buyers", "as_of": "2026-05-31", "days": 30, "snapshot": "abc",
    "timezone": "UTC", "min_size": 10, "n_users": 1409, "n_eligible": 800, "definition": "d1",
    "model": {"name": "", "first_on": "2026-05-02", "last_on": "2026-05-31"},
    "reason": "", "notes": [HOSTILE],
    "patterns": [SALE, HELP, MIXED],
    "windows": {
        "labels": ["p1", "p2", "mixed"],
        "names": ["mostly /sale/*", "much of /help/*", "mixed"],
        "rows": [window(21, [437, 61, None]), window(31, [391, 60, None])],
    },
}  # fmt: skip


def compose(
    folder: Path, clearance: str = "pseudonymous", checks: tuple[str, ...] = (), **said: Any
) -> Letter:
    """Give the mail of a published run."""
    manifest = read_manifest(folder)
    assert manifest is not None
    occasion = Occasion(run="weekly-buyers/2026-W22/r", period="2026-W22", **said)
    return compose_run(folder, manifest, occasion, checks=checks, clearance=clearance)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def compared(loaded_shop: Path) -> dict[str, Any]:
    """Give the facts of a comparison of two segments of the tiny shop."""
    ws = sk.open(loaded_shop)
    report = ws.compare(["buyers", "returning"], as_of=date(2026, 6, 30), days=28)
    found: dict[str, Any] = json.loads(json.dumps(report.facts().to_dict()))
    found["segments"][0]["title"] = HOSTILE
    return found


def test_a_comparison_is_mailed_with_its_sizes_their_change_and_what_sets_each_apart(
    compared: dict[str, Any], tmp_path: Path
) -> None:
    about: dict[str, Any] = {"report": "compare_segments", "segment": None}
    summary = {"title": "Comparison: Buyers, Returning", "n_users": None}
    for weeks_ago, n in ((52, 10), (1, 12)):
        publish_week(tmp_path, weeks_ago, facts=with_buyers(compared, n), summary=summary, **about)
    folder = publish_week(tmp_path, facts=compared, summary=summary, **about)

    letter = compose(folder)

    assert letter.subject.startswith("Comparison: Buyers, Returning, week 22: 15 / 40 users, ")
    assert letter.subject.endswith("+25.0%")
    assert "Users: 15; +25.0% from 12; +50.0% from 10 a year ago" in letter.text
    assert "+7.5 points from 30.0% (12 / 40)" in letter.text
    assert "15 / 40" in letter.text
    assert [chart.name for chart in letter.charts] == ["over_time.png"]
    assert "cid:" in letter.html
    for shown in (letter.html, letter.text):
        assert "ann@example.org" not in shown
        assert "{{7*7}}" in shown
    assert "<script" not in letter.html
    assert len(letter.html.encode()) < MOST_BYTES


def with_buyers(compared: dict[str, Any], n: int) -> dict[str, Any]:
    """Give the same comparison with another number of buyers."""
    made: dict[str, Any] = json.loads(json.dumps(compared))
    made["segments"][0]["n_users"] = n
    for line in made["beside"]:
        if line["name"] in {"size", "share"}:
            line["values"][0]["numerator"] = n
    return made


def test_a_broken_check_of_a_comparison_stands_in_its_subject_and_first_in_its_mail(
    compared: dict[str, Any], tmp_path: Path
) -> None:
    about: dict[str, Any] = {"report": "compare_segments", "segment": None}
    publish_week(tmp_path, 1, facts=with_buyers(compared, 20), **about)
    folder = publish_week(tmp_path, facts=compared, **about)

    letter = compose(folder, checks=("buyers.size drops more than 20%", "buyers.share below 5%"))

    assert letter.subject.endswith(" – warning: buyers.size drops more than 20%")
    assert letter.text.count("WARNING: buyers.size drops more than 20%.") == 1
    assert "below 5%" not in letter.text


def test_unusual_moves_begin_the_mail_the_farthest_first(
    compared: dict[str, Any], tmp_path: Path
) -> None:
    about: dict[str, Any] = {"report": "compare_segments", "segment": None}
    for weeks_ago, n in enumerate((51, 55, 58, 53, 57, 54, 56, 52, 53, 51), start=1):
        publish_week(tmp_path, weeks_ago, facts=with_buyers(compared, n), **about)

    letter = compose(publish_week(tmp_path, facts=compared, **about))

    first, second, *_ = letter.text.partition("Unusual: ")[2].split("Unusual: ")
    assert "since 2026-05-24, from 51 to 15." in first + second
    assert "points since 2026-05-24" in first + second
    assert letter.text.index("Unusual: ") < letter.text.index("Users: 15")


def test_other_definitions_are_not_compared(compared: dict[str, Any], tmp_path: Path) -> None:
    earlier = with_buyers(compared, 12)
    earlier["segments"][0]["definition"] = "another"
    about: dict[str, Any] = {"report": "compare_segments", "segment": None}
    publish_week(tmp_path, 1, facts=earlier, **about)
    folder = publish_week(tmp_path, facts=compared, **about)

    letter = compose(folder)

    assert letter.subject.endswith("week 22: 15 / 40 users")
    assert "%" not in letter.text.partition("Users: 15")[2].partition("\n")[0]


def test_patterns_are_mailed_with_sizes_moves_and_rules(tmp_path: Path) -> None:
    summary = {"title": "Behaviour patterns: Buyers", "n_users": None}
    folder = publish_week(tmp_path, facts=PATTERNS, report="behaviour_patterns", summary=summary)

    letter = compose(folder)

    assert letter.subject == (
        "Behaviour patterns: Buyers, week 22: 2 patterns, “mostly /sale/*” −10.5%"
    )
    assert "Users: 391; −10.5% from 437 (2026-05-21)" in letter.text
    assert "Buyers: 41.2%; 161 / 391" in letter.text
    assert "1. Mostly /sale/*, comes by Email. As a rule: at least 30% page views" in letter.text
    mixed = letter.text.partition("mixed\n")[2].partition("\n\n")[0]
    assert not any(character.isdigit() for character in mixed)
    assert "1 = mostly /sale/*; 2 = much of /help/*" in letter.html
    assert len(letter.charts) == 1
    assert "ann@example.org" not in letter.text


def test_patterns_found_anew_are_set_against_their_own_window_a_year_ago(tmp_path: Path) -> None:
    year = window(31, [300, 50, None]) | {"last_on": "2025-06-01"}
    facts = PATTERNS | {"windows": PATTERNS["windows"] | {"year": year}}
    publish_week(tmp_path, 1, facts=facts, report="behaviour_patterns")

    letter = compose(publish_week(tmp_path, facts=facts, report="behaviour_patterns"))

    assert "391; −10.5% from 437 (2026-05-21); +30.3% from 300 (2025-06-01)" in letter.text
    assert "Users who came\n  Now: 1,409; ±0.0% from 1,409" in letter.text


def test_kept_patterns_are_set_against_the_report_before_and_a_year_ago(tmp_path: Path) -> None:
    kept = PATTERNS | {"model": PATTERNS["model"] | {"name": "kinds"}}
    for weeks_ago, n in ((52, 300), (1, 350)):
        then = kept | {"patterns": [SALE | {"n_users": n}, HELP, MIXED]}
        publish_week(tmp_path, weeks_ago, facts=then, report="behaviour_patterns")

    letter = compose(publish_week(tmp_path, facts=kept, report="behaviour_patterns"))

    assert letter.subject.endswith("2 patterns, “mostly /sale/*” +11.7%")
    assert "391; +11.7% from 350; +30.3% from 300 a year ago" in letter.text


def test_that_there_are_no_patterns_is_said(tmp_path: Path) -> None:
    none: dict[str, Any] = {"reason": "no gap was found", "patterns": [], "windows": None}
    folder = publish_week(tmp_path, facts=PATTERNS | none, report="behaviour_patterns")

    letter = compose(folder)

    assert letter.subject == "Loyal customers, week 22: no gap was found"
    assert letter.charts == ()
    assert "No gap was found." in letter.text


def own(folder: Path, weeks_ago: int, n: int, **more: Any) -> Path:
    """Publish a report of a notebook of one's own."""
    facts = {
        "days": 28,
        "orders": {"n_orders": n, "mean_value": 81.25, "is_whole": True},
        "by_user": {"ann@example.org": 3, "u_0815": {"deep": {"deeper": 4}}},
        "held": None,
        "buyers_share": {"numerator": n, "denominator": 4000, "value": n / 4000, "kind": "share"},
    }
    asked = {
        "workspace": str(folder),
        "as_of": "2026-05-31",
        "days": 28,
        "region": "DE",
        "x": "",
    } | more
    summary = {"title": "Orders"}
    return publish_week(
        folder, weeks_ago, report="own", summary=summary, facts=facts, parameters=asked
    )


def test_an_own_notebook_is_mailed_with_its_numbers_and_what_moved(tmp_path: Path) -> None:
    own(tmp_path, 52, 800)
    own(tmp_path, 1, 900)
    letter = compose(own(tmp_path, 0, 1000))

    assert "Orders: orders 1,000 (+11.1%)" in letter.subject
    assert (
        "Orders: orders\n  Now: 1,000; +11.1% from 900; +25.0% from 800 a year ago" in letter.text
    )
    assert "Orders: mean value\n  Now: 81.25" in letter.text
    assert (
        "Buyers share\n  Now: 25.0%; 1,000 / 4,000; +2.5 points from 22.5% (900 / 4,000)"
        in letter.text
    )
    assert "Asked with days 28, region DE." in letter.text
    assert "ann@" not in letter.text
    assert "Days" not in letter.text


def test_an_own_notebook_that_was_asked_otherwise_is_not_compared(tmp_path: Path) -> None:
    own(tmp_path, 1, 900, region="FR")

    letter = compose(own(tmp_path, 0, 1000))

    assert "900" not in letter.text
    assert "There is no earlier report to compare with." in letter.text


@pytest.mark.parametrize(
    ("kind", "now", "before", "said"),
    [
        ("share", 0, 0, "±0.0 points from 0.0% (0 / 50)"),
        ("share", 5, 0, "+10.0 points from 0.0% (0 / 50)"),
        ("count", 5, 0, "+5 from 0"),
        ("count", 0, 0, "+0 from 0"),
        ("count", 5, 4, "+25.0% from 4"),
        ("count", None, 4, ""),
    ],
)
def test_a_move_is_said_in_its_own_unit(kind: str, now: int, before: int, said: str) -> None:
    def number(n: int) -> Quantity:
        is_count = kind == "count"
        return Quantity(
            name="n", title="N", kind=kind, numerator=n, denominator=50, is_count=is_count
        )

    moved = Change(now=number(now), before=number(before))
    changes = Changes(
        segment="", as_of=SUNDAY, before_on=SUNDAY, year_on=None, since_before=[moved],
        since_year=[],
    )  # fmt: skip

    assert Moves(changes=changes).cell("n", "").before == said


def test_who_may_see_less_gets_no_number(compared: dict[str, Any], tmp_path: Path) -> None:
    about: dict[str, Any] = {"report": "compare_segments", "segment": None, "clearance": "personal"}
    folder = publish_week(tmp_path, facts=compared, **about)

    letter = compose(folder)

    assert letter.subject == "Loyal customers, 2026-W22"
    assert "15" not in letter.text.partition("snapshot")[0]
    assert "members" not in letter.text
    assert SUNDAY.isoformat() in letter.text
