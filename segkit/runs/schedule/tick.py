"""Make whatever is due, once: the one command that every trigger calls.

A tick reads the files in `reports/`, compares what is due with the ledger, makes what is missing,
and sends what is queued. It keeps nothing in memory: two at the same time, one after weeks, or one
every minute end with the same reports.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any, Literal
from zoneinfo import ZoneInfo

from segkit.errors import SegkitError, name_some
from segkit.runs.nursery import opened
from segkit.runs.schedule.due import (
    MADE,
    PASSED,
    Due,
    Standing,
    find_due,
    find_overdue,
    name_spans,
    weigh_job,
)
from segkit.runs.schedule.make import Desk, Outcome, make_all, worst_code
from segkit.runs.schedule.plan import Task, plan_tasks
from segkit.runs.schedule.read import Scheduled, read_all
from segkit.runs.schedule.spec import ReportSpec
from segkit.runs.verify import OK, WARNED
from segkit.store.run_ledger import Job

Kind = Literal["faulty", "passed", "resting", "given up", "late"]
Rows = list[dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Word:
    """What a tick says beside its runs.

    `faulty` (a file or a name in it), `passed` (periods that are not made by themselves),
    `resting` (failed, tried again later), `given up` (failed too often) or `late`.
    """

    kind: Kind
    report: str
    sentence: str
    period: str | None = None

    @property
    def exit_code(self) -> int:
        """What it adds to the exit code: a warning, unless all is in order."""
        return OK if self.kind in {"passed", "resting"} else WARNED


@dataclass(frozen=True, kw_only=True)
class Tick:
    """What one tick did: the runs that it made or tried, its words, the mail's exit code."""

    now: datetime
    outcomes: tuple[Outcome, ...]
    words: tuple[Word, ...]
    mail_code: int = OK

    @property
    def exit_code(self) -> int:
        """The worst of all."""
        made = [one.exit_code for one in self.outcomes]
        said = [word.exit_code for word in self.words]
        return worst_code([*made, *said, self.mail_code])


def tick(desk: Desk) -> Tick:
    """Make what is due and is not made, report after report, then send what is queued.

    A faulty file, a refused name or a failed run stops no other report.

    Raises
    ------
    StoreError
        When the ledger cannot be used.
    """
    now = desk.now()
    outcomes: list[Outcome] = []
    words: list[Word] = []
    agendas: list[Agenda] = []
    for one in read_all(desk.workspace.root):
        if one.spec is None:
            words.append(Word(kind="faulty", report=one.name, sentence=one.fault or ""))
            _tell_owner_of_file(desk, one)
        elif not one.spec.paused:
            agendas.append(_prepare(desk, one.name, one.spec, now))
    with opened(sum(len(agenda.ready) for agenda in agendas)) as nursery:
        at_work = replace(desk, nursery=nursery)
        for agenda in agendas:
            made, said = _tend(at_work, agenda)
            outcomes += made
            words += said
    mail_code = OK if desk.notifier is None else desk.notifier.drain()
    return Tick(now=now, outcomes=tuple(outcomes), words=tuple(words), mail_code=mail_code)


@dataclass(frozen=True, kw_only=True)
class Agenda:
    """What a tick has to do for one report: all its tasks, those to make now, words so far."""

    name: str
    spec: ReportSpec
    due: Due
    tasks: Sequence[Task]
    ready: Sequence[Task]
    words: Sequence[Word]


def _prepare(desk: Desk, name: str, spec: ReportSpec, now: datetime) -> Agenda:
    """Find what is due of a report and not made."""
    rows = desk.ledger.list_jobs(name)
    due = find_due(spec, _zone(desk, spec), now, rows)
    words = [*_pass_over(desk, name, due, rows)]
    tasks: list[Task] = []
    try:
        tasks = _plan(desk, name, spec, due)
    except SegkitError as error:
        _tell_fault(desk, name, spec, due, str(error))
        words.append(_word("faulty", name, due, str(error)))
    standings = _stand(tasks, spec, rows, now)
    ready = [task for task, standing in standings if standing.state == "due"]
    return Agenda(name=name, spec=spec, due=due, tasks=tasks, ready=ready, words=words)


def _tend(desk: Desk, agenda: Agenda) -> tuple[list[Outcome], list[Word]]:
    """Make what is to be made of a report, and say how the rest of it stands."""
    name, spec, tasks = agenda.name, agenda.spec, agenda.tasks
    outcomes = make_all(desk, spec, agenda.ready) if agenda.ready else []
    rows = desk.ledger.list_jobs(name)
    words = list(agenda.words)
    for task, standing in _stand(tasks, spec, rows, desk.now()):
        if standing.state in {"resting", "given up"}:
            words.append(_rest(name, agenda.due, task, standing, _zone(desk, spec)))
    return outcomes, [*words, *_find_late(desk, name, spec, rows, tasks)]


def _zone(desk: Desk, spec: ReportSpec) -> ZoneInfo:
    return spec.zone_in(desk.workspace.config.zone)


