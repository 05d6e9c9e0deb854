from collections.abc import Callable
from pathlib import Path

import pytest

from segkit.errors import UnknownNameError
from segkit.runs.manifest import MANIFEST
from segkit.runs.schedule.again import plan_backfill
from segkit.runs.schedule.make import Desk, make_all
from segkit.runs.schedule.plan import Task
from segkit.runs.schedule.spec import ReportSpec
from segkit.runs.upkeep import find_old, remove_old, verify_runs

Plan = Callable[..., tuple[Desk, ReportSpec, list[Task]]]
pytestmark = pytest.mark.usefixtures("no_kernel")


@pytest.fixture
def made(planned: Plan) -> tuple[Desk, list[Path]]:
    """Give the desk and the folders of four weeks, oldest first; two periods are kept."""
    desk = planned(retention="{periods: 2}")[0]
    folders = []
    spec, periods = plan_backfill(desk, "weekly", "2026-W23", "2026-W26")
    for jobs in periods:
        (one,) = make_all(desk, spec, [job.task for job in jobs])
        assert one.folder is not None
        folders.append(one.folder)
    return desk, folders


def test_whole_runs_are_whole(made: tuple[Desk, list[Path]]) -> None:
    desk, folders = made

    found = verify_runs(desk.workspace, desk.ledger)

    assert [one.folder.rpartition("/")[2] for one in found] == [f.name for f in folders]
    assert [one.faults for one in found] == [()] * 4


def test_every_kind_of_damage_is_named(made: tuple[Desk, list[Path]]) -> None:
    desk, (first, second, third, fourth) = made
    page = first / "report.html"
    page.write_bytes(page.read_bytes().replace(b"page", b"Page"))
    (second / "facts.json").unlink()
    manifest = bytearray((third / MANIFEST).read_bytes())
    manifest[len(manifest) // 2] ^= 1
    (third / MANIFEST).write_bytes(manifest)
    fourth.rename(fourth.with_name("elsewhere"))

    found = verify_runs(desk.workspace, desk.ledger)

    assert [one.faults for one in found] == [
        ("`report.html` has other bytes than it was published with.",),
        ("`facts.json` is missing.",),
        ("The manifest is missing, cut off or changed.",),
        ("The folder is gone.",),
    ]


@pytest.mark.parametrize("part", ["run", "report", "period", "whole"])
def test_some_runs_can_be_asked_for(made: tuple[Desk, list[Path]], part: str) -> None:
    desk, folders = made
    name = {
        "run": folders[1].name,
        "report": "weekly-buyers",
        "period": "reports_out/weekly-buyers/2026-W24/",
        "whole": f"weekly-buyers/2026-W24/{folders[1].name}",
    }[part]

    found = verify_runs(desk.workspace, desk.ledger, name)

    assert len(found) == (4 if part == "report" else 1)


def test_an_unknown_run_is_refused(made: tuple[Desk, list[Path]]) -> None:
    desk, _ = made

    with pytest.raises(UnknownNameError, match=r"Unknown run `\.\./x`"):
        verify_runs(desk.workspace, desk.ledger, "../x")


def test_what_is_older_than_a_report_keeps_is_removed(
    made: tuple[Desk, list[Path]], weekly: Path
) -> None:
    desk, folders = made

    old = find_old(desk.workspace)
    there = [folder.exists() for folder in folders]
    remove_old(desk.workspace, desk.ledger, old)

    assert [one.folder for one in old] == folders[:2]
    assert there == [True] * 4
    assert [folder.exists() for folder in folders] == [False, False, True, True]
    assert not folders[0].parent.exists()
    assert (folders[0].parent.parent / "latest").resolve() == folders[3]
    page = (weekly / "reports_out" / "index.html").read_text("utf-8")
    assert folders[0].name not in page
    assert folders[2].name in page
    assert not list((weekly / "reports_out").glob(".pruned-*"))
    assert [one.faults for one in verify_runs(desk.workspace, desk.ledger)] == [(), ()]
    assert find_old(desk.workspace) == []


def test_the_newest_whole_run_stays_however_old_it_is(made: tuple[Desk, list[Path]]) -> None:
    desk, folders = made
    for folder in folders[1:]:
        (folder / "report.html").write_text("damaged", "utf-8")

    old = find_old(desk.workspace)

    assert [one.folder for one in old] == folders[1:2]


def test_runs_of_a_report_without_a_file_are_kept(
    made: tuple[Desk, list[Path]], weekly: Path
) -> None:
    (weekly / "reports" / "weekly.yml").unlink()

    assert find_old(made[0].workspace) == []
