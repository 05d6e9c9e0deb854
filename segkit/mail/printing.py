"""Print a report as PDF, as a browser prints it, without what nobody reads on paper.

Most of the time goes into placing the cells of tables. What a browser leaves out of a print (the
tables behind figures, which are closed) is taken out before, and of a long list the first rows are
printed.
"""

import re
from pathlib import Path

MOST_ROWS = 50
"""Rows of a table that are printed; the whole list is on the page and beside it."""

_CLOSED = re.compile(r"<details(?![^>]*\bopen\b)[^>]*>(?:(?!<details).)*?</details>", re.DOTALL)
_SCRIPT = re.compile(r"<script\b.*?</script>", re.DOTALL)
STYLE = """<style>
.sk-page .sk-id, .sk-page .sk-id > * { display: inline; white-space: normal;
  overflow-wrap: anywhere; }
</style>"""
"""Long ids break into lines: what makes the PDF cuts no text, and would print it over the next."""
_BODY = re.compile(r"(<tbody[^>]*>)(.*?)(</tbody>)", re.DOTALL)


def print_pdf(report: Path) -> bytes:
    """Give a report as PDF; nothing is fetched for it."""
    from weasyprint import HTML  # noqa: PLC0415  an extra
    from weasyprint.urls import URLFetcher  # noqa: PLC0415

    nothing = URLFetcher(allowed_protocols=("data",), allow_redirects=False)
    text = shorten_page(report.read_text("utf-8")).replace("</head>", f"{STYLE}</head>", 1)
    printed: bytes = HTML(string=text, url_fetcher=nothing).write_pdf()
    return printed


def shorten_page(text: str, *, most: int = MOST_ROWS) -> str:
    """Give a page without scripts, closed details, and rows beyond the first of each table.

    A row says how many are left out.

    >>> rows = "<tr><td>1</td></tr>" * 3
    >>> shorten_page(f"<tbody>{rows}</tbody>", most=2).count("<tr>")
    3
    """
    open_page = _CLOSED.sub("", _SCRIPT.sub("", text))
    return _BODY.sub(lambda body: f"{body[1]}{_first(body[2], most)}{body[3]}", open_page)


def _first(body: str, most: int) -> str:
    *rows, rest = body.split("</tr>")
    if len(rows) <= most:
        return body
    n_cells = rows[0].count("<td") + rows[0].count("<th")
    said = f"Printed are the first {most} rows of {len(rows):,}; all are on the page."
    return f'{"</tr>".join(rows[:most])}</tr><tr><td colspan="{n_cells}">{said}</td></tr>{rest}'
