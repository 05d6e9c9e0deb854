"""Check what a live page is asked for, by the same words as the command line, before all else."""

import threading
from collections.abc import Sequence
from pathlib import Path

from segkit.apps.readers import Reader
from segkit.apps.registry import LiveApp
from segkit.config import WorkspaceConfig
from segkit.errors import ParameterError
from segkit.runs.order import Order, order_report
from segkit.store.snapshot import latest
from segkit.workspace import Workspace
from segkit.workspace.kept_back import spell_tracked
from segkit.workspace.reviewing import TRACKED

GIVEN = ("segment", "segments", "as_of")
"""Parameters that an order takes by name; the others are its settings."""


class Asking:
    """The workspace as the front asks it: one question at a time, always of the newest snapshot."""

    def __init__(self, root: Path, config: WorkspaceConfig) -> None:
        self.root = root
        self._workspace = Workspace(root, config)
        self._turn = threading.Lock()

    def order(self, app: LiveApp, query: Sequence[tuple[str, str]], reader: Reader) -> Order:
        """Give the order that a query asks for; without segments the first ones of the library.

        Raises
        ------
        SegkitError
            As the command line refuses it; a segment that is not meant for the reader is unknown.
        """
        given, settings = _sort(query)
        with self._turn:
            self._refresh()
            kept_back = self.kept_back(reader)
            self._fill(app, given, kept_back)
            texts = [*given.values(), *(text.partition("=")[2] for text in settings)]
            for name in (part.strip() for text in texts for part in text.split(",")):
                if name in kept_back:
                    self._refuse(name)
            return order_report(
                self._workspace,
                app.name,
                given,
                settings=settings,
                clearance=reader.clearance,
                is_live=True,
            )

    def _fill(self, app: LiveApp, given: dict[str, str], kept_back: frozenset[str]) -> None:
        """Name the segments that a query leaves open, without those kept from the reader."""
        names = app.model.names
        place = next((name for name in ("segment", "segments") if name in names), None)
        if place is None:
            return
        if app.model.is_whole:
            asked = given.get(place, TRACKED)
            spelled = spell_tracked(self._workspace.segments, asked, kept_back)
            if place in given or spelled != asked:
                given[place] = spelled
        elif place not in given:
            known = self._workspace.segments.entries
            free = [e.segment for e in known if not e.fault and e.segment not in kept_back]
            given[place] = ",".join(free[: app.n_first])

    def _refresh(self) -> None:
        if self._workspace.snapshot != latest(self._workspace.root):
            self._workspace.refresh()
        else:
            self._workspace.__dict__.pop("segments", None)

    def kept_back(self, reader: Reader) -> frozenset[str]:
        """Give the segments whose audience the reader is not in."""
        audiences = self._workspace.config.serve.audiences
        return frozenset(s for s in audiences if not reader.is_in_audience([s], audiences))

    def _refuse(self, segment: str) -> None:
        """Say of a segment kept back what is said of one that does not exist."""
        raise ParameterError.build(
            f"Unknown segment `{segment[:40]}`.", hint="choose one of the report's own list."
        )


def _sort(query: Sequence[tuple[str, str]]) -> tuple[dict[str, str], list[str]]:
    """Give what an order takes by name, and its settings.

    Raises
    ------
    ParameterError
        When something of the first is set twice.
    """
    given: dict[str, str] = {}
    settings = []
    for name, text in query:
        if name not in GIVEN:
            settings.append(f"{name}={text}")
        elif name in given:
            raise ParameterError.build(f"Parameter `{name}` is set twice.", hint="give it once.")
        else:
            given[name] = text
    return given, settings
