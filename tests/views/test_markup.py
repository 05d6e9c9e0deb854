import pytest
from markupsafe import Markup

from segkit.views.markup import clip, dated, identify, plain, shorten, stack, strip, tag
from tests.views.html import Page
from tests.views.sample import HOSTILE


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_text_of_the_data_stays_text(text: str) -> None:
    html = tag("p", text, title=text)

    page = Page(html)
    assert page.names == {"p"}
    assert "".join(page.texts) == plain(text)
    assert page.attributes("p") == [{"title": plain(text)}]


def test_markup_made_by_tag_is_not_escaped_again() -> None:
    html = tag("p", tag("b", "<"), "&")

    assert html == "<p><b>&lt;</b>&amp;</p>"


def test_attributes_of_none_are_left_out_and_numbers_are_written() -> None:
    html = tag("div", class_=None, tabindex=0, aria_label="x")

    assert html == '<div tabindex="0" aria-label="x"></div>'


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\u202eb", "a\\u202eb"),
        ("\u2066x\u2069", "\\u2066x\\u2069"),
        ("a\x00b\x1b[31m", "a\\u0000b\\u001b[31m"),
        ("tab\tline\n", "tab\tline\n"),
        ("עברית 日本", "עברית 日本"),
        ("\ud800", "\\ud800"),
    ],
    ids=["override", "isolate", "control", "white", "letters", "surrogate"],
)
def test_only_steering_characters_are_written_out(text: str, shown: str) -> None:
    assert plain(text) == shown


def test_long_text_is_cut_by_the_page_and_whole_in_its_tooltip() -> None:
    html = clip("x" * 300)

    assert html == tag("span", "x" * 300, class_="sk-clip", title="x" * 300)


def test_shortened_text_has_the_length_asked_for() -> None:
    assert shorten("x" * 300, 42) == "x" * 41 + "…"
    assert len(shorten("\u202e" * 300, 42)) == 42


def test_a_long_id_keeps_its_whole_text_and_both_ends() -> None:
    html = identify("<b>" + "x" * 40 + "12345678")

    assert strip(html) == "<b>" + "x" * 40 + "12345678"
    assert html.endswith("<span>12345678</span></span>")
    assert Page(html).names == {"span"}


def test_a_short_id_is_only_its_text() -> None:
    assert identify("<m103069>") == "&lt;m103069&gt;"


def test_a_cell_of_two_lines_is_one_line_of_text() -> None:
    html = stack("<12.20>", "17,187 / 1,409", joint=" = ")

    assert strip(html) == "<12.20> = 17,187 / 1,409"
    assert '<small class="sk-under">17,187 / 1,409</small>' in html


def test_dates_do_not_break_and_the_rest_is_escaped() -> None:
    html = dated("<b> 2026-06-30 </b>")

    assert html == '&lt;b&gt; <span class="sk-date">2026-06-30</span> &lt;/b&gt;'


def test_cells_of_markup_are_read_without_their_tags() -> None:
    assert strip(Markup("<i>1 &lt; 2</i>")) == "1 < 2"
    assert strip("<i>") == "<i>"
