"""How much of a change is who is in and how much is what they do: sentences, bars, tables."""

from collections.abc import Sequence

from segkit.compare.comparison import ComparisonHead, MixFacts, RateChange, SideValue
from segkit.compare.mix import Mix, MixGroup
from segkit.formats import MISSING, Day
from segkit.measures.facts import ratio
from segkit.views.figure import figure, folded, is_enough
from segkit.views.fragment import Fragment, gather, heading, note
from segkit.views.markup import Block, Child, shorten, stack, tag
from segkit.views.table import Column, Table
from segkit.views.words import count, share, some

RATES = {"active": "members who came", "buyers": "members who ordered"}
SMALLEST = 0.0005
"""Parts below a twentieth of a point are none."""
MOST_DRAWN = 5
MOST_GROUPS = 8
MOST_TITLE = 28
ROW_HEIGHT = 40
_LEAD = (
    "Mix: what the rate would have moved because other users are in, had each group kept its rate. "
    "Behaviour: what it moved because groups did more or less, had their shares stayed. The two "
    "add up to the whole (Kitagawa). Each line splits the same difference by another label; labels "
    "of many values show more mix by chance. What is split is described, not tested."
)


def render_mix(head: ComparisonHead, facts: MixFacts) -> Fragment:
    """Give each difference of a rate in a sentence, one figure, and the groups behind it."""
    told = [change for change in facts.changes if change.change is not None and change.parts]
    hidden = len(facts.changes) - len(told)
    blocks = [note(sentence) for sentence in facts.notes]
    if hidden:
        some_ = "1 rate is" if hidden == 1 else f"{hidden} rates are"
        blocks.append(note(f"{some_} not split: everyone, nobody, or too few users did it."))
    if not told:
        return gather([*blocks, note("No rate can be split into mix and behaviour here.")])
    sentences = [_tell(head, facts, change) for change in told if not change.is_given]
    if len(sentences) < len(told):
        sentences.append("Rates that a segment's definition reads are in the table only.")
    html = tag("ul", *(tag("li", sentence) for sentence in sentences), class_="sk-notes")
    listed = Block(html=html, text="\n".join(f"- {sentence}" for sentence in sentences))
    return gather([*blocks, listed, *_figure(head, facts, told), *_groups(head, told)])


def _points(value: float) -> str:
    return f"{100 * value:+.1f}".replace("-", "−")


def _whole(value: SideValue) -> str:
    return f"{share(value.value)} ({count(value.numerator)} of {some(_n(value), 'users')})"


def _n(value: SideValue) -> int:
    return int(value.denominator or 0)


def _against(head: ComparisonHead, facts: MixFacts, change: RateChange) -> str:
    if change.against == "baseline":
        return f"of {head.baseline_title}"
    return f"in {Day()(facts.before_start_on)} to {Day()(facts.before_end_on)}"


def _tell(head: ComparisonHead, facts: MixFacts, change: RateChange) -> str:
    largest = change.parts[0]
    return (
        f"{change.title}, {RATES[change.rate]}: {_whole(change.after)} against "
        f"{_whole(change.before)} {_against(head, facts, change)}, {_points(change.change or 0)} "
        f"points. {_split(largest)}"
    )


def _split(part: Mix) -> str:
    name = part.title.lower() if part.title[1:2].islower() else part.title
    if abs(part.mix) < SMALLEST:
        return "No label explains any of it by who is in: all of it is behaviour."
    return (
        f"By {name}, which explains most, {_points(part.mix)} points are mix (who is in) and "
        f"{_points(part.behaviour)} points behaviour within the same groups."
    )


def _name(head: ComparisonHead, change: RateChange) -> str:
    against = "the window before" if change.against == "time" else head.baseline_title
    return f"{change.title}, {RATES[change.rate]}, against {against}"


