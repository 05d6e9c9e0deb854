import re
import shlex
import shutil
import subprocess
import sys
import types
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import pytest

import segkit as sk
from segkit.cli.main import main
from segkit.runs.schedule import triggers
from segkit.runs.schedule.read import read_all
from segkit.runs.schedule.triggers import (
    cron_words,
    render_airflow,
    render_cron,
    render_systemd,
)
from segkit.runs.schedule.words import read_every
from tests.runs.schedule.conftest import WEEKLY


@pytest.fixture
def odd(weekly: Path) -> Path:
    """Give the shop in a folder whose name every trigger must quote."""
    place = weekly.with_name('my 100% $HOME "shop"')
    weekly.rename(place)
    return place


def test_the_units_are_accepted_by_systemd(odd: Path, tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("this machine has no systemd-analyze")
    units = render_systemd(sk.open(odd))
    for unit in units:
        (tmp_path / unit.name).write_text(unit.text, "utf-8")

    done = subprocess.run(
        [analyze, "verify", "--user", *(str(tmp_path / unit.name) for unit in units)],
        capture_output=True,
        text=True,
        check=False,
        env={"XDG_RUNTIME_DIR": str(tmp_path), "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
    )

    ours = [line for line in done.stderr.splitlines() if "segkit" in line]
    assert (done.returncode, ours) == (0, [])


@pytest.mark.parametrize("fault", [None, "OnCalendar=never\n", "gone"])
def test_what_is_installed_is_checked_by_systemd_where_it_can(
    weekly: Path,
    tmp_path: Path,
    fault: str | None,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if shutil.which("systemd-analyze") is None and fault != "gone":
        pytest.skip("this machine has no systemd-analyze")
    if fault == "gone":
        monkeypatch.setenv("PATH", str(tmp_path))
    elif fault is not None:
        monkeypatch.setattr(triggers, "TIMER", triggers.TIMER.replace("OnCalendar=", f"{fault}#"))
    place = tmp_path / "units"

    code = main(["-w", str(weekly), "schedule", "install", "--systemd", "--dir", str(place)])

    said = capsys.readouterr().err
    assert len(list(place.iterdir())) == 2
    if fault is None:
        assert (code, "finds no fault in them" in said) == (0, True)
    elif fault == "gone":
        assert (code, "systemd-analyze" in said) == (0, False)
    else:
        assert (code, "systemd refuses what was written" in said) == (2, True)
        assert ".timer" in said


def test_the_timer_catches_up_and_warnings_are_no_failure(weekly: Path) -> None:
    service, timer = render_systemd(sk.open(weekly), minutes=10)

    assert re.fullmatch(r"segkit-tiny-[0-9a-f]{4}\.service", service.name)
    assert timer.name == service.name.replace(".service", ".timer")
    assert "Persistent=true\n" in timer.text
    assert "OnCalendar=*:0/10\n" in timer.text
    assert "SuccessExitStatus=10 20 75\n" in service.text
    assert (
        f'ExecStart="{sys.executable}" "-P" "-m" "segkit" "-w" "{weekly}" "tick"\n' in service.text
    )


def test_two_workspaces_of_one_name_have_units_of_their_own(weekly: Path, tmp_path: Path) -> None:
    other = Path(shutil.copytree(weekly, tmp_path / "other"))

    names = {render_systemd(sk.open(root))[0].name for root in (weekly, other)}

    assert len(names) == 2


def test_the_cron_line_runs_in_a_shell_as_cron_reads_it(odd: Path) -> None:
    line = render_cron(sk.open(odd))

    assert line.startswith("*/5 * * * * ")
    command = line.removeprefix("*/5 * * * * ").replace(r"\%", "%")
    (odd / ".segkit").mkdir()
    done = subprocess.run(  # the shell reads it; the command itself only lists its words
        ["/bin/sh", "-c", command.replace(shlex.quote(sys.executable), "printf '%s\\n'", 1)],
        check=True,
    )
    assert done.returncode == 0
    words = (odd / ".segkit" / "tick.log").read_text("utf-8").splitlines()
    assert words == ["-P", "-m", "segkit", "-w", str(odd), "tick"]


@pytest.mark.parametrize(
    ("every", "grain", "words"),
    [
        ("day 06:05", "day", "5 6 * * *"),
        ("Monday 07:30", "week", "30 7 * * 1"),
        ("Sunday 07:30", "week", "30 7 * * 0"),
        ("month on day 3 at 07:30", "month", "30 7 3 * *"),
        ("month on day 31 at 23:59", "month", "59 23 L * *"),
    ],
)
def test_schedules_are_written_in_the_words_of_cron(every: str, grain: Any, words: str) -> None:
    assert cron_words(read_every(every, grain)) == words


@dataclass
class Dag:
    """Stands in for Airflow's class of the same name: keeps what it is given."""

    made: list["Dag"]
    given: dict[str, Any] = field(default_factory=dict)
    tasks: list[dict[str, Any]] = field(default_factory=list)

    def __enter__(self) -> Self:
        self.made.append(self)
        return self

    def __exit__(self, *_: object) -> None:
        """Leave the block."""


def test_the_dags_load_and_their_command_judges_exit_codes(
    odd: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (odd / "reports" / "off.yml").write_text(WEEKLY + "paused: true\n", "utf-8")
    (odd / "reports" / "broken.yml").write_text("x: 1\n", "utf-8")
    (odd / "reports" / "weekly.yml").write_text(WEEKLY + "zone: Asia/Tokyo\n", "utf-8")
    text = render_airflow(sk.open(odd), read_all(odd))
    made: list[Dag] = []
    modules: dict[str, dict[str, Any]] = {
        "pendulum": {"datetime": lambda *parts, tz: (*parts, tz)},
        "airflow.sdk": {"DAG": lambda **given: Dag(made=made, given=given)},
        "airflow.providers.standard.operators.bash": {
            "BashOperator": lambda **given: made[-1].tasks.append(given)
        },
    }
    for name in modules:
        parts = name.split(".")
        for n in range(1, len(parts)):
            monkeypatch.setitem(sys.modules, ".".join(parts[:n]), types.ModuleType(parts[n - 1]))
    for name, content in modules.items():
        module = types.ModuleType(name)
        vars(module).update(content)
        monkeypatch.setitem(sys.modules, name, module)
    loaded: dict[str, Any] = {}

    exec(compile(text, "segkit_reports.py", "exec"), loaded)  # noqa: S102  our own text

    (dag,) = made
    assert loaded[dag.given["dag_id"]] is dag
    assert re.fullmatch("segkit-tiny-[0-9a-f]{4}-weekly", dag.given["dag_id"])
    assert (dag.given["schedule"], dag.given["catchup"]) == ("30 7 * * 1", False)
    assert dag.given["start_date"][-1] == "Asia/Tokyo"
    assert dag.given["default_args"] == {"owner": "owner@example.com"}
    (task,) = dag.tasks
    assert (task["retries"], task["skip_on_exit_code"]) == (2, 75)
    run = shlex.join([sys.executable, "-P", "-m", "segkit", "-w", str(odd), "run", "weekly"])
    assert task["bash_command"].startswith(f"{run}; ")
    for code, expected in ((0, 0), (10, 0), (20, 20), (75, 75)):
        command = task["bash_command"].replace(run, f"sh -c 'exit {code}'")
        assert subprocess.run(["/bin/sh", "-c", command], check=False).returncode == expected
