"""Definitions that name kept patterns: members, ids, trends, and patterns saved as segments."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

import segkit as sk
from segkit.cli.main import main
from segkit.demo import write_shop
from segkit.errors import DefinitionError, PatternError, UnknownNameError
from segkit.periods import Clock
from segkit.segments.clocks import undated
from segkit.segments.over_time import evaluate_at_all
from segkit.workspace import Workspace
from segkit.workspace.patterns import Patterns, assign_patterns, find_patterns

VISITED = sk.Segment("visited", sk.did(visit="any"), title="Came once or more")


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    folder = tmp_path_factory.mktemp("kept")
    write_shop(folder, users=320, days=40)
    opened = Workspace.open(folder)
    opened.load()
    opened.save(VISITED)
    return opened


@pytest.fixture(scope="module")
def found(workspace: Workspace) -> Patterns:
    patterns = find_patterns(workspace, "visited", k=3, method="kmeans")
    patterns.save("kinds")
    return patterns


@pytest.fixture(autouse=True)
def clean(workspace: Workspace, found: Patterns) -> Iterator[None]:
    """Keep the model `kinds` as it was found, and no segment but `visited`."""
    yield
    found.save("kinds")
    for path in (workspace.root / "segments").glob("kinds_*.yml"):
        path.unlink()
    workspace.refresh()


def users_of(workspace: Workspace, segment: sk.Segment, as_of: str | None = None) -> set[int]:
    members = workspace.members(segment, as_of).membership.members
    return {row[0] for row in workspace.engine.rows(members)}


def labelled(patterns: Patterns, label: str) -> set[int]:
    inside = patterns.scores.labels == label
    return set(patterns.features.user_no[inside].tolist())


@pytest.mark.parametrize("as_of", [None, "2026-05-20"])
def test_members_are_those_that_the_model_assigns(workspace: Workspace, as_of: str | None) -> None:
    assigned = assign_patterns(workspace, "kinds", as_of=as_of)

    for pattern in ("p1", "p2", "p3"):
        asked = sk.Segment("asked", sk.in_pattern("kinds", pattern))
        members = users_of(workspace, asked, as_of)
        assert members == labelled(assigned, pattern)
        assert members


def test_a_lower_probability_lets_the_mixed_in(workspace: Workspace, found: Patterns) -> None:
    chances = found.scores.probabilities.max(axis=1)

    for least in (0.0, 0.6, 0.9):
        union: set[int] = set()
        for pattern in ("p1", "p2", "p3"):
            asked = sk.in_pattern("kinds", pattern, min_probability=least)
            members = users_of(workspace, sk.Segment("asked", asked))
            assert not members & union, "a user is in two patterns"
            union |= members
        assert len(union) == int((chances >= least).sum())


def test_members_over_time_are_those_of_each_day(workspace: Workspace) -> None:
    asked = undated(sk.Segment("asked", ~sk.in_pattern("kinds", "p1"), universe="everyone"))
    last = workspace.clock(asked)[1]
    clocks = [Clock.at_end_of(last.day - timedelta(days=n), last.zone) for n in (14, 7, 0)]

    told = evaluate_at_all(workspace.evaluate(asked, clocks[-1]), clocks)

    bits = dict(workspace.engine.rows(told.members))
    for place, clock in enumerate(clocks):
        alone = users_of(workspace, asked, clock.day.isoformat())
        assert {no for no, b in bits.items() if b >> place & 1} == alone


def test_an_instant_within_a_day_looks_back_from_the_last_whole_day(workspace: Workspace) -> None:
    asked = sk.Segment("asked", sk.in_pattern("kinds", "p1"))
    noon = datetime(2026, 5, 21, 10, tzinfo=UTC)

    members = workspace.members(asked, noon).membership.members

    found = {row[0] for row in workspace.engine.rows(members)}
    assert found == users_of(workspace, asked, "2026-05-20")


def test_before_anyone_came_nobody_is_in_a_pattern(workspace: Workspace) -> None:
    asked = sk.Segment("asked", sk.in_pattern("kinds", "p1"))

    assert workspace.members(asked, date(2020, 1, 1)).count == 0


def test_a_refit_changes_the_id_in_an_open_workspace(workspace: Workspace, found: Patterns) -> None:
    path = found.save_segment("p1")
    before = workspace.members("kinds_p1").definition.id
    assert workspace.segments["kinds_p1"].id == before

    found.rename({"p1": "Sharks"}).save("kinds")
    renamed = workspace.members("kinds_p1").definition
    described = workspace.describe("kinds_p1")
    find_patterns(workspace, "visited", k=2, method="kmeans").save("kinds")
    refitted = workspace.members("kinds_p1").definition

    assert renamed.id == before
    assert "“Sharks” (p1)" in described
    assert refitted.id != before
    assert path.read_text("utf-8").count("model: kinds") == 1


def test_a_pattern_saved_as_a_segment_has_the_users_of_the_table(
    workspace: Workspace, found: Patterns
) -> None:
    path = found.save_segment("p2", id="kinds_two", title="The second kind")

    members = workspace.members("kinds_two")

    assert path == workspace.root / "segments" / "kinds_two.yml"
    assert members.definition.title == "The second kind"
    assert members.count == found.facts.patterns[1].n_users
    assert members.universe == workspace.members("visited").count


def test_a_renamed_pattern_is_named_by_its_new_name(found: Patterns) -> None:
    renamed = found.rename({"p1": "Sharks"})

    segment = renamed.segment("Sharks")

    assert (segment.segment, segment.title) == ("kinds_p1", "Sharks")
    assert segment.id == found.segment("p1").id


def test_everyone_who_behaves_so_can_be_the_universe(workspace: Workspace, found: Patterns) -> None:
    within, everyone = found.segment("p1"), found.segment("p1", everyone=True)

    assert within.id != everyone.id
    assert users_of(workspace, within) <= users_of(workspace, everyone)


def test_patterns_that_are_not_kept_are_no_segment(workspace: Workspace, found: Patterns) -> None:
    other = find_patterns(workspace, "visited", k=2, method="kmeans")

    with pytest.raises(PatternError, match=r"not kept.*\n.*patterns\.save"):
        other.segment("p1")
    other.name = "kinds"
    with pytest.raises(PatternError, match="not kept"):
        other.segment("p1")
    with pytest.raises(UnknownNameError, match="Unknown pattern `p7`"):
        found.segment("p7")


def test_a_segment_outside_the_library_is_no_universe(workspace: Workspace) -> None:
    loose = sk.Segment("loose", sk.did(visit="any"))
    asked = assign_patterns(workspace, "kinds", loose)

    with pytest.raises(UnknownNameError, match="`loose`, which is no segment of the library"):
        asked.segment("p1")
    assert asked.segment("p1", everyone=True).segment == "kinds_p1"


@pytest.mark.parametrize("content", ["", "{}", '{"segkit_patterns": 1}', "\udcff"])
def test_a_broken_model_is_one_clear_sentence(workspace: Workspace, content: str) -> None:
    path = workspace.root / "patterns" / "broken.json"
    path.write_bytes(content.encode("utf-8", "surrogateescape"))

    with pytest.raises(DefinitionError, match="The pattern model `broken` cannot be read") as told:
        workspace.check(sk.Segment("asked", sk.in_pattern("broken", "p1")))

    assert "restore patterns/broken.json, or fit the patterns anew." in str(told.value)
    path.unlink()


@pytest.mark.parametrize("name", ["../segkit", "kinds.json", ".", "Kinds"])
def test_a_model_is_read_from_its_folder_only(workspace: Workspace, name: str) -> None:
    with pytest.raises(UnknownNameError, match="Unknown pattern model"):
        workspace.members(sk.Segment("asked", sk.in_pattern(name, "p1")))


def test_a_workspace_without_models_says_how_to_make_one(tmp_path: Path) -> None:
    (tmp_path / "segkit.toml").write_text('name = "empty"\n', "utf-8")
    bare = Workspace.open(tmp_path)

    with pytest.raises(DefinitionError, match=r"no pattern model `kinds`.*\n.*patterns fit"):
        bare.models.patterns("kinds")


def test_the_report_shows_the_pattern_and_its_trend(workspace: Workspace, found: Patterns) -> None:
    found.save_segment("p1")

    facts = workspace.report("kinds_p1", days=7).facts()

    assert facts.overview.n_users == found.facts.patterns[0].n_users
    assert facts.trend[-1].n_users == facts.overview.n_users


def test_the_command_saves_a_segment(
    workspace: Workspace, found: Patterns, capsys: pytest.CaptureFixture[str]
) -> None:
    name = found.frozen.model.groups[0].name
    root = str(workspace.root)

    code = main(["-w", root, "patterns", "save-segment", "kinds", name, "--json"])

    said = json.loads(capsys.readouterr().out)
    assert code == 0
    assert (said["segment"], said["title"]) == ("kinds_p1", name)
    assert main(["-w", root, "segments", "count", "kinds_p1", "--json"]) == 0
    counted = json.loads(capsys.readouterr().out)
    assert counted["members"] == found.facts.patterns[0].n_users


def test_the_command_refuses_an_unknown_pattern(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["-w", str(workspace.root), "patterns", "save-segment", "kinds", "p8"])

    assert code == 2
    assert "Unknown pattern `p8`" in capsys.readouterr().err
