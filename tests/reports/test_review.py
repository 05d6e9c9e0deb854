"""A review says of many segments what their reports say, and what is out of the ordinary."""

import json
from datetime import date, timedelta
from pathlib import Path

import pytest

import segkit as sk
from segkit.compare.changes import Usualness
from segkit.compare.review import NAMES, Reviewed, find_alerts, read_review, review_segment
from segkit.errors import EmptyError, ParameterError, UnknownNameError
from segkit.measures.sizes import SizeRow, withhold_sizes
from segkit.runs.run import order_report, run_order
from tests.tiny_shop import write_tiny_shop

SUNDAY = date(2026, 5, 31)
PLUS = "segkit: 1\nsegment: plus\ntitle: On plus\nwhere: {attribute: {name: plan, is: plus}}\n"
RECENT = """\
segkit: 1
segment: recent
title: Came in the past three days
where: {did: {visit: any, during: {last: 3d}}}
"""


def rows(*sizes: int | None) -> list[SizeRow]:
    """Give weeks of some sizes, oldest first; half of the users are active."""
    return [
        SizeRow(
            end_on=SUNDAY - timedelta(weeks=len(sizes) - 1 - at),
            n_universe=5000,
            n_users=n,
            n_active=None if n is None else n // 2,
            n_new=0,
            n_entered=20,
            n_left=20,
        )
        for at, n in enumerate(sizes)
    ]


def reviewed(*sizes: int | None, year: int | None = None) -> Reviewed:
    """Give a segment with some sizes."""
    then = None if year is None else rows(year)[0]
    return review_segment(rows(*sizes), then, segment="loyal", title="Loyal", definition="d1")


def change(one: Reviewed, name: str):  # type: ignore[no-untyped-def]  # noqa: ANN201  a Change
    return one.since_before[NAMES.index(name)]


@pytest.mark.notebook
@pytest.mark.parametrize("segment", ["buyers", "plus", "recent"])
def test_a_review_says_what_the_reports_say(shop: Path, segment: str) -> None:
    for name, text in {"plus": PLUS, "recent": RECENT}.items():
        (shop / "segments" / f"{name}.yml").write_text(text, "utf-8")
    ws = sk.open(shop)

    facts = ws.review(as_of="2026-06-30").facts()
    one = next(one for one in facts.segments if one.segment == segment)
    report = ws.report(segment, as_of="2026-06-30", days=30).facts()

    said = {c.now.name: c.now for c in one.since_before}
    overview = report.overview
    assert [one.segment for one in facts.segments] == ["buyers", "plus", "recent"]
    assert said["size"].numerator == overview.n_users
    assert said["share"].value == overview.share
    assert said["active"].numerator == overview.n_active_7d
    assert said["new"].numerator == overview.n_new_7d


def test_the_numbers_of_the_buyers_are_those_worked_out_by_hand(shop: Path) -> None:
    facts = sk.open(shop).review("buyers", as_of="2026-06-23").facts()

    (one,) = facts.segments
    assert {c.now.name: c.now.numerator for c in one.since_before} == {
        "size": 15,  # all of whom bought on 20 June
        "share": 15,
        "active": 15,
        "active_share": 15,
        "new": 0,
        "entered": 15,
        "left": 0,
    }
    assert change(one, "size").before.numerator == 0
    assert change(one, "share").now.denominator == 40
    assert facts.before_on == date(2026, 6, 16)
    assert facts.year_on is None
    assert "does not reach back" in " ".join(facts.notes)


def test_months_end_on_their_last_day(shop: Path) -> None:
    facts = sk.open(shop).review("buyers", as_of="2026-06-30", period="month").facts()

    assert facts.before_on is None  # May begins before the data does
    assert change(facts.segments[0], "entered").now.numerator == 15
    assert change(facts.segments[0], "size").reason == "no earlier period"


def test_a_change_beyond_usual_variation_is_an_alert_and_its_share_is_none() -> None:
    course = (100, 104, 102, 108, 106, 110, 104, 112, 108, 114)
    odd, even = reviewed(*course, 160), reviewed(*course, 116)

    alerts = find_alerts([even, odd])

    assert [alert.change.now.name for alert in alerts if alert.change] == ["size", "active"]
    assert change(odd, "size").usualness is Usualness.unusual
    assert change(odd, "share").usualness is Usualness.unusual


def test_with_little_history_nothing_is_an_alert() -> None:
    short = reviewed(100, 102, 101, 500)

    assert change(short, "size").usualness is Usualness.too_little_history
    assert find_alerts([short]) == ()


def test_a_size_that_never_varied_and_moves_is_an_alert() -> None:
    still = reviewed(*[100] * 10, 130)

    (alert,) = find_alerts([still])

    assert alert.change is not None
    assert (alert.change.now.name, alert.change.z) == ("size", None)


def test_a_year_ago_is_set_beside_now_with_numerator_and_denominator() -> None:
    one = reviewed(100, 120, year=60)

    share = one.since_year[NAMES.index("share")]
    assert (share.before.numerator, share.before.denominator) == (60, 5000)  # type: ignore[union-attr]
    assert share.difference == pytest.approx(60 / 5000)


def test_a_withheld_size_has_no_change_and_is_no_alert() -> None:
    one = reviewed(*[100] * 9, None, 130)

    assert change(one, "size").difference is None
    assert find_alerts([one]) == ()


