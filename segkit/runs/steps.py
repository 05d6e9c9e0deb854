"""Let somebody stand beside a run: told of its phases, asked before anything is published.

A run that a person makes has nobody beside it. A scheduled one has its ledger and its checks.
"""

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from segkit.runs.spec import Headway
from segkit.runs.verify import Ended, Verdict


@dataclass(frozen=True, kw_only=True)
class Costs:
    """What a run took.

    Seconds by the clock, seconds of processors (None when the run was killed), and the most memory
    that one of its processes held, in MiB.
    """

    wall_s: float
    cpu_s: float | None
    peak_mb: int | None

    @classmethod
    def of(cls, ended: Ended, wall_s: float) -> "Costs":
        """Give the costs that the child's account tells of."""
        account = ended.account
        if account is None:
            return cls(wall_s=wall_s, cpu_s=None, peak_mb=None)
        peak = max(account.peak_mb.values(), default=None)
        return cls(wall_s=wall_s, cpu_s=account.cpu_s, peak_mb=peak)


class Steps:
    """Does nothing at any step; what stands beside a scheduled run overrides it."""

    stop: threading.Event | None = None

    def begin(self, run: str) -> None:
        """Hear of the run's name, before any process starts."""

    def hear(self, headway: Headway) -> None:
        """Hear how far the notebook is, some times a second."""

    def weigh(self, building: Path, verdict: Verdict, costs: Costs) -> Verdict:
        """Give the verdict that counts, after a look at what the run built."""
        del building, costs
        return verdict

    def enter(self, phase: str) -> None:
        """Hear of the next phase: `publish` before the folder is put in its place.

        Raises
        ------
        RunError
            When the run may not go on.
        """

    def mention(self) -> dict[str, Any]:
        """Give what the manifest says of the schedule."""
        return {}
