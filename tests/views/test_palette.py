import pytest

from segkit.views.palette import (
    BASELINE,
    ENTERED,
    LEFT,
    PATTERNS,
    SEGMENT,
    heat,
    heat_ink,
    legible,
)

LIGHT, DARK = "#ffffff", "#14171b"


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


def turned(colour: str) -> str:
    """Give a colour after the page's filter `invert(1) hue-rotate(180deg)`."""
    r, g, b = (255 - int(colour[at : at + 2], 16) for at in (1, 3, 5))
    mixed = (
        -0.574 * r + 1.43 * g + 0.144 * b,
        0.426 * r + 0.43 * g + 0.144 * b,
        0.426 * r + 1.43 * g - 0.856 * b,
    )
    return "#" + "".join(f"{min(255, max(0, round(part))):02x}" for part in mixed)


@pytest.mark.parametrize("page", [LIGHT, DARK])
@pytest.mark.parametrize("colour", [SEGMENT, BASELINE, ENTERED, LEFT, *PATTERNS])
def test_marks_stand_out_on_light_and_on_dark(colour: str, page: str) -> None:
    assert contrast(colour, page) >= 3


def test_numbers_on_heat_cells_are_readable_at_every_weight() -> None:
    worst = min(contrast(heat(w / 100), heat_ink(w / 100)) for w in range(101))

    assert worst >= 4.5


def test_labels_on_heat_cells_are_readable_on_dark_ground_too() -> None:
    weights = [legible(w / 100) for w in range(101)]

    pairs = [(heat(weight), heat_ink(weight)) for weight in weights]
    assert min(contrast(cell, ink) for cell, ink in pairs) >= 4.5
    assert min(contrast(turned(cell), turned(ink)) for cell, ink in pairs) >= 4.5
    assert weights == sorted(weights)


def test_heat_brightens_with_weight_on_dark_ground() -> None:
    shades = [luminance(turned(heat(w / 20))) for w in range(21)]

    assert shades == sorted(shades)
    assert contrast(turned(heat(1)), DARK) >= 10


def test_heat_deepens_with_weight_and_stays_within_its_ends() -> None:
    shades = [luminance(heat(w / 20)) for w in range(21)]

    assert shades == sorted(shades, reverse=True)
    assert (heat(-1), heat(2)) == (heat(0), heat(1))
