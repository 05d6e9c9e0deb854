from segkit.views.markup import WITHHELD
from segkit.views.table import DENSE, TALL, TEXT_ROWS, Column, Table
from tests.views.html import Page, cells


def make_table(*, n_rows: int = 2, is_live: bool = False) -> Table:
    rows = [[f"page {i}", WITHHELD if i == 1 else f"{i}"] for i in range(n_rows)]
    columns = [Column("Page"), Column("Users", "count")]
    return Table(caption="Pages <all>", columns=columns, rows=rows, is_live=is_live)


def test_a_table_has_a_caption_scopes_and_flush_right_numbers() -> None:
    html = make_table().html()

    assert '<caption><span class="sk-caption">Pages &lt;all&gt;</span></caption>' in html
    assert '<th scope="col" data-kind="count" class="sk-n">Users</th>' in html
    assert '<th scope="row">page 0</th><td class="sk-n">0</td>' in html


def test_a_withheld_cell_says_so() -> None:
    assert cells(make_table().html())[1] == ["page 1", "– withheld"]


def test_the_box_that_scrolls_can_be_reached_by_keyboard_and_has_a_name() -> None:
    box = Page(make_table().html()).attributes("div")[0]

    assert (box["tabindex"], box["role"], box["aria-label"]) == ("0", "group", "Pages <all>")


def test_only_live_tables_ask_for_sorting() -> None:
    assert "sk-live" in make_table(is_live=True).html()
    assert "sk-live" not in make_table().html()


def test_long_tables_scroll_in_a_box_and_wide_ones_are_dense_on_paper() -> None:
    wide = Table(
        caption="c", columns=[Column(str(i)) for i in range(DENSE + 1)], rows=[["x"] * (DENSE + 1)]
    )

    assert "sk-tall" in make_table(n_rows=TALL + 1).html()
    assert "sk-tall" not in make_table(n_rows=TALL).html()
    assert "sk-dense" in wide.html()


def test_the_text_form_is_aligned_and_names_the_rows_left_out() -> None:
    text = make_table(n_rows=TEXT_ROWS + 5).text()

    lines = text.splitlines()
    assert lines[:2] == ["Pages <all>", "Page          Users"]
    assert lines[2] == "page 0            0"
    assert lines[-1] == "… and 5 more rows"


def test_a_table_that_stacks_names_each_number_beside_it() -> None:
    columns = [Column("Segment"), Column("Users", "count")]
    plain, stacked = (
        Table(caption="Sizes", columns=columns, rows=[["Loyal", "5"]], stacks=stacks).html()
        for stacks in (False, True)
    )

    assert '<td class="sk-n" data-label="Users">5</td>' in stacked
    assert 'class="sk-table sk-stack"' in stacked
    assert "data-label" not in plain


def test_a_long_name_breaks_behind_a_slash_before_it_breaks_anywhere() -> None:
    table = Table(
        caption="Pages",
        columns=[Column("Page"), Column("Key", "key")],
        rows=[["/category/storage", "/category/storage"], ["/cart", "<i>/category</i>"]],
    )

    html = table.html()

    assert (
        '<th scope="row">/category/<wbr>storage</th><td class="sk-date">/category/storage</td>'
        in html
    )
    assert '<th scope="row">/cart</th>' in html
    assert table.text().splitlines()[2].startswith("/category/storage")
