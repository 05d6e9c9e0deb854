"""What the view of differences says: sentences, figure, table, and what is no finding apart."""

from dataclasses import replace

import pytest

from segkit.compare.differences import say_nothing
from segkit.compare.facts import FindingKind
from segkit.measures.facts import SegmentReportFacts
from segkit.views import Fragment, render_differences
from tests.views.compared import amount, differences, sample_differences, share_of
from tests.views.html import Page, cells
from tests.views.sample import HOSTILE


@pytest.fixture
def facts(facts: SegmentReportFacts) -> SegmentReportFacts:
    return replace(facts, head=replace(facts.head, baseline_title="everyone else"))


@pytest.fixture
def found(facts: SegmentReportFacts) -> Fragment:
    return render_differences(facts, sample_differences())


def test_a_finding_is_a_sentence_with_both_shares_and_their_users(found: Fragment) -> None:
    # 506 / 1,204 = 42.03%, 1,210 / 9,310 = 13.00%, lift 3.23
    said = (
        "Members viewed /sale 3.2 times as often as everyone else: 42.0% of 1,204 members who "
        "came against 13.0% of 9,310 others who came."
    )

    assert said in found.text
    assert said in Page(found.html).text


def test_the_table_has_numerators_denominators_and_intervals(found: Fragment) -> None:
    row = next(row for row in cells(found.html) if row[0] == "/sale")

    assert row[1] == "42.0% = 506 / 1,204"
    assert row[2] == "13.0% = 1,210 / 9,310"
    assert row[3] == "+29.0 points +26.2 to +31.9"
    assert row[4] == "×3.23 ×2.97 to ×3.52"
    assert row[5] == "medium (h = 0.67)"
    assert row[6] == "< 0.001"


def test_what_does_not_hold_or_is_negligible_gets_no_sentence(found: Fragment) -> None:
    sentences = found.html.split("<figure")[0]

    assert "/rare" not in sentences
    assert "/chance" not in found.html
    assert "2 more comparisons tell of too few users" in found.text


def test_what_is_so_by_definition_stands_apart_without_a_test(found: Fragment) -> None:
    before, after = found.html.split("By definition", 1)

    assert "purchase" not in before
    row = next(row for row in cells(after) if row[0] == "purchase")
    assert row[-1] == "–"
    assert "The definition reads events: purchase." in found.text


def test_ideas_stand_under_a_heading_of_their_own(found: Fragment) -> None:
    before, after = found.html.split("What could be done with it", 1)

    assert "Ideas, not findings" in after
    assert "experiment" not in before
    assert "found sooner" in after


def test_hostile_names_stay_text(hostile: SegmentReportFacts) -> None:
    kinds: tuple[FindingKind, ...] = ("page", "event", "entry_page", "visit", "label")
    listed = [
        share_of(kind, text, (500 + i, 1204, 1210, 9310))
        for kind in kinds
        for i, text in enumerate(HOSTILE)
    ]

    page = Page(render_differences(hostile, differences(*listed, given=HOSTILE[0])).html)

    assert not page.names & {"script", "img", "style"}
    assert not [a for _, attributes in page.tags for a in attributes if a.startswith("on")]
    assert "".join(page.texts).count(HOSTILE[1]) >= 2
    assert "\u202e" not in "".join(page.texts)


def test_the_view_says_the_same_twice(facts: SegmentReportFacts) -> None:
    told = differences(share_of("page", "/sale"), amount())

    assert render_differences(facts, told) == render_differences(facts, told)


def test_another_segment_is_named_as_baseline(facts: SegmentReportFacts) -> None:
    head = replace(facts.head, baseline_title="Newcomers")

    text = render_differences(replace(facts, head=head), differences(share_of("page", "/a"))).text

    assert "as often as Newcomers: 42.0% of 1,204 members who came" in text
    assert "13.0% of 9,310 users of Newcomers who came" in text


def test_too_few_users_get_the_table_and_no_figure(facts: SegmentReportFacts) -> None:
    few = replace(differences(share_of("page", "/sale", (20, 25, 100, 9310))), n_segment=25)

    html = render_differences(facts, few).html

    assert "<svg" not in html
    assert "<table" in html


def test_nothing_found_is_said(facts: SegmentReportFacts) -> None:
    fragment = render_differences(
        facts, differences(share_of("page", "/a", (121, 1204, 930, 9310)))
    )

    assert "None of 1 comparison holds" in fragment.text
    assert "What could be done" not in fragment.html


def test_a_withheld_segment_shows_no_number(withheld: SegmentReportFacts) -> None:
    fragment = render_differences(withheld, say_nothing())

    assert fragment.text.startswith("Note: Withheld")
    assert "<table" not in fragment.html


def test_one_finding_holds_and_nothing_to_compare_is_said(facts: SegmentReportFacts) -> None:
    one = render_differences(facts, differences(share_of("page", "/a"))).text
    none = render_differences(facts, replace(differences(), n_tested=0)).text

    assert " holds, judged together" in one
    assert "There is nothing to compare beside what follows from the definition." in none
