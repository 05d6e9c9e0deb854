"""Say how much people do, apart from what: volume is an axis of its own and forms no pattern."""

import numpy as np

from segkit.patterns.eligible import Labels
from segkit.patterns.features import Features

TIERS = ("light", "medium", "heavy")
Limits = tuple[float, float]


def fit_tiers(features: Features) -> Limits:
    """Give the page views that part the fitting sample into three tiers of equal size."""
    low, high = np.quantile(features.column("volume", "n_page_views"), [1 / 3, 2 / 3])
    return float(low), float(high)


def name_tiers(limits: Limits, features: Features) -> Labels:
    """Give each user's tier: `light` up to the first limit, `heavy` above the second."""
    views = features.column("volume", "n_page_views")
    return np.array(TIERS)[np.searchsorted(np.array(limits), views, side="left")]
