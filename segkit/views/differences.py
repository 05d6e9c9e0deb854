"""How a segment differs: findings in sentences, a figure, the table; what is given stands apart."""

from collections.abc import Sequence

from segkit.compare.facts import Differences, Finding
from segkit.formats import MISSING, Lift, Share
from segkit.measures.facts import SegmentReportFacts
from segkit.views.figure import figure, folded, is_enough, too_few, unfigured
from segkit.views.finding_words import choose_findings, ideas, tell
from segkit.views.fragment import Fragment, gather, heading, note
from segkit.views.markup import Block, Child, stack, tag
from segkit.views.table import Column, Table
from segkit.views.words import Words, count, interval, share, some

MOST_DRAWN = 14
MOST_ROWS = 80
MOST_GIVEN = 25
SMALLEST_Q = 0.001
UNBOUNDED = "∞"
_OF = {"cohen_h": "h", "cliff_delta": "δ", "cramer_v": "V"}
_LEGEND = (
    "Blue circles: more than the baseline; orange squares: less. Line: 95% interval. Grey: less "
    "than a small effect. Beside the marks: segment · baseline."
)


def render_differences(facts: SegmentReportFacts, differences: Differences) -> Fragment:
    """Give what sets the segment of a report apart from its baseline."""
    if differences.n_segment is None:
        return gather([note("Withheld, because the segment or its baseline is too small.")])
    return gather(
        difference_blocks(
            differences, Words.of(facts.head), others=facts.head.baseline_title, title="the segment"
        )
    )


def difference_blocks(
    differences: Differences, words: Words, *, others: str, title: str
) -> list[Block]:
    """Give the parts that show the differences of one segment from a baseline."""
    found = differences.found
    blocks = [_summary(differences)]
    if found:
        chosen = choose_findings(found)
        blocks += [_sentences([tell(f, words, others=others) for f in chosen])] if chosen else []
        blocks.append(_forest(differences, words, others=others, title=title))
    blocks += _given(differences, words)
    if found:
        blocks += _ideas(choose_findings(found))
    return blocks


def _summary(d: Differences) -> Block:
    n_found, tested = d.n_found, some(d.n_tested, "comparisons")
    beside = f" with {d.n_beside:,} values of patterns" if d.n_beside else ""
    rest = (
        f" {some(d.n_withheld, 'more comparisons')} tell of too few users." if d.n_withheld else ""
    )
    rule = (
        f"judged together{beside} so that about {Share(digits=0)(d.level)} of what is listed may "
        "be chance (Benjamini and Hochberg), and ranked by size"
    )
    holds = "holds" if n_found == 1 else "hold"
    if n_found:
        text = f"{count(n_found)} of {tested} {holds}, {rule}.{rest}"
    elif d.n_tested:
        text = f"None of {tested} holds: nothing sets the segment apart for certain.{rest}"
    else:
        text = f"There is nothing to compare beside what follows from the definition.{rest}"
    lines = [text, *d.notes]
    html = tag("p", " ".join(lines), class_="sk-muted")
    return Block(html=html, text="\n".join(lines))


def _sentences(sentences: Sequence[str]) -> Block:
    html = tag("ul", *(tag("li", sentence) for sentence in sentences), class_="sk-notes")
    return Block(html=html, text="\n".join(f"- {sentence}" for sentence in sentences))


def _forest(d: Differences, words: Words, *, others: str, title: str) -> Block:
    found = d.found
    listed = found[:MOST_ROWS]
    caption = (
        f"n = {some(d.n_segment, 'users')} of {title}, {some(d.n_baseline, 'users')} of the "
        f"baseline ({others}), of whom {count(d.n_came)} and {count(d.n_baseline_came)} came. "
        f"{_LEGEND} {_cut(len(found))}"
    ).strip()
    table = findings_table(listed, words, caption=f"What sets {title} apart, strongest first")
    drawn = _distinct(found)[:MOST_DRAWN]
    if not is_enough(d.n_segment, d.n_baseline) or not drawn:
        return unfigured(table, caption=caption, reason=too_few("Effects"))
    from segkit.views.figures.bars import ROW_HEIGHT  # noqa: PLC0415  matplotlib only for a figure
    from segkit.views.figures.canvas import Panel, Sheet, to_svg  # noqa: PLC0415
    from segkit.views.figures.forest import (  # noqa: PLC0415
        Effect,
        describe_forest,
        draw_forest,
    )

    rows = [
        Effect(
            name=f.title, kind=f.effect_kind, effect=f.effect, low=f.effect_low,
            high=f.effect_high, label=_both(f, words),
        )
        for f in drawn
    ]  # fmt: skip
    heading_ = "Strongest differences: segment against baseline"
    panel = Panel(
        draw=lambda axes: draw_forest(rows, axes, title=heading_), height=len(rows) * ROW_HEIGHT
    )
    sheet = Sheet(
        panels=[panel], title=table.caption, words=describe_forest(rows), left=6, right=92
    )
    return figure(to_svg(sheet), table, caption=caption)


