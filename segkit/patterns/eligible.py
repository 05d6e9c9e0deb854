"""Say who can belong to a pattern: robots out first, then those who did too little to tell.

Everyone else keeps a named group of their own, so that groups always add up to everyone.
"""

import numpy as np
import numpy.typing as npt

from segkit.patterns.features import BoolArray, Features, FloatArray, IntArray

Labels = npt.NDArray[np.str_]

BOTS = "bots"
ONE_VISIT = "one visit"
TOO_LITTLE = "too little data"
ELIGIBLE = "eligible"
STANDINGS = (BOTS, ONE_VISIT, TOO_LITTLE, ELIGIBLE)
MIN_VISITS = 2
MIN_PAGE_VIEWS = 5
MOST_PAGE_VIEWS = 2_000
MOST_PAGES_PER_VISIT = 80
HASTY_MINUTES_PER_VISIT = 0.35
HASTY_PAGES_PER_VISIT = 20


def behaves_like_a_bot(features: Features) -> BoolArray:
    """Say who is a robot by pace alone, one entry a user.

    Notes
    -----
    More than 2,000 page views in the window, or more than 80 pages a visit, or more than 20 pages
    a visit in less than 0.35 minutes a visit. Unknown numbers fulfil no condition.
    """
    pace = features.column("volume", "pages_per_visit")
    found: BoolArray = (
        (features.column("volume", "n_page_views") > MOST_PAGE_VIEWS)
        | (pace > MOST_PAGES_PER_VISIT)
        | (
            (features.column("volume", "minutes_per_visit") < HASTY_MINUTES_PER_VISIT)
            & (pace > HASTY_PAGES_PER_VISIT)
        )
    )
    return found


def name_eligible(features: Features) -> Labels:
    """Give each user's standing: `bots`, `one visit`, `too little data` or `eligible`.

    Notes
    -----
    As `find_standing`.
    """
    return np.array(STANDINGS)[find_standing(features)]


def find_standing(features: Features) -> IntArray:
    """Give the place of each user's standing in `STANDINGS`.

    Notes
    -----
    A bot has a `bot_reason` or behaves like one. Of the others, fewer than 2 visits is "one
    visit", fewer than 5 page views is "too little data".
    """
    visits: FloatArray = features.column("volume", "n_visits")
    views = features.column("volume", "n_page_views")
    tests = [
        (features.bot_reason != "") | behaves_like_a_bot(features),
        ~(visits >= MIN_VISITS),
        ~(views >= MIN_PAGE_VIEWS),
    ]
    return np.select(tests, [0, 1, 2], default=STANDINGS.index(ELIGIBLE))
