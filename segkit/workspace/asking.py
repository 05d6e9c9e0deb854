"""Turn what a person asks of a report into a request that needs nothing more."""

import json
import os
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ibis import Table

from segkit.compare.reads import reads_of
from segkit.config import PrivacyConfig, Role, WorkspaceConfig
from segkit.errors import ParameterError, RunError
from segkit.measures.roles import mask_mails
from segkit.periods import Clock
from segkit.reports.request import REST, At, ReportRequest, TimelineAt
from segkit.segments.clocks import undated
from segkit.segments.evaluate import Membership
from segkit.segments.model import DEFAULT_POLICY, EVERYONE, Definition, Policy
from segkit.segments.over_time import Timeline, evaluate_at_all
from segkit.store.tables import Tables

if TYPE_CHECKING:
    from segkit.patterns.frozen import FrozenPatterns

EVERYBODY = "everyone"
RUN_DIR = "SEGKIT_RUN_DIR"
EARLIER = "SEGKIT_EARLIER"
"""The file with the facts of earlier reports, as a run tells its notebook."""
EARLIER_WAIT_S = 30.0
LAB_ROOT = "SEGKIT_LAB_ROOT"
"""The folder that JupyterLab serves, as `segkit lab` tells its kernels."""
MOST_DAYS = 3660
NOT_WRITTEN = 40
TITLES = {REST: "everyone else", EVERYBODY: "everyone"}
Evaluate = Callable[[Definition, Clock], Membership]
Known = Callable[[Definition, Clock], Table | None]
"""Gives the members that were evaluated with others before; None where there are none."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A segment, a baseline (None for the rest) and the instant and days of a report on them.

    `library` holds the segments that the definitions may name.
    """

    definition: Definition
    clock: Clock
    days: int
    baseline: str
    baseline_definition: Definition | None
    text: str
    library: Mapping[str, Definition] | None = None


def check_days(days: int) -> int:
    """Give the number of days, if it is one.

    Raises
    ------
    ParameterError
        When it is not a whole number from 1 to 3660.
    """
    if type(days) is not int or not 1 <= days <= MOST_DAYS:
        raise ParameterError.not_read(
            "days",
            days,
            f"a whole number from 1 to {MOST_DAYS}",
            hint="give the number of days looked back on, like 90.",
        )
    return days


def policy_of(definition: Definition, privacy: PrivacyConfig) -> Policy:
    """Give the policy in force: the definition's own, else what the workspace says."""
    if definition.policy is DEFAULT_POLICY:
        return replace(DEFAULT_POLICY, export=privacy.export, min_size=privacy.min_size)
    return definition.policy


def build_request(  # noqa: PLR0913  each is resolved by another
    asked: Asked,
    *,
    tables: Tables,
    config: WorkspaceConfig,
    evaluate: Evaluate,
    known: Known,
    clearance: Role,
    patterns: "FrozenPatterns | None" = None,
) -> ReportRequest:
    """Give the request that a report needs; members that are `known` are not evaluated."""
    definition, privacy = asked.definition, config.privacy
    base = asked.baseline_definition
    reads = reads_of(definition, asked.library)
    return ReportRequest(
        tables=tables,
        segment=definition.segment,
        title=definition.title,
        description=definition.description,
        definition=definition.id,
        definition_text=asked.text if clearance == "personal" else mask_mails(asked.text),
        members_at=_members(definition, evaluate, known),
        universe_at=_universe(definition, evaluate),
        timeline=_timeline(definition, evaluate),
        clock=asked.clock,
        days=asked.days,
        baseline=asked.baseline,
        baseline_title=base.title if base else TITLES[asked.baseline],
        baseline_at=_baseline(asked, evaluate, known),
        clearance=clearance,
        columns=privacy.columns,
        min_size=privacy.min_size,
        policy=policy_of(definition, privacy),
        funnel=tuple(config.report.funnel),
        list_rows=config.report.list_rows,
        currency=config.currency,
        purchases=tuple(config.report.purchases) or None,
        order_id=config.report.order_id,
        patterns=patterns,
        reads=reads if base is None else reads | reads_of(base, asked.library),
    )


def _members(definition: Definition, evaluate: Evaluate, known: Known) -> At:
    plain = undated(definition)

    def members_at(clock: Clock) -> Table:
        found = known(plain, clock)
        return evaluate(plain, clock).members if found is None else found

    return members_at


def _universe(definition: Definition, evaluate: Evaluate) -> At:
    plain = undated(definition)

    def universe_at(clock: Clock) -> Table:
        return evaluate(plain, clock).universe

    return universe_at


def _timeline(definition: Definition, evaluate: Evaluate) -> TimelineAt:
    plain = undated(definition)

    def timeline(clocks: Sequence[Clock]) -> Timeline:
        return evaluate_at_all(evaluate(plain, clocks[-1]), clocks)

    return timeline


def _baseline(asked: Asked, evaluate: Evaluate, known: Known) -> At | None:
    """Give the baseline's members at a clock; another segment is asked at the same T and zone."""
    if asked.baseline == REST:
        return None
    if asked.baseline_definition is None:
        return _universe(replace(asked.definition, universe=EVERYONE), evaluate)
    return _members(replace(asked.baseline_definition, timezone=None), evaluate, known)


def run_folder() -> "RunFolder | None":
    """Give the folder of the run that this process works for; None outside of a run."""
    folder = os.environ.get(RUN_DIR)
    return RunFolder(Path(folder)) if folder else None


class RunFolder:
    """The folder that a run is built in; what a report writes there is whole or not there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def earlier(self) -> list[dict[str, Any]]:
        """Give the facts of the earlier reports of the same segment, oldest first.

        The runner gathers them while the notebook is already at work.
        """
        place = os.environ.get(EARLIER)
        end = time.monotonic() + EARLIER_WAIT_S
        while place and time.monotonic() < end:
            with suppress(FileNotFoundError):
                found: list[dict[str, Any]] = json.loads(Path(place).read_text("utf-8"))
                return found
            time.sleep(0.02)
        return []

    def write(self, name: str, content: bytes) -> None:
        """Write one file; it is on disk when this returns.

        Raises
        ------
        RunError
            With exit code 40 when the disk refuses.
        """
        aside = self.folder / f".{name}-{secrets.token_hex(4)}"
        try:
            with aside.open("wb") as out:
                out.write(content)
                out.flush()
                os.fsync(out.fileno())
            aside.replace(self.folder / name)
        except OSError as exc:
            with suppress(OSError):
                aside.unlink()
            raise RunError(
                f"`{name}` could not be written: {exc.strerror}. ({self.folder})\n"
                "Hint: free disk space and run the report again.",
                exit_code=NOT_WRITTEN,
            ) from exc
