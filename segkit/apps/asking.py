"""Check what a live page is asked for, by the same words as the command line, before all else."""

import threading
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlencode

from segkit.apps.readers import Reader
from segkit.config import WorkspaceConfig
from segkit.errors import ParameterError
from segkit.runs.order import Order, order_report
from segkit.runs.parameters import SEGMENT_REPORT
from segkit.store.snapshot import latest
from segkit.workspace import Workspace

GIVEN = ("segment", "as_of")
"""Parameters that an order takes by name; the others are its settings."""


class Asking:
    """The workspace as the front asks it: one question at a time, always of the newest snapshot."""

    def __init__(self, root: Path, config: WorkspaceConfig) -> None:
        self.root = root
        self._workspace = Workspace(root, config)
        self._turn = threading.Lock()

    def order(self, query: Sequence[tuple[str, str]], reader: Reader) -> Order:
        """Give the order that a query asks for; without a segment the first of the library.

        Raises
        ------
        SegkitError
            As the command line refuses it; a segment that is not meant for the reader is unknown.
        """
        given: dict[str, str] = {}
        settings = []
        for name, text in query:
            if name not in GIVEN:
                settings.append(f"{name}={text}")
            elif name in given:
                raise ParameterError.build(
                    f"Parameter `{name}` is set twice.", hint="give it once."
                )
            else:
                given[name] = text
        with self._turn:
            self._refresh()
            kept_back = self.kept_back(reader)
            if "segment" not in given:
                known = self._workspace.segments.entries
                first = (e.segment for e in known if not e.fault and e.segment not in kept_back)
                given["segment"] = next(first, "")
            for name in (given["segment"], *(text.partition("=")[2] for text in settings)):
                if name in kept_back:
                    self._refuse(name)
            return order_report(
                self._workspace,
                SEGMENT_REPORT.report,
                given,
                settings=settings,
                clearance=reader.clearance,
            )

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


def address_of(order: Order) -> str:
    """Give path and query of the live report that an order means, complete and in one order."""
    asked = {k: str(v) for k, v in order.parameters.items() if k != "workspace"}
    return f"/live/{order.report}?{urlencode(asked)}"
