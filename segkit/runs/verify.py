"""Decide whether a run is good, from what it left on disk.

One judge, so that every text about a run agrees.

What papermill notes in a notebook is not believed: after a kernel's death, a timeout or
`sys.exit(0)` it says that all is well. A run is good when the child ended well, every code cell
ran, none has an error, the last cell wrote `facts.json`, and the user list is as long as the
segment is large.
"""

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from segkit.errors import EmptyError, SegkitError
from segkit.runs.secret_words import find_leak
from segkit.runs.spec import EXECUTED, FACTS, REPORT, Account
from segkit.runs.watch import Stopped

OK, WARNED, USAGE, FAILED, TIMED_OUT, DIED, NOT_PUBLISHED = 0, 10, 2, 30, 31, 32, 40
STOPPED = 143
STOPS = {
    "time": (
        TIMED_OUT,
        "shorten the period with --set days=N, or allow more with --timeout.",
    ),
    "memory": (DIED, "shorten the period, or allow more in `limits` of the report."),
    "output": (FAILED, "show less in the notebook, or allow more in `limits` of the report."),
    "asked": (STOPPED, "run it again."),
}
"""Exit code and advice for each reason why a run is ended from outside."""
USERS = "users.csv"
MOST_HTML = 3_000_000


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What became of a run: its exit code, one sentence, and what to do about it.

    `is_empty` says that there was nobody to report on.
    """

    exit_code: int
    title: str
    advice: str = ""
    warnings: tuple[str, ...] = ()
    is_empty: bool = False

    @property
    def is_good(self) -> bool:
        """Whether the run may be published."""
        return self.exit_code in {OK, WARNED}


@dataclass(frozen=True, kw_only=True)
class Ended:
    """How the child process ended.

    Its return code (None when it was ended from outside, `stopped` says why) and its own account,
    if any.
    """

    returncode: int | None
    account: Account | None
    stopped: Stopped | None = None


def judge(run_dir: Path, ended: Ended, *, has_user_list: bool = True) -> Verdict:
    """Give the verdict on the run whose outputs lie in `run_dir`.

    The first fault found names it. `has_user_list` says that the facts must hold a list of users;
    where they hold one anyway, it must be as long as they say.
    """
    for check in (_check_process, _check_cells, _check_child, _check_files, _check_secrets):
        verdict = check(run_dir, ended)
        if verdict is not None:
            return verdict
    return _check_facts(run_dir, has_user_list=has_user_list) or _weigh(run_dir)


def _check_process(_run_dir: Path, ended: Ended) -> Verdict | None:
    account = ended.account
    if ended.stopped is not None:
        exit_code, advice = STOPS[ended.stopped.why]
        return Verdict(exit_code=exit_code, title=ended.stopped.sentence, advice=advice)
    if account is None or ended.returncode is None:
        code = ended.returncode or 0
        how = f"by signal {-code}" if code < 0 else f"with code {code}"
        return Verdict(
            exit_code=DIED if code < 0 else FAILED,
            title=f"The run's process ended {how} before it was done.",
            advice="see child.log beside the executed copy; too little memory is the usual cause.",
        )
    if account.ending == "cell_timeout":
        return Verdict(
            exit_code=TIMED_OUT,
            title=f"The notebook was ended: {account.detail}.",
            advice="shorten the period with --set days=N, or allow more with --timeout.",
        )
    if account.ending == "kernel_died":
        return Verdict(
            exit_code=DIED,
            title=f"The notebook was ended: {account.detail}.",
            advice="too little memory is the usual cause; lower [engine] memory in segkit.toml.",
        )
    return None


def _check_cells(run_dir: Path, _ended: Ended) -> Verdict | None:
    try:
        cells = json.loads((run_dir / EXECUTED).read_text("utf-8"))["cells"]
    except (OSError, ValueError, KeyError, TypeError):
        return Verdict(
            exit_code=FAILED, title="The run left no executed notebook.", advice="see child.log."
        )
    code = [
        cell
        for cell in cells
        if cell.get("cell_type") == "code" and "".join(cell["source"]).strip()
    ]
    for number, cell in enumerate(code, start=1):
        for output in cell["outputs"]:
            if output.get("output_type") == "error":
                return _raised(number, output)
        if cell.get("execution_count") is None:
            return Verdict(
                exit_code=FAILED,
                title=f"Code cell {number} of {len(code)} did not run.",
                advice="see the executed copy; a cell before it may have left the notebook.",
            )
    return None


def _raised(number: int, output: dict[str, Any]) -> Verdict:
    name = str(output.get("ename", "an error"))
    if name in {kind.__name__ for kind in _kinds(SegkitError)}:
        sentence, _, hint = str(output.get("evalue", "")).partition("\nHint: ")
        is_empty = name == EmptyError.__name__
        return Verdict(exit_code=USAGE, title=sentence, advice=hint, is_empty=is_empty)
    return Verdict(
        exit_code=FAILED,
        title=f"Code cell {number} failed with {name}.",
        advice="see the executed copy.",
    )


def _kinds(root: type[SegkitError]) -> Iterator[type[SegkitError]]:
    yield root
    for kind in root.__subclasses__():
        yield from _kinds(kind)


def _check_child(_run_dir: Path, ended: Ended) -> Verdict | None:
    if ended.account is not None and ended.account.ending == "not_rendered":
        return Verdict(
            exit_code=NOT_PUBLISHED,
            title=f"The page could not be made: {ended.account.detail}.",
            advice="see child.log beside the executed copy.",
        )
    if ended.returncode == 0 and ended.account is not None and ended.account.ending == "done":
        return None
    return Verdict(
        exit_code=FAILED,
        title=f"The run's process ended with code {ended.returncode} though every cell ran.",
        advice="see child.log beside the executed copy.",
    )


def _check_files(run_dir: Path, _ended: Ended) -> Verdict | None:
    missing = [name for name in (FACTS, REPORT) if not (run_dir / name).exists()]
    if FACTS in missing:
        return Verdict(
            exit_code=FAILED,
            title="The notebook wrote no facts.json.",
            advice="its last cell must be `report.finish()`, or `sk.finish` with its numbers.",
        )
    if missing:
        return Verdict(
            exit_code=NOT_PUBLISHED, title="No report.html was rendered.", advice="see child.log."
        )
    return None


def _check_secrets(run_dir: Path, _ended: Ended) -> Verdict | None:
    leak = find_leak(run_dir)
    if leak is None:
        return None
    return Verdict(
        exit_code=FAILED,
        title=f"`{leak[0]}` holds the value of `{leak[1]}`, which is a secret.",
        advice="take it out of what the notebook writes.",
    )


def _check_facts(run_dir: Path, *, has_user_list: bool) -> Verdict | None:
    try:
        facts = json.loads((run_dir / FACTS).read_text("utf-8"))
        if not has_user_list and not isinstance(facts.get("user_list"), dict):
            return None
        listed, n_users = facts["user_list"]["n_rows"], facts["overview"]["n_users"]
        n_exported = facts["user_list"].get("n_exported", n_users)
    except (ValueError, KeyError, TypeError, AttributeError):
        return _unreadable()
    return _check_lengths(run_dir, (listed, n_users), n_exported)


def _unreadable() -> Verdict:
    return Verdict(
        exit_code=FAILED, title="facts.json cannot be read.", advice="see the executed copy."
    )


def _check_lengths(
    run_dir: Path, counts: tuple[int | None, int | None], n_exported: int | None
) -> Verdict | None:
    """Compare the list with the segment's size, and the file with what was exported into it."""
    n_listed, n_users = counts
    found = {"the user list": (n_listed, n_users)}
    if (run_dir / USERS).exists():
        found[USERS] = (count_rows(run_dir / USERS), n_exported)
    for name, (n_rows, expected) in found.items():
        if n_rows != expected:
            return Verdict(
                exit_code=FAILED,
                title=f"Expected {expected} users, but {name} has {n_rows} rows.",
                advice="this is a defect of segkit; nothing was published.",
            )
    return None


def _weigh(run_dir: Path) -> Verdict:
    size = (run_dir / REPORT).stat().st_size
    if size > MOST_HTML:
        most = MOST_HTML / 1e6
        warning = f"report.html has {size / 1e6:.1f} MB, more than the {most:.0f} MB of a page."
        return Verdict(
            exit_code=WARNED, title="The report is ready, with a warning.", warnings=(warning,)
        )
    return Verdict(exit_code=OK, title="The report is ready.")


def count_rows(path: Path) -> int:
    """Give the number of rows of a CSV file below its heading line.

    Quoted line breaks count once.
    """
    with path.open(encoding="utf-8", newline="") as lines:
        return max(0, sum(1 for _ in csv.reader(lines)) - 1)
