"""Say in words how a number moved: points of a share, percent of all else."""

from segkit.compare.changes import Change
from segkit.formats import MISSING, Share


def signed(relative: float | None) -> str:
    """Give a relative change with its sign.

    >>> signed(0.031), signed(-0.5), signed(0.0), signed(None)
    ('+3.1%', '−50.0%', '±0.0%', '–')
    """
    if relative is None:
        return MISSING
    text = Share()(abs(relative))
    return f"±{text}" if float(text[:-1]) == 0 else f"{'+' if relative > 0 else '−'}{text}"


def say_move(change: Change) -> str:
    """Give the move of a number; empty where one side is not known."""
    if change.difference is None:
        return ""
    if change.now.kind == "share":
        moved = round(change.difference * 100, 1)
        sign = "+" if moved > 0 else "−" if moved < 0 else "±"
        return f"{sign}{abs(moved):.1f} points"
    if change.relative is None:
        return signed(0.0) if change.difference == 0 else "from 0"
    return signed(change.relative)