def _distinct(found: Sequence[Finding]) -> list[Finding]:
    """Leave out labels as a whole, which have no direction, and what repeats the same users."""
    kept: list[Finding] = []
    seen: set[tuple[float | None, float | None]] = set()
    for f in found:
        counts = (f.numerator, f.baseline_numerator)
        if f.kind != "whole_label" and counts not in seen:
            seen.add(counts)
            kept.append(f)
    return kept


def _cut(n_found: int) -> str:
    listed = min(n_found, MOST_ROWS)
    return f"The table lists the first {listed} of {n_found}." if n_found > listed else ""


def _both(f: Finding, words: Words) -> str:
    if f.is_amount:
        return f"{words.say(f.value, 'number')} · {words.say(f.baseline, 'number')}"
    return f"{share(f.value)} · {share(f.baseline)}"


def findings_table(found: Sequence[Finding], words: Words, *, caption: str) -> Table:
    """Give findings as a table: both sides with their denominators, difference, lift, effect, q."""
    columns = [
        Column("What"),
        Column("Segment", "number"),
        Column("Baseline", "number"),
        Column("Difference (95% interval)", "interval"),
        Column("Lift (95% interval)", "interval"),
        Column("Effect", "text"),
        Column("q", "number"),
    ]
    rows = [_row(f, words) for f in found]
    return Table(caption=caption, columns=columns, rows=rows, is_live=True)


def _row(f: Finding, words: Words) -> list[Child]:
    return [
        f.title,
        _side(f, words, f.value, f.numerator, f.denominator),
        _side(f, words, f.baseline, f.baseline_numerator, f.baseline_denominator),
        _difference(f, words),
        _lift(f),
        f"{f.size} ({_OF[f.effect_kind]} = {f.effect:.2f})",
        MISSING if f.q is None else f"< {SMALLEST_Q}" if f.q < SMALLEST_Q else f"{f.q:.3f}",
    ]


def _side(
    f: Finding, words: Words, value: float | None, numerator: float | None, denominator: int
) -> Child:
    if f.kind == "whole_label":
        return stack(MISSING, f"{count(denominator)} known", joint=" of ")
    said = words.say(value, f.format)
    above = words.say(numerator, f.format) if f.format == "money" else count(numerator)
    return stack(said, f"{above} / {count(denominator)}", joint=" = ")


def _difference(f: Finding, words: Words) -> Child:
    if f.difference is None:
        return MISSING
    if f.is_amount:
        ends = [words.say(v, "number") for v in (f.difference_low, f.difference_high)]
        middles = [words.say(v, "number") for v in (f.median, f.baseline_median)]
        below = f"{ends[0]} to {ends[1]}; medians {middles[0]} and {middles[1]}"
        return stack(_signed(words.say(f.difference, "number"), f.difference), below)
    points = [f"{100 * (v or 0):+.1f}".replace("-", "−")
              for v in (f.difference, f.difference_low, f.difference_high)]  # fmt: skip
    return stack(f"{points[0]} points", f"{points[1]} to {points[2]}")


def _signed(text: str, value: float) -> str:
    return text.replace("-", "−") if value < 0 else f"+{text}"


def _lift(f: Finding) -> Child:
    if f.lift is None:
        return MISSING if f.baseline_numerator or f.numerator is None else "only here"
    ends = interval(f.lift_low, f.lift_high)
    low = interval(f.lift_low, f.lift_low).split(" ")[0]
    return stack(Lift()(f.lift), ends if f.lift_high is not None else f"{low} to {UNBOUNDED}")


def _given(d: Differences, words: Words) -> list[Block]:
    if not d.reads:
        return []
    said = "; ".join(f"{part.heading}: {', '.join(part.words)}" for part in d.reads)
    text = (
        f"The definition reads {said}. What follows from that is no finding: it is listed here, "
        "without a test."
    )
    blocks = [heading("By definition"), note(text)]
    if d.by_definition:
        table = findings_table(
            d.by_definition[:MOST_GIVEN], words, caption="So by definition, strongest first"
        )
        n_more = len(d.by_definition) - MOST_GIVEN
        summary = f"Show what is so by definition ({count(len(d.by_definition))})"
        more = f"\nNot listed: {n_more}." if n_more > 0 else ""
        blocks.append(Block(html=folded(summary, table), text=f"{table.text()}{more}"))
    return blocks


def _ideas(chosen: Sequence[Finding]) -> list[Block]:
    listed = list(ideas(chosen))
    if not listed:
        return []
    lead = "Ideas, not findings: the comparison shows what goes together, not what causes it."
    items = [tag("li", tag("b", f"{name}: "), text) for name, text in listed]
    html = tag("div", tag("p", lead), tag("ul", *items, class_="sk-notes"), class_="sk-note")
    told = "\n".join(f"- {name}: {text}" for name, text in listed)
    return [heading("What could be done with it"), Block(html=html, text=f"{lead}\n{told}")]
