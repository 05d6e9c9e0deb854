import json
from collections.abc import Callable
from pathlib import Path

import pytest

import segkit as sk
from segkit.errors import ParameterError, UnknownNameError
from segkit.runs.schedule.again import plan_backfill, plan_rerun
from segkit.runs.schedule.make import Desk, make_all
from segkit.runs.schedule.period import read_period
from segkit.runs.schedule.plan import Task, plan_tasks
from segkit.runs.schedule.spec import ReportSpec
from tests.runs.own_notebook import write_notebook
from tests.runs.schedule.conftest import PARAMETERS

Plan = Callable[..., tuple[Desk, ReportSpec, list[Task]]]
pytestmark = pytest.mark.usefixtures("no_kernel")


def test_a_run_is_made_again_as_a_correction_of_the_one_before(planned: Plan) -> None:
    desk, spec, tasks = planned()
    (first,) = make_all(desk, spec, tasks)
    assert first.run is not None

    spec, task = plan_rerun(desk, first.run)
    (second,) = make_all(desk, spec, [task], force=True)

    assert (task.job, second.corrects) == (tasks[0].job, first.run)
    newest, oldest = desk.ledger.list_runs()
    assert (newest["corrects"], oldest["run"]) == (first.run, first.run)


def test_a_run_with_parameters_of_its_own_is_made_again_with_them(planned: Plan) -> None:
    desk, spec, (plain,) = planned()
    week = read_period("2026-W26", "week")
    (own,) = plan_tasks(desk.workspace, "weekly", spec, week, settings={"days": "3"})
    (made,) = make_all(desk, spec, [own])
    assert made.run is not None

    _, task = plan_rerun(desk, made.run)

    assert json.loads(task.job.parameters)["days"] == 3
    assert task.job.key == own.job.key != plain.job.key


def test_a_run_whose_report_takes_other_parameters_by_now_is_refused(
    planned: Plan, weekly: Path
) -> None:
    desk, spec, tasks = planned()
    (made,) = make_all(desk, spec, tasks)
    assert made.run is not None
    write_notebook(weekly, "tiny", parameters=f"{PARAMETERS}\nmore = 1")

    with pytest.raises(ParameterError, match="takes other parameters by now"):
        plan_rerun(Desk.of(sk.open(weekly)), made.run)


def test_an_unknown_run_is_refused_with_near_names(planned: Plan) -> None:
    desk, spec, tasks = planned()
    (made,) = make_all(desk, spec, tasks)
    assert made.run is not None

    with pytest.raises(UnknownNameError, match=rf"Did you mean `{made.run}`"):
        plan_rerun(desk, made.run[:-1])


def test_a_backfill_makes_what_is_missing_and_leaves_the_rest(planned: Plan) -> None:
    desk, spec, tasks = planned("2026-W24")
    make_all(desk, spec, tasks)

    spec, periods = plan_backfill(desk, "weekly", "2026-W23", "2026-W25")
    missing = [[job.is_missing for job in jobs] for jobs in periods]
    for jobs in periods:
        make_all(desk, spec, [job.task for job in jobs if job.is_missing])

    assert missing == [[True], [False], [True]]
    assert [row["period"] for row in desk.ledger.list_runs()] == [
        "2026-W25",
        "2026-W23",
        "2026-W24",
    ]
    again = plan_backfill(desk, "weekly", "2026-W23", "2026-W25")[1]
    assert [job.state for jobs in again for job in jobs] == ["done"] * 3


@pytest.mark.parametrize(
    ("first", "last", "sentence"),
    [
        ("2026-W25", "2026-W24", r"2026-W25 comes after `--to` 2026-W24"),
        ("2026-W25", "2026-W27", r"2026-W27 is not over"),
        ("2026-06", "2026-W25", r"expected a week like 2026-W26"),
    ],
)
def test_spans_that_mean_nothing_are_refused(
    planned: Plan, first: str, last: str, sentence: str
) -> None:
    with pytest.raises(ParameterError, match=sentence):
        plan_backfill(planned()[0], "weekly", first, last)
