"""Funnels of the buyers, event by event."""

import pytest

from segkit.errors import UnknownNameError
from segkit.measures.activity import Activity
from segkit.measures.funnel import measure_funnel
from segkit.measures.sides import Sides


@pytest.mark.parametrize(
    ("steps", "reached"),
    [
        # u03 put into the cart before it saw a page; u07, who did not buy, did too.
        (("page_view", "add_to_cart", "purchase"), [(4, 5), (2, 0), (2, 0)]),
        # u03 put into the cart and bought at one instant.
        (("add_to_cart", "purchase"), [(3, 1), (3, 0)]),
        # Only u01 bought twice; u04's purchase of February is outside the window.
        (("purchase", "purchase"), [(3, 0), (1, 0)]),
        (("purchase", "add_to_cart"), [(3, 0), (1, 0)]),
        (("search",), [(0, 1)]),
        ((), []),
    ],
    ids=["in order", "same instant", "same event", "backwards", "one step", "none"],
)
def test_users_go_through_steps_in_order(
    sides: Sides, activity: Activity, steps: tuple[str, ...], reached: list[tuple[int, int]]
) -> None:
    found = measure_funnel(sides, activity, steps)

    assert [(step.n_users, step.n_baseline) for step in found] == reached
    assert [step.event for step in found] == list(steps)


def test_an_unknown_step_is_refused_with_near_names(sides: Sides, activity: Activity) -> None:
    with pytest.raises(UnknownNameError, match=r"Unknown event `purchse`.*funnel.*\n.*`purchase`"):
        measure_funnel(sides, activity, ("page_view", "purchse"))
