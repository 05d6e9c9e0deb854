"""Say how sure a share is."""


def wilson(n: int, total: int) -> tuple[float | None, float | None]:
    """Give Wilson's 95% interval of the share n / total; None without a total.

    Source: Wilson 1927, J. Am. Stat. Assoc. 22.

    >>> [round(bound, 4) for bound in wilson(10, 100)]
    [0.0552, 0.1744]
    """
    from scipy.stats import binomtest  # noqa: PLC0415  slow to import

    if not total:
        return None, None
    interval = binomtest(n, total).proportion_ci(method="wilson")
    return float(interval.low), float(interval.high)
