"""The file of DAGs as Airflow itself reads it, where one is installed here or on the path."""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import segkit as sk
from segkit.runs.schedule.due import list_next
from segkit.runs.schedule.read import read_all
from segkit.runs.schedule.triggers import render_airflow
from tests.runs.schedule.conftest import WEEKLY

FIRST, DAYS = datetime(2026, 3, 20, tzinfo=UTC), 240
SCHEDULES = {
    "weekly": ("Monday 07:30", "weekly", "Europe/Berlin"),
    "nightly": ("day 02:30", "daily", "Europe/Berlin"),
    "late": ("day 01:45", "daily", "Australia/Lord_Howe"),
    "monthly": ("month on day 31 at 07:30", "monthly", "America/New_York"),
}
TWICE = {
    "nightly": {datetime(2026, 10, 25, 0, 30, tzinfo=UTC)},
    "late": {datetime(2026, 4, 4, 14, 45, tzinfo=UTC)},
}
"""Instants that a clock shows twice: the first is due, at the second Airflow starts."""
READS = """
import json, sys
from datetime import datetime, timedelta
from airflow.dag_processing.dagbag import DagBag
from airflow.serialization.serialized_objects import DagSerialization

folder, first, days = sys.argv[1], datetime.fromisoformat(sys.argv[2]), int(sys.argv[3])
bag = DagBag(folder)
found = {"errors": bag.import_errors, "dags": {}}
for dag in bag.dags.values():
    stored = DagSerialization.from_dict(DagSerialization.to_dict(dag))
    runs = stored.iter_dagrun_infos_between(first, first + timedelta(days=days))
    (task,) = dag.tasks
    command, ends = task.bash_command, {}
    for code in (0, 10, 20, 75):
        task.bash_command = command.replace(command.partition(";")[0], f"sh -c 'exit {code}'", 1)
        try:
            task.execute({})
        except Exception as error:
            ends[code] = type(error).__name__
        else:
            ends[code] = "success"
    found["dags"][dag.dag_id] = {
        "instants": [run.run_after.isoformat() for run in runs],
        "owner": task.owner, "retries": task.retries, "ends": ends, "command": command,
    }
print("found:" + json.dumps(found))
"""
pytestmark = pytest.mark.slow


def python_of_airflow() -> str | None:
    """Give the interpreter that has Airflow: this one, or the one beside the command `airflow`."""
    if importlib.util.find_spec("airflow") is not None:
        return sys.executable
    command = shutil.which("airflow")
    beside = None if command is None else Path(command).parent / "python"
    return str(beside) if beside is not None and beside.exists() else None


@pytest.fixture
def read(weekly: Path, tmp_path: Path) -> dict[str, Any]:
    """Give what Airflow makes of the DAGs of some schedules."""
    python = python_of_airflow()
    if python is None:
        pytest.skip("no Airflow is installed")
    for name, (every, period, zone) in SCHEDULES.items():
        text = WEEKLY.replace("Monday 07:30", every).replace("weekly", period)
        (weekly / "reports" / f"{name}.yml").write_text(f"{text}zone: {zone}\n", "utf-8")
    place = weekly.with_name('my 100% $HOME "shop"')
    weekly.rename(place)
    dags = tmp_path / "dags"
    dags.mkdir()
    text = render_airflow(sk.open(place), read_all(place))
    (dags / "segkit_reports.py").write_text(text, "utf-8")
    kept = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(
        [python, "-c", READS, str(dags), FIRST.isoformat(), str(DAYS)],
        env={**kept, "AIRFLOW_HOME": str(tmp_path / "home")},
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    (line,) = (line for line in done.stdout.splitlines() if line.startswith("found:"))
    found: dict[str, Any] = json.loads(line.removeprefix("found:"))
    found["place"] = place
    return found


def test_airflow_loads_every_dag_and_starts_it_once_when_the_report_is_due(
    read: dict[str, Any],
) -> None:
    assert read["errors"] == {}
    dags = {name.rpartition("-")[2]: dag for name, dag in read["dags"].items()}
    assert sorted(dags) == sorted(SCHEDULES)
    for one in read_all(read["place"]):
        assert one.spec is not None
        zone = one.spec.zone_in(sk.open(read["place"]).config.zone)
        due = list_next(one.spec, zone, FIRST, DAYS + 10)
        ours = [one_due.at for one_due in due if one_due.at <= FIRST + timedelta(days=DAYS)]
        theirs = [datetime.fromisoformat(text) for text in dags[one.name]["instants"]]
        assert len(theirs) == len(ours)
        later = {at: start - at for at, start in zip(ours, theirs, strict=True) if at != start}
        assert set(later) == TWICE.get(one.name, set())
        assert all(timedelta() < wait <= timedelta(hours=1) for wait in later.values())


def test_airflow_takes_a_warning_for_success_and_skips_what_another_makes(
    read: dict[str, Any],
) -> None:
    for dag in read["dags"].values():
        assert (dag["owner"], dag["retries"]) == ("owner@example.com", 2)
        assert dag["ends"] == {
            "0": "success",
            "10": "success",
            "20": "AirflowException",
            "75": "AirflowSkipException",
        }
        assert '100% $HOME "shop"' in dag["command"]