def _plan(desk: Desk, name: str, spec: ReportSpec, due: Due) -> list[Task]:
    passed = tuple(map(str, due.passed))
    tasks = plan_tasks(desk.workspace, name, spec, due.period)
    return [replace(task, passed=passed) for task in tasks]


def _word(kind: Kind, name: str, due: Due, sentence: str) -> Word:
    return Word(kind=kind, report=name, period=str(due.period), sentence=sentence)


def _pass_over(desk: Desk, name: str, due: Due, rows: Rows) -> Iterator[Word]:
    """Note the periods that a later one has overtaken, and say so the first time."""
    noted = {row["period"] for row in rows if row["state"] == PASSED}
    fresh = [period for period in due.passed if str(period) not in noted]
    if not fresh:
        return
    message = "Nothing made it before a later one was due."
    for period in fresh:
        job = Job(report=name, period=str(period), key="")
        desk.ledger.note_skipped(job, now=desk.instant(), message=message)
    yield _word(
        "passed",
        name,
        due,
        f"{name_spans(fresh)} {'was' if len(fresh) == 1 else 'were'} not made in time and "
        f"{'is' if len(fresh) == 1 else 'are'} passed over.\n"
        f"Hint: segkit backfill {name} --from {fresh[0]} --to {fresh[-1]}",
    )


def _stand(
    tasks: Sequence[Task], spec: ReportSpec, rows: Rows, now: datetime
) -> Iterator[tuple[Task, Standing]]:
    """Give how each task stands."""
    found = {(row["period"], row["key"]): row for row in rows}
    for task in tasks:
        row = found.get((task.job.period, task.job.key))
        yield task, weigh_job(row, spec.retries, now)


def _rest(name: str, due: Due, task: Task, standing: Standing, zone: ZoneInfo) -> Word:
    about = f"`{task.job.segment}` failed" if task.job.segment else "The report failed"
    if standing.again_at is None:
        sentence = f"{about} too often and is given up.\nHint: segkit run {name} --period"
        return _word("given up", name, due, f"{sentence} {due.period}")
    again = f"{standing.again_at.astimezone(zone):%Y-%m-%d %H:%M:%S}"
    return _word("resting", name, due, f"{about}; it is tried again at {again} ({zone.key}).")


def _tell_fault(desk: Desk, name: str, spec: ReportSpec, due: Due, sentence: str) -> None:
    """Let the owner hear once a period that a report cannot even be planned."""
    note = f"fault {name} {due.period}"
    if desk.notifier is not None and desk.ledger.note_queued(note, spec.owner, now=desk.instant()):
        desk.notifier.failed(name, str(due.period), spec.owner, sentence)


def _tell_owner_of_file(desk: Desk, one: Scheduled) -> None:
    """Let the owner hear once of each fault of a file, as far as the file names one."""
    fault = one.fault or ""
    note = f"file {one.name} {sha256(fault.encode()).hexdigest()[:16]}"
    if desk.notifier is None or not one.owner:
        return
    if desk.ledger.note_queued(note, one.owner, now=desk.instant()):
        desk.notifier.failed(one.name, "", one.owner, fault)


def _find_late(
    desk: Desk, name: str, spec: ReportSpec, rows: Rows, tasks: Sequence[Task]
) -> Iterator[Word]:
    """Say that a report is not there though its deadline has passed; the owner hears it once."""
    now, zone = desk.now(), _zone(desk, spec)
    overdue = find_overdue(spec, zone, now)
    period = str(overdue.period)
    rows = [row for row in rows if row["period"] == period and row["key"]]
    if spec.schedule.newest_due(now, zone) == overdue.period:
        rows = _expected(rows, tasks)
    missing = [row for row in rows if row["state"] not in MADE]
    if not missing:
        return
    sentence = _say_late(name, overdue, zone, missing)
    note = f"late {name} {period}"
    if desk.notifier is not None and desk.ledger.note_queued(note, spec.owner, now=desk.instant()):
        desk.notifier.late(name, period, spec.owner, sentence)
    yield _word("late", name, overdue, sentence)


def _expected(rows: Rows, tasks: Sequence[Task]) -> Rows:
    """Give the rows of some tasks, with a blank one for each that has none.

    Without tasks, which is when nothing could be planned, one blank row stands for all.
    """
    found = {row["key"]: row for row in rows}
    blank = {"state": "new", "message": None}
    if not tasks:
        return rows or [{**blank, "segment": None}]
    return [found.get(t.job.key, {**blank, "segment": t.job.segment}) for t in tasks]


def _say_late(name: str, overdue: Due, zone: ZoneInfo, missing: Rows) -> str:
    due = f"{overdue.at.astimezone(zone):%Y-%m-%d %H:%M} ({zone.key})"
    segments = [row["segment"] for row in missing if row["segment"]]
    what = f" Missing: {name_some(segments)}." if segments else ""
    why = next((f" {row['message']}" for row in missing if row["message"]), "")
    return f"Report `{name}` on {overdue.period} was due on {due} and is not there.{what}{why}"
