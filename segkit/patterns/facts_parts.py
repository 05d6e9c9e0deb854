"""A number of users as a part of others, shown or withheld."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Part:
    """`n` of `total` users or visits.

    `share` is n / total. Where `n`, or what it leaves of `total`, tells of too few, `n` and
    `share` are None, and `at_least` or `at_most` bounds the share without giving the number.
    """

    n: int | None
    total: int | None
    share: float | None
    at_least: float | None = None
    at_most: float | None = None


UNKNOWN_PART = Part(n=None, total=None, share=None)
