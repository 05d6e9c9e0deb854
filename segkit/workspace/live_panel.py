"""The controls of a live report and the sections that follow them.

Sections are computed in a thread, one after the other in the order of the page, so that controls
answer meanwhile; a newer wish stops the older one between two sections. The state tells the page
what it shows, for its address and for whoever cannot see it change.
"""

import sys
import time
import traceback
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urlencode

import ipywidgets as widgets

from segkit.errors import SegkitError
from segkit.reports.report import Report
from segkit.reports.request import REST
from segkit.views.fragment import gather, note, style_sheet
from segkit.views.markup import tag
from segkit.workspace.answering import Answerer
from segkit.workspace.asking import EVERYBODY, MOST_DAYS
from segkit.workspace.live_report import Wish

GATHER_S = 0.25
"""How long after the last section of a notebook computing begins, unless `finish` says so."""

PAUSE_S = 0.08
"""How long after the last change of a control."""

KEPT = 4
"""Reports kept, so that going back is instant."""

BASELINES = [("Everyone else", REST), ("Everyone", EVERYBODY)]
WAITING = gather([note("Computing…")]).html


class Panel:
    """Controls, state and sections of one live report.

    Parameters
    ----------
    wish
        What is shown first; its segment is among the choices or is put there.
    report
        The report that the first wish asks for.
    ask
        Gives the report that another wish asks for.
    choices
        Titles and ids of the segments.
    """

    def __init__(
        self,
        wish: Wish,
        report: Report,
        *,
        ask: Callable[[Wish], Report],
        choices: list[tuple[str, str]],
    ) -> None:
        self._ask = ask
        self._wish = wish
        self._reports = {wish: report}
        self._sections: dict[str, widgets.HTML] = {}
        self._shows: dict[str, Wish] = {}
        self._state = widgets.HTML(value=f"<style>{style_sheet()}</style>")
        self._controls = _make_controls(wish, choices)
        for control in self._controls.values():
            control.observe(self._on_change, "value")
        row = widgets.HBox(list(self._controls.values()))
        row.add_class("sk-controls")
        self.box = widgets.VBox([row, self._state])
        self._answerer = Answerer(self._answer)

    def show(self, name: str) -> widgets.HTML:
        """Give the section of a name, to be filled when what is asked for is computed."""
        if name not in self._sections:
            self._sections[name] = widgets.HTML(value=WAITING)
            self._sections[name].add_class("sk-section")
        self._answerer.ask(self._wish, after_s=GATHER_S)
        return self._sections[name]

    def start(self) -> None:
        """Compute now."""
        self._answerer.ask(self._wish)

    def wait(self, timeout_s: float = 60) -> bool:
        """Wait until all that is shown is what is asked for; False when that takes longer."""
        return self._answerer.wait(timeout_s)

    def _on_change(self, _change: object) -> None:
        day = self._controls["as_of"].value
        if not isinstance(day, date):
            return
        self._answerer.ask(
            Wish(
                segment=self._controls["segment"].value,
                as_of=day.isoformat(),
                days=self._controls["days"].value,
                baseline=self._controls["baseline"].value,
            ),
            after_s=PAUSE_S,
        )

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
            traceback.print_exc(file=sys.stderr)
            self._tell(self._wish, fault="This could not be computed.")
        else:
            if is_done:
                text = f"Computed in {time.monotonic() - begun:.1f} s."
                self._tell(wish, text=text)

    def _remember(self, wish: Wish, report: Report) -> None:
        self._reports.pop(wish, None)
        self._reports[wish] = report
        while len(self._reports) > KEPT:
            del self._reports[next(iter(self._reports))]

    def _fill(self, wish: Wish, report: Report, is_newest: Callable[[], bool]) -> bool:
        """Fill every section; False when a newer wish came between.

        Raises
        ------
        SegkitError
            When there is nothing to report; then nothing is changed.
        """
        report.facts()
        self._wish = wish
        for name, section in list(self._sections.items()):
            if not is_newest():
                return False
            if self._shows.get(name) != wish:
                section.value = _render(report, name)
                self._shows[name] = wish
        return True

    def _tell(self, wish: Wish, *, text: str = "", fault: str = "", is_busy: bool = False) -> None:
        """Let the state say what is shown; the style sheet comes with the first only."""
        request = self._reports[wish].request if wish in self._reports else None
        sentence, _, hint = fault.partition("\nHint: ")
        said = tag("p", sentence or text, " " if hint else "", hint, class_="sk-said")
        self._state.value = tag(
            "div",
            said,
            class_="sk sk-state sk-faulty" if fault else "sk sk-state",
            data_query=urlencode(vars(wish)),
            data_title=request.title if request else "",
            data_snapshot=request.tables.snapshot if request else "",
            data_csv=int(request is not None and request.policy.export != "none"),
            data_busy=int(is_busy),
        )


def _render(report: Report, name: str) -> str:
    """Give a section's HTML, or the sentence that stands in its place."""
    try:
        return str(getattr(report, name)().html)
    except SegkitError as error:
        return gather([note(str(error).partition("\n")[0])]).html


def _make_controls(wish: Wish, choices: list[tuple[str, str]]) -> dict[str, Any]:
    """Give the controls by the name of their parameter."""
    ids = [segment for _, segment in choices]
    segments = choices if wish.segment in ids else [(wish.segment, wish.segment), *choices]
    known = {REST, EVERYBODY, *(segment for _, segment in segments)}
    baselines = [*BASELINES, *segments]
    if wish.baseline not in known:
        baselines.append((wish.baseline, wish.baseline))
    whole = {"description_width": "initial"}
    return {
        "segment": widgets.Dropdown(
            options=segments, value=wish.segment, description="Segment", style=whole
        ),
        "as_of": widgets.DatePicker(
            value=date.fromisoformat(wish.as_of),
            max=datetime.now(UTC).date(),
            description="Last day",
            style=whole,
        ),
        "days": widgets.BoundedIntText(
            value=wish.days, min=1, max=MOST_DAYS, description="Days up to it", style=whole
        ),
        "baseline": widgets.Dropdown(
            options=baselines, value=wish.baseline, description="Set against", style=whole
        ),
    }
