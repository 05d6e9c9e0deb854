"""What each view says of the sample facts: the numbers, their units and their denominators."""

import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest

from segkit import views
from segkit.measures.facts import SegmentReportFacts, UserRows
from segkit.views import Fragment
from segkit.views.figure import MIN_USERS
from tests.views.html import Page, cells
from tests.views.sample import HOSTILE, user_rows

View = Callable[[SegmentReportFacts], Fragment]
OTHERS = {"render_differences", "render_overlap"}
"""Views of other facts than those of a segment report alone; they have tests of their own."""
VIEWS = [n for n in views.__all__ if n.startswith("render_") and n not in OTHERS]
WITH_FIGURE = [
    "render_attributes",
    "render_funnel",
    "render_over_represented",
    "render_pages",
    "render_retention",
    "render_traffic",
    "render_trend",
    "render_when",
]
SAFE_NAMES = """
a caption clippath dd defs desc details div dl dt figcaption figure g h3 li p path pattern
rect small span summary svg table tbody td text th thead title tr ul use
"""
SAFE = set(SAFE_NAMES.split())


def view(name: str) -> View:
    if name == "render_value":
        return partial(views.render_value, value=None)
    found: View = getattr(views, name)
    return found


def text_of(name: str, facts: SegmentReportFacts) -> str:
    return Page(view(name)(facts).html).text


@pytest.mark.parametrize("name", VIEWS)
def test_hostile_names_stay_text_everywhere(name: str, hostile: SegmentReportFacts) -> None:
    fragment = view(name)(hostile)

    page = Page(fragment.html)
    assert page.names <= SAFE
    assert not [a for _, attributes in page.tags for a in attributes if a.startswith("on")]
    assert "\u202e" not in fragment.html


@pytest.mark.parametrize("name", ["render_pages", "render_funnel", "render_users", "render_notes"])
@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_names_are_shown_as_they_are(
    name: str, text: str, hostile: SegmentReportFacts
) -> None:
    shown = "".join(Page(view(name)(hostile).html).texts)

    assert text.replace("\u202e", "\\u202e") in shown


@pytest.mark.parametrize("name", VIEWS)
def test_a_view_says_the_same_twice(name: str, facts: SegmentReportFacts) -> None:
    assert view(name)(facts) == view(name)(facts)


@pytest.mark.parametrize("name", WITH_FIGURE)
def test_every_figure_has_its_table_one_click_away(name: str, facts: SegmentReportFacts) -> None:
    html = view(name)(facts).html

    n_figures = html.count("<figure")
    assert n_figures >= 1
    assert html.count("<svg") == html.count("<details") == html.count("<table") == n_figures
    assert html.count("<figcaption") == n_figures
    assert html.count("n = ") >= n_figures


@pytest.mark.parametrize("name", WITH_FIGURE)
def test_too_few_users_get_a_note_and_the_open_table(name: str, few: SegmentReportFacts) -> None:
    html = view(name)(few).html

    assert "<svg" not in html
    assert "<details" not in html
    assert f"fewer than {MIN_USERS}" in html
    assert "<table" in html


@pytest.mark.parametrize("name", WITH_FIGURE)
def test_thirty_users_are_enough(name: str, facts: SegmentReportFacts) -> None:
    enough = replace(facts, overview=replace(facts.overview, n_users=MIN_USERS))

    assert "<svg" in view(name)(enough).html


@pytest.mark.parametrize(
    "name", [n for n in VIEWS if n not in {"render_cover", "render_overview", "render_notes"}]
)
def test_nothing_to_show_is_said_in_a_sentence(name: str, facts: SegmentReportFacts) -> None:
    none = UserRows(columns=[], rows=[], n_rows=0)
    over = replace(facts.attributes.over, rows=[])
    behaviour = replace(
        facts.behaviour, measures=[], breakdowns=[], hours=[], retention=[], funnel=[]
    )
    empty = replace(
        facts,
        overview=replace(facts.overview, n_users=0, top_users=none),
        behaviour=behaviour,
        attributes=replace(facts.attributes, breakdowns=[], over=over),
        trend=[],
        user_list=none,
    )

    fragment = view(name)(empty)

    assert fragment.text.startswith("Note: ")
    assert "<table" not in fragment.html


@pytest.mark.parametrize("name", VIEWS)
def test_a_withheld_segment_shows_no_number_and_says_why(
    name: str, withheld: SegmentReportFacts
) -> None:
    text = view(name)(withheld).text

    assert "1,234" not in text
    assert "3,766" not in text
    assert "ithheld" in text


