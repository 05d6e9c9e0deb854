"""The controls of a live report and the sections that follow them.

Sections are computed in a thread, one after the other in the order of the page, so that controls
answer meanwhile; a newer wish stops the older one between two sections. The state tells the page
what it shows, for its address and for whoever cannot see it change.
"""

import sys
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import ipywidgets as widgets

from segkit.errors import SegkitError
from segkit.views.fragment import gather, note, style_sheet
from segkit.views.markup import tag
from segkit.workspace.answering import Answerer, begin_apart
from segkit.workspace.desk import Desk, Task
from segkit.workspace.live_controls import Control
from segkit.workspace.live_report import Wish, is_live
from segkit.workspace.live_run import RunButton

GATHER_S = 0.25
"""How long after the last section of a notebook computing begins, unless `finish` says so."""

PAUSE_S = 0.08
"""How long after the last change of a control."""

KEPT, KEPT_PAGES = 4, 8
"""Reports kept, and pages as they were drawn, so that going back is instant."""

NAMED = "sk-is-"
"""Begins the class of a section's widget that names it."""

WAITING = gather([note("Computing…")]).html


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What a page says of the report that it shows, beside its sections.

    `users` is the query of the file with its user list; empty where there is none.
    """

    title: str
    snapshot: str
    users: str = ""


class Panel:
    """Controls, state and sections of one live report.

    Parameters
    ----------
    wish
        What is shown first.
    report
        The report that the first wish asks for. Its sections are methods; the first of them,
        `cover`, raises when there is nothing to report.
    ask
        Gives the report that another wish asks for.
    controls
        What of the wish people can change.
    tell
        Says what the page says of a report.
    private
        The parameters whose values the server must not see.
    """

    def __init__(
        self,
        wish: Wish,
        report: Any,  # noqa: ANN401  whichever kind of report
        *,
        ask: Callable[[Wish], Any],
        controls: Sequence[Control],
        tell: Callable[[Any], Shown],
        private: frozenset[str] = frozenset(),
    ) -> None:
        self._ask = ask
        self._told = tell
        self._private = private
        self._wish = wish
        self._reports = {wish: report}
        self._sections: dict[str, widgets.HTML] = {}
        self._shows: dict[str, Wish] = {}
        self._pages: dict[Wish, dict[str, str]] = {}
        self._state = widgets.HTML(value=f"<style>{style_sheet()}</style>")
        self._controls = controls
        for control in controls:
            control.widget.observe(self._on_change, "value")
        boxes = [control.widget for control in controls]
        row = widgets.HBox(boxes, layout={"flex_flow": "row wrap"})
        row.add_class("sk-controls")
        self._lost = widgets.Text(continuous_update=False, layout={"display": "none"})
        self._lost.add_class("sk-lost")
        self._lost.observe(self._on_lost, "value")
        self.box = widgets.VBox([row, self._state, self._lost])
        self._desk = Desk()
        self._saying = threading.Lock()
        self._answerer = Answerer(self._answer)

    @property
    def shown(self) -> tuple[Wish, Any]:
        """The wish whose report is shown, and the report."""
        return self._wish, self._reports.get(self._wish) or self._ask(self._wish)

    def add(self, button: RunButton) -> None:
        """Put a button below the controls."""
        self.box.children = (*self.box.children, button.box)

    def show(self, name: str) -> widgets.HTML:
        """Give the section of a name, to be filled when what is asked for is computed."""
        if name not in self._sections:
            self._sections[name] = widgets.HTML(value=WAITING)
            self._sections[name].add_class("sk-section")
            self._sections[name].add_class(f"{NAMED}{name}")
        self._answerer.ask(self._wish, after_s=GATHER_S)
        return self._sections[name]

    def start(self) -> None:
        """Compute now."""
        self._answerer.ask(self._wish)

    def wait(self, timeout_s: float = 60) -> bool:
        """Wait until all that is shown is what is asked for; False when that takes longer."""
        return self._answerer.wait(timeout_s)

    def _on_lost(self, change: dict[str, Any]) -> None:
        """Say again what a page has not heard: `N name name …`, the N-th time that it asks.

        What is said while a page is still building its widgets reaches nobody.
        """
        for name in str(change["new"]).split()[1:]:
            if name in self._shows:
                self._sections[name].send_state("value")
        self._state.send_state("value")

    def _on_change(self, _change: object) -> None:
        values = {control.name: control.read(control.widget.value) for control in self._controls}
        asked = {name: value for name, value in values.items() if value is not None}
        if len(asked) == len(values):
            self._answerer.ask(self._wish.with_values(**asked), after_s=PAUSE_S)

    def _answer(self, wish: Wish, is_newest: Callable[[], bool]) -> None:
        """Show what a wish asks for; what fails is said in the page and in the kernel's log."""
        begun = time.monotonic()
        self._tell(self._wish, is_busy=True, text="Computing…")
        try:
            report = self._reports.get(wish) or self._ask(wish)
            self._remember(wish, report)
            is_done = self._fill(wish, report, is_newest)
        except SegkitError as error:
            self._tell(self._wish, fault=str(error))
        except Exception:  # noqa: BLE001  a thread that dies would leave the page waiting forever
            self._log_defect(wish)
            self._tell(self._wish, fault="This could not be computed.")
        else:
            if is_done:
                text = f"Computed in {time.monotonic() - begun:.1f} s."
                self._tell(wish, text=text)

    def _log_defect(self, wish: Wish) -> None:
        """Print the error that is being handled, without the values that nobody may log."""
        said = traceback.format_exc()
        for name in self._private:
            said = said.replace(str(wish[name]), f"({name})") if wish[name] else said
        print(said, file=sys.stderr)  # noqa: T201  the kernel's own log

    def _remember(self, wish: Wish, report: Any) -> None:  # noqa: ANN401
        self._reports.pop(wish, None)
        self._reports[wish] = report
        self._pages[wish] = self._pages.pop(wish, {})
        for kept, most in ((self._reports, KEPT), (self._pages, KEPT_PAGES)):
            while len(kept) > most:
                del kept[next(iter(kept))]

    def _show_again(self, wish: Wish) -> bool:
        """Show a page as it was drawn before; False when it was not drawn whole."""
        page = self._pages[wish]
        if not self._sections.keys() <= page.keys():
            return False
        with self._saying:
            self._wish = wish
            for name, section in self._sections.items():
                section.value = page[name]
                self._shows[name] = wish
        return True

    def _fill(self, wish: Wish, report: Any, is_newest: Callable[[], bool]) -> bool:  # noqa: ANN401
        """Fill every section; False when a newer wish came between.

        Raises
        ------
        SegkitError
            When there is nothing to report; then nothing is changed.
        """
        if self._show_again(wish):
            return True
        self._fill_first(wish, report)
        try:
            for place, name in enumerate(list(self._sections)):
                if not is_newest():
                    return False
                if place == 1 and hasattr(report, "begin"):
                    with suppress(SegkitError):  # the section says so when it is its turn
                        report.begin(begin_apart)
                if self._shows.get(name) != wish:
                    self._show_next(wish, report, name)
            self._desk.finish()
        finally:
            self._desk.clear()
        if hasattr(report, "measured") and is_live():
            self._desk.open()  # for the next change: a page that opens has enough to do
        return True

    def _show_next(self, wish: Wish, report: Any, name: str) -> None:  # noqa: ANN401
        """Measure a section, and have it drawn; one that cannot be made says why."""

        def done(html: str) -> None:
            with self._saying:
                if wish == self._wish:
                    self._sections[name].value = html
                    self._shows[name] = wish
                    self._pages[wish][name] = html

        if not hasattr(report, "measured"):
            done(_render(report, name))
            return
        try:
            self._desk.put(Task(report.measured(name), done))
        except SegkitError as error:
            done(_in_place_of(error))

    def _fill_first(self, wish: Wish, report: Any) -> None:  # noqa: ANN401
        """Say what can be said at once; the first section raises when there is nothing."""
        first = report.at_first() if hasattr(report, "at_first") else {"cover": report.cover()}
        with self._saying:
            self._wish = wish
            for name, found in first.items():
                if name in self._sections and self._shows.get(name) != wish:
                    self._shows.pop(name, None)
                    self._sections[name].value = found.html

    def _tell(self, wish: Wish, *, text: str = "", fault: str = "", is_busy: bool = False) -> None:
        """Let the state say what is shown; the style sheet comes with the first only."""
        shown = self._told(self._reports[wish]) if wish in self._reports else None
        query, private = wish.split(self._private)
        sentence, _, hint = fault.partition("\nHint: ")
        said = tag("p", sentence or text, " " if hint else "", hint, class_="sk-said")
        state = tag(
            "div",
            said,
            class_="sk sk-state sk-faulty" if fault else "sk sk-state",
            data_query=query,
            data_private=private if self._private else None,
            data_title=shown.title if shown else "",
            data_snapshot=shown.snapshot if shown else "",
            data_users=shown.users if shown else "",
            data_busy=int(is_busy),
        )
        with self._saying:
            self._state.value = state


def _render(report: Any, name: str) -> str:  # noqa: ANN401
    """Give a section's HTML, or the sentence that stands in its place."""
    try:
        return str(getattr(report, name)().html)
    except SegkitError as error:
        return _in_place_of(error)


def _in_place_of(error: SegkitError) -> str:
    return gather([note(str(error).partition("\n")[0])]).html
