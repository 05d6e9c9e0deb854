from pathlib import Path

from segkit.mail.printing import print_pdf, shorten_page

ROW = '<tr><th scope="row">u{}</th><td>{}</td></tr>\n'


def page(n_rows: int) -> str:
    """Give a page of a figure with its closed table, an open one, and a list."""
    rows = "".join(ROW.format(n, n) for n in range(n_rows))
    return (
        "<!doctype html><title>x</title><script>let a = '<td>';</script><h1>Loyal</h1>"
        '<details class="sk-details"><summary>Table</summary><table><tbody><tr><td>closed</td></tr>'
        "</tbody></table></details>"
        '<details class="sk-details" open><summary>Notes</summary><p>open</p></details>'
        f'<table><thead><tr><th>User</th><th>n</th></tr></thead><tbody class="x">{rows}</tbody>'
        "</table><p>after</p>"
    )


def test_closed_details_and_scripts_are_not_printed_and_open_ones_are() -> None:
    shown = shorten_page(page(3))

    assert "closed" not in shown
    assert "<script" not in shown
    assert "open</p>" in shown
    assert shown.count("<tr>") == 4
    assert shown.endswith("<p>after</p>")


def test_a_long_list_says_how_many_of_its_rows_are_printed() -> None:
    shown = shorten_page(page(1234), most=50)

    assert shown.count('<th scope="row">') == 50
    assert "u49<" in shown
    assert "u50<" not in shown
    assert (
        '<td colspan="2">Printed are the first 50 rows of 1,234; all are on the page.</td>'
    ) in shown


def test_a_list_that_just_fits_is_printed_whole() -> None:
    assert "Printed are" not in shorten_page(page(50), most=50)


def test_what_is_not_printed_is_not_in_the_pdf(tmp_path: Path) -> None:
    (tmp_path / "report.html").write_text(page(2000), "utf-8")
    (tmp_path / "short.html").write_text(page(50), "utf-8")

    long, short = (print_pdf(tmp_path / name) for name in ("report.html", "short.html"))

    assert long.startswith(b"%PDF-")
    assert len(long) < 1.5 * len(short)
