"""Hand one execution from the runner to its child process, and the child's account of it back.

Both are small JSON files in a scratch folder of the run: a process that dies leaves what it wrote.
"""

import json
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

Ending = Literal["done", "cell_timeout", "kernel_died", "error", "not_rendered"]

NOTEBOOK = "notebook.ipynb"
EXECUTED = "executed.ipynb"
FACTS = "facts.json"
REPORT = "report.html"
ACCOUNT = "account.json"
LOG = "child.log"
HEADWAY = "headway"


@dataclass(frozen=True, kw_only=True)
class Spec:
    """What the child must do.

    Execute `scratch/notebook.ipynb` with plain parameters and render it into `run_dir`.

    `cell_timeout_s` bounds one cell, in seconds; `snapshot` is the one that the notebook reads,
    empty for the newest.
    """

    scratch: str
    run_dir: str
    parameters: dict[str, str | int]
    cell_timeout_s: int
    title: str
    snapshot: str = ""

    @property
    def earlier(self) -> str:
        """The file that the facts of earlier reports are written to."""
        return str(Path(self.run_dir) / ".earlier.json")

    def write(self) -> Path:
        """Write the spec into the scratch folder and give its path."""
        path = Path(self.scratch) / "spec.json"
        path.write_text(json.dumps(asdict(self)), "utf-8")
        return path

    @classmethod
    def read(cls, path: Path) -> "Spec":
        """Give the spec that the runner wrote."""
        return cls(**json.loads(path.read_text("utf-8")))


@dataclass(frozen=True, kw_only=True)
class Account:
    """What the child says of its work; evidence for the judge, never the verdict.

    `seconds` by phase, `cpu_s` of the child and the kernel together; `peak_mb` of the child and of
    the kernel, in MiB; `detail` names what ended it, in one sentence without any value of the data.
    """

    ending: Ending
    detail: str = ""
    seconds: dict[str, float] = field(default_factory=dict)
    peak_mb: dict[str, int] = field(default_factory=dict)
    cpu_s: float = 0.0

    def write(self, scratch: Path) -> None:
        """Write the account into the scratch folder."""
        (scratch / ACCOUNT).write_text(json.dumps(asdict(self)), "utf-8")

    @classmethod
    def read(cls, scratch: Path) -> "Account | None":
        """Give the child's account; None when it left none or a broken one."""
        try:
            return cls(**json.loads((scratch / ACCOUNT).read_text("utf-8")))
        except (OSError, ValueError, TypeError):
            return None


@dataclass(frozen=True, kw_only=True)
class Headway:
    """How far a notebook is: the cell at work, counted from 1, and how many there are."""

    cell: int
    n_cells: int

    def write(self, scratch: Path) -> None:
        """Write it into the scratch folder; a full disk is no reason to stop."""
        with suppress(OSError):
            (scratch / HEADWAY).write_text(f"{self.cell} {self.n_cells}", "utf-8")

    @classmethod
    def read(cls, scratch: Path) -> "Headway | None":
        """Give how far it is; None before the first cell."""
        try:
            cell, n_cells = (scratch / HEADWAY).read_text("utf-8").split()
            return cls(cell=int(cell), n_cells=int(n_cells))
        except (OSError, ValueError):
            return None
