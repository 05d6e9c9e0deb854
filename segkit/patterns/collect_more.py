"""Ask the engine what becomes of labelled users: their later days, their pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import ibis
import numpy as np
from ibis import Table

from segkit.patterns.after import Later
from segkit.patterns.collect import Span, UserRows, count_pages, sum_outcomes
from segkit.patterns.features import Features
from segkit.patterns.fit import Scores
from segkit.patterns.page_groups import PageKind

MOST_PAGES = 200
"""The busiest pages of each pattern that are looked at."""


@dataclass(frozen=True, kw_only=True)
class PageCount:
    """`n` of a pattern's users have one page (or event, or kind of goods), `n_others` of others'.

    Others are the users of all other patterns.
    """

    page: str
    n: int
    n_others: int


def collect_later(span: Span, features: Features, *, purchases: Sequence[str]) -> Later:
    """Give what the users of some features did in the days of a later span, in their order.

    `span.users` holds the same users. Who has any event of a person in it has returned.
    """
    users = UserRows(features.user_no, features.user_key)
    days = span.within(span.tables.user_days)
    came = span.tables.engine.columns(days.group_by("user_no").agg(n=days.n_events.sum()))
    did = sum_outcomes(span, users, purchases, ())
    return Later(
        days=span.days,
        has_returned=users.lay(came["user_no"].astype(np.int64), came["n"]) > 0,
        n_orders=did.values[:, 0],
        revenue=did.values[:, 1],
    )


def keep_labels(span: Span, features: Features, scores: Scores, ids: Sequence[str]) -> Table:
    """Give the engine who is in which pattern: one row a user in one, `user_no` and `place`.

    `place` is the pattern's place in `ids`.
    """
    inside = np.isin(scores.labels, list(ids))
    places = np.array([list(ids).index(name) for name in scores.labels[inside].tolist()])
    given = ibis.memtable(
        {"user_no": features.user_no[inside], "place": places.astype(np.int64)},
        schema=ibis.schema({"user_no": "int64", "place": "int64"}),
    )
    return span.tables.engine.keep(given, "pattern_labels")


def count_top_pages(  # noqa: PLR0913  what counts as a page has three parts
    span: Span,
    labels: Table,
    ids: Sequence[str],
    *,
    kind: PageKind,
    item: str,
    purchases: Sequence[str],
    goals: Sequence[str] = (),
    least: int,
) -> Mapping[str, tuple[PageCount, ...]]:
    """Count by pattern the users of its busiest pages, those of fewer than `least` users left out.

    Parameters
    ----------
    span
        The window.
    labels
        Who is in which pattern (`keep_labels`).
    ids
        The patterns.
    kind, item, purchases, goals
        What counts as a page, as the model does.
    least
        A page that fewer users of all patterns have is not named.
    """
    engine = span.tables.engine
    pages = count_pages(span, kind, purchases=purchases, goals=goals, item=item)
    seen = pages.inner_join(labels, "user_no").select("user_no", "place", "what").distinct()
    by_page = seen.group_by("place", "what").agg(n=seen.count())
    by_page = engine.keep(by_page, "pattern_pages")
    total = by_page.group_by("what").agg(n_all=by_page.n.sum())
    known = total.filter(total.n_all >= least)
    ranked = by_page.inner_join(known, "what")
    order = ibis.row_number().over(
        ibis.window(group_by=ranked.place, order_by=[ibis.desc(ranked.n), ranked.what])
    )
    ranked = ranked.mutate(rank=order)
    rows = engine.rows(
        ranked.filter(ranked["rank"] < MOST_PAGES).select("place", "what", "n", "n_all")
    )
    found: dict[str, list[PageCount]] = {name: [] for name in ids}
    for place, what, n, n_all in rows:
        count = PageCount(page=str(what), n=int(n), n_others=int(n_all) - int(n))
        found[ids[int(place)]].append(count)
    return {name: tuple(counts) for name, counts in found.items()}
