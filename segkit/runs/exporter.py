"""The nbconvert exporter of reports: one page, one file, no code, no request.

Apart from `segkit.runs.render` nothing needs nbconvert, so nothing else imports this.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from markupsafe import Markup
from nbconvert.exporters.html import HTMLExporter
from nbformat import NotebookNode
from traitlets import List, Unicode

from segkit.runs.cells import Entry, anchor_headings, read_prose, show_output, split_title
from segkit.views.fragment import style_sheet
from segkit.views.markup import plain

TEMPLATE = "segkit"


@dataclass(frozen=True, kw_only=True)
class Page:
    """What the template sets around the outputs; `prose` has one entry a cell, some empty."""

    title: str
    kicker: str
    about: Markup
    contents: Sequence[Entry]
    prose: Sequence[Markup]
    style: Markup
    script: Markup

    @property
    def policy(self) -> str:
        """The page's Content-Security-Policy: its own script, styles, pictures inside it."""
        digest = base64.b64encode(sha256(self.script.encode()).digest()).decode()
        return (
            f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'unsafe-inline'; "
            "img-src data:; base-uri 'none'; form-action 'none'"
        )


class ReportExporter(HTMLExporter):
    """Exports with the template `segkit`; outputs are cleaned one by one as they enter the page."""

    template_name = Unicode(TEMPLATE).tag(config=True)
    default_preprocessors: List[Any] = List([]).tag(config=True)

    def default_filters(self) -> Any:  # noqa: ANN401  nbconvert's signature
        """Give nbconvert's filters and the one that shows outputs."""
        yield from super().default_filters()  # type: ignore[no-untyped-call]
        yield "show_output", show_output

    def from_notebook_node(  # type: ignore[override]  # text, as its parent has it
        self,
        nb: NotebookNode,
        resources: dict[str, Any] | None = None,
        **kw: Any,  # noqa: ANN401
    ) -> tuple[str, dict[str, Any]]:
        """Give the page of a notebook, without the HTML exporter's second parse of it."""
        html, after = super(HTMLExporter, self).from_notebook_node(nb, resources, **kw)
        return str(html), after


def build_page(notebook: NotebookNode, *, title: str, template: Path) -> Page:
    """Give the frame of a page: prose with anchors, contents, style and script."""
    taken = {"report"}
    kicker, about, contents, prose = "", Markup(), [], []
    for at, cell in enumerate(notebook.cells):
        if cell.cell_type != "markdown":
            prose.append(Markup())
            continue
        text = read_prose(cell.source)
        if at == 0:
            kicker, about = split_title(text)
            text = Markup()
        anchored, entries = anchor_headings(text, taken)
        contents.extend(entries)
        prose.append(anchored)
    script = (template / "page.js").read_text("utf-8").strip()
    return Page(
        title=plain(title),
        kicker=kicker,
        about=about,
        contents=contents,
        prose=prose,
        style=Markup(style_sheet()),  # noqa: S704  shipped with segkit
        script=Markup(script),  # noqa: S704  shipped with segkit
    )


def export(notebook: NotebookNode, *, title: str, template_root: Path) -> str:
    """Give the HTML of an executed notebook; `template_root` holds `nbconvert/segkit/`."""
    folder = template_root / "nbconvert"
    page = build_page(notebook, title=title, template=folder / TEMPLATE)
    exporter = ReportExporter(extra_template_basedirs=[str(folder)])  # type: ignore[no-untyped-call]
    html, _ = exporter.from_notebook_node(notebook, resources={"page": page})
    return str(html)
