"""Know which segments are kept from the reader of a live page: their audience is another."""

import os
from typing import TYPE_CHECKING

from segkit.workspace.reviewing import TRACKED, list_tracked

if TYPE_CHECKING:
    from segkit.workspace.library import Library

KEPT_BACK = "SEGKIT_KEPT_BACK"
"""Ids of segments, with commas between, that the reader of a live report may not choose."""


def kept_back() -> frozenset[str]:
    """Give the ids of the segments that are kept from whoever looks at this kernel's page."""
    return frozenset(filter(None, os.environ.get(KEPT_BACK, "").split(",")))


def spell_tracked(library: "Library", segments: str, hidden: frozenset[str]) -> str:
    """Give the ids that a review's text stands for, where some tracked ones are kept from a reader.

    Any other text stays as it is.
    """
    tracked = list_tracked(library)
    if segments != TRACKED or not hidden.intersection(tracked):
        return segments
    return ",".join(name for name in tracked if name not in hidden)
