"""Patterns of a workspace: found where they were planted, kept, asked again, and never too few."""

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

import segkit as sk
from segkit.cli.main import main
from segkit.demo import write_shop
from segkit.errors import EmptyError, PatternError, UnknownNameError
from segkit.reports.document import facts_document
from segkit.workspace import Workspace
from segkit.workspace.patterns import Patterns, list_patterns, read_patterns

N_USERS = 1_500
KINDS_FOUND = 5


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    folder = tmp_path_factory.mktemp("patterns")
    write_shop(folder, users=N_USERS, days=60)
    opened = Workspace.open(folder)
    opened.load()
    return opened


@pytest.fixture(scope="module")
def found(workspace: Workspace) -> Patterns:
    everyone = sk.Segment("everyone", sk.did(visit="any", is_=sk.gte(0)))
    patterns: Patterns = sk.find_patterns(workspace, everyone, days=60)
    return patterns


def truth_of(workspace: Workspace, patterns: Patterns) -> tuple[np.ndarray, np.ndarray]:
    """The planted kind and the pattern found of everyone who is in one."""
    table = pq.read_table(workspace.root / "truths" / "users.parquet")
    kinds = dict(zip(table["user_key"].to_pylist(), table["kind"].to_pylist(), strict=True))
    planted = np.array([kinds[key] for key in patterns.features.user_key.tolist()])
    inside = patterns.scores.group >= 0
    return planted[inside], patterns.scores.group[inside]


def rand_index(workspace: Workspace, patterns: Patterns) -> float:
    from sklearn.metrics import adjusted_rand_score  # noqa: PLC0415  slow to import

    return float(adjusted_rand_score(*truth_of(workspace, patterns)))


def test_the_planted_kinds_are_found(workspace: Workspace, found: Patterns) -> None:
    agreement = rand_index(workspace, found)

    assert agreement >= 0.9
    assert len(found.frozen.model.groups) >= KINDS_FOUND


def test_the_rows_add_up_to_everyone_who_came(found: Patterns) -> None:
    labels = found.scores.labels

    known = {row.pattern for row in found.facts.patterns}
    assert set(labels.tolist()) <= known
    assert found.facts.n_users in {len(labels), None}
    shown = [row.n_users for row in found.facts.patterns if row.n_users is not None]
    assert 0.9 * len(labels) < sum(shown) <= len(labels)


def test_no_pattern_of_few_users_is_shown(found: Patterns) -> None:
    least = 10

    rows = found.facts.patterns
    assert all(row.n_users is None or row.n_users == 0 or row.n_users >= least for row in rows)
    assert all(row.n_buyers is None or row.n_buyers == 0 or row.n_buyers >= least for row in rows)
    hidden = [row for row in rows if row.n_users is None]
    assert len(hidden) != 1
    assert all(row.terms == () and row.share is None for row in hidden)


def test_kept_patterns_are_the_same_when_read(workspace: Workspace, found: Patterns) -> None:
    found.save("all_users")

    assert read_patterns(workspace, "all_users") == found.frozen
    assert list(list_patterns(workspace)) == ["all_users"]


def test_kept_patterns_say_the_same_of_the_same_day(workspace: Workspace, found: Patterns) -> None:
    workspace.save(sk.Segment("everyone", sk.did(visit="any", is_=sk.gte(0))), replace=True)
    found.save("again")

    asked = sk.assign_patterns(workspace, "again", as_of=found.facts.as_of)

    assert asked.scores.labels.tolist() == found.scores.labels.tolist()
    assert asked.facts.patterns == found.facts.patterns


def test_a_pattern_can_be_renamed_and_keeps_its_id(found: Patterns) -> None:
    renamed = found.rename({"p1": "Bargain hunters"})

    assert renamed.facts.patterns[0].name == "Bargain hunters"
    assert renamed.facts.patterns[0].pattern == "p1"


def test_the_table_names_its_denominators(found: Patterns) -> None:
    text = found.show().text

    n_users = found.facts.n_users
    told = "users who came" if n_users is None else f"{n_users:,} users who came in the 60 days"
    assert told in text
    assert "Buyers / users of the pattern" in text


def test_the_report_shows_the_same_patterns(workspace: Workspace) -> None:
    everyone = sk.Segment("all_of_them", sk.did(visit="any", is_=sk.gte(0)))
    report = workspace.report(everyone, days=60)
    asked = sk.find_patterns(workspace, everyone)

    shown = report.patterns()

    for row in asked.facts.found:
        assert row.name in shown.text
    told = facts_document(report.facts(), report.found_patterns[0])["patterns"]
    assert [row["pattern"] for row in told["patterns"]] == [
        row.pattern for row in asked.facts.patterns
    ]
    assert asked.facts.days == told["days"] == 30


