"""Resolve a scheduled report and a period into tasks: one a segment, or one in all.

Every name and value is checked here, before anything is claimed or started.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from segkit.config import Role
from segkit.errors import ParameterError, UnknownNameError, name_some
from segkit.periods import local_day
from segkit.runs.order import Order, order_report
from segkit.runs.own import find_model, list_reports
from segkit.runs.schedule.period import Period, read_period
from segkit.runs.schedule.read import check_spec, find_segments, find_spec, read_all
from segkit.runs.schedule.spec import TRACKED, ReportSpec
from segkit.store.run_ledger import Job
from segkit.workspace import Workspace

UNPLANNED = frozenset({"workspace", "as_of"})
"""Parameters that the workspace and the period say; they name no other job."""


@dataclass(frozen=True, kw_only=True)
class Task:
    """One report that is to be made: its job in the ledger and its order.

    `passed` names the periods before it that were not made, for its manifest.
    """

    job: Job
    order: Order
    passed: tuple[str, ...] = ()


class Unscheduled(ReportSpec):
    """A notebook that is run without a file in `reports/`: by day, with nobody to tell."""

    owner: str = ""
    every: str = "day 00:00"
    audience: Role | dict[str, Role] | None = None


def find_report(workspace: Workspace, name: str, segments: Sequence[str] = ()) -> ReportSpec:
    """Give the scheduled report of a name, or the notebook of that name as one.

    Parameters
    ----------
    segments
        What a notebook without a schedule is about.

    Raises
    ------
    SegkitError
        When there is neither, or the file is faulty.
    """
    scheduled = {one.name for one in read_all(workspace.root)}
    if name in scheduled:
        return find_spec(workspace.root, name)
    known = list_reports(workspace.root)
    if name in known:
        return Unscheduled(notebook=name, segments=list(segments), period="daily")
    raise UnknownNameError.of_kind("report", name[:80], {*scheduled, *known}, where="reports")


def choose_period(
    workspace: Workspace, spec: ReportSpec, text: str | None, now: datetime
) -> Period:
    """Give the period that is meant: the one named, else the newest that is over.

    Without a schedule it is the last day with data.

    Raises
    ------
    ParameterError
        When the name means none, or one that is not over.
    """
    today = local_day(now, spec.zone_in(workspace.config.zone))
    if text is None:
        if isinstance(spec, Unscheduled):
            return Period.of(workspace.last_day(), spec.grain)
        return Period.of(today, spec.grain).before()
    period = read_period(text, spec.grain)
    if period.end >= today:
        raise ParameterError.build(
            f"`--period`: {period} is not over.",
            hint=f"the newest that is over is {Period.of(today, spec.grain).before()}.",
        )
    return period


def plan_tasks(
    workspace: Workspace,
    name: str,
    spec: ReportSpec,
    period: Period,
    *,
    settings: Mapping[str, str] | None = None,
    only: Sequence[str] = (),
) -> list[Task]:
    """Give what must be made of a report for a period, by segment, all from one snapshot.

    Parameters
    ----------
    settings
        Texts of parameters that count instead of the file's.
    only
        The segments to take; none named is all.

    Raises
    ------
    SegkitError
        What `check_spec` and `order_report` refuse, a segment that the report is not about, or a
        day beside the period.
    """
    if "as_of" in (settings or {}):
        raise ParameterError.build(
            "Parameter `as_of` comes from the period.", hint="name that, like --period 2026-06-30."
        )
    model = check_spec(workspace, spec, name)
    segments = find_segments(workspace, spec, name)
    strange = sorted(set(only) - set(segments))
    if strange:
        raise ParameterError.build(
            f"Report `{name[:80]}` is not about {name_some(strange)}.",
            hint=f"it is about {name_some(segments)}.",
        )
    chosen = [segment for segment in segments if not only or segment in only]
    if model.is_whole and spec.segments == TRACKED and not only:
        chosen = [TRACKED]
    texts = {**spec.parameters, **(settings or {})}
    return [
        _task(workspace, name, spec, period, {**texts, **about})
        for about in _split(model.names, chosen)
    ]


def _split(names: Sequence[str], segments: Sequence[str]) -> Iterator[dict[str, str]]:
    """Give the texts that say what each task is about."""
    if "segment" in names:
        yield from ({"segment": segment} for segment in segments)
    elif "segments" in names:
        yield {"segments": ",".join(segments)}
    else:
        yield {}


def _task(
    workspace: Workspace, name: str, spec: ReportSpec, period: Period, texts: dict[str, str]
) -> Task:
    model, _ = find_model(spec.notebook, workspace.root)
    when = {"as_of": period.end.isoformat()} if "as_of" in model.names else {}
    order = order_report(workspace, spec.notebook, {**texts, **when}, clearance=spec.clearance)
    order = replace(
        order,
        name="" if isinstance(spec, Unscheduled) else name,
        title=f"{spec.title}: {order.title}" if spec.title else order.title,
        as_of=period.end.isoformat(),
        period_name=str(period),
    )
    return Task(job=_job(name, order), order=order)


def _job(name: str, order: Order) -> Job:
    said = {key: value for key, value in order.parameters.items() if key not in UNPLANNED}
    text = json.dumps(said, sort_keys=True, ensure_ascii=False)
    about = ",".join(subject.segment for subject in order.subjects)
    return Job(
        report=name,
        period=order.period,
        key=sha256(f"{order.report}\n{text}".encode()).hexdigest()[:16],
        segment=about or None,
        parameters=text,
    )


def place_of(order: Order, run: str) -> Path:
    """Give the folder that a run of an order is published in."""
    return order.reports_out / order.folder / order.period / run
