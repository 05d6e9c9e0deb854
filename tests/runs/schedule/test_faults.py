import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from segkit.runs.leash import RUN_DIR
from segkit.runs.manifest import MANIFEST
from segkit.runs.publish import newest_run, run_folders
from segkit.runs.schedule.make import Desk, make_all
from segkit.runs.schedule.plan import Task
from segkit.runs.schedule.spec import ReportSpec
from tests.runs.own_notebook import FINISH, write_notebook
from tests.runs.schedule.conftest import PARAMETERS, WEEKLY
from tests.runs.schedule.killed import remake

ROOT = Path(__file__).parents[3]
Plan = Callable[..., tuple[Desk, ReportSpec, list[Task]]]


def _family(shop: Path) -> Iterator[psutil.Process]:
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.environ().get(RUN_DIR, "").startswith(str(shop)):
                yield process


@pytest.mark.slow
@pytest.mark.notebook
@pytest.mark.parametrize("phase", ["claim", "execute", "verify", "publish", "published", "queue"])
def test_a_runner_killed_in_any_phase_publishes_and_tells_once(weekly: Path, phase: str) -> None:
    people = "recipients: {all: [a@example.com, b@example.com]}\n"
    (weekly / "reports" / "weekly.yml").write_text(WEEKLY + people, "utf-8")
    if phase == "execute":
        hangs = f"import time; time.sleep(0.5)\n{FINISH}"
        write_notebook(weekly, "tiny", parameters=PARAMETERS, code=hangs)
    report = weekly / "reports_out" / "weekly-buyers"

    killed = subprocess.run(
        [sys.executable, "-m", "tests.runs.schedule.killed", str(weekly), phase],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
        timeout=120,
    )
    time.sleep(2)
    left = list(_family(weekly))
    before = run_folders(report) if report.exists() else []
    (outcome,) = remake(weekly)
    (again,) = remake(weekly)

    assert killed.returncode == -9
    assert left == []
    assert len(before) == (1 if phase in {"published", "queue"} else 0)
    assert (outcome.state, again.state) == ("made", "done")
    assert run_folders(report) == [outcome.folder] == [again.folder]
    assert not list((weekly / "reports_out").glob(".building-*"))
    assert (report / "latest").resolve() == outcome.folder
    told = (weekly / "told.txt").read_text("utf-8").split()
    assert sorted(told) == ["a@example.com", "b@example.com"]


@pytest.fixture
def small_disk(weekly: Path) -> Iterator[Path]:
    """Mount a disk of 1 MB as the shop's reports_out; only root may."""
    folder = weekly / "reports_out"
    folder.mkdir()
    mount, unmount = shutil.which("mount"), shutil.which("umount")
    if os.geteuid() != 0 or mount is None or unmount is None:
        pytest.skip("only root can mount a small disk")
    done = subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)], check=False
    )
    if done.returncode != 0:
        pytest.skip("this machine lets nobody mount")
    yield folder
    subprocess.run([unmount, "-l", str(folder)], check=True)


@pytest.mark.slow
@pytest.mark.notebook
@pytest.mark.parametrize("moment", ["before", "during"])
def test_a_full_disk_leaves_older_reports_whole_and_the_next_run_works(
    planned: Plan, weekly: Path, small_disk: Path, moment: str
) -> None:
    desk, spec, tasks = planned("2026-W25")
    (older,) = make_all(desk, spec, tasks)
    index = (small_disk / "index.html").read_bytes()
    filler = small_disk / "filler"
    if moment == "before":
        with suppress(OSError), filler.open("wb") as out:
            while True:
                out.write(bytes(4096))
                out.flush()
    else:
        big = "import os; open(os.environ['SEGKIT_RUN_DIR'] + '/x', 'wb').write(bytes(2 * 10**6))"
        write_notebook(weekly, "tiny", parameters=PARAMETERS, code=f"{big}\n{FINISH}")
    desk, spec, tasks = planned()

    (one,) = make_all(desk, spec, tasks)

    assert (one.state, one.exit_code in {30, 40}) == ("failed", True)
    assert newest_run(small_disk / "weekly-buyers") == older.folder
    assert (small_disk / "index.html").read_bytes() == index
    filler.unlink(missing_ok=True)
    write_notebook(weekly, "tiny", parameters=PARAMETERS)
    (after,) = make_all(desk, spec, planned()[2])
    assert after.state == "made"
    assert run_folders(small_disk / "weekly-buyers") == [older.folder, after.folder]


@pytest.mark.slow
@pytest.mark.notebook
@pytest.mark.parametrize("damage", ["notebook cut", "manifest flipped"])
def test_a_damaged_run_is_not_listed_and_latest_stays_on_the_one_before(
    planned: Plan, weekly: Path, damage: str
) -> None:
    (older,) = make_all(*planned("2026-W24"))
    (newer,) = make_all(*planned("2026-W25"))
    assert older.folder is not None
    assert newer.folder is not None
    if damage == "notebook cut":
        os.truncate(newer.folder / "executed.ipynb", 100)
    else:
        content = bytearray((newer.folder / MANIFEST).read_bytes())
        content[len(content) // 2] ^= 1
        (newer.folder / MANIFEST).write_bytes(content)

    (next_one,) = make_all(*planned("2026-W23"))

    assert next_one.state == "made"
    assert (older.folder.parent.parent / "latest").resolve() == older.folder
    listed = (weekly / "reports_out" / "index.html").read_text("utf-8")
    assert newer.folder.name not in listed
    assert older.folder.name in listed


@pytest.mark.slow
@pytest.mark.notebook
def test_endless_printing_stays_small(planned: Plan, weekly: Path) -> None:
    code = f"for n in range(300_000):\n    print('x' * 100)\n{FINISH}"
    write_notebook(weekly, "tiny", parameters=PARAMETERS, code=code)

    (one,) = make_all(*planned())

    assert one.folder is not None
    assert (one.folder / "executed.ipynb").stat().st_size < 1_000_000
    assert "more characters were printed" in (one.folder / "executed.ipynb").read_text("utf-8")