def test_the_cover_names_segment_size_window_and_data(facts: SegmentReportFacts) -> None:
    text = text_of("render_cover", facts)

    assert "1,234 users, 24.7% of 5,000 users in its universe" in text
    assert "90 days, 2026-04-02 to 2026-06-30 (Europe/Berlin)" in text
    assert "everyone else in the universe: 3,766 users" in text
    assert "events from 2026-03-01 to 2026-06-30" in text
    assert "snapshot 2026-07-01T02:10:44Z-000012" in text


def test_the_cover_of_a_store_without_events_says_so(facts: SegmentReportFacts) -> None:
    bare = replace(facts, head=replace(facts.head, data_first_on=None, description=""))

    text = text_of("render_cover", bare)

    assert "no events" in text


def test_every_card_has_a_unit_and_a_denominator(facts: SegmentReportFacts) -> None:
    lines = view("render_overview")(facts).text.splitlines()

    week = "2026-06-24 to 2026-06-30"
    of = "of 1,234 users in the segment"
    assert lines == [
        "Users in the segment: 1,234 users (at the end of 2026-06-30)",
        "Share of all users: 24.7% of all users (1,234 of 5,000 users in the universe)",
        f"Active in the past 7 days: 702 users (56.9% {of}, {week})",
        f"New in the past 7 days: 31 users (2.5% {of}, first seen {week})",
    ]


def test_a_withheld_card_shows_no_number(few: SegmentReportFacts) -> None:
    lines = view("render_overview")(few).text.splitlines()

    assert lines[2].startswith(
        "Active in the past 7 days: – withheld users (withheld: see the notes)"
    )
    assert lines[3].startswith("New in the past 7 days: 0 users (0.0% of 12 users")


def test_behaviour_shows_both_parts_of_each_ratio(facts: SegmentReportFacts) -> None:
    fragment = view("render_behaviour")(facts)

    rows = cells(fragment.html)
    visits, segment, baseline = rows[0]
    assert visits == "Visits : visits per user"
    assert (segment, baseline) == ("6.58 = 8,123 / 1,234", "3.77 = 14,210 / 3,766")
    assert rows[3][1] == "50.00 EUR = 61,700.50 EUR / 1,234"
    assert rows[4][1:] == ["– withheld", "8.6% = 44 / 512"]
    assert rows[5][1:] == ["40,210", "52,100"]
    assert "Visits: visits per user" in fragment.text


def test_behaviour_heads_each_column_with_its_users(facts: SegmentReportFacts) -> None:
    headings = re.findall(r'<th scope="col"[^>]*>([^<]+)<', view("render_behaviour")(facts).html)

    assert headings[:3] == ["Measure", "Segment (1,234 users)", "Baseline (3,766 users)"]


def test_a_breakdown_row_has_counts_shares_lift_interval_and_volume(
    facts: SegmentReportFacts,
) -> None:
    rows = cells(view("render_pages")(facts).html)

    assert rows[2] == ["/cart", "588", "47.6%", "702", "18.6%", "×2.56", "×2.20 to ×2.97", "1,764"]
    assert rows[8] == ["/careers", "– withheld", "– withheld", "12", "–", "–", "–", "– withheld"]
    assert rows[9] == ["/press", "12", "1.0%", "0", "0.0%", "–", "–", "36"]


def test_headings_of_a_breakdown_name_the_denominators(facts: SegmentReportFacts) -> None:
    text = text_of("render_pages", facts)

    assert "Share of 1,234 users" in text
    assert "Share of 3,766 users" in text
    assert "Share of 8,123 visits" in text
    assert "Drawn: the first 10 of 11 values in the table. Not listed: 312 more values." in text


def test_no_breakdown_is_shown_twice_or_lost(facts: SegmentReportFacts) -> None:
    extra = replace(facts.behaviour.breakdowns[3], name="campaigns", title="Campaigns")
    more = replace(
        facts, behaviour=replace(facts.behaviour, breakdowns=[*facts.behaviour.breakdowns, extra])
    )

    titles = [
        title
        for name in ("render_pages", "render_traffic", "render_behaviour")
        for title in re.findall(r"<caption><span[^>]*>([^:<]+):", view(name)(more).html)
    ]

    pages = ["Pages", "Entry pages", "Exit pages", "Events"]
    assert titles == [*pages, "Channels", "Sources", "Devices", "Campaigns", "Orders of a buyer"]


