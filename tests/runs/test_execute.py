"""What a notebook can do to its run: each test executes a real kernel in a real child process."""

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from segkit.runs import execute
from segkit.runs.execute import Limits
from segkit.runs.leash import RUN_DIR
from segkit.runs.spec import Spec
from segkit.runs.verify import Ended, judge

pytestmark = pytest.mark.notebook
FINISH = """
    import json, os, pathlib
    folder = pathlib.Path(os.environ["SEGKIT_RUN_DIR"])
    facts = {"overview": {"n_users": 1}, "user_list": {"n_rows": 1}}
    (folder / "facts.json").write_text(json.dumps(facts))
"""
HOLD_THE_LOCK = """
    import ctypes
    ctypes.PyDLL(None).sleep(60)
"""


def _notebook(*cells: str) -> str:
    parameters = {"tags": ["parameters"]}
    sources = [("days = 1", parameters), *((textwrap.dedent(cell).strip(), {}) for cell in cells)]
    return json.dumps(
        {
            "cells": [
                {
                    "cell_type": "code",
                    "id": f"cell{n}",
                    "metadata": metadata,
                    "source": source,
                    "outputs": [],
                    "execution_count": None,
                }
                for n, (source, metadata) in enumerate(sources)
            ],
            "metadata": {
                "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}
            },
            "nbformat": 4,
            "nbformat_minor": 5,
        }
    )


@pytest.fixture
def spec(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Spec]:
    def make(*cells: str, cell_s: int = 60) -> Spec:
        scratch = tmp_path_factory.mktemp("s")
        run_dir = tmp_path_factory.mktemp("run")
        (scratch / "notebook.ipynb").write_text(_notebook(*cells), "utf-8")
        return Spec(
            scratch=str(scratch),
            run_dir=str(run_dir),
            parameters={"days": 7},
            cell_timeout_s=cell_s,
            title="Loyal",
        )

    return make


def _run(spec: Spec, *, run_s: int = 60) -> Ended:
    limits = Limits(cell_s=spec.cell_timeout_s, run_s=run_s)
    with execute.started(spec, clearance="public") as child:
        return execute.wait_for(child, spec, limits=limits)


def _family(run_dir: str) -> Iterator[psutil.Process]:
    for process in psutil.process_iter():
        try:
            if process.environ().get(RUN_DIR) == run_dir:
                yield process
        except psutil.Error:
            continue


def test_a_good_notebook_is_executed_with_its_parameters_and_clearance(
    spec: Callable[..., Spec],
) -> None:
    wanted = spec('import os\nprint(days, os.environ["SEGKIT_CLEARANCE"])', FINISH)

    ended = _run(wanted)

    executed = json.loads((Path(wanted.run_dir) / "executed.ipynb").read_text("utf-8"))
    assert executed["cells"][2]["outputs"][0]["text"] == ["7 public\n"]
    assert judge(Path(wanted.run_dir), ended).exit_code == 0
    assert ended.account is not None
    assert ended.account.peak_mb["kernel"] > 0
    assert not list(_family(wanted.run_dir))


@pytest.mark.slow
def test_a_notebook_does_not_see_the_logins_for_mail(
    spec: Callable[..., Spec], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEGKIT_SMTP_PASSWORD", "do-not-tell")
    monkeypatch.setenv("SEGKIT_WEBHOOK_SALES", "https://rooms.example.com/do-not-tell")
    wanted = spec("import os\nprint(dict(os.environ))", FINISH)

    _run(wanted)

    executed = (Path(wanted.run_dir) / "executed.ipynb").read_text("utf-8")
    assert "SEGKIT_CLEARANCE" in executed
    assert "do-not-tell" not in executed


@pytest.mark.slow
@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", 32),
        ("import os\nos._exit(0)", 32),
        ("import sys\nsys.exit(0)", 30),
        ("exit()", 30),
        ("1 / 0", 30),
        ("def f(:", 30),
        ("pass", 30),
    ],
    ids=["killed", "left", "sys.exit", "exit", "raised", "syntax", "no finish"],
)
def test_a_bad_notebook_is_never_a_success(spec: Callable[..., Spec], cell: str, code: int) -> None:
    wanted = spec("print('before')", cell)

    ended = _run(wanted)

    assert judge(Path(wanted.run_dir), ended).exit_code == code
    executed = (Path(wanted.run_dir) / "executed.ipynb").read_text("utf-8")
    assert "before" in executed
    assert not list(_family(wanted.run_dir))


@pytest.mark.slow
@pytest.mark.parametrize(
    "cell", ["import time\ntime.sleep(60)", HOLD_THE_LOCK], ids=["hangs", "GIL"]
)
def test_a_cell_that_hangs_is_ended_in_time(spec: Callable[..., Spec], cell: str) -> None:
    wanted = spec(cell, FINISH, cell_s=2)
    begun = time.monotonic()

    ended = _run(wanted)

    assert judge(Path(wanted.run_dir), ended).exit_code == 31
    assert time.monotonic() - begun < 20
    assert not list(_family(wanted.run_dir))


@pytest.mark.slow
def test_a_run_that_takes_too_long_is_ended_with_all_it_started(spec: Callable[..., Spec]) -> None:
    wanted = spec(
        "import subprocess\nsubprocess.Popen(['sleep', '61'], start_new_session=True)",
        HOLD_THE_LOCK,
    )

    ended = _run(wanted, run_s=6)

    assert judge(Path(wanted.run_dir), ended).exit_code == 31
    assert not list(_family(wanted.run_dir))


@pytest.mark.slow
def test_a_killed_runner_leaves_no_orphan(spec: Callable[..., Spec], tmp_path: Path) -> None:
    wanted = spec(HOLD_THE_LOCK, FINISH)
    program = tmp_path / "runner.py"
    program.write_text(
        textwrap.dedent(f"""
        from pathlib import Path
        from segkit.runs import execute
        from segkit.runs.spec import Spec
        spec = Spec.read(Path({str(wanted.write())!r}))
        with execute.started(spec, clearance=None) as child:
            child.wait()
        """),
        "utf-8",
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(execute.__file__).parents[2])}
    runner = subprocess.Popen([sys.executable, str(program)], env=environment)
    deadline = time.monotonic() + 30
    while len(list(_family(wanted.run_dir))) < 2 and time.monotonic() < deadline:
        time.sleep(0.2)
    time.sleep(2)
    n_before = len(list(_family(wanted.run_dir)))

    runner.send_signal(signal.SIGKILL)
    runner.wait()
    time.sleep(3)

    assert n_before >= 2
    assert not list(_family(wanted.run_dir))


@pytest.mark.slow
def test_a_flood_of_prints_stays_small(spec: Callable[..., Spec]) -> None:
    wanted = spec("for n in range(100_000):\n    print('x' * 40, n)", FINISH)

    ended = _run(wanted)

    path = Path(wanted.run_dir) / "executed.ipynb"
    assert judge(Path(wanted.run_dir), ended).exit_code == 0
    assert path.stat().st_size < 400_000
    assert "more characters were printed" in path.read_text("utf-8")
