"""What a workspace gives shows itself in a notebook: as HTML, and as text where there is none."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import segkit as sk
from segkit.workspace import Workspace

DAY = "2026-06-30"
ASKED: dict[str, tuple[Callable[[Workspace], Any], str]] = {
    "workspace": (lambda ws: ws, "tiny"),
    "library": (lambda ws: ws.segments, "Bought at least once"),
    "segment": (lambda ws: ws.segments.buyers, "who did “purchase”"),
    "built segment": (
        lambda _: sk.Segment("hot", sk.did(event="purchase"), title="Hot"),
        "who did “purchase”",
    ),
    "events": (lambda ws: ws.events, "purchase"),
    "attributes": (lambda ws: ws.attributes, "plan"),
    "tables": (lambda ws: ws.tables, "One row a visit."),
    "members": (lambda ws: ws.members("buyers"), "15 of 40 users"),
    "load": (lambda ws: ws.load(), "web"),
    "report": (lambda ws: ws.report("buyers", DAY, 28), "Bought at least once"),
    "section": (lambda ws: ws.report("buyers", DAY, 28).overview(), "15"),
    "comparison": (lambda ws: ws.compare(["buyers"], as_of=DAY, days=28), "Bought at least once"),
    "review": (lambda ws: ws.review(["buyers"], DAY), "Bought at least once"),
    "profile": (lambda ws: ws.profile("u03", DAY, 28), "u03"),
    "explanation": (lambda ws: ws.explain("buyers", "u03", DAY), "number of times: 1"),
}


@pytest.fixture(scope="module")
def workspace(loaded_shop: Path) -> Workspace:
    return Workspace.open(loaded_shop)


LONG = {"report", "comparison", "profile"}


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=[pytest.mark.slow] if name in LONG else []) for name in ASKED],
)
def test_everything_shows_itself_as_html_and_text(workspace: Workspace, name: str) -> None:
    ask, said = ASKED[name]
    thing = ask(workspace)

    bundle: dict[str, str] = (
        thing._repr_mimebundle_()
        if hasattr(thing, "_repr_mimebundle_")
        else {"text/html": thing._repr_html_(), "text/plain": repr(thing)}
    )

    assert said in bundle["text/html"]
    assert "object at 0x" not in bundle["text/plain"]
    assert bundle["text/plain"].strip()
