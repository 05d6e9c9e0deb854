import json
from pathlib import Path

import pytest

from segkit.runs.newest import show_newest_reports
from segkit.runs.run import order_segment_report, run_order
from segkit.workspace import Workspace


def test_where_nothing_is_published_it_says_how_to(shop: Path) -> None:
    shown = show_newest_reports(Workspace.open(shop))

    assert "No report is published yet" in shown.text


@pytest.mark.slow
@pytest.mark.notebook
def test_a_published_report_is_linked_from_where_the_notebook_stands(
    shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = Workspace.open(shop)
    run = run_order(order_segment_report(workspace, "buyers"))
    users = json.loads((run.folder / "facts.json").read_text("utf-8"))["overview"]["n_users"]
    (shop / "notebooks").mkdir(exist_ok=True)
    monkeypatch.chdir(shop / "notebooks")

    shown = show_newest_reports(workspace)

    address = f"../{run.html.relative_to(shop).as_posix()}"
    assert f'href="{address}"' in shown.html
    assert f"  {users}  " in shown.text
