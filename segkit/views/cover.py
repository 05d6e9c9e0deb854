"""The first thing a reader sees: what was asked, of whom, over which days, from which data."""

from segkit.formats import Day
from segkit.measures.facts import ReportHead, SegmentReportFacts
from segkit.views.fragment import Fragment, gather
from segkit.views.markup import Block, Child, shorten, strip, tag
from segkit.views.words import part_of, some, window


def render_cover(facts: SegmentReportFacts) -> Fragment:
    """Give title, description, size, window, baseline, definition and data of a report."""
    head = facts.head
    title = Block(html=tag("p", head.title, class_="sk-title"), text=head.title)
    about = [Block(html=tag("p", head.description, class_="sk-lead"), text=head.description)]
    lines = _lines(facts)
    rows = [tag("div", tag("dt", name), tag("dd", said)) for name, said in lines]
    words = "\n".join(f"{name}: {strip(said)}" for name, said in lines)
    listed = Block(html=tag("dl", *rows, class_="sk-facts"), text=words)
    return gather([title, *(about if head.description else []), listed], class_="sk sk-cover")


def _lines(facts: SegmentReportFacts) -> list[tuple[str, Child]]:
    head, overview = facts.head, facts.overview
    n_users = overview.n_users
    whole = part_of(n_users, overview.n_universe, "users")
    size = "withheld" if n_users is None else f"{some(n_users, 'users')}, {whole} in its universe"
    against = "withheld" if head.n_baseline is None else some(head.n_baseline, "users")
    made = shorten(head.definition, 16)
    last = f"{some(head.days, 'days')}, {window(head)} ({head.timezone})"
    return [
        ("Segment", head.segment),
        ("Size", size),
        ("As of", f"the end of {Day()(head.as_of)}"),
        ("Window", last),
        ("Baseline", f"{head.baseline_title}: {against}"),
        ("Definition", tag("span", head.definition_text, class_="sk-pre")),
        ("Data", _data(head)),
        ("Made with", f"definition {made}, snapshot {head.snapshot}, engine {head.engine}"),
        (
            "Reader",
            f"cleared for {head.clearance} data; groups under {head.min_size} users are withheld",
        ),
    ]


def _data(head: ReportHead) -> str:
    if head.data_first_on is None or head.data_last_on is None:
        return "no events"
    return f"events from {Day()(head.data_first_on)} to {Day()(head.data_last_on)}"
