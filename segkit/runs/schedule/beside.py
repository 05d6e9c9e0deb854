"""Stand beside a run with the ledger: note its phases, keep its lease, weigh its numbers.

While the run works, a thread renews the lease. When the lease is another's, the run is ended: two
runs of one job never both publish.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from segkit.errors import RunError, StoreError
from segkit.runs import publish
from segkit.runs.schedule.checks import weigh_facts
from segkit.runs.schedule.plan import Task
from segkit.runs.schedule.spec import ReportSpec
from segkit.runs.spec import Headway
from segkit.runs.steps import Costs, Steps
from segkit.runs.verify import OK, WARNED, Verdict
from segkit.store.run_ledger import Claim, Ledger

CLAIMED, NOT_READY = 75, 20

Now = Callable[[], datetime]
"""Gives the instant that it is, in UTC; tests give another one."""


def utc_now() -> datetime:
    """Give the instant that it is."""
    return datetime.now(UTC)


class Witness:
    """Sees how far tasks are and does nothing; what shows it to people overrides it."""

    def expect(self, tasks: Sequence[Task]) -> None:
        """See tasks that will be made."""

    def see(self, task: Task, state: str, headway: Headway | None = None) -> None:
        """See a task in a phase (`execute`, `verify`, `publish`, `queue`) or at its end.

        Comes from several threads at once, and often with nothing new.
        """


class Beside(Steps):
    """Keeps the ledger of one run.

    Parameters
    ----------
    stop
        Ends the run once it is set.
    """

    def __init__(
        self, ledger: Ledger, claim: Claim, task: Task, spec: ReportSpec, stop: threading.Event
    ) -> None:
        self.ledger = ledger
        self.claim = claim
        self.task = task
        self.spec = spec
        self.stop = self._stop = stop
        self.now: Now = utc_now
        self.witness: Witness = Witness()
        self.run: str | None = None
        self.costs: Costs | None = None
        self.is_empty = False
        self.is_lost = False
        self.broken: list[str] = []

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Renew the lease until the block is left; set `stop` when it is another's."""
        over, stop = threading.Event(), self._stop

        def renew() -> None:
            while not over.wait(self.ledger.lease_s / 3):
                with suppress(StoreError):  # the lease is long enough for two failures
                    if not self.ledger.renew(self.claim):
                        self.is_lost = True
                        stop.set()
                        return

        thread = threading.Thread(target=renew, name="segkit-lease", daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def begin(self, run: str) -> None:
        """Note that the run begins."""
        self.run = run
        self.ledger.begin(
            self.claim, run, now=self.now().isoformat(), snapshot=self.task.order.snapshot
        )
        self.witness.see(self.task, "execute")

    def hear(self, headway: Headway) -> None:
        """Let the witness see how far the notebook is."""
        self.witness.see(self.task, "execute", headway)

    def weigh(self, building: Path, verdict: Verdict, costs: Costs) -> Verdict:
        """Note what the run took, and weigh its numbers when it is good."""
        self.costs, self.is_empty = costs, verdict.is_empty
        self.enter("verify")
        if not verdict.is_good:
            return verdict
        breaches = weigh_facts(self.spec.checks, building, self._before())
        held = [breach.sentence for breach in breaches if breach.is_hold]
        if held:
            return Verdict(
                exit_code=NOT_READY,
                title=f"The report is held back: {' '.join(held)}",
                advice="look at the data; change `checks` of the report if the number is right.",
            )
        if not breaches:
            return verdict
        self.broken = [breach.words for breach in breaches]
        return replace(
            verdict,
            exit_code=WARNED if verdict.exit_code == OK else verdict.exit_code,
            warnings=(*verdict.warnings, *(breach.sentence for breach in breaches)),
        )

    def _before(self) -> Path | None:
        """Give the newest whole run of an earlier period."""
        order = self.task.order
        report = order.reports_out / order.folder
        return publish.newest_run(report, before=order.as_of)

    def enter(self, phase: str) -> None:
        """Note the next phase.

        Raises
        ------
        RunError
            With exit code 75 when the claim is another's by now.
        """
        self.witness.see(self.task, phase)
        if self.run is not None and not self.ledger.enter(self.claim, self.run, phase):
            self.is_lost = True
        if self.is_lost:
            raise RunError(
                "Another process has taken this report over; nothing was published here.",
                exit_code=CLAIMED,
            )

    def mention(self) -> dict[str, Any]:
        """Give the run that this one corrects, periods passed over and checks broken, if any."""
        said: dict[str, Any] = {"broken": self.broken} if self.broken else {}
        if self.claim.corrects is not None:
            said["corrects"] = self.claim.corrects
        if self.task.passed:
            said["passed"] = list(self.task.passed)
        return said
