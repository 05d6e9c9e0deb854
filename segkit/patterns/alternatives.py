"""Group by other methods, for those who want to compare; each has a weakness that is known.

k-means loses rare groups and needs the right k; a mixture of normals drifts and loses them too;
HDBSCAN leaves most users of smooth data in no group.
"""

import numpy as np

from segkit.errors import UnknownNameError
from segkit.patterns.features import FloatArray, IntArray

CONSENSUS = "consensus"
ALTERNATIVES = ("kmeans", "gmm", "hdbscan")
METHODS = (CONSENSUS, *ALTERNATIVES)


def group_otherwise(method: str, places: FloatArray, *, k: int, seed: int) -> IntArray:
    """Give each user's group by `kmeans`, `gmm` or `hdbscan`, −1 for none.

    HDBSCAN finds its own number of groups, each of at least 1% of the users, and ignores `k`.

    Raises
    ------
    UnknownNameError
        No such method.
    """
    if method == "kmeans":
        from sklearn.cluster import KMeans  # noqa: PLC0415  slow to import

        found = KMeans(k, n_init=10, random_state=seed).fit_predict(places)
    elif method == "gmm":
        from sklearn.mixture import GaussianMixture  # noqa: PLC0415  slow to import

        found = GaussianMixture(k, n_init=3, reg_covar=1e-4, random_state=seed).fit_predict(places)
    elif method == "hdbscan":
        from sklearn.cluster import HDBSCAN  # noqa: PLC0415  slow to import

        least = max(5, len(places) // 100)
        found = HDBSCAN(min_cluster_size=least, copy=True).fit_predict(places)
    else:
        raise UnknownNameError.of_kind("method", method, METHODS)
    inside = found >= 0
    groups = np.full(len(places), -1)
    groups[inside] = np.unique(found[inside], return_inverse=True)[1]
    return groups
