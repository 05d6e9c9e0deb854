"""Offer the tiny shop to the tests of this folder."""

from tests.tiny_shop import loaded_shop, shop

__all__ = ["loaded_shop", "shop"]
