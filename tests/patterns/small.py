"""Make features of a few users by hand."""

from collections.abc import Sequence

import numpy as np

from segkit.patterns.features import Block, Features

VOLUME = (
    *("n_visits", "n_page_views", "n_active_days", "days_since_last"),
    *("minutes_per_visit", "pages_per_visit"),
)
PAGES = ("/forum/*", "/product/*", "other")


def build(
    pages: Sequence[Sequence[float]],
    *,
    visits: Sequence[float] | None = None,
    since: Sequence[float] | None = None,
    revenue: Sequence[float] | None = None,
    keys: Sequence[str] | None = None,
) -> Features:
    """Give users who saw `pages` (a row a user, a column each of `PAGES`), four visits each."""
    views = np.array(pages, dtype=float).reshape(-1, len(PAGES))
    n = len(views)
    n_visits = np.full(n, 4.0) if visits is None else np.array(visits, dtype=float)
    n_views = views.sum(axis=1)
    last = np.zeros(n) if since is None else np.array(since, dtype=float)
    spent = np.zeros(n) if revenue is None else np.array(revenue, dtype=float)
    volume = np.column_stack(
        [n_visits, n_views, n_visits, last, np.full(n, 3.0), n_views / np.maximum(n_visits, 1)]
    )
    named = [f"u{i:05}" for i in range(n)] if keys is None else list(keys)
    return Features(
        user_no=np.arange(n),
        user_key=np.array(named, dtype=np.str_),
        bot_reason=np.full(n, "", dtype=np.str_),
        blocks={
            "pages": Block(columns=PAGES, values=views),
            "source": Block(columns=("Direct", "Email"), values=np.column_stack([n_visits, last])),
            "device": Block(columns=("mobile", "pc"), values=np.ones((n, 2))),
            "volume": Block(columns=VOLUME, values=volume),
        },
        outcomes=Block(
            columns=("n_orders", "revenue"),
            values=np.column_stack([spent > 0, spent]).astype(float),
        ),
    )
