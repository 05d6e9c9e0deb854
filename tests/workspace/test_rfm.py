"""Cells of the RFM map as segments: the same people as in the report, on every engine's terms."""

import re
from pathlib import Path

import pytest

import segkit as sk
from segkit.cli.main import main
from segkit.demo import write_shop
from segkit.errors import EmptyError, ParameterError
from segkit.segments.build import members_of
from segkit.segments.model import Policy, to_yaml
from segkit.workspace import Workspace


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    folder = tmp_path_factory.mktemp("rfm")
    write_shop(folder, users=600, days=60)
    toml = folder / "segkit.toml"
    told = toml.read_text("utf-8").replace("min_size = 10 ", "min_size = 1 ")
    toml.write_text(told, "utf-8")
    opened = Workspace.open(folder)
    opened.load()
    return opened


def test_each_cell_has_the_buyers_that_the_report_counts(workspace: Workspace) -> None:
    value = workspace.report("known").customer_value
    assert value is not None
    counted = {row.value: (row.n, row.n_baseline) for row in value.cells.rows}

    made = sk.rfm_segments(workspace, "known")

    assert len(made) >= 8
    found = {one.title: workspace.members(one).count for one in made}
    shown = {title: n + m for title, (n, m) in counted.items() if n is not None and m is not None}
    assert len(shown) >= 5
    assert {title: found[title] for title in shown} == shown


def test_cells_do_not_overlap_and_hold_all_buyers(workspace: Workspace) -> None:
    made = sk.rfm_segments(workspace)
    buyers = sk.Segment("buyers", sk.did(event="purchase"))

    total = sum(workspace.members(one).count for one in made)

    assert total == workspace.members(buyers).count


def test_the_command_writes_definitions_that_can_be_counted(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["-w", str(workspace.root), "value", "segments", "--prefix", "cell"]) == 0
    written = [Path(line) for line in capsys.readouterr().out.splitlines()]
    assert [path.exists() for path in written] == [True] * len(written)
    assert "cell_champions" in Workspace.open(workspace.root).segments


def test_without_orders_it_is_refused(loaded_shop: Path) -> None:
    with pytest.raises(ParameterError, match="no orders with amounts in one currency"):
        sk.rfm_segments(Workspace.open(loaded_shop), "known", as_of="2026-06-10")


def test_cells_stay_within_the_universe_of_their_buyers(workspace: Workspace) -> None:
    members = sk.Segment("paying", sk.did(event="purchase"), title="Paying")
    workspace.save(members, replace=True)
    inside = sk.Segment("inside", sk.did(visit="any"), universe=members_of("paying"))

    made = sk.rfm_segments(workspace, inside)

    assert {one.universe for one in made} == {inside.universe}


def test_few_buyers_have_no_cells(loaded_shop: Path) -> None:
    few = sk.Segment("few", sk.did(event="purchase"), policy=Policy(min_size=16))

    with pytest.raises(EmptyError, match="Fewer than 16 users ordered"):
        sk.rfm_segments(Workspace.open(loaded_shop), few)


def test_no_edge_is_what_somebody_spent(workspace: Workspace) -> None:
    days = workspace.tables.user_days
    bought = days.filter(days.event == "purchase").group_by("user_no").agg(s=days["value"].sum())
    spent = {float(row[1]) for row in workspace.engine.rows(bought)}
    text = " ".join(to_yaml(one) for one in sk.rfm_segments(workspace))

    edges = {float(found) for found in re.findall(r"(?:gte|lt): (\d+\.\d+)", text)}

    assert not edges & {amount for amount in spent if amount != int(amount)}
