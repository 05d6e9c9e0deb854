"""Read limits as people write them: `30min`, `4GB`."""

import re

_TIME = re.compile(r"^(\d{1,6})(s|min|h)$")
_SIZE = re.compile(r"^(\d{1,6})(MB|GB)$")
_SECONDS = {"s": 1, "min": 60, "h": 3600}
_MEGABYTES = {"MB": 1, "GB": 1000}


def read_seconds(text: str) -> int:
    """Give the seconds of a length of time.

    >>> read_seconds("30min")
    1800

    Raises
    ------
    ValueError
        When it is none, or not above 0.
    """
    found = _TIME.match(str(text))
    if found is None or int(found[1]) == 0:
        raise ValueError(f"expected a time like 45s, 30min or 2h, found `{str(text)[:40]}`")
    return int(found[1]) * _SECONDS[found[2]]


def read_megabytes(text: str) -> int:
    """Give the megabytes (10⁶ bytes) of a size.

    >>> read_megabytes("4GB")
    4000

    Raises
    ------
    ValueError
        When it is none, or not above 0.
    """
    found = _SIZE.match(str(text))
    if found is None or int(found[1]) == 0:
        raise ValueError(f"expected a size like 200MB or 4GB, found `{str(text)[:40]}`")
    return int(found[1]) * _MEGABYTES[found[2]]