def test_a_report_asks_the_patterns_that_are_kept_for_its_segment(workspace: Workspace) -> None:
    workspace.save(sk.Segment("kept_ones", sk.did(visit="any", is_=sk.gte(0))), replace=True)
    sk.find_patterns(workspace, "kept_ones", days=60).rename({"p1": "Bargain hunters"}).save(
        "kept_ones"
    )

    report = Workspace.open(workspace.root).report("kept_ones")

    assert "Bargain hunters" in report.patterns().text
    found = report.found_patterns[0]
    assert found is not None
    assert found.days == 60


def test_nobody_in_the_window_is_said(workspace: Workspace) -> None:
    future = sk.Segment("nobody", sk.did(event="purchase", is_=sk.gte(10_000)))

    with pytest.raises(EmptyError, match="nobody came in the 30 days"):
        sk.find_patterns(workspace, future)


def test_unknown_patterns_are_refused_by_near_names(workspace: Workspace, found: Patterns) -> None:
    found.save("all_users")

    with pytest.raises(UnknownNameError, match="all_users"):
        sk.assign_patterns(workspace, "all_user")


def test_a_name_cannot_leave_the_folder(workspace: Workspace, found: Patterns) -> None:
    with pytest.raises(PatternError, match="no name for patterns"):
        found.save("../segkit")
    assert not (workspace.root / "segkit.json").exists()


def test_a_broken_file_is_refused_with_its_place(workspace: Workspace, found: Patterns) -> None:
    path: Path = found.save("broken")
    path.write_text(path.read_text("utf-8")[:200], "utf-8")

    with pytest.raises(PatternError, match=r"broken\.json"):
        read_patterns(workspace, "broken")
    path.unlink()


def test_the_command_prints_what_python_gives(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["-w", str(workspace.root), "patterns", "fit", "known", "--name", "known_1"])

    said = capsys.readouterr()
    assert code == 0
    assert "Behaviour patterns of" in said.out
    assert (workspace.root / "patterns" / "known_1.json").exists()


def test_a_wrong_method_is_refused(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["-w", str(workspace.root), "patterns", "fit", "known", "--method", "magic"])

    assert code == 2
    assert "`magic`" in capsys.readouterr().err


@pytest.mark.slow
def test_the_demo_as_it_is_shipped_gives_its_kinds(tmp_path: Path) -> None:
    write_shop(tmp_path)
    shop = Workspace.open(tmp_path)
    shop.load()
    everyone = sk.Segment("everyone", sk.did(visit="any", is_=sk.gte(0)))

    for days in (30, 60, 90):
        found = sk.find_patterns(shop, everyone, days=days)

        assert rand_index(shop, found) >= 0.9, days


@pytest.mark.slow
@pytest.mark.parametrize("days", [30, 120])
def test_the_planted_kinds_of_the_whole_shop_are_found(tmp_path: Path, days: int) -> None:
    write_shop(tmp_path)
    shop = Workspace.open(tmp_path)
    shop.load()
    everyone = sk.Segment("everyone", sk.did(visit="any", is_=sk.gte(0)))

    found = sk.find_patterns(shop, everyone, days=days)

    planted, _ = truth_of(shop, found)
    # Those who lapse are no kind of their own in the last 30 days: none of them is eligible.
    assert len(found.frozen.model.groups) == len(set(planted.tolist()))
    assert rand_index(shop, found) >= 0.9


def test_purchases_alone_are_refused_whatever_the_window(tmp_path: Path) -> None:
    rows = [f"u{n % 20:02},2026-06-{1 + n % 28:02}T12:00:00Z,9.00" for n in range(560)]
    (tmp_path / "orders.csv").write_text("\n".join(["user,time,value", *rows]), "utf-8")
    (tmp_path / "segkit.toml").write_text(
        'name = "orders"\n[[sources]]\nname = "orders"\nformat = "csv"\npath = "orders.csv"\n'
        '[sources.map]\nuser_id = "user"\ntime = "time"\nevent = { value = "purchase" }\n'
        'value = "value"\ncurrency = { value = "EUR" }\n',
        "utf-8",
    )
    shop = Workspace.open(tmp_path)
    shop.load()
    everyone = sk.Segment("everyone", sk.did(visit="any", is_=sk.gte(0)))

    with pytest.raises(EmptyError, match="holds purchases alone") as caught:
        sk.find_patterns(Workspace.open(tmp_path), everyone, days=30)

    assert "map page views, or a property of purchases: category," in str(caught.value)
