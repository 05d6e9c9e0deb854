import csv
import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

import segkit as sk
from segkit.errors import ParameterError, RunError, SegkitError, UnknownNameError
from segkit.runs import execute, publish
from segkit.runs.leash import RUN_DIR
from segkit.runs.manifest import holds, read_manifest
from segkit.runs.run import Order, Run, find_same, order_segment_report, run_order
from segkit.runs.share import share_folder
from segkit.workspace import Workspace


def _order(shop: Path, segment: str = "buyers", **asked: Any) -> Order:
    return order_segment_report(sk.open(shop), segment, **asked)


@pytest.fixture
def own_notebook(shop: Path) -> Callable[[str, str], None]:
    """Give the shop a copy of the notebook in which one line of code is another."""

    def change(old: str, new: str) -> None:
        document = json.loads(
            (share_folder("notebooks") / "segment_report.ipynb").read_text("utf-8")
        )
        for cell in document["cells"]:
            if cell["cell_type"] == "code":
                cell["source"] = "".join(cell["source"]).replace(old, new)
        (shop / "notebooks").mkdir(exist_ok=True)
        (shop / "notebooks" / "segment_report.ipynb").write_text(json.dumps(document), "utf-8")

    return change


def test_an_order_resolves_what_was_not_said(shop: Path) -> None:
    order = _order(shop)

    assert order.parameters == {
        "workspace": str(shop),
        "segment": "buyers",
        "as_of": "2026-06-30",
        "days": 90,
        "baseline": "rest",
    }
    assert order.clearance == "pseudonymous"
    assert order.snapshot == Workspace.open(shop).snapshot


@pytest.mark.parametrize(
    ("asked", "kind", "sentence"),
    [
        ({"segment": "buyrs"}, UnknownNameError, "Unknown segment `buyrs`"),
        ({"as_of": "30.6.2026"}, ParameterError, "`as_of`: expected a date"),
        ({"settings": ["days=0"]}, ParameterError, "`days`: expected a whole number"),
        ({"settings": ["dys=3"]}, ParameterError, "no parameter `dys`"),
        (
            {"settings": ["baseline=buyrs"]},
            ParameterError,
            r"Unknown baseline `buyrs`[\s\S]*buyers",
        ),
        ({"settings": ["as_of=2026-06-01"], "as_of": "2026-06-02"}, ParameterError, "set twice"),
        ({"clearance": "root"}, ParameterError, "Unknown clearance `root`"),
    ],
    ids=["segment", "day", "days", "name", "baseline", "twice", "clearance"],
)
def test_what_is_wrong_is_refused_before_a_process_starts(
    shop: Path, asked: dict[str, Any], kind: type[SegkitError], sentence: str
) -> None:
    with pytest.raises(kind, match=sentence):
        _order(shop, **asked)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("days = 90", "dayz = 90", "does not set `days`"),
        ("days = 90", "days = (", "is not Python"),
    ],
)
def test_a_notebook_that_does_not_take_its_parameters_is_refused(
    shop: Path, own_notebook: Callable[[str, str], None], old: str, new: str, sentence: str
) -> None:
    own_notebook(old, new)

    with pytest.raises(ParameterError, match=sentence):
        _order(shop)


def test_a_notebook_without_a_parameters_cell_is_refused(shop: Path) -> None:
    (shop / "notebooks").mkdir()
    (shop / "notebooks" / "segment_report.ipynb").write_text('{"cells": []}', "utf-8")

    with pytest.raises(ParameterError, match="Expected one cell tagged `parameters`, found 0"):
        _order(shop)


@pytest.mark.notebook
def test_a_report_is_published_whole(shop: Path) -> None:
    run = run_order(_order(shop, settings=["days=28"]))

    facts = json.loads((run.folder / "facts.json").read_text("utf-8"))
    with (run.folder / "users.csv").open(encoding="utf-8", newline="") as lines:
        n_listed = len(list(csv.DictReader(lines)))
    members = sk.open(shop).members("buyers").count
    n_users = facts["overview"]["n_users"]
    assert (n_users, facts["user_list"]["n_rows"], n_listed, members) == (15, 15, 15, 15)
    assert facts["days"] == 28
    assert run.folder.parent == shop / "reports_out" / "segment_report-buyers" / "2026-06-30"
    _assert_published(shop, run)


def _assert_published(shop: Path, run: Run) -> None:
    manifest = read_manifest(run.folder)
    assert manifest is not None
    assert holds(run.folder, manifest)
    assert set(manifest["outputs"]) == {
        "report.html",
        "executed.ipynb",
        "facts.json",
        "users.csv",
        "users.parquet",
    }
    assert manifest["parameters"]["workspace"] == "tiny"
    assert (manifest["previous"], manifest["exit_code"], manifest["seed"]) == (None, 0, 0)
    assert manifest["peak_mb"]["kernel"] > 0
    assert (run.folder.parent.parent / "latest").resolve() == run.folder.resolve()
    catalogue = (shop / "reports_out" / "index.html").read_text("utf-8")
    assert f"{run.folder.name}/report.html" in catalogue
    assert not list((shop / "reports_out").glob(".building-*"))
    page = run.html.read_text("utf-8")
    assert "@example.com" not in page


