from typing import Any

import pytest
from markupsafe import Markup

from segkit.runs.cells import (
    MOST_TEXT,
    Entry,
    anchor_headings,
    read_prose,
    show_output,
    split_title,
)
from tests.views.html import Page

FIRST = ("html", "lines", "plain", "markdown", "svg")
OUTPUTS = (*FIRST, "unknown", "stdout", "stderr", "blank", "other")


def display(**data: Any) -> dict[str, Any]:
    kinds = {name.replace("__", "/"): value for name, value in data.items()}
    return {"output_type": "display_data", "metadata": {}, "data": kinds}


def test_prose_is_cleaned() -> None:
    prose = read_prose("**bold** <script>alert(1)</script> [x](javascript:alert(1)) `<b>`")

    page = Page(prose)
    assert page.names == {"p", "strong", "a", "code"}
    assert page.attributes("a") == [{"rel": "noopener noreferrer"}]


def test_headings_become_anchors_once_each_and_only_the_second_level_is_listed() -> None:
    taken = {"report"}
    prose = read_prose("## Report\n\n## A & B\n\n### deeper\n\n## A & B")

    anchored, entries = anchor_headings(prose, taken)

    ids = [a["id"] for _, a in Page(anchored).tags if "id" in a]
    assert len(set(ids)) == 4
    assert "report" not in ids
    assert [entry.text for entry in entries] == ["Report", "A & B", "A & B"]
    assert entries[1] == Entry(anchor="a-b", text="A & B")


def test_a_heading_without_letters_gets_a_name() -> None:
    _, entries = anchor_headings(read_prose("## 日本"), set())

    assert entries == [Entry(anchor="section", text="日本")]


def test_the_title_is_taken_out_of_the_first_cell() -> None:
    title, rest = split_title(read_prose("# Segment *report*\n\nAbout it."))

    assert title == "Segment report"
    assert Page(rest).text == "About it."


def test_prose_without_a_title_stays_whole() -> None:
    assert split_title(Markup("<p>x</p>")) == ("", Markup("<p>x</p>"))


@pytest.mark.parametrize(
    ("output", "shown"),
    [
        (display(text__html="<b>1</b>", text__plain="1"), '<div class="sk-output"><b>1</b></div>'),
        (display(text__html=["<b>", "1</b>"]), '<div class="sk-output"><b>1</b></div>'),
        (display(text__plain="1 < 2"), '<div class="sk-output"><pre>1 &lt; 2</pre></div>'),
        (
            display(text__markdown="*a*<script>1</script>"),
            '<div class="sk-output sk-prose"><p><em>a</em></p>\n</div>',
        ),
        (display(**{"image/svg+xml": "<svg onload=x><g></g></svg>"}),
         '<div class="sk-output"><svg><g></g></svg></div>'),
        (display(**{"application/json": {}}), ""),
        ({"output_type": "stream", "name": "stdout", "text": ["a\n", "\x1b[31mb"]},
         '<div class="sk-output"><pre>a\nb</pre></div>'),
        ({"output_type": "stream", "name": "stderr", "text": "/home/me/x.py: Warning"}, ""),
        (display(text__plain="  \n"), ""),
        ({"output_type": "update_display_data"}, ""),
    ],
    ids=OUTPUTS,
)  # fmt: skip
def test_an_output_is_shown_in_its_richest_safe_form(output: dict[str, Any], shown: str) -> None:
    assert show_output(output) == shown


def test_a_picture_is_embedded_with_its_words() -> None:
    output = display(image__png="AA\nAA\n")

    (image,) = Page(show_output(output)).attributes("img")
    (named,) = Page(show_output(output | {"metadata": {"alt": "A <map>"}})).attributes("img")

    assert image == {"src": "data:image/png;base64,AAAA", "alt": "Picture without description"}
    assert named["alt"] == "A <map>"


def test_an_error_is_a_sentence_without_its_traceback() -> None:
    output = {
        "output_type": "error",
        "ename": "ValueError",
        "evalue": "\x1b[1mbad <value>" + "x" * 5000,
        "traceback": ["SECRET"],
    }

    html = show_output(output)

    assert 'role="alert"' in html
    assert "This part failed: ValueError" in html
    assert "bad &lt;value&gt;" in html
    assert "SECRET" not in html
    assert len(html) < 1000


def test_very_long_text_is_cut_and_says_so() -> None:
    html = show_output(
        {"output_type": "stream", "name": "stdout", "text": "y" * (MOST_TEXT + 1234)}
    )

    assert "… 1,234 more characters" in html
    assert html.count("y") == MOST_TEXT
