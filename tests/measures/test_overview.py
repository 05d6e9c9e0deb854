"""Where users come from: of the buyers three are new in the window, u04 came before."""

from segkit.measures.overview import measure_origins
from segkit.measures.sides import Sides
from segkit.store.tables import Tables
from tests.measures.tiny import make_sides


def test_origins_are_those_counted_by_hand(sides: Sides) -> None:
    origins = measure_origins(sides)

    came, channel, device, _ = origins.labels
    # u10 came in January, u13 never; u05 to u09 and u11 are new.
    assert {r.value: (r.n, r.n_baseline) for r in came.rows} == {
        "new in the window": (3, 6), "came before": (1, 1), "never came": (0, 1),
    }  # fmt: skip
    assert {r.value: (r.n, r.n_baseline) for r in channel.rows} == {
        "Organic Search": (3, 3), "Direct": (1, 3), "Paid Search": (0, 1), "(unknown)": (0, 1),
    }  # fmt: skip
    assert {r.value: (r.n, r.n_baseline) for r in device.rows} == {
        "mobile": (2, 2), "pc": (2, 4), "tablet": (0, 1), "(unknown)": (0, 1),
    }  # fmt: skip


def test_new_in_seven_days_is_of_the_segment(tiny: Tables) -> None:
    everybody = [f"u{n:02}" for n in (5, 6, 7, 8, 9, 10, 11, 13)]

    found = measure_origins(make_sides(tiny, members=everybody)).n_new_7d

    # u08 (25 March), u09 (29 March), u11 (26 March).
    assert found == 3
    assert measure_origins(make_sides(tiny)).n_new_7d == 0