def test_retention_tells_zero_withheld_and_unfinished_apart(facts: SegmentReportFacts) -> None:
    rows = cells(view("render_retention")(facts).html)

    assert rows[2][5] == "0 (0.0%)"
    assert rows[4][1:4] == ["– withheld", "– withheld", "– withheld"]
    assert rows[6] == ["2026-05-18", "0", *["–"] * 6, *["not over"] * 6]
    assert rows[11] == ["2026-06-22", "139", "139 (100.0%)", *["not over"] * 11]


def test_hours_are_listed_for_every_weekday(facts: SegmentReportFacts) -> None:
    rows = cells(view("render_when")(facts).html)

    assert len(rows) == 24
    assert rows[4] == ["04:00", "0", "0", "– withheld", "0", "0", "0", "0"]
    assert rows[20][1:] == ["84", "98", "112", "126", "140", "154", "168"]


def test_the_funnel_table_withholds_count_and_share_together(facts: SegmentReportFacts) -> None:
    rows = cells(view("render_funnel")(facts).html)

    assert rows[2] == ["3. begin_checkout", "700", "69.3%", "– withheld", "– withheld"]
    assert rows[3] == ["4. purchase", "617", "61.1%", "402", "14.9%"]


def test_a_trend_row_that_is_not_over_says_so(facts: SegmentReportFacts) -> None:
    rows = cells(view("render_trend")(facts).html)

    assert rows[13][0] == "2026-W27 not over"
    assert rows[12][0] == "2026-W26"
    assert rows[5][3:] == ["– withheld", "4,375", "– withheld", "– withheld", "– withheld"]
    assert rows[8][5] == "0"


def test_the_user_list_stops_at_the_page_and_links_the_whole(facts: SegmentReportFacts) -> None:
    fragment = views.render_users(facts, files=["users.csv", "users.parquet"], most=7)

    page = Page(fragment.html)
    assert len(cells(fragment.html)) == 7
    assert "1,234 users in the segment at the end of 2026-06-30 ; the first 7 shown" in page.text
    assert [a["href"] for a in page.attributes("a")] == ["users.csv", "users.parquet"]


def test_a_list_that_fits_is_shown_whole_without_links(facts: SegmentReportFacts) -> None:
    fragment = views.render_users(replace(facts, user_list=user_rows(3)))

    assert "; all shown" in Page(fragment.html).text
    assert "<a " not in fragment.html
    assert cells(fragment.html)[0][:4] == ["u_100000", "40", "200", "2026-06-30 23:15"]


def test_a_long_user_id_is_cut_by_the_page_but_whole_in_text_and_tooltip(
    facts: SegmentReportFacts,
) -> None:
    name = "b77b1d84-a988-bca0-cd1e-14a03ad61536"
    (row,) = user_rows(1).rows
    listed = replace(user_rows(1), rows=[(name, *row[1:])])

    html = views.render_users(replace(facts, user_list=listed)).html

    (cut,) = [a for a in Page(html).attributes("span") if a.get("class") == "sk-id"]
    assert cut["title"] == name
    assert name in "".join(Page(html).texts)


def test_the_time_zone_of_a_user_list_stands_in_its_caption(facts: SegmentReportFacts) -> None:
    html = view("render_top_users")(facts).html

    assert "times in Europe/Berlin" in html[: html.index("<thead")]
    assert ">Last active<" in html


def test_users_without_times_need_no_time_zone(facts: SegmentReportFacts) -> None:
    users = UserRows(columns=[("user", "User", "text")], rows=[("u_1",)], n_rows=1)

    html = views.render_users(replace(facts, user_list=users)).html

    assert "times in" not in html


@pytest.mark.parametrize("name", ["render_when", "render_retention"])
def test_heat_maps_can_be_turned_round_on_dark_ground(name: str, facts: SegmentReportFacts) -> None:
    html = view(name)(facts).html

    assert 'class="sk-svg sk-heat"' in html


def test_other_figures_keep_their_colours_on_dark_ground(facts: SegmentReportFacts) -> None:
    assert "sk-heat" not in view("render_trend")(facts).html


def test_a_withheld_list_is_not_linked(withheld: SegmentReportFacts) -> None:
    fragment = views.render_users(withheld, files=["users.csv"])

    assert "<a " not in fragment.html


def test_a_file_of_another_folder_is_not_linked(facts: SegmentReportFacts) -> None:
    fragment = views.render_users(facts, files=["../secret.csv", "users.csv"])

    assert [a["href"] for a in Page(fragment.html).attributes("a")] == ["users.csv"]


def test_notes_end_with_how_marks_are_read(facts: SegmentReportFacts) -> None:
    text = view("render_notes")(facts).text

    assert text.startswith("- 212 users were left out as bots.")
    assert "fewer than 10 users" in text
    assert "Europe/Berlin" in text
