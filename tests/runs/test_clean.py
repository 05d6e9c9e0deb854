import re
from collections.abc import Callable
from functools import partial

import pytest

from segkit import views
from segkit.compare.overlap import describe_overlap
from segkit.runs.clean import clean
from tests.views.compared import sample_differences
from tests.views.html import Page
from tests.views.sample import sample_facts
from tests.views.test_views import VIEWS as OF_REPORT
from tests.views.test_views import view

FIGURE_ID = "sk0a1b2c3-4"
VIEWS: dict[str, Callable[[], views.Fragment]] = {
    **{name: partial(view(name), sample_facts(n_listed=3)) for name in OF_REPORT},
    "render_differences": lambda: views.render_differences(
        sample_facts(n_listed=3), sample_differences()
    ),
    "render_overlap": lambda: views.render_overlap(
        describe_overlap({0: 100, 1: 60, 2: 50, 3: 40}, [("a", "A"), ("b", "B")], min_size=10)
    ),
}


def normal(page: Page) -> list[tuple[str, dict[str, str]]]:
    """Give all tags; quotes and spaces inside style values mean nothing."""
    return [
        (tag, {name: re.sub(r'[" ]', "", value or "") for name, value in attributes.items()})
        for tag, attributes in page.tags
    ]


@pytest.mark.parametrize(
    "html",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<svg onload=alert(1)><g onclick=alert(2)></g></svg>",
        "<svg><script>alert(1)</script></svg>",
        "<svg><foreignObject><body onload=alert(1)></foreignObject></svg>",
        "<svg><animate attributeName=href values=javascript:alert(1) /></svg>",
        "<svg><style><img src=x onerror=alert(1)></style></svg>",
        "<iframe src=https://example.org></iframe><object data=x></object><embed src=x>",
        "<a href='javascript:alert(1)'>x</a><a href='data:text/html,x'>y</a>",
        "<a href=' java\nscript:alert(1)'>x</a>",
        "<form action=https://example.org><input name=q><button>go</button></form>",
        "<link rel=stylesheet href=https://example.org/x.css><base href=https://example.org>",
        "<meta http-equiv=refresh content='0;url=https://example.org'>",
        "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></table></math>",
        "<style>@import url(https://example.org)</style>",
        "<p style='background:url(https://example.org/x)'>x</p>",
        "<p style='fill:u\\72l(https://example.org/x)'>x</p>",
        "<rect style='fill:url(https://example.org/x.svg#p)'></rect>",
        "<svg><use href='https://example.org/x.svg#a'></use><use xlink:href='//x'></use></svg>",
        "<img src=https://example.org/pixel.png><img src='data:image/svg+xml,x'>",
        "<p style='position:fixed;inset:0'>over all</p>",
    ],
)
def test_what_runs_loads_or_covers_is_gone(html: str) -> None:
    safe = clean(html)

    page = Page(safe)
    gone = {"script", "style", "iframe", "object", "embed", "form", "input", "link", "meta", "base"}
    assert not page.names & (gone | {"foreignobject", "animate", "button"})
    assert not [a for _, attributes in page.tags for a in attributes if a.startswith("on")]
    assert not re.search(r"example\.org|javascript:|url\(|position|href=\"//|svg\+xml", safe)


@pytest.mark.parametrize("name", VIEWS)
def test_the_views_of_segkit_come_through_whole(name: str) -> None:
    html = VIEWS[name]().html

    before, after = Page(html), Page(clean(html))

    assert after.text == before.text
    assert normal(after) == normal(before)


def test_styles_and_marks_inside_a_figure_are_kept() -> None:
    svg = (
        f'<svg viewBox="0 0 9 9" class="sk-svg"><defs><clipPath id="{FIGURE_ID}">'
        f'<rect x="1"></rect></clipPath></defs><g clip-path="url(#{FIGURE_ID})">'
        '<path d="M0 0" style="fill:currentColor;stroke-width:2"></path></g></svg>'
    )

    assert clean(svg) == svg


def test_an_id_that_is_not_a_figures_is_dropped() -> None:
    assert clean('<p id="report">x</p>') == "<p>x</p>"


def test_links_to_files_beside_the_page_and_to_sites_are_kept() -> None:
    html = clean(
        '<a href="users.csv" download="users.csv">a</a><a href="https://example.org/">b</a>'
    )

    assert [a.get("href") for a in Page(html).attributes("a")] == [
        "users.csv",
        "https://example.org/",
    ]


def test_a_picture_inside_the_page_is_kept() -> None:
    assert 'src="data:image/png;base64,AAAA"' in clean(
        '<img alt="x" src="data:image/png;base64,AAAA">'
    )
