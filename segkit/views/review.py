"""Show many segments on one page: what to look at first, then one row a segment."""

from markupsafe import Markup

from segkit.compare.changes import MIN_HISTORY, Change, Usualness
from segkit.compare.quantities import Quantity
from segkit.compare.review import NAMES, STRIKING, Alert, Reviewed, ReviewFacts
from segkit.formats import MISSING, Day, Share
from segkit.views.changed import say_move
from segkit.views.fragment import Fragment, gather, note
from segkit.views.markup import WITHHELD, Block, Child, dated, join, tag
from segkit.views.spark import draw_spark
from segkit.views.table import Column, Table
from segkit.views.words import count, some

SHOWN = ("size", "share", "active", "new", "entered", "left")
"""The columns; the share of active users stands in the column of the active ones."""


def amount(quantity: Quantity | None) -> str:
    """Give a number of a review as text; a withheld one is an en dash."""
    if quantity is None or quantity.value is None:
        return MISSING
    return Share()(quantity.value) if quantity.kind == "share" else count(int(quantity.value))


def fraction(quantity: Quantity | None) -> str:
    """Give numerator and denominator of a share; empty for a count or a withheld number."""
    if quantity is None or quantity.is_count or quantity.value is None:
        return ""
    return f"{count(int(quantity.numerator or 0))} / {count(int(quantity.denominator or 0))}"


def said_of(facts: ReviewFacts) -> dict[str, str]:
    """Give what each number of a review is called."""
    days = some(facts.days, "days")
    return {
        "size": "Users",
        "share": "Share of universe",
        "active": f"Active in {days}",
        "active_share": f"Active in {days}, of the segment",
        "new": f"New in {days}",
        "entered": f"Entered in the {facts.period}",
        "left": f"Left in the {facts.period}",
    }


def render_review_cover(facts: ReviewFacts) -> Fragment:
    """Give how many segments, which periods, which data."""
    n_alerts = len(facts.alerts)
    data = "no events"
    if facts.data_first_on and facts.data_last_on:
        data = f"events from {Day()(facts.data_first_on)} to {Day()(facts.data_last_on)}"
    year = f"{facts.year_on}" if facts.year_on else "the data does not reach back a year"
    lines: list[tuple[str, str]] = [
        ("Segments", count(len(facts.segments))),
        ("To look at", some(n_alerts, "alerts")),
        ("Period", f"the {facts.period} to the end of {Day()(facts.as_of)} ({facts.timezone})"),
        ("Set against", f"{facts.before_on or MISSING}, and a year ago: {year}"),
        ("History", some(facts.n_history, f"earlier {facts.period}s")),
        ("Data", data),
        ("Made with", f"snapshot {facts.snapshot}, engine {facts.engine}"),
        (
            "Reader",
            f"cleared for {facts.clearance} data; groups under {facts.min_size} users are withheld",
        ),
    ]
    rows = [tag("div", tag("dt", name), tag("dd", said)) for name, said in lines]
    words = "\n".join(f"{name}: {said}" for name, said in lines)
    listed = Block(html=tag("dl", *rows, class_="sk-facts"), text=words)
    return gather([listed], class_="sk sk-cover")


def say_alert(alert: Alert, facts: ReviewFacts) -> str:
    """Give an alert as a sentence, without the segment's name."""
    change = alert.change
    if change is None:
        return f"no numbers: {alert.reason}"
    name = said_of(facts)[change.now.name].lower()
    parts = fraction(change.now)
    now = f"{amount(change.now)}{f' ({parts})' if parts else ''}"
    was = f"{amount(change.before)} on {facts.before_on}"
    odd = (
        f"z = {_number(change.z)} among {facts.n_history - 1} earlier changes"
        if change.z is not None
        else "it did not vary before"
    )
    return f"{name} {now}, {say_move(change)} from {was}; beyond usual variation ({odd})."


def _number(z: float) -> str:
    return f"{z:+.1f}".replace("-", "−")


def render_review_alerts(facts: ReviewFacts) -> Fragment:
    """Give what to look at first, or that there is nothing, or that nobody can know yet."""
    if facts.alerts:
        said = [(alert.title, say_alert(alert, facts)) for alert in facts.alerts]
        items = [tag("li", tag("b", title), ": ", dated(sentence)) for title, sentence in said]
        text = "\n".join(f"- {title}: {sentence}" for title, sentence in said)
        return gather([Block(html=tag("ul", *items, class_="sk-alerts"), text=text)])
    if facts.n_history <= MIN_HISTORY:
        return gather([note(_too_little(facts))])
    return gather([note("Nothing moved beyond its usual variation.")])


