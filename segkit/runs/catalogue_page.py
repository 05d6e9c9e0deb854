"""Write the page that lists runs, newest first, to be searched and filtered without a network."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from typing import Any
from urllib.parse import quote

from segkit.formats import Count, Share
from segkit.runs.failures import Failure
from segkit.runs.manifest import MANIFEST
from segkit.runs.spec import REPORT
from segkit.runs.verify import WARNED
from segkit.views.fragment import style_sheet
from segkit.views.markup import plain
from segkit.views.spark import draw_spark

LINKED = frozenset({"executed.ipynb", "facts.json", "users.csv", "users.parquet"})
READY, WARNING, CORRECTED, FAILED, EMPTY = "ready", "warning", "corrected", "failed", "empty"
STATES = (READY, WARNING, CORRECTED, FAILED, EMPTY)
MOST_NAMED, MOST_POINTS = 3, 26


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One published run: its folder below `reports_out` and its manifest."""

    folder: str
    manifest: dict[str, Any]

    @property
    def report(self) -> str:
        """The folder of its report."""
        return self.folder.partition("/")[0]

    @property
    def state(self) -> str:
        """What became of it; a correction says so before its warnings do."""
        if self.manifest.get("corrects"):
            return CORRECTED
        return WARNING if self.manifest.get("exit_code") == WARNED else READY


@dataclass(frozen=True)
class Line:
    """A row of the page: what it is filtered and sorted by, and its HTML."""

    made_at: str
    state: str
    period: str
    segments: Sequence[str]
    html: str


def render_catalogue(
    entries: list[Entry],
    *,
    workspace: str,
    failed: Sequence[Failure] = (),
    lines: dict[str, Line] | None = None,
) -> str:
    """Give the page that lists some runs, the one made last first, failed ones among them.

    Text from the workspace is shown as it is, never as HTML. `lines` holds rows that were made
    before, by folder; those that are made here are added.
    """
    known = {} if lines is None else lines
    shown = [*_published(entries, _courses(entries), known), *map(_failed, failed)]
    shown.sort(key=lambda line: line.made_at, reverse=True)
    page = files("segkit.runs").joinpath("catalogue.html").read_text("utf-8")
    values = {
        "workspace": escape(plain(workspace)),
        "n": Count()(len(shown)),
        "rows": "\n".join(line.html for line in shown),
        "segments": _options({name for line in shown for name in line.segments}),
        "periods": _options({line.period for line in shown}, newest_first=True),
        "states": _options({line.state for line in shown}),
        "style": style_sheet(),
    }
    names = "|".join(values)
    return re.sub(r"\{\{(" + names + r")\}\}", lambda found: values[found[1]], page)


def _options(names: Iterable[str], *, newest_first: bool = False) -> str:
    shown = sorted(names, reverse=newest_first)
    return "".join(f"<option>{escape(plain(name))}</option>" for name in shown)


def _row(
    *, made_at: str, state: str, period: str, segments: Sequence[str], cells: Sequence[str]
) -> Line:
    about = escape(plain("|".join(segments)))
    html = (
        f'<tr data-state="{state}" data-period="{escape(plain(period))}" '
        f'data-segments="|{about}|">{"".join(cells)}</tr>'
    )
    return Line(made_at=made_at, state=state, period=period, segments=segments, html=html)


def _courses(entries: list[Entry]) -> dict[str, list[int | None]]:
    """Give the sizes of each report by period, oldest first; the newest run of a period counts."""
    sizes: dict[str, dict[str, int | None]] = {}
    for entry in sorted(entries, key=lambda entry: entry.folder):
        periods = sizes.setdefault(entry.report, {})
        periods[entry.manifest["period"]] = entry.manifest["summary"].get("n_users")
    return {
        report: [n for _, n in sorted(periods.items())][-MOST_POINTS:]
        for report, periods in sizes.items()
    }


def _published(
    entries: list[Entry], courses: dict[str, list[int | None]], known: dict[str, Line]
) -> Iterator[Line]:
    """Give the rows of published runs; the first of each report shows its course."""
    seen = set()
    for entry in entries:
        if entry.report not in seen:
            seen.add(entry.report)
            yield _line(entry, courses[entry.report])
            continue
        if entry.folder not in known:
            known[entry.folder] = _line(entry, [])
        yield known[entry.folder]


def _line(entry: Entry, course: Sequence[int | None]) -> Line:
    manifest, summary = entry.manifest, entry.manifest["summary"]
    address = quote(entry.folder)
    segments = [name for name in manifest.get("segments") or [manifest["segment"]] if name]
    title = f'<a href="{address}/{REPORT}">{escape(plain(summary["title"]))}</a>'
    users = escape(Count()(summary.get("n_users")))
    users += draw_spark(course, words=f"Users over {len(course)} periods")
    cells = [
        f'<th scope="row">{title}<small>{_about(segments, manifest["report"])}</small></th>',
        _cell("period", escape(plain(manifest["period"]))),
        _cell("users", users, kind="sk-n"),
        _cell("share", escape(Share()(summary.get("share"))), kind="sk-n"),
        _state_cell(entry.state, manifest.get("warnings") or ()),
        _cell("made (UTC)", escape(_instant(manifest["finished_at"]))),
        _cell("files", _links(address, manifest["outputs"]), kind="sk-links"),
    ]
    return _row(
        made_at=manifest["finished_at"],
        state=entry.state,
        period=manifest["period"],
        segments=segments or [manifest["report"]],
        cells=cells,
    )


def _failed(failure: Failure) -> Line:
    state = EMPTY if failure.is_empty else FAILED
    about = _about(failure.segments, failure.report)
    frames = "\n".join(failure.frames)
    where = f"<summary>Where it failed</summary><pre>{escape(plain(frames))}</pre>"
    said = escape(plain(failure.sentence))
    cells = [
        f'<th scope="row">{escape(plain(failure.title))}<small>{about}</small></th>',
        _cell("period", escape(plain(failure.period))),
        _cell("users", "–", kind="sk-n"),
        _cell("share", "–", kind="sk-n"),
        _cell("state", f"<b>{state}</b> ({failure.exit_code})", kind="sk-state"),
        _cell("made (UTC)", escape(_instant(failure.ended_at))),
        _cell("why", f"{said}<details>{where}</details>" if frames else said, kind="sk-links"),
    ]
    return _row(
        made_at=failure.ended_at,
        state=state,
        period=failure.period,
        segments=failure.segments or (failure.report,),
        cells=cells,
    )


def _about(segments: Sequence[str], report: str) -> str:
    if len(segments) > MOST_NAMED:
        return f"{Count()(len(segments))} segments"
    return escape(plain(", ".join(segments) or report))


def _state_cell(state: str, warnings: Sequence[str]) -> str:
    said = "".join(f"<small>{escape(plain(warning))}</small>" for warning in warnings)
    return _cell("state", f"{state}{said}", kind="sk-state")


def _instant(text: str) -> str:
    return text[:16].replace("T", " ")


def _links(address: str, outputs: Iterable[str]) -> str:
    names = [*sorted(LINKED.intersection(outputs)), MANIFEST]
    return ", ".join(f'<a href="{address}/{quote(name)}">{escape(name)}</a>' for name in names)


def _cell(label: str, html: str, *, kind: str = "sk-date") -> str:
    return f'<td data-label="{label}" class="{kind}">{html}</td>'
