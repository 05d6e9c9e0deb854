"""Put a figure into a view: caption, key, and the table behind it one click away."""

from markupsafe import Markup

from segkit.views.markup import Block, dated, join, tag
from segkit.views.table import Table

MIN_USERS = 30
"""Below this many users a figure would show chance; the table stands in its place."""

SEGMENT_KEY = "segment"
BASELINE_KEY = "baseline"
INTERVAL_KEY = "interval"
_KEYS = {
    SEGMENT_KEY: "Segment",
    BASELINE_KEY: "Baseline",
    INTERVAL_KEY: "95% interval of the lift, at the baseline's scale",
}


def is_enough(*numbers: int | None) -> bool:
    """Whether each of some numbers of users is known and large enough for a figure."""
    return all(n is not None and n >= MIN_USERS for n in numbers)


def too_few(what: str) -> str:
    """Give the sentence that stands in the place of a figure of too few users."""
    return f"{what}: no figure, because its users are fewer than {MIN_USERS} or withheld."


def key(*names: str) -> Markup:
    """Give the legend of marks: what a bar, a hollow mark and a line mean."""
    marks = [
        tag("span", tag("span", class_=f"sk-mark sk-mark-{name}", aria_hidden="true"), _KEYS[name])
        for name in names
    ]
    return tag("span", join(marks), class_="sk-key")


def figure(svg: Markup, table: Table, *, caption: str, keys: tuple[str, ...] = ()) -> Block:
    """Give a figure with n and period in its caption and its table folded below."""
    legend = [key(*keys)] if keys else []
    words = tag("figcaption", *legend, tag("span", dated(caption)))
    html = tag(
        "figure",
        tag("div", svg, class_="sk-scroll", tabindex=0, role="group", aria_label=table.caption),
        words,
        folded("Show table", table),
        class_="sk-figure",
    )
    return Block(html=html, text=f"{table.text()}\n{caption}")


def unfigured(table: Table, *, caption: str, reason: str) -> Block:
    """Give the note and the open table that stand in the place of a figure."""
    html = tag(
        "div",
        tag("p", reason, class_="sk-note"),
        table.html(),
        tag("p", dated(caption), class_="sk-muted"),
        class_="sk-figure sk-wide",
    )
    return Block(html=html, text=f"Note: {reason}\n{table.text()}\n{caption}")


def folded(summary: str, table: Table) -> Markup:
    """Give a table that opens on a click."""
    return tag("details", tag("summary", summary), table.html(), class_="sk-details")
