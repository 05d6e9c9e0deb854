"""What segkit.toml says of a report reaches it: which events are orders, what makes one order."""

from pathlib import Path

import pytest

import segkit as sk
from segkit.errors import UnknownNameError


def report_keys(shop: Path, keys: str) -> sk.Workspace:
    """Give the shop with a `[report]` of these keys."""
    toml = (shop / "segkit.toml").read_text("utf-8")
    (shop / "segkit.toml").write_text(f"{toml}\n[report]\n{keys}\n", "utf-8")
    return sk.open(shop)


def test_the_events_named_as_purchases_are_the_orders(shop: Path) -> None:
    workspace = report_keys(shop, 'purchases = ["page_view"]')

    facts = workspace.report("buyers", days=7).facts()

    measures = {measure.name: measure for measure in facts.behaviour.measures}
    views = sum(len(range(0, 7, n)) for n in range(1, 16))
    assert measures["orders_per_buyer"].numerator == views
    assert any(note.startswith("Orders are the events `page_view`;") for note in facts.notes)


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ('purchases = ["purchse"]', r"`purchse`(?s:.*)purchase"),
        ('order_id = "basket"', r"`basket`(?s:.*)\[report\] order_id"),
    ],
    ids=["event", "property"],
)
def test_names_that_the_data_lack_are_refused(shop: Path, keys: str, said: str) -> None:
    workspace = report_keys(shop, keys)

    with pytest.raises(UnknownNameError, match=said):
        workspace.report("buyers").facts()
