"""Make the controls of live reports: one kind a shape of value, each usable without a mouse."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import ipywidgets as widgets
from traitlets import Unicode

from segkit.workspace.live_report import Value

Options = Sequence[tuple[str, str]]
"""Titles and ids to choose from."""

WHOLE = {"description_width": "initial"}
CHOICES = {
    "display": "grid",
    "grid_template_columns": "repeat(auto-fill, minmax(14rem, 1fr))",
    "max_height": "12.5rem",
    "overflow": "auto",
}
"""Boxes to tick stand side by side in a place that scrolls, however many there are."""


@dataclass(frozen=True, kw_only=True)
class Control:
    """One control: the parameter's name, the widget, and what its value means.

    `read` gives the parameter's value; None while what stands there is none, as a date half typed.
    """

    name: str
    widget: Any
    read: Callable[[Any], Value | None] = lambda value: value


def choose_one(name: str, label: str, value: str, options: Options) -> Control:
    """Give a control for one of some ids; a value that is not among them is put there."""
    known = {one for _, one in options}
    listed = [*options, *([] if value in known else [(value, value)])]
    box = widgets.Dropdown(options=listed, value=value, description=label, style=WHOLE)
    return Control(name=name, widget=box)


def choose_day(name: str, label: str, value: str) -> Control:
    """Give a control for an ISO day, today at the latest."""
    box = widgets.DatePicker(
        value=date.fromisoformat(value),
        max=datetime.now(UTC).date(),
        description=label,
        style=WHOLE,
    )
    return Control(
        name=name,
        widget=box,
        read=lambda day: day.isoformat() if isinstance(day, date) else None,
    )


def choose_number(name: str, label: str, value: int, *, most: int, least: int = 1) -> Control:
    """Give a control for a whole number between two bounds."""
    box = widgets.BoundedIntText(value=value, min=least, max=most, description=label, style=WHOLE)
    return Control(name=name, widget=box)


def enter_text(name: str, label: str, value: str) -> Control:
    """Give a control for a line of text, read when it is left or Enter is pressed."""
    box = widgets.Text(value=value, description=label, continuous_update=False, style=WHOLE)
    box.add_class(f"sk-enter-{name}")
    return Control(name=name, widget=box, read=lambda text: str(text).strip())


def choose_several(
    name: str, label: str, value: str, options: Options, *, most: int, empty: str | None = None
) -> Control:
    """Give a control for some of several ids, in one text with commas.

    With none ticked the value is `empty`; None where something must be ticked.
    """
    box = Several(label, value, options, most=most)
    return Control(name=name, widget=box, read=lambda ticked: ticked or empty)


class Several(widgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """A box to tick for each id; when `most` are ticked, no other can be.

    Parameters
    ----------
    label
        What is chosen.
    value
        The ids ticked first, with commas between them; the first stays the first.
    options
        Titles and ids; an id of `value` that is not among them is put there.
    most
        The most ids at once.
    """

    value = Unicode(help="The ids ticked, with commas between them, in the order of ticking.")

    def __init__(self, label: str, value: str, options: Options, *, most: int) -> None:
        chosen = [part for part in value.split(",") if part]
        known = {one for _, one in options}
        listed = [*options, *((one, one) for one in chosen if one not in known)]
        self._most = most
        self._boxes = {
            one: widgets.Checkbox(
                value=one in chosen, description=title, indent=False, layout={"width": "auto"}
            )
            for title, one in listed
        }
        heading = widgets.Label(value=label)
        choices = widgets.VBox(list(self._boxes.values()), layout=CHOICES)
        choices.add_class("sk-choices")
        super().__init__([heading, choices], value=",".join(chosen), layout={"width": "100%"})
        self.add_class("sk-several")
        for box in self._boxes.values():
            box.observe(self._on_tick, "value")
        self._close()

    def _on_tick(self, _change: object) -> None:
        ticked = [one for one, box in self._boxes.items() if box.value]
        kept = [one for one in self.value.split(",") if one in ticked]
        self.value = ",".join([*kept, *(one for one in ticked if one not in kept)])
        self._close()

    def _close(self) -> None:
        """Let no more be ticked than may be."""
        is_full = sum(box.value for box in self._boxes.values()) >= self._most
        for box in self._boxes.values():
            box.disabled = is_full and not box.value
