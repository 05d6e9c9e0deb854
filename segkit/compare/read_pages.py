"""Find the page paths that a definition's bounds on pages mean in this data.

A bound on a path is tried on the paths that are compared. A page that is read by its address or its
title has whatever path its views had: those are looked up in the events.
"""

from collections.abc import Iterable, Sequence
from functools import reduce
from operator import and_, or_
from zoneinfo import ZoneInfo

from ibis import Table
from ibis.expr.types import BooleanValue

from segkit.schema import PAGE_EVENTS
from segkit.segments.bounds import Bound
from segkit.segments.holds import Value, truth
from segkit.segments.targets import PageTarget
from segkit.store.tables import Tables


def find_read_paths(
    pages: Iterable[PageTarget], paths: Sequence[str], *, tables: Tables, zone: ZoneInfo
) -> frozenset[str]:
    """Give those of some paths that any of the pages read may have.

    Where several bounds hold together, a path that satisfies each of them on some view counts.
    """
    by_path = [page for page in pages if page.path is not None and not (page.url or page.title)]
    others = [page for page in pages if page not in by_path and (page.url or page.title)]
    if not paths or not (by_path or others):
        return frozenset()
    listed = tables.engine.keep(
        tables.engine.values([{"page_path": path} for path in paths], {"page_path": "string"}),
        "paths",
    )
    found = set(_matching(tables, listed, [page.path for page in by_path], zone))
    if others:
        events = tables.events
        known = events.filter(events.event.isin(PAGE_EVENTS) & events.page_path.isin(paths))
        tests = [_test(page, known, zone) for page in others]
        found |= set(_paths(tables, known.filter(reduce(or_, tests))))
    return frozenset(found)


def _matching(
    tables: Tables, listed: Table, bounds: Sequence[Bound | None], zone: ZoneInfo
) -> list[str]:
    tests = [truth(b, Value("text", listed.page_path), zone) for b in bounds if b is not None]
    return _paths(tables, listed.filter(reduce(or_, tests))) if tests else []


def _test(page: PageTarget, views: Table, zone: ZoneInfo) -> BooleanValue:
    bounds = {"page_url": page.url, "page_path": page.path, "page_title": page.title}
    tests = [truth(b, Value("text", views[c]), zone) for c, b in bounds.items() if b is not None]
    return reduce(and_, tests)


def _paths(tables: Tables, rows: Table) -> list[str]:
    return [str(path) for (path,) in tables.engine.rows(rows.select("page_path").distinct())]