@pytest.mark.slow
@pytest.mark.notebook
def test_a_second_run_knows_the_first_and_the_same_is_found(shop: Path) -> None:
    order = _order(shop)
    none_yet = find_same(order)
    first = run_order(order)
    same = find_same(_order(shop))

    second = run_order(_order(shop))
    other = find_same(_order(shop, settings=["days=28"]))

    assert none_yet is None
    assert same is not None
    assert same.folder == first.folder
    assert other is None
    assert second.manifest["previous"] == f"2026-06-30/{first.folder.name}"
    facts = [json.loads((r.folder / "facts.json").read_text("utf-8")) for r in (first, second)]
    assert facts[0] == facts[1]


@pytest.mark.slow
@pytest.mark.notebook
@pytest.mark.parametrize(
    ("old", "new", "code", "sentence"),
    [
        ("report.finish()", "None", 30, "wrote no facts.json"),
        ("report.trend()", "raise SystemExit(0)", 30, "failed with SystemExit"),
        ("report.trend()", "import os; os.kill(os.getpid(), 9)", 32, "the kernel died"),
        ("report.trend()", "import time; time.sleep(60)", 31, "a cell took longer than 8 s"),
    ],
    ids=["no finish", "exit", "killed", "hangs"],
)
def test_a_failed_run_publishes_nothing_and_keeps_the_older(
    shop: Path,
    own_notebook: Callable[[str, str], None],
    old: str,
    new: str,
    code: int,
    sentence: str,
) -> None:
    older = run_order(_order(shop))
    own_notebook(old, new)

    with pytest.raises(RunError, match=sentence) as caught:
        run_order(_order(shop), limits=execute.Limits(cell_s=8))

    assert caught.value.exit_code == code
    assert [path.name for path in older.folder.parent.iterdir()] == [older.folder.name]
    listed = (shop / "reports_out" / "index.html").read_text("utf-8")
    assert f"{older.folder.name}/report.html" in listed
    assert listed.count('data-state="failed"') == 1
    assert not list((shop / "reports_out").glob(".building-*"))
    (kept,) = (shop / "reports_out" / ".failed").iterdir()
    assert str(kept) in str(caught.value)
    assert (kept / "executed.ipynb").exists()


@pytest.mark.slow
@pytest.mark.notebook
def test_an_empty_segment_is_refused_in_its_own_words(shop: Path) -> None:
    with pytest.raises(RunError, match=r"Segment `buyers` has no members on 2026-06-01") as caught:
        run_order(_order(shop, as_of="2026-06-01"))

    assert caught.value.exit_code == 2
    assert not (shop / "reports_out" / "segment_report-buyers").exists()


def test_a_folder_that_cannot_be_written_is_found_before_a_process_starts(
    shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (shop / "reports_out").write_text("a file", "utf-8")
    monkeypatch.setattr(execute, "started", None)

    with pytest.raises(RunError, match="could not be published") as caught:
        run_order(_order(shop))

    assert caught.value.exit_code == 40


@pytest.mark.slow
@pytest.mark.notebook
def test_a_disk_that_fills_up_while_publishing_leaves_no_half_folder(
    shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(publish, "seal_manifest", fail)

    with pytest.raises(RunError, match="No space left on device") as caught:
        run_order(_order(shop))

    assert caught.value.exit_code == 40
    assert not (shop / "reports_out" / "segment_report-buyers").exists()
    assert not list((shop / "reports_out").glob(".building-*"))


@pytest.mark.slow
@pytest.mark.notebook
@pytest.mark.parametrize(("number", "is_left"), [(signal.SIGKILL, True), (signal.SIGTERM, False)])
def test_a_killed_command_publishes_nothing_and_the_next_one_cleans_up(
    shop: Path, number: signal.Signals, *, is_left: bool
) -> None:
    program = "import sys; from segkit.cli.main import main; sys.exit(main())"
    command = [sys.executable, "-c", program, "-w", str(shop), "report", "buyers"]
    reports_out = shop / "reports_out"
    runner = subprocess.Popen(command, cwd=Path(__file__).parents[2])
    deadline = time.monotonic() + 60
    while not list(reports_out.glob(".building-*")) and time.monotonic() < deadline:
        time.sleep(0.05)
    (building,) = reports_out.glob(".building-*")

    runner.send_signal(number)
    runner.wait()
    time.sleep(2)

    assert list(_family(str(building))) == []
    assert building.exists() == is_left
    assert not (reports_out / "segment_report-buyers").exists()
    run = run_order(_order(shop))
    assert run.verdict.exit_code == 0
    assert not building.exists()


def _family(run_dir: str) -> Iterator[psutil.Process]:
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.environ().get(RUN_DIR) == run_dir:
                yield process
