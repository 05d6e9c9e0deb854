"""Say how large an effect is in one word, and set effects of several kinds on one scale.

A p-value grows with the number of users; whether a difference matters does not. Each kind of
effect has its own published thresholds; divided by its first one, effects of all kinds can be
ranked together.
"""

from typing import Literal

EffectKind = Literal["cohen_h", "cliff_delta", "cramer_v"]

WORDS = ("negligible", "small", "medium", "large")
THRESHOLDS: dict[EffectKind, tuple[float, float, float]] = {
    "cohen_h": (0.2, 0.5, 0.8),
    "cliff_delta": (0.147, 0.33, 0.474),
    "cramer_v": (0.1, 0.3, 0.5),
}
"""From where on an effect is small, medium and large. Cohen 1988 for h and for V of a table with
two columns; Romano and others 2006 for Cliff's delta."""


def word_of(kind: EffectKind, effect: float, *, degrees: int = 1) -> str:
    """Give the word for an effect of a kind, whatever its sign.

    Parameters
    ----------
    degrees
        For Cramér's V the smaller of rows and columns, less 1: its thresholds are divided by the
        root of it.

    Source: Cohen 1988, Statistical Power Analysis, chapters 6 and 7; Romano, Kromrey, Coraggio and
    Skowronek 2006.

    Examples
    --------
    >>> word_of("cohen_h", -0.5), word_of("cliff_delta", 0.1469), word_of("cramer_v", 0.36)
    ('medium', 'negligible', 'medium')
    """
    size = abs(effect) * (degrees**0.5 if kind == "cramer_v" else 1.0)
    return WORDS[sum(size >= least for least in THRESHOLDS[kind])]


def strength_of(kind: EffectKind, effect: float, *, degrees: int = 1) -> float:
    """Give how many times an effect is what its kind calls small: effects are ranked by it.

    >>> strength_of("cohen_h", -0.4), round(strength_of("cliff_delta", 0.294), 6)
    (2.0, 2.0)
    """
    size = abs(effect) * (degrees**0.5 if kind == "cramer_v" else 1.0)
    return size / THRESHOLDS[kind][0]
