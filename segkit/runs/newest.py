"""Show the newest published reports of a workspace in a notebook."""

import os
from pathlib import Path
from urllib.parse import quote

from segkit.formats import Count, Share
from segkit.runs.catalogue import find_runs
from segkit.runs.catalogue_page import Entry
from segkit.runs.spec import REPORT
from segkit.views.fragment import Fragment, gather, note
from segkit.views.markup import Child, tag
from segkit.views.table import Column, Table
from segkit.workspace import Workspace

MOST = 10
COLUMNS = (
    Column("Report"),
    Column("Period", "key"),
    Column("Users", "count"),
    Column("Share of the universe", "share"),
    Column("State"),
    Column("Made (UTC)", "instant"),
)


def show_newest_reports(workspace: Workspace, *, most: int = MOST) -> Fragment:
    """Give the reports that were published last, each with a link.

    Returns
    -------
    Fragment
        A table, grain: one row a published run, the one made last first; columns: title with its
        link, period, users, their share of the universe (both empty where withheld or where the
        report is not on one segment), state, instant of its end in UTC. A sentence where there is
        none.
    """
    reports_out = workspace.root / "reports_out"
    entries = find_runs(reports_out)
    if not entries:
        return gather([note("No report is published yet: `segkit report ID` makes the first.")])
    shown = entries[:most]
    caption = f"The {len(shown)} newest of {Count()(len(entries))} published reports"
    rows = [_row(entry, reports_out) for entry in shown]
    return gather([Table(caption=caption, columns=COLUMNS, rows=rows).block()])


def _row(entry: Entry, reports_out: Path) -> list[Child]:
    manifest, summary = entry.manifest, entry.manifest["summary"]
    place = os.path.relpath(reports_out / entry.folder / REPORT, Path.cwd())
    return [
        tag("a", summary["title"], href=quote(Path(place).as_posix()), target="_blank"),
        manifest["period"],
        Count()(summary.get("n_users")),
        Share()(summary.get("share")),
        entry.state,
        manifest["finished_at"][:16].replace("T", " "),
    ]