def _figure(head: ComparisonHead, facts: MixFacts, told: Sequence[RateChange]) -> list[Block]:
    drawn = _chosen(told)
    table = _table(head, told)
    if not drawn:
        return [table.block()]
    against = "the window before" if drawn[0].against == "time" else head.baseline_title
    sizes = "; ".join(
        f"{c.title} {count(_n(c.after))} against {count(_n(c.before))}" for c in drawn
    )
    caption = (
        f"n (users): {sizes}; {Day()(head.start_on)} to {Day()(head.as_of)} against {against}"
        f"{_before(facts) if drawn[0].against == 'time' else ''}. {_LEAD}"
    )
    if not all(is_enough(_n(c.after), _n(c.before)) for c in drawn):
        reason = "No figure: the users of a segment are fewer than 30."
        return [note(reason), table.block()]
    from segkit.views.figures.canvas import Panel, Sheet, to_svg  # noqa: PLC0415  matplotlib only for a figure
    from segkit.views.figures.mix import describe_mix, draw_mix, reach_of  # noqa: PLC0415

    reach = reach_of(drawn, MOST_DRAWN)

    def panel(change: RateChange) -> Panel:
        parts = change.parts[:MOST_DRAWN]
        total = _points(change.change or 0)
        title = f"{shorten(change.title, MOST_TITLE)}: {total} points"
        return Panel(
            draw=lambda axes: draw_mix(parts, axes, title=title, reach=reach),
            height=len(parts) * ROW_HEIGHT,
        )

    sheet = Sheet(
        panels=[panel(change) for change in drawn], title=table.caption,
        words=describe_mix(drawn), left=4, right=12, below=38,
    )  # fmt: skip
    what = f"{RATES[drawn[0].rate]}, against {against}"
    return [heading(f"{what[:1].upper()}{what[1:]}"), figure(to_svg(sheet), table, caption=caption)]


def _before(facts: MixFacts) -> str:
    return f", {Day()(facts.before_start_on)} to {Day()(facts.before_end_on)}"


def _chosen(told: Sequence[RateChange]) -> list[RateChange]:
    """Give what the figure draws: one rate of each segment, over time where that is known.

    Nothing where the definitions give all rates.
    """
    told = [change for change in told if not change.is_given]
    against = "time" if any(c.against == "time" for c in told) else "baseline"
    free = [c for c in told if c.against == against]
    if not free:
        return []
    rates = [c.rate for c in free]
    rate = max(dict.fromkeys(rates), key=lambda r: (rates.count(r), r == "buyers"))
    return [c for c in free if c.rate == rate]


def _table(head: ComparisonHead, told: Sequence[RateChange]) -> Table:
    columns = [
        Column("Rate and what it is set against"),
        Column("Before or baseline", "number"),
        Column("Now", "number"),
        Column("Change (points)", "number"),
        Column("Split by"),
        Column("Mix (points)", "number"),
        Column("Behaviour (points)", "number"),
    ]
    rows: list[list[Child]] = [
        [
            _name(head, change), _side(change.before), _side(change.after),
            _points(change.change or 0), part.title, _points(part.mix), _points(part.behaviour),
        ]
        for change in told
        for part in change.parts
    ]  # fmt: skip
    return Table(
        caption="Changes of rates, split into mix and behaviour", columns=columns, rows=rows,
        is_live=True,
    )  # fmt: skip


def _side(value: SideValue) -> Child:
    below = f"{count(value.numerator)} / {count(value.denominator)}"
    return stack(share(value.value), below, joint=" = ")


def _groups(head: ComparisonHead, told: Sequence[RateChange]) -> list[Block]:
    """Give the groups of the label that explains most, folded, for each change drawn."""
    free = [change for change in told if not change.is_given]
    blocks: list[Block] = [heading("The groups behind it")] if free else []
    for change in free:
        part = change.parts[0]
        name = f"{_name(head, change)}, by {part.title}"
        table = _group_table(part, name)
        blocks.append(Block(html=folded(f"Show {name}", table), text=table.text()))
    return blocks


def _group_table(part: Mix, caption: str) -> Table:
    wholes = [sum(n) for n in zip(*((g.n_before, g.n_after) for g in part.groups), strict=True)]
    columns = [
        Column(part.title),
        Column(f"Share before or in the baseline, of {some(wholes[0], 'users')}", "share"),
        Column(f"Share now, of {some(wholes[1], 'users')}", "share"),
        Column("Rate before or in the baseline", "share"),
        Column("Rate now", "share"),
        Column("Mix (points)", "number"),
        Column("Behaviour (points)", "number"),
    ]
    rows = [_group(group, wholes) for group in part.groups[:MOST_GROUPS]]
    return Table(caption=caption, columns=columns, rows=rows)


def _group(group: MixGroup, wholes: Sequence[int]) -> list[Child]:
    return [
        group.value,
        _part(group.n_before, wholes[0]),
        _part(group.n_after, wholes[1]),
        _part(group.n_with_before, group.n_before),
        _part(group.n_with_after, group.n_after),
        _points(group.mix),
        _points(group.behaviour),
    ]


def _part(n: int, whole: int) -> Child:
    if not whole:
        return MISSING
    return stack(share(ratio(n, whole)), f"{count(n)} / {count(whole)}", joint=" = ")
