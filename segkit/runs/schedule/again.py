"""Plan what a person asks for by hand: one run again, or periods that were never made."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from segkit.errors import ParameterError, UnknownNameError
from segkit.runs.schedule.due import MADE
from segkit.runs.schedule.make import Desk
from segkit.runs.schedule.period import Period, read_period
from segkit.runs.schedule.plan import Task, choose_period, find_report, plan_tasks
from segkit.runs.schedule.spec import ReportSpec
from segkit.runs.schedule.words import count_between

OWN = frozenset({"segment", "segments"})


@dataclass(frozen=True, kw_only=True)
class Backfill:
    """One job of a backfill: its task, and what the ledger knows of it (`new` when nothing)."""

    task: Task
    state: str

    @property
    def is_missing(self) -> bool:
        """Whether it would be made."""
        return self.state not in MADE


def plan_backfill(
    desk: Desk, name: str, first: str, last: str, *, only: Sequence[str] = ()
) -> tuple[ReportSpec, list[list[Backfill]]]:
    """Give a report's jobs from one period to another, one list a period, oldest first.

    Parameters
    ----------
    first, last
        Names of periods, both inside.
    only
        The segments to take; none named is all.

    Raises
    ------
    SegkitError
        An unknown report or segment, a name that means no period, one that is not over, or a first
        one after the last.
    """
    workspace = desk.workspace
    spec = find_report(workspace, name, only)
    start = read_period(first, spec.grain)
    end = choose_period(workspace, spec, last, desk.now())
    if start.start > end.start:
        raise ParameterError.build(
            f"`--from` {start} comes after `--to` {end}.", hint="name the older period first."
        )
    return spec, [_jobs_of(desk, name, spec, period, only) for period in count_between(start, end)]


def _jobs_of(
    desk: Desk, name: str, spec: ReportSpec, period: Period, only: Sequence[str]
) -> list[Backfill]:
    tasks = plan_tasks(desk.workspace, name, spec, period, only=only)
    found = [desk.ledger.find_job(task.job) for task in tasks]
    return [
        Backfill(task=task, state="new" if row is None else row["state"])
        for task, row in zip(tasks, found, strict=True)
    ]


def plan_rerun(desk: Desk, run: str) -> tuple[ReportSpec, Task]:
    """Give the report of a run of the ledger and the task that makes it again.

    It has the run's period, segment and parameters; data and definitions are today's.

    Raises
    ------
    UnknownNameError
        When the ledger knows no such run.
    ParameterError
        When the report takes other parameters by now.
    SegkitError
        What planning it refuses.
    """
    row = desk.ledger.find_run(run)
    if row is None:
        known = [one["run"] for one in desk.ledger.list_runs(most=1000)]
        raise UnknownNameError.of_kind("run", run[:80], known, where="segkit runs")
    segments = row["segment"].split(",") if row["segment"] else []
    spec = find_report(desk.workspace, row["report"], segments)
    for settings in ({}, _settings(row)):
        period = read_period(row["period"], spec.grain)
        only = segments if len(segments) == 1 else ()
        tasks = plan_tasks(
            desk.workspace, row["report"], spec, period, settings=settings, only=only
        )
        for task in tasks:
            if task.job.key == row["key"]:
                return spec, task
    raise ParameterError.build(
        f"Run `{run[:80]}` cannot be made again: its report takes other parameters by now.",
        hint=f"segkit run {row['report']} --period {row['period']} makes it as it is now.",
    )


def _settings(row: dict[str, Any]) -> dict[str, str]:
    return {
        name: str(value) for name, value in json.loads(row["parameters"]).items() if name not in OWN
    }
