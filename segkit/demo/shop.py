"""Write the demo shop: raw files, workspace files and, apart from both, the truths."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from segkit.demo.events import is_known_at_end
from segkit.demo.kinds import WEEKLY
from segkit.demo.people import People, draw_people
from segkit.demo.plan import END_ON, LEAST_DAYS, LEAST_USERS, Plan, plan_people
from segkit.demo.truths import describe_truths, find_true_users, write_truth_users
from segkit.demo.visits import Diary
from segkit.demo.workspace_files import write_workspace
from segkit.demo.write_crm import write_consents, write_crm, write_exposures
from segkit.demo.write_ndjson import EventFiles, event_paths, write_events
from segkit.errors import ParameterError, WorkspaceError, name_some

PEOPLE_A_BOT = 400
_N_STAFF = 12


@dataclass(frozen=True, kw_only=True)
class ShopFiles:
    """What `write_shop` wrote and what a load of it must find.

    `events` counts lines by what they are. `n_people` really came; stitching finds `n_users` of
    them (a second device that never identifies is a user of its own), beside `n_bots` crawlers and
    `n_never_came` members without events.
    """

    folder: Path
    config: Path
    event_files: list[Path]
    crm: Path
    consents: Path
    exposures: Path
    segments: list[Path]
    truths: Path
    truth_users: Path
    events: EventFiles
    n_people: int
    n_users: int
    n_bots: int
    n_members: int
    n_never_came: int
    n_consents: int
    n_exposures: int
    first_on: date
    last_on: date


def write_shop(
    folder: str | Path,
    *,
    users: int = 5000,
    days: int = 120,
    seed: int = 7,
    end_on: date = END_ON,
) -> ShopFiles:
    """Write a workspace with the raw data of a believable shop into a folder.

    Equal arguments give equal bytes. `segkit.toml`, `segments/*.yml` and `lists/` that exist are
    left as they are; raw files and truths are written anew.

    Parameters
    ----------
    folder
        The workspace; made where it lacks.
    users
        People who come at least once, from 10 on; crawlers (1 in 400) and members who never come
        (3%) are beside them.
    days, end_on
        Length of the log, from 7 days on, and its last day in Europe/Berlin.
    seed
        Chooses another shop of the same kind.

    Raises
    ------
    ParameterError
        When `users` or `days` are too few.
    WorkspaceError
        When `raw/events` holds files of another shop: a load would mix both.
    """
    if users < LEAST_USERS or days < LEAST_DAYS:
        raise ParameterError.build(
            f"A shop of {users} users and {days} days is too small; "
            f"expected at least {LEAST_USERS} and {LEAST_DAYS}.",
            hint="give --users and --days larger numbers.",
        )
    folder, bots = Path(folder), max(1, users // PEOPLE_A_BOT)
    plan = plan_people(users=users, days=days, end_on=end_on, seed=seed, bots=bots)
    _refuse_others(folder / "raw" / "events", event_paths(folder / "raw" / "events", plan))
    people, diary = draw_people(plan, seed=seed), Diary.blank(len(plan.kind))
    events = write_events(folder / "raw" / "events", plan, people, diary, seed=seed)
    return _write_rest(folder, plan, people, diary=diary, events=events, seed=seed)


def _write_rest(
    folder: Path, plan: Plan, people: People, *, diary: Diary, events: EventFiles, seed: int
) -> ShopFiles:
    raw, truths, truth_users = (
        folder / "raw",
        folder / "TRUTHS.md",
        folder / "truths" / "users.parquet",
    )
    config, segments = write_workspace(folder, staff_emails=_staff(plan, people, diary))
    users = find_true_users(plan, people, diary)
    write_truth_users(truth_users, users, plan=plan, people=people, diary=diary)
    truths.write_text(describe_truths(plan, people, diary, events), "utf-8", newline="\n")
    return ShopFiles(
        folder=folder,
        config=config,
        event_files=events.paths,
        crm=raw / "crm.csv",
        consents=raw / "consents.csv",
        exposures=raw / "exposures.csv",
        segments=segments,
        truths=truths,
        truth_users=truth_users,
        events=events,
        n_people=plan.n_people,
        n_users=users.n_came,
        n_bots=len(plan.kind) - plan.n_people,
        n_members=write_crm(raw / "crm.csv", plan, people, diary),
        n_never_came=people.n_never,
        n_consents=write_consents(raw / "consents.csv", plan, people, diary, seed=seed),
        n_exposures=write_exposures(raw / "exposures.csv", plan, people, diary),
        first_on=plan.first,
        last_on=plan.last,
    )


def _refuse_others(folder: Path, expected: list[Path]) -> None:
    others = {path.name for path in folder.glob("*")} - {path.name for path in expected}
    if others:
        raise WorkspaceError.build(
            f"The folder holds raw files of another shop: {name_some(others)}.",
            where=str(folder),
            hint="choose an empty folder, or remove these files.",
        )


def _staff(plan: Plan, people: People, diary: Diary) -> list[str]:
    """Give the addresses of a few members with a weekly habit: they work here."""
    members = np.flatnonzero(is_known_at_end(diary) & (plan.kind == WEEKLY))
    return [people.emails[i] for i in members[:_N_STAFF].tolist()]
