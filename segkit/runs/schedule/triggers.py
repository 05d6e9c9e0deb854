"""Write what starts a tick without segkit: systemd units, a cron line, Airflow DAGs.

A trigger knows no schedule of its own, apart from Airflow's: it says "now", and the tick finds what
is due. So what it starts twice, late or after weeks off is made once.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from segkit.runs.publish import slug
from segkit.runs.schedule.read import Scheduled
from segkit.runs.schedule.words import Every
from segkit.workspace import Workspace

EVERY_MIN = 5
"""Minutes between two ticks; one that has nothing to do takes a second or two."""

LAST_SURE_DAY = 28
SERVICE = """\
# Written by `segkit schedule install --systemd`; write it again after moving the workspace.
[Unit]
Description=Reports of {name}

[Service]
Type=oneshot
WorkingDirectory={folder}
ExecStart={command}
# A warning, data that is not there yet, or a report that another process makes is no failure.
SuccessExitStatus=10 20 75
TimeoutStartSec=infinity
Nice=5
"""
TIMER = """\
# Written by `segkit schedule install --systemd`.
[Unit]
Description=Ask every {minutes} minutes which reports of {name} are due

[Timer]
OnCalendar=*:0/{minutes}
Persistent=true
AccuracySec=10s

[Install]
WantedBy=timers.target
"""
AIRFLOW = '''\
"""Reports of a segkit workspace, one DAG for each file of reports/.

Written by `segkit schedule export airflow`; write it again when a file changes. A DAG only starts
`segkit run`: which period is meant, and whether it is made already, is decided there. Exit code 10
is a success with a warning, 75 means that another process makes the report and skips the task, 20
means that the data is not ready and is tried again.
"""

from datetime import timedelta

import pendulum

try:
    from airflow.providers.standard.operators.bash import BashOperator
    from airflow.sdk import DAG
except ImportError:  # Airflow 2
    from airflow import DAG
    from airflow.operators.bash import BashOperator

REPORTS = [
{reports}]

for dag_id, command, cron, zone, owner, retries, pause_s in REPORTS:
    with DAG(
        dag_id=dag_id,
        schedule=cron,
        start_date=pendulum.datetime(2020, 1, 1, tz=zone),
        catchup=False,
        max_active_runs=1,
        default_args={{"owner": owner}},
        tags=["segkit"],
    ) as dag:
        BashOperator(
            task_id="run",
            bash_command=f"{{command}}; code=$?; test $code -eq 10 && code=0; exit $code",
            skip_on_exit_code=75,
            retries=retries,
            retry_delay=timedelta(seconds=pause_s),
            retry_exponential_backoff=True,
        )
    globals()[dag_id] = dag
'''


@dataclass(frozen=True, kw_only=True)
class Unit:
    """One file of a trigger: its name and its text."""

    name: str
    text: str


CHECK_S = 60


def unit_name(workspace: Workspace) -> str:
    """Give the name of a workspace's units, without ending; that of its folder tells two apart."""
    place = sha256(str(workspace.root.absolute()).encode()).hexdigest()[:4]
    return f"segkit-{slug(workspace.config.name)}-{place}"


def command_of(root: Path, *words: str) -> list[str]:
    """Give the words that run a command on a workspace with this very interpreter.

    `-P` keeps it from importing what lies in the folder that it is started in.
    """
    return [sys.executable, "-P", "-m", "segkit", "-w", str(root), *words]


def render_systemd(workspace: Workspace, *, minutes: int = EVERY_MIN) -> tuple[Unit, Unit]:
    """Give the service and the timer of a workspace, for a user's systemd.

    `Persistent` lets the timer fire once after the machine was off.
    """
    root = workspace.root.absolute()
    name = unit_name(workspace)
    title = _plain(workspace.config.name)
    command = " ".join(_quote_systemd(word) for word in command_of(root, "tick"))
    service = SERVICE.format(name=title, folder=_escape(str(root)), command=command)
    timer = TIMER.format(name=title, minutes=minutes)
    return Unit(name=f"{name}.service", text=service), Unit(name=f"{name}.timer", text=timer)


def check_units(places: Sequence[Path]) -> tuple[str, ...] | None:
    """Give what systemd's own checker says of some files; None where it is not installed.

    Empty when it accepts them. What it says of other files of the machine is left out.
    """
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        return None
    with tempfile.TemporaryDirectory() as scratch:
        done = subprocess.run(  # noqa: S603  files that were just written
            [analyze, "verify", "--user", *map(str, places)],
            env={**os.environ, "XDG_RUNTIME_DIR": scratch},
            capture_output=True,
            text=True,
            timeout=CHECK_S,
            check=False,
        )
    names = {place.name for place in places}
    said = [line for line in done.stderr.splitlines() if any(name in line for name in names)]
    return tuple(said) if done.returncode else ()


def _plain(text: str) -> str:
    """Give a text on one line, with nothing that systemd would put values for."""
    return re.sub(r"\s+", " ", text).replace("%", "%%").strip()


def _escape(text: str) -> str:
    return text.replace("%", "%%")


def _quote_systemd(word: str) -> str:
    escaped = _escape(word).replace("\\", "\\\\").replace('"', '\\"').replace("$", "$$")
    return f'"{escaped}"'


def render_cron(workspace: Workspace, *, minutes: int = EVERY_MIN) -> str:
    """Give the one line of a crontab that ticks a workspace."""
    root = workspace.root.absolute()
    log = root / ".segkit" / "tick.log"
    command = f"{shlex.join(command_of(root, 'tick'))} >> {shlex.quote(str(log))} 2>&1"
    return f"*/{minutes} * * * * {command}".replace("%", r"\%")


def cron_words(every: Every) -> str:
    """Give a schedule as Airflow's cron text; it is read in the report's zone.

    Sunday is 0 there. The days 29 to 31 of a month become its last day, since not every month has
    them.

    >>> from segkit.runs.schedule.words import read_every
    >>> cron_words(read_every("Sunday 07:30", "week"))
    '30 7 * * 0'
    """
    clock = f"{every.at.minute} {every.at.hour}"
    if every.grain == "week":
        return f"{clock} * * {(every.day + 1) % 7}"
    if every.grain == "month":
        return f"{clock} {every.day if every.day <= LAST_SURE_DAY else 'L'} * *"
    return f"{clock} * * *"


def render_airflow(workspace: Workspace, scheduled: list[Scheduled]) -> str:
    """Give a Python file with one DAG for each report that can be read and is not paused."""
    rows = "".join(f"    {_row(workspace, one)!r},\n" for one in scheduled if _is_due(one))
    return AIRFLOW.format(reports=rows)


def _is_due(one: Scheduled) -> bool:
    return one.spec is not None and not one.spec.paused


def _row(workspace: Workspace, one: Scheduled) -> tuple[str, str, str, str, str, int, int]:
    spec = one.spec
    if spec is None:
        raise AssertionError(one.name)
    return (
        f"{unit_name(workspace)}-{slug(one.name)}",
        shlex.join(command_of(workspace.root.absolute(), "run", one.name)),
        cron_words(spec.schedule),
        spec.zone_in(workspace.config.zone).key,
        spec.owner,
        spec.retries.times,
        spec.retries.pause,
    )
