"""Read a view's HTML back as a browser would see it."""

from html.parser import HTMLParser


class Page(HTMLParser):
    """Collects tags with their attributes and all text."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(html.replace("<wbr>", ""))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    @property
    def names(self) -> set[str]:
        return {name for name, _ in self.tags}

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())

    def attributes(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def cells(html: str) -> list[list[str]]:
    """Give the rows of all table bodies as text."""
    rows: list[list[str]] = []
    for body in str(html).split("<tbody>")[1:]:
        for row in body.split("</tbody>")[0].split("</tr>")[:-1]:
            parts = row.replace("</th>", "</td>").split("</td>")[:-1]
            rows.append([Page(part).text for part in parts])
    return rows
