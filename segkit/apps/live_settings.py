"""Hand from the front to the process of live reports what it must know: one small file."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

BASE = "/live/"
"""The address of everything live, at the front as behind it."""


@dataclass(frozen=True, kw_only=True)
class LiveSettings:
    """Folders, the front's token, and how much may be taken.

    At most `most` kernels; one that nobody touches for `idle_s` seconds is ended, one whose page
    was closed after `unseen_s`, one whose page never opened its channel after `first_s`.
    """

    workspace: str
    scratch: str
    token: str
    most: int
    idle_s: int
    unseen_s: float = 20
    first_s: float = 60

    @property
    def socket(self) -> str:
        """The socket that the front speaks to."""
        return str(Path(self.scratch) / "live.sock")

    def write(self) -> Path:
        """Write the settings for their owner alone and give their path."""
        path = Path(self.scratch) / "settings.json"
        path.touch(mode=0o600)
        path.write_text(json.dumps(asdict(self)), "utf-8")
        return path

    @classmethod
    def read(cls, path: Path) -> "LiveSettings":
        """Give the settings that the front wrote."""
        return cls(**json.loads(path.read_text("utf-8")))