def _too_little(facts: ReviewFacts) -> str:
    return (
        f"Too little history to tell usual from unusual: {some(facts.n_history, 'earlier periods')}"
        f" of the {MIN_HISTORY + 1} that it takes."
    )


def render_review_table(facts: ReviewFacts) -> Fragment:
    """Give one row a segment: each number with its change since before and since a year ago."""
    if not facts.segments:
        return gather([note("No segment has numbers.")])
    names = said_of(facts)
    columns = [Column("Segment"), *(Column(names[name], "count") for name in SHOWN)]
    rows: list[list[Child]] = [
        [_title(one, facts), *(_cell(one, name) for name in SHOWN)] for one in facts.segments
    ]
    caption = (
        f"{some(len(facts.segments), 'segments')} at the end of {facts.as_of}; below each number "
        f"its change since {facts.before_on or 'no earlier period'}"
        f"{f' and since {facts.year_on}, a year ago' if facts.year_on else ''}"
    )
    return gather([Table(caption=caption, columns=columns, rows=rows, stacks=True).block()])


def _title(one: Reviewed, facts: ReviewFacts) -> Markup:
    words = f"Users over {some(len(one.sizes), f'{facts.period}s')}"
    joint = tag("span", " · ", class_="sk-joint")
    return join([tag("span", one.title), joint, draw_spark(one.sizes, words=words)])


def _cell(one: Reviewed, name: str) -> Markup:
    change = one.since_before[NAMES.index(name)]
    if change.now.value is None:
        return WITHHELD
    lines = [fraction(change.now)] if name == "share" else []
    if name == "active":
        part = one.since_before[NAMES.index("active_share")].now
        lines.append(f"{amount(part)} of {amount(one.since_before[0].now)}" if part.value else "")
    lines.append(_since(change, f"from {amount(change.before)}"))
    if one.since_year:
        year = one.since_year[NAMES.index(name)]
        lines.append(_since(year, f"from {amount(year.before)} a year ago"))
    small = [(line.replace(" ", "\u00a0"), "sk-under") for line in lines if line]
    flag = _flag(change)
    marks = [tag("span", " ", class_="sk-joint") for _ in (*small, flag)]
    below = [tag("small", line, class_=kind) for line, kind in small]
    below += [tag("span", flag, class_="sk-flag")] if flag else []
    paired = [part for pair in zip(marks, below, strict=False) for part in pair]
    return join([tag("span", amount(change.now)), *paired])


def _since(change: Change, before: str) -> str:
    move = say_move(change)
    return f"{move} {before}" if move else ""


def _flag(change: Change) -> str:
    if change.usualness not in STRIKING:
        return ""
    if change.usualness is Usualness.no_variation:
        return change.usualness.value
    return f"unusual, z {_number(change.z or 0.0)}"


def review_notes(facts: ReviewFacts) -> tuple[str, ...]:
    """Give how a review is read, and what it could not say."""
    notes = [
        f"Active: any event in the {some(facts.days, 'days')} up to the day.",
        "New: the first event ever in these days.",
        f"Entered and left: since the end of the {facts.period} before.",
        "A share moves by points, a count by percent of what it was.",
    ]
    if facts.n_history <= MIN_HISTORY:
        notes.append(_too_little(facts))
    else:
        notes.append(
            f"Unusual: |z| > 3.5, z = (x − median) / (1.4826 · MAD) of the last change x among the "
            f"changes between the {facts.n_history} earlier periods (Iglewicz and Hoaglin, 1993)."
        )
    if facts.year_on is None:
        notes.append("There is no comparison with a year ago: the data does not reach back.")
    if any(c.now.numerator is None for one in facts.segments for c in one.since_before):
        notes.append(
            f"“– withheld” stands for a number about too few users (fewer than {facts.min_size}, "
            "or more where a segment's policy says so), or one that would give such a number away."
        )
    return tuple(notes)


def render_review_notes(facts: ReviewFacts) -> Fragment:
    """Give the notes of a review."""
    html = tag("ul", *(tag("li", sentence) for sentence in facts.notes), class_="sk-notes")
    return gather([Block(html=html, text="\n".join(f"- {said}" for said in facts.notes))])
