"""Write the log as a collector delivers it: one NDJSON file a week, with the usual faults."""

import gzip
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from segkit.demo.events import CODE, Batch, stream_days
from segkit.demo.messages import MessageWriter, spoil
from segkit.demo.people import People, day_text
from segkit.demo.plan import Plan
from segkit.demo.visits import Diary

DAYS_A_FILE = 7
LATE_SHARE = 0.004
REPEATED_SHARE = 0.003
REPEATED_LATER_SHARE = 0.002
MALFORMED_SHARE = 0.0012
FAULTS = ("broken", "no_time", "no_id")


@dataclass(kw_only=True)
class EventFiles:
    """What was written: the files in order, and their lines by what a loader must make of them.

    `n_lines` = `n_messages` (distinct good ones, of which `n_late` stand in a later file than their
    time) + `n_repeated` + `n_malformed`; `n_behaviour` are messages other than `identify`; `n_bot`
    messages of crawlers.
    """

    paths: list[Path] = field(default_factory=list)
    n_messages: int = 0
    n_behaviour: int = 0
    n_bot: int = 0
    n_late: int = 0
    n_repeated: int = 0
    faults: dict[str, int] = field(default_factory=lambda: dict.fromkeys(FAULTS, 0))

    @property
    def n_malformed(self) -> int:
        """Lines that must go to quarantine."""
        return sum(self.faults.values())

    @property
    def n_lines(self) -> int:
        """All lines of all files."""
        return self.n_messages + self.n_repeated + self.n_malformed


def event_paths(folder: Path, plan: Plan) -> list[Path]:
    """Give the event files that a plan is written to."""
    starts = range(0, plan.days, DAYS_A_FILE)
    return [folder / f"events-{day_text(plan, day)}.ndjson.gz" for day in starts]


def write_events(
    folder: Path, plan: Plan, people: People, diary: Diary, *, seed: int
) -> EventFiles:
    """Write the log below a folder and fill in the diary; equal seeds give equal bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    written = EventFiles()
    writer = MessageWriter(plan, people)
    pending: list[str] = []
    paths = event_paths(folder, plan)
    for number, week in enumerate(_weeks(plan, diary, seed)):
        rng = np.random.default_rng([seed, 3, number])
        written.n_messages += len(week)
        written.n_behaviour += int((week.event != CODE["identify"]).sum())
        written.n_bot += int((week.user >= plan.n_people).sum())
        is_last = number == len(paths) - 1
        lines, later = _disturb(writer.lines(week), written, is_last=is_last, rng=rng)
        _write_gzip(paths[number], pending + lines)
        written.paths.append(paths[number])
        pending = later
    return written


def _weeks(plan: Plan, diary: Diary, seed: int) -> Iterator[Batch]:
    days: list[Batch] = []
    for day, batch in enumerate(stream_days(plan, diary, seed=seed), start=1):
        days.append(batch)
        if day % DAYS_A_FILE == 0 or day == plan.days:
            yield Batch.join(days)
            days = []


def _disturb(
    lines: list[str], written: EventFiles, *, is_last: bool, rng: np.random.Generator
) -> tuple[list[str], list[str]]:
    """Hold some lines back for the next file, repeat some here or there, and slip in bad ones."""
    n = len(lines)
    chance = rng.random(n)
    late = np.zeros(n, dtype=bool) if is_last else chance < LATE_SHARE
    again = np.flatnonzero((chance > 1 - REPEATED_SHARE) & ~late)
    again_later = np.flatnonzero((rng.random(n) < REPEATED_LATER_SHARE) & ~late & (not is_last))
    due = int(written.n_messages * MALFORMED_SHARE) - written.n_malformed
    bad_at = rng.integers(0, max(n, 1), due if n else 0)
    bad = [_spoil_next(lines[i], written) for i in bad_at.tolist()]
    written.n_late += int(late.sum())
    written.n_repeated += len(again) + len(again_later)
    kept = np.flatnonzero(~late)
    texts = [lines[i] for i in [*kept.tolist(), *again.tolist()]] + bad
    place = np.concatenate([kept, again + rng.integers(1, 400, len(again)), bad_at + 0.5])
    order = np.argsort(place, kind="stable")
    later = [lines[i] for i in [*np.flatnonzero(late).tolist(), *again_later.tolist()]]
    return [texts[i] for i in order.tolist()], later


def _spoil_next(line: str, written: EventFiles) -> str:
    fault = FAULTS[written.n_malformed % len(FAULTS)]
    written.faults[fault] += 1
    return spoil(line, fault, number=written.n_malformed)


def _write_gzip(path: Path, lines: list[str]) -> None:
    """Write without name and time in the header, so that equal lines are equal bytes."""
    with (
        path.open("wb") as raw,
        gzip.GzipFile(filename="", mode="wb", compresslevel=1, fileobj=raw, mtime=0) as packed,
    ):
        packed.write("".join(lines).encode())
