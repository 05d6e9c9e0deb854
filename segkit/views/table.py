"""Tables that people read, sort and search: semantic HTML, and the same as plain text."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from segkit.views.markup import Block, Child, clip, dated, join, shorten, soften, strip, tag
from segkit.views.words import NUMERIC, count

UNBROKEN = frozenset({"instant", "day", "interval", "key"})
TEXT_ROWS = 20
TEXT_WIDTH = 32
DENSE = 8
"""Tables of more columns are set smaller on paper."""
TALL = 30
"""Tables of more rows scroll in a box of their own; on paper they are whole."""


@dataclass(frozen=True)
class Column:
    """One column: a heading that names quantity and unit, and the kind of its values."""

    heading: str
    kind: str = "text"

    @property
    def is_numeric(self) -> bool:
        """Whether its values are set flush right."""
        return self.kind in NUMERIC

    @property
    def class_name(self) -> str | None:
        """The class of its cells: flush right, or never broken across lines."""
        return "sk-n" if self.is_numeric else "sk-date" if self.kind in UNBROKEN else None


@dataclass(frozen=True, kw_only=True)
class Table:
    """Grain: one row a thing, the first column naming it. Cells are spoken already.

    `is_live` asks the page for sorting and searching. One that `stacks` has a card a row on narrow
    pages, each number with its heading, instead of scrolling sideways.
    """

    caption: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Child]]
    is_live: bool = False
    stacks: bool = False

    def block(self) -> Block:
        """Give the table as a part of a view."""
        return Block(html=self.html(), text=self.text())

    def html(self) -> Markup:
        """Give the table in a box that scrolls sideways where it is wider than the page."""
        caption = tag("caption", tag("span", dated(self.caption), class_="sk-caption"))
        marks = (
            "sk-live" if self.is_live else "",
            "sk-dense" if len(self.columns) > DENSE else "",
            "sk-stack" if self.stacks else "",
        )
        names = " ".join(["sk-table", *filter(None, marks)])
        table = tag("table", caption, self._head(), self._body(), class_=names)
        box = "sk-scroll sk-tall" if len(self.rows) > TALL else "sk-scroll"
        return tag("div", table, class_=box, tabindex=0, role="group", aria_label=self.caption)

    def _head(self) -> Markup:
        headings = [
            tag(
                "th",
                dated(column.heading),
                scope="col",
                data_kind=column.kind,
                class_=column.class_name,
            )
            for column in self.columns
        ]
        return tag("thead", tag("tr", *headings))

    def _body(self) -> Markup:
        return tag("tbody", *(tag("tr", join(self._cells(row))) for row in self.rows))

    def _cells(self, row: Sequence[Child]) -> list[Markup]:
        cells = []
        for at, (column, cell) in enumerate(zip(self.columns, row, strict=True)):
            names = column.class_name
            inner = cell if isinstance(cell, Markup) else clip(cell)
            inner = inner if names or isinstance(cell, Markup) else soften(inner)
            cells.append(
                tag("td", inner, class_=names, data_label=column.heading if self.stacks else None)
                if at
                else tag("th", inner, scope="row", class_=names)
            )
        return cells

    def text(self) -> str:
        """Give the first rows in columns of equal width."""
        lines = [[column.heading for column in self.columns]]
        lines += [[strip(cell) for cell in row] for row in self.rows[:TEXT_ROWS]]
        short = [[shorten(cell, TEXT_WIDTH) for cell in line] for line in lines]
        widths = [max(len(line[at]) for line in short) for at in range(len(self.columns))]
        body = [self._text_line(line, widths) for line in short]
        if len(self.rows) > TEXT_ROWS:
            body.append(f"… and {count(len(self.rows) - TEXT_ROWS)} more rows")
        return "\n".join([self.caption, *body])

    def _text_line(self, line: list[str], widths: list[int]) -> str:
        cells = [
            cell.rjust(width) if column.is_numeric else cell.ljust(width)
            for cell, width, column in zip(line, widths, self.columns, strict=True)
        ]
        return "  ".join(cells).rstrip()