@pytest.mark.parametrize(
    ("given", "hidden"),
    [
        ({"n_users": 9}, {"n_users", "n_active", "n_new", "n_entered", "n_left"}),
        ({"n_active": 4}, {"n_active"}),
        ({"n_active": 45, "n_new": 40}, {"n_active"}),
        ({"n_new": 3}, {"n_new"}),
        ({"n_entered": 3}, {"n_entered", "n_left"}),
        ({"n_universe": 55}, {"n_universe"}),
    ],
    ids=["size", "active", "inactive", "new", "moves", "others"],
)
def test_what_is_small_or_would_give_it_away_is_withheld(
    given: dict[str, int], hidden: set[str]
) -> None:
    whole = {"n_universe": 500, "n_users": 50, "n_active": 30, "n_new": 0}
    moves = {"n_entered": 20, "n_left": 20}
    row = SizeRow(end_on=SUNDAY, **{**whole, **moves, **given})

    (kept,) = withhold_sizes([row], 10)

    names = [*whole, *moves]
    assert {name for name in names if getattr(kept, name) is None} == hidden


def test_a_faulty_file_is_an_alert_and_stops_no_other(shop: Path) -> None:
    (shop / "segments" / "odd.yml").write_text("segkit: 1\nsegment: odd\nwhere: {}\n", "utf-8")

    review = sk.open(shop).review(as_of="2026-06-30")

    facts = review.facts()
    assert [one.segment for one in facts.segments] == ["buyers"]
    assert [alert.segment for alert in facts.alerts if alert.change is None] == ["odd"]
    assert "odd: no numbers:" in review.alerts().text


def test_deprecated_segments_are_not_tracked(shop: Path) -> None:
    path = shop / "segments" / "buyers.yml"
    path.write_text(f"{path.read_text('utf-8')}status: deprecated\n", "utf-8")

    with pytest.raises(EmptyError, match="no segment to review"):
        sk.open(shop).review().facts()


@pytest.mark.parametrize(
    ("asked", "kind", "sentence"),
    [
        ({"segments": "buyer"}, UnknownNameError, "Did you mean `buyers`"),
        ({"period": "weeks"}, ParameterError, "Did you mean `week`"),
        ({"days": 0}, ParameterError, "expected a whole number"),
        ({"as_of": "2026-13-01"}, ParameterError, "2026-13-01"),
    ],
)
def test_wrong_words_are_refused(
    shop: Path, asked: dict[str, object], kind: type[Exception], sentence: str
) -> None:
    with pytest.raises(kind, match=sentence):
        sk.open(shop).review(**asked)


def test_hostile_titles_are_shown_and_do_nothing(shop: Path) -> None:
    path = shop / "segments" / "buyers.yml"
    text = path.read_text("utf-8").replace("Bought at least once", '"<script>{{7*7}}</script>"')
    path.write_text(text, "utf-8")

    review = sk.open(shop).review(as_of="2026-06-30")

    assert "<script" not in review.table().html + review.alerts().html
    assert "&lt;script&gt;{{7*7}}" in review.table().html


def test_the_line_of_sizes_has_words_for_who_cannot_see_it(shop: Path) -> None:
    html = sk.open(shop).review(as_of="2026-06-30").table().html

    assert 'aria-label="Users over 8 weeks: 0 to 15, lowest 0, highest 15"' in html


def test_a_document_is_read_back_as_the_same_facts(shop: Path) -> None:
    review = sk.open(shop).review(as_of="2026-06-30")

    assert read_review(json.loads(json.dumps(review.document()))) == review.facts()


@pytest.mark.slow
@pytest.mark.notebook
def test_the_notebook_writes_the_facts_of_the_review_into_one_folder(shop: Path) -> None:
    ws = sk.open(shop)

    first = run_order(order_report(ws, "weekly_review", {"as_of": "2026-06-29"}))
    (shop / "segments" / "plus.yml").write_text(PLUS, "utf-8")
    ws = sk.open(shop)
    second = run_order(order_report(ws, "weekly_review", {"as_of": "2026-06-30"}))

    facts = json.loads((second.folder / "facts.json").read_text("utf-8"))
    assert facts == json.loads(json.dumps(ws.review(as_of="2026-06-30").document()))
    assert first.folder.parent.parent == second.folder.parent.parent
    assert first.folder.parent.parent.name == "weekly_review"
    assert second.manifest["segments"] == ["buyers", "plus"]
    assert second.manifest["summary"]["title"] == "Review of 2 segments"


def test_a_year_ago_is_52_weeks_back_where_the_data_reaches(tmp_path: Path) -> None:
    shop = write_tiny_shop(tmp_path)
    users = [f"u{n:02}" for n in range(1, 41)]
    rows = ["user,time,event,page,value"]
    rows += [f"{user},2025-05-01T12:00:00Z,page_view,/," for user in users]
    rows += [f"{user},2025-06-18T12:00:00Z,purchase,,10.00" for user in users[:12]]
    rows += [f"{user},2026-06-18T12:00:00Z,purchase,,10.00" for user in users[12:25]]
    (shop / "data" / "web.csv").write_text("\n".join([*rows, ""]), "utf-8")
    ws = sk.open(shop)
    ws.load()

    review = ws.review("buyers", as_of="2026-06-21")

    facts = review.facts()
    (one,) = facts.segments
    year = {c.now.name: (c.now.numerator, c.before.numerator) for c in one.since_year}
    assert facts.year_on == date(2025, 6, 22)
    assert year["size"] == (25, 12)
    assert year["entered"] == (13, 12)
    assert year["active"] == (13, 12)
    assert change(one, "size").before.numerator == 12
    assert "+108.3%\u00a0from\u00a012\u00a0a\u00a0year\u00a0ago" in review.table().html
    assert read_review(json.loads(json.dumps(review.document()))) == facts
