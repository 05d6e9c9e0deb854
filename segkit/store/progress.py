"""Say how far long work has come, to a terminal, a log or nobody."""

from typing import Protocol


class Progress(Protocol):
    """Whoever wants to hear how far a load has come."""

    def step(self, name: str, done: int, total: int | None) -> None:
        """Hear that `done` of `total` (None: unknown) units of the step `name` are over."""


class Silent:
    """Tell nobody."""

    def step(self, name: str, done: int, total: int | None) -> None:
        """Do nothing."""
