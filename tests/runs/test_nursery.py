"""What forks share and what they do not: each test executes real kernels forked from a nursery."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from segkit.runs import execute
from segkit.runs.execute import Limits
from segkit.runs.nursery import SCRATCH, Nursery, opened
from segkit.runs.publish import remove_abandoned
from segkit.runs.spec import EXECUTED, Spec
from segkit.runs.verify import Ended, judge
from tests.runs.test_execute import FINISH, HOLD_THE_LOCK, _notebook

pytestmark = [pytest.mark.notebook, pytest.mark.slow]
ROOT = Path(__file__).parents[2]
WHO = """
    import os, random, threading, numpy
    print(os.getpid(), os.getppid(), os.getsid(0), os.environ["SEGKIT_CLEARANCE"])
    print(random.random(), numpy.random.random())
    print(open("/proc/self/cmdline").read().replace("\\0", " "))
"""
RUNNER = """
import sys
from pathlib import Path
from segkit.runs import execute
from segkit.runs.nursery import opened
from segkit.runs.spec import Spec
with opened() as nursery:
    spec = Spec.read(Path(sys.argv[1]))
    with execute.started(spec, clearance="public", nursery=nursery) as child:
        print(child.pid, flush=True)
        execute.wait_for(child, spec, limits=execute.Limits())
"""


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    with opened() as one:
        yield one


@pytest.fixture
def spec(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Spec]:
    def make(*cells: str, cell_s: int = 60) -> Spec:
        scratch, run_dir = tmp_path_factory.mktemp("s"), tmp_path_factory.mktemp("run")
        (scratch / "notebook.ipynb").write_text(_notebook(*cells), "utf-8")
        return Spec(
            scratch=str(scratch),
            run_dir=str(run_dir),
            parameters={"days": 7},
            cell_timeout_s=cell_s,
            title="Loyal",
        )

    return make


def _run(spec: Spec, nursery: Nursery, *, run_s: int = 60) -> tuple[Ended, int]:
    limits = Limits(cell_s=spec.cell_timeout_s, run_s=run_s)
    with execute.started(spec, clearance="public", nursery=nursery) as child:
        assert not isinstance(child, subprocess.Popen)
        return execute.wait_for(child, spec, limits=limits), child.pid


def _printed(spec: Spec) -> list[str]:
    cells = json.loads((Path(spec.run_dir) / EXECUTED).read_text("utf-8"))["cells"]
    return "".join(cells[2]["outputs"][0]["text"]).split("\n")


def _is_gone(pid: int) -> bool:
    with suppress(psutil.NoSuchProcess):
        return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    return True


def _session(leader: int) -> list[int]:
    found = []
    for pid in psutil.pids():
        with suppress(OSError):
            if os.getsid(pid) == leader and not _is_gone(pid):
                found.append(pid)
    return found


def test_a_forked_run_is_like_any_other_with_chance_of_its_own(
    nursery: Nursery, spec: Callable[..., Spec]
) -> None:
    first, second = spec(WHO, FINISH), spec(WHO, FINISH)

    ended, pid = _run(first, nursery)
    _run(second, nursery)

    assert judge(Path(first.run_dir), ended).exit_code == 0
    assert ended.account is not None
    assert ended.account.peak_mb["kernel"] > 0
    assert 0 < ended.account.cpu_s < 30
    me, chance, command = _printed(first)[:3]
    assert me.split()[1:] == [str(pid), str(pid), "public"]
    assert "segkit.runs.forking" in command
    assert set(chance.split()).isdisjoint(_printed(second)[1].split())
    assert _session(pid) == []


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("import os; os.kill(os.getpid(), 9)", 32),
        ("import sys; sys.exit(0)", 30),
        ("1 / 0", 30),
        ("import os; os.kill(os.getppid(), 9)", 32),
    ],
    ids=["kernel killed", "left", "raised", "child killed"],
)
def test_a_fork_that_fails_is_judged_and_leaves_nothing(
    nursery: Nursery, spec: Callable[..., Spec], cell: str, code: int
) -> None:
    bad = spec(cell, FINISH)

    ended, pid = _run(bad, nursery)

    assert judge(Path(bad.run_dir), ended).exit_code == code
    assert _session(pid) == []


@pytest.mark.parametrize("cell", ["import time; time.sleep(60)", HOLD_THE_LOCK], ids=["hangs", "C"])
@pytest.mark.parametrize("limits", [{"cell_s": 2, "run_s": 60}, {"cell_s": 60, "run_s": 3}])
def test_a_fork_over_its_limits_is_ended_with_all_it_started(
    nursery: Nursery, spec: Callable[..., Spec], cell: str, limits: dict[str, int]
) -> None:
    long = f"61.{os.getpid()}"  # of no other test run on this machine
    leaves = f"import subprocess; subprocess.Popen(['sleep', '{long}'], start_new_session=True)"
    slow = spec(leaves, cell, FINISH, cell_s=limits["cell_s"])
    started = time.monotonic()

    ended, pid = _run(slow, nursery, run_s=limits["run_s"])

    assert judge(Path(slow.run_dir), ended).exit_code == 31
    assert time.monotonic() - started < 20
    assert _session(pid) == []
    assert not [p for p in psutil.process_iter() if long in _command(p)]


def _command(process: psutil.Process) -> list[str]:
    with suppress(psutil.Error):
        return list(process.cmdline())
    return []


def test_a_killed_runner_leaves_neither_forks_nor_nursery(
    spec: Callable[..., Spec], tmp_path: Path
) -> None:
    slow = spec("import time; time.sleep(60)", FINISH)
    path = slow.write()
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path)}
    runner = subprocess.Popen(
        [sys.executable, "-c", RUNNER, str(path)], env=environment, stdout=subprocess.PIPE
    )
    assert runner.stdout is not None
    with runner.stdout:
        child = int(runner.stdout.readline())
    time.sleep(2)
    family = psutil.Process(runner.pid).children(recursive=True)

    runner.send_signal(signal.SIGKILL)
    runner.wait()
    _, left = psutil.wait_procs(family, timeout=5)

    assert len(family) == 3
    assert left == []
    assert _session(child) == []
    assert len(list(tmp_path.glob(f"{SCRATCH}*"))) == 1
    remove_abandoned(tmp_path, SCRATCH)
    assert not list(tmp_path.glob(f"{SCRATCH}*"))


def test_a_nursery_that_dies_fails_its_runs_and_the_next_do_without(
    spec: Callable[..., Spec],
) -> None:
    slow, after = spec("import time; time.sleep(60)", FINISH), spec("x = 1", FINISH)
    with opened() as nursery:

        def kill_soon() -> None:
            time.sleep(3)
            assert nursery._process is not None  # noqa: SLF001  nothing else can end it
            nursery._process.kill()  # noqa: SLF001

        nursery._begin({**os.environ, "PYTHONPATH": str(ROOT)})  # noqa: SLF001
        threading.Thread(target=kill_soon).start()
        ended, pid = _run(slow, nursery)
        with execute.started(after, clearance="public", nursery=nursery) as child:
            assert isinstance(child, subprocess.Popen)
            well = execute.wait_for(child, after, limits=Limits())

    assert judge(Path(slow.run_dir), ended).exit_code == 32
    assert _session(pid) == []
    assert judge(Path(after.run_dir), well).exit_code == 0
