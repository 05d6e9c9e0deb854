import io
import json
import threading
from pathlib import Path

import pytest
from rich.console import Console

import segkit as sk
from segkit.cli.main import main
from segkit.cli.progress import Kind
from segkit.cli.run_progress import Board, Line, draw_table, witnessed
from segkit.runs.schedule.make import Desk
from segkit.runs.schedule.period import read_period
from segkit.runs.schedule.plan import Task, find_report, plan_tasks
from segkit.runs.spec import Headway
from tests.runs.own_notebook import write_notebook
from tests.runs.schedule.conftest import PARAMETERS, WEEKLY


@pytest.fixture
def weekly(shop: Path) -> Path:
    write_notebook(shop, "tiny", parameters=PARAMETERS)
    (shop / "reports").mkdir()
    (shop / "reports" / "weekly.yml").write_text(WEEKLY, "utf-8")
    return shop


@pytest.fixture
def task(weekly: Path) -> Task:
    workspace = sk.open(weekly)
    spec = find_report(workspace, "weekly")
    (one,) = plan_tasks(workspace, "weekly", spec, read_period("2026-W26", "week"))
    return one


def drawn(*lines: Line, left_s: float = 0.0, width: int = 100) -> str:
    out = io.StringIO()
    Console(file=out, width=width).print(draw_table(lines, left_s))
    return out.getvalue()


@pytest.mark.slow
@pytest.mark.notebook
def test_json_lines_tell_each_cell_and_phase_once(
    weekly: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = "import time; time.sleep(1)"
    notebook = write_notebook(weekly, "tiny", parameters=PARAMETERS)
    document = json.loads(notebook.read_text("utf-8"))
    slow = {**document["cells"][1], "metadata": {}, "source": code, "id": "slow"}
    document["cells"].insert(2, slow)
    notebook.write_text(json.dumps(document), "utf-8")
    command = ["-w", str(weekly), "run", "weekly", "--period", "2026-W26", "--progress", "json"]

    assert main(command) == 0

    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    states = list(dict.fromkeys(line["state"] for line in lines))
    assert states == ["execute", "verify", "publish", "queue", "made"]
    cells = [line["cell"] for line in lines if line["cell"]]
    assert cells == sorted(cells)
    assert {line["cells"] for line in lines if line["cell"]} == {5}
    assert {(line["report"], line["period"], line["segment"]) for line in lines} == {
        ("weekly", "2026-W26", "buyers")
    }
    assert lines[-1]["left_s"] == 0
    assert len({(line["state"], line["cell"]) for line in lines}) == len(lines)


def test_a_table_has_a_row_a_report_with_cell_and_time_left(task: Task) -> None:
    half = Line(task=task, state="execute", headway=Headway(cell=6, n_cells=10), began_s=0.0)
    done = Line(task=task, state="made", began_s=0.0, ended_s=61.0)

    text = drawn(Line(task=task), half, done, left_s=75)

    assert "weekly  2026-W26  buyers   queued" in text
    assert "6 of 10" in text
    assert "1:01" in text
    assert "1 of 3 reports, about 1:15 left" in text
    assert "left" not in drawn(done)


def test_the_table_fits_a_narrow_terminal(task: Task) -> None:
    text = drawn(Line(task=task, state="failed"), width=60)

    assert max(map(len, text.splitlines())) <= 60
    assert "failed" in text


def test_what_is_left_follows_what_reports_took(task: Task) -> None:
    board = Board(workers=2)
    other = Task(job=type(task.job)(report="x", period="p", key="k"), order=task.order)
    board.expect([task, other])

    before = board.left_s()
    board.see(task, "execute", Headway(cell=1, n_cells=2))
    board.see(task, "made")
    board.see(other, "execute", Headway(cell=2, n_cells=2))

    assert before == 6.0
    assert board.left_s() < 1
    board.see(other, "failed")
    assert board.left_s() == 0


def test_a_board_is_asked_from_many_threads(task: Task) -> None:
    board = Board(workers=4)

    def see() -> None:
        for cell in range(1, 200):
            board.see(task, "execute", Headway(cell=cell, n_cells=200))

    threads = [threading.Thread(target=see) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    (line,) = board.lines()
    assert line.state == "execute"


def test_a_live_table_is_drawn_on_a_terminal_only(weekly: Path, task: Task) -> None:
    desk = Desk.of(sk.open(weekly))
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, width=100)

    with witnessed(desk, Kind.auto, console) as seen:
        seen.witness.expect([task])
        seen.witness.see(task, "made")
    with witnessed(desk, Kind.auto) as unseen:
        assert unseen is desk
    with witnessed(desk, Kind.none, console) as unseen:
        assert unseen is desk

    assert "1 of 1 reports" in out.getvalue()
