"""Leave a place for whoever tells people about runs: mail, chat, nothing at all.

A run is whole without it. Whoever tells people is asked after a report is in its place, once for
each run and recipient; what went wrong goes to the report's owner alone.
"""

from pathlib import Path
from typing import Any, Protocol


class Notifier(Protocol):
    """Takes over what people should hear of; it queues and returns, and sends later."""

    def published(self, folder: Path, manifest: dict[str, Any], recipient: str) -> None:
        """Take a published report for one recipient, once for each run.

        It comes again when a process was killed before it could note so: the same folder and
        recipient must then change nothing.
        """
        ...

    def failed(self, report: str, period: str, owner: str, sentence: str) -> None:
        """Take a failure for the report's owner; the sentence holds no value of the data.

        The period is empty when the report's file cannot be read.
        """
        ...

    def late(self, report: str, period: str, owner: str, sentence: str) -> None:
        """Take the word that a report is not there though its deadline has passed."""
        ...

    def drain(self) -> int:
        """Send what is queued and due by now, also from earlier, and give an exit code.

        0 when everybody has what is theirs, 50 when somebody has not, 75 when another process
        sends. Nothing is raised for what a server can do.
        """
        ...
