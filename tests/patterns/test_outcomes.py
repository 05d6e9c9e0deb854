"""Outcomes form no pattern, also where events stand for pages; nor are events called page views."""

from pathlib import Path

import pytest

import segkit as sk
from segkit.patterns.collect import Span, choose_kind, collect_features, collect_halves
from segkit.patterns.frozen import FrozenPatterns
from segkit.views.pattern_words import name_feature
from segkit.workspace import Workspace
from segkit.workspace.patterns import read_patterns
from tests.tiny_shop import TOML, write_tiny_shop

FUNNEL = ("open", "sign_up", "purchase")


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Give the tiny shop as an app: its pages are events, two of them a step to the goal."""
    folder: Path = write_tiny_shop(tmp_path_factory.mktemp("app"))
    web = folder / "data" / "web.csv"
    rows = web.read_text("utf-8").replace("page_view,/p0", "sign_up,")
    rows = rows.replace("page_view,/p1", "open,").replace("page_view,/p2", "read,")
    web.write_text(rows, "utf-8")
    steps = ", ".join(f'"{step}"' for step in FUNNEL)
    (folder / "segkit.toml").write_text(f"{TOML}[report]\nfunnel = [{steps}]\n", "utf-8")
    workspace = Workspace.open(folder)
    workspace.load()
    return workspace


@pytest.fixture(scope="module")
def span(app: Workspace) -> Span:
    members = app.everyone().membership
    users = members.members.select("user_no")
    return Span(tables=app.tables, users=users, clock=members.clock, days=30)


def test_goals_are_outcomes_and_no_features(span: Span) -> None:
    features, groups = collect_features(span, purchases=["purchase"], goals=["sign_up"])

    assert groups.kind == "event"
    assert set(features.blocks["pages"].columns) - {"other"} == {"open", "read"}
    assert features.outcomes.columns == ("n_orders", "revenue", "n_sign_up")
    # u03 signs up on every third day: it is no view of anything.
    assert features.outcomes.values[2].tolist() == [1.0, 10.0, 10.0]
    assert features.column("volume", "n_page_views")[2] == 0


def test_a_kept_models_goals_stay_out_whatever_is_a_goal_now(span: Span) -> None:
    kept, groups = collect_features(span, purchases=["purchase"], goals=["sign_up"])

    later, _ = collect_features(
        span, purchases=["purchase"], goals=[], left_out=["sign_up"], groups=groups
    )
    halves = collect_halves(
        span, purchases=["purchase"], left_out=["sign_up"], groups=groups,
        channels=kept.blocks["source"].columns,
    )  # fmt: skip

    pages = kept.blocks["pages"].values
    assert (later.blocks["pages"].values == pages).all()
    assert sum(half.blocks["pages"].values.sum() for half in halves) == pages.sum()


def test_events_stand_for_pages_only_where_two_are_no_outcomes(span: Span) -> None:
    assert choose_kind(span, ["purchase"], ["sign_up"]) == ("event", "")
    assert choose_kind(span, ["purchase", "open"], ["read"])[0] == "event"
    assert set(span.tables.catalogue.events) == {"sign_up", "open", "read", "purchase"}


def test_found_patterns_keep_their_goals_in_the_file(app: Workspace) -> None:
    found = sk.find_patterns(app, "known", days=30)

    path = found.save("app")

    kept = read_patterns(app, "app")
    assert kept.goals == ("sign_up",)
    assert "sign_up" not in kept.page_groups.names
    assert FrozenPatterns.from_json(path.read_text("utf-8")).content == kept.content
    older = path.read_text("utf-8").replace('"goals": [\n  "sign_up"\n ],', "")
    assert FrozenPatterns.from_json(older).goals == ()


def test_events_are_not_called_page_views(app: Workspace) -> None:
    shown = str(sk.find_patterns(app, "known", days=30).show())

    assert "page views" not in shown
    assert "5 events or visits" in shown
    assert name_feature("volume", "pages_per_visit", "item") == "purchases a visit"
