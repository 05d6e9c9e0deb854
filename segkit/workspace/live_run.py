"""The button of a live report that makes the run of what is shown: "Run as report".

Only where people have a notebook open: a served page writes nothing. The run is the command that
anybody could type, in a process of its own, so that the notebook stays usable and the report is the
same as a scheduled one.
"""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path
from urllib.parse import quote

import ipywidgets as widgets

from segkit.workspace.asking import LAB_ROOT, RUN_DIR

TELL_S = 1.0
LINK = "color: var(--jp-content-link-color); text-decoration: underline"
"""JupyterLab shows links in widgets like any text."""
Command = Callable[[], Sequence[str]]


def is_served() -> bool:
    """Whether the page of this kernel is served by Voilà, to people who have no notebook."""
    return os.environ.get("SERVER_SOFTWARE", "").startswith("voila/")


class RunButton:
    """A button with the state of the run that it began.

    Parameters
    ----------
    root
        The workspace's folder.
    command
        Gives the words after `segkit -w FOLDER` that make the report shown now.
    """

    def __init__(self, root: Path, command: Command) -> None:
        self._root = root
        self._command = command
        self._thread: threading.Thread | None = None
        self.button = widgets.Button(
            description="Run as report",
            tooltip="Make this report as a run, and put it among the published reports",
            icon="file-export",
        )
        self.state = widgets.HTML()
        self.button.on_click(self._begin)
        self.box = widgets.HBox([self.button, self.state])

    def wait(self, timeout_s: float = 120) -> None:
        """Wait until the run that was begun last has ended."""
        if self._thread is not None:
            self._thread.join(timeout_s)

    def _begin(self, _button: object) -> None:
        self.button.disabled = True
        self._thread = threading.Thread(target=self._run, args=(list(self._command()),))
        self._thread.start()

    def _run(self, words: list[str]) -> None:
        try:
            self.state.value = self._make(words)
        finally:
            self.button.disabled = False

    def _make(self, words: list[str]) -> str:
        """Make the report and give what became of it, as markup."""
        begun = time.monotonic()
        with subprocess.Popen(  # noqa: S603  our own command
            [sys.executable, "-m", "segkit", "-w", str(self._root), *words, "--json"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={name: value for name, value in os.environ.items() if name != RUN_DIR},
        ) as child:
            while True:
                try:
                    told, said = child.communicate(timeout=TELL_S)
                    break
                except subprocess.TimeoutExpired:
                    passed = time.monotonic() - begun
                    self.state.value = f"Making the report… {passed:.0f} s"
        if child.returncode not in {0, 10}:
            return _show_fault(said)
        made = json.loads(told)
        return _show_report(Path(made["report"]), made.get("warnings", ()))


def _show_fault(said: str) -> str:
    """Give what the command said, without the colour of a terminal."""
    lines = escape(said.strip() or "The report could not be made.").splitlines()
    return f'<span role="alert">{"<br>".join(lines)}</span>'


def _show_report(page: Path, warnings: Sequence[str]) -> str:
    """Give the path of a report, as a link where the server of the notebook can give it."""
    named = escape(str(page))
    base = os.environ.get(LAB_ROOT)
    if base and page.is_relative_to(base):
        prefix = os.environ.get("JUPYTERHUB_SERVICE_PREFIX", "/")
        address = f"{prefix}files/{quote(page.relative_to(base).as_posix())}"
        named = f'<a style="{LINK}" href="{escape(address)}" target="_blank">{named}</a>'
    told = "".join(f"<br>Warning: {escape(warning)}" for warning in warnings)
    return f"The report is ready: {named}{told}"
