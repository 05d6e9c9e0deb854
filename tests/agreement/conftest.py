"""Offer the generated shop to the tests of this folder."""

from tests.published import lindenhof

__all__ = ["lindenhof"]
