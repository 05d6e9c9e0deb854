"""The one ordered map of colours, told apart by colour-blind readers (Okabe and Ito, 2008).

Each has at least 3:1 against white and against near black. A colour is never the only sign:
shape, position or a label says the same.
"""

INK = "#010203"
"""The sentinel of the style file; becomes `currentColor`, so that figures follow the page."""

SEGMENT = "#0072b2"
BASELINE = "#d55e00"
ENTERED = "#009e73"
LEFT = "#cc79a7"

PATTERNS = (
    *("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#9a7d0a"),
    *("#7b68c8", "#a0522d", "#5f8f2f", "#b5527d", "#3a9bdc"),
)
"""Of the patterns, in their order; each is drawn with its number."""

PALE, MIDDLE, DEEP = (232, 241, 250), (86, 157, 212), (8, 48, 107)
WHITE, BLACK = "#ffffff", "#000000"
_TURN = 0.66
"""Up to this weight black on the heat colour reaches 4.5:1, beyond it white does."""
_EDGE, _BEFORE, _AFTER = 0.6, 0.5, 0.67
"""Between these weights no text reaches 4.5:1 both on the colour and on the same turned round."""


def heat(weight: float) -> str:
    """Give the heat map's colour of a weight from 0 (pale) to 1 (deep).

    >>> heat(0.0), heat(1.0)
    ('#e8f1fa', '#08306b')
    """
    part = min(1.0, max(0.0, weight)) * 2
    ends = (PALE, MIDDLE) if part <= 1 else (MIDDLE, DEEP)
    within = part if part <= 1 else part - 1
    mixed = (round(a + (b - a) * within) for a, b in zip(*ends, strict=True))
    return "#" + "".join(f"{part:02x}" for part in mixed)


def legible(weight: float) -> float:
    """Give a weight moved off the colours that bear no text on light and dark ground alike.

    >>> legible(0.0), legible(0.6), legible(1.0)
    (0.0, 0.5, 1.0)
    """
    if weight <= _EDGE:
        return weight / _EDGE * _BEFORE
    return _AFTER + (weight - _EDGE) / (1 - _EDGE) * (1 - _AFTER)


def heat_ink(weight: float) -> str:
    """Give the colour of text on the heat map's colour of a weight."""
    return BLACK if weight <= _TURN else WHITE
