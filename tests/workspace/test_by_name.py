"""Names of a snapshot are texts for definitions, and tell what is known of them."""

from pathlib import Path

import pytest

import segkit as sk
from segkit.errors import UnknownNameError
from segkit.segments.model import to_yaml
from segkit.workspace import Workspace


@pytest.fixture(scope="module")
def workspace(loaded_shop: Path) -> Workspace:
    return Workspace.open(loaded_shop)


def test_a_segment_is_asked_for_as_an_attribute(workspace: Workspace) -> None:
    assert workspace.segments.buyers is workspace.segments["buyers"]
    assert "buyers" in dir(workspace.segments)
    assert "entries" in dir(workspace.segments)
    assert "buyers" in workspace.segments._ipython_key_completions_()


def test_a_name_that_is_none_says_near_ones(workspace: Workspace) -> None:
    with pytest.raises(AttributeError, match=r"no segment `byers`\. Did you mean `buyers`"):
        _ = workspace.segments.byers
    with pytest.raises(AttributeError, match=r"no event `purchse`\. Did you mean `purchase`"):
        _ = workspace.events.purchse
    with pytest.raises(UnknownNameError, match="Unknown attribute `plam`"):
        _ = workspace.attributes["plam"]
    assert not hasattr(workspace.events, "_repr_pdf_")


def test_an_event_is_a_text_that_knows_how_often_it_occurs(workspace: Workspace) -> None:
    asked = sk.Segment("bought", sk.did(event=workspace.events.purchase), title="Bought")

    assert workspace.events.purchase == "purchase"
    assert workspace.events.purchase.n_events == 15
    assert list(workspace.events) == ["page_view", "purchase"]
    assert asked.id == workspace.segments.buyers.id
    assert "event: purchase\n" in to_yaml(asked)
    assert workspace.members(asked).count == 15


def test_a_label_is_a_text_that_knows_who_has_it(workspace: Workspace) -> None:
    asked = sk.Segment("plus", sk.attribute(workspace.attributes.plan, "plus"), title="Plus")

    assert (workspace.attributes.plan.n_users, workspace.attributes.plan.kind) == (40, "text")
    assert workspace.members(asked).count == 20


def test_names_show_themselves(workspace: Workspace) -> None:
    assert repr(workspace.events).splitlines()[0].split() == ["event", "properties", "events"]
    assert ">purchase</th>" in workspace.events._repr_html_()
    assert ">current values</td>" in workspace.attributes._repr_html_()


def test_a_refresh_forgets_the_names(shop: Path) -> None:
    workspace = Workspace.open(shop)
    before = workspace.events

    workspace.refresh()

    assert workspace.events is not before


def test_definitions_tables_and_loads_show_themselves(workspace: Workspace) -> None:
    result = workspace.load()

    assert "All users who did “purchase”." in workspace.segments.buyers._repr_html_()
    assert "One row an event." in workspace.tables._repr_html_()
    assert "user_days" in repr(workspace.tables)
    assert repr(result).startswith("Nothing new; the snapshot stays: ")
    assert "web: 0 rows read" in repr(result)
