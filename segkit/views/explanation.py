"""Show why a user is in a segment or not: the rule as a tree, each condition with its answer."""

from datetime import date, datetime

from markupsafe import Markup

from segkit.formats import Day, Instant
from segkit.measures.explained import Explained
from segkit.segments.explain import Verdict
from segkit.segments.seen import Seen
from segkit.views.fragment import Fragment, gather, note
from segkit.views.markup import Block, dated, join, tag
from segkit.views.words import count

_MARKS = {True: "yes", False: "no", None: "not told"}
_CLASSES = {True: "sk-verdict sk-holds", False: "sk-verdict sk-fails", None: "sk-verdict"}
_WIDTH = len("[yes]")
PERSONAL = "What reads personal data is not told: this reader is not cleared for it."


def render_explanation(facts: Explained) -> Fragment:
    """Give the answer as a sentence, then every condition below what it is a part of."""
    head = _sentence(facts)
    blocks = [
        Block(html=tag("p", dated(head), class_="sk-lead"), text=head),
        Block(
            html=_list(facts.root.parts, facts.timezone),
            text="\n".join(_lines(facts.root.parts, facts.timezone, 0)),
        ),
    ]
    if _is_withheld(facts.root):
        blocks.append(note(PERSONAL))
    return gather(blocks)


def render_why(root: Verdict, timezone: str) -> Block:
    """Give only the conditions of a whole definition, each below what it is a part of."""
    return Block(html=_list(root.parts, timezone), text="\n".join(_lines(root.parts, timezone, 0)))


def _sentence(facts: Explained) -> str:
    is_in = "is in" if facts.is_member else "is not in"
    return (
        f"User {facts.user} {is_in} “{facts.title}” ({facts.segment}) {say_when(facts)} "
        f"({facts.timezone})."
    )


def say_when(facts: Explained) -> str:
    """Give the instant T in words: the end of a day, or a time of day."""
    if facts.is_day_end:
        return f"at the end of {Day()(facts.as_of)}"
    return f"at {Instant(zone=facts.timezone)(facts.at)}"


def _is_withheld(verdict: Verdict) -> bool:
    return verdict.holds is None or any(_is_withheld(part) for part in verdict.parts)


def _list(parts: tuple[Verdict, ...], timezone: str) -> Markup:
    return tag("ul", *(_item(part, timezone) for part in parts), class_="sk-why")


def _item(verdict: Verdict, timezone: str) -> Markup:
    seen = [tag("small", dated(say_seen(s, timezone)), class_="sk-under") for s in verdict.seen]
    below = [_list(verdict.parts, timezone)] if verdict.parts else []
    mark = tag("span", _MARKS[verdict.holds], class_=_CLASSES[verdict.holds])
    said = tag("span", dated(verdict.text), join(seen))
    return tag("li", tag("div", mark, " ", said), *below)


def _lines(parts: tuple[Verdict, ...], timezone: str, depth: int) -> list[str]:
    lines = []
    for part in parts:
        mark = f"[{_MARKS[part.holds]}]".ljust(_WIDTH)
        lines.append(f"{'  ' * depth}{mark} {part.text}")
        lines += [f"{'  ' * depth}{' ' * _WIDTH} {say_seen(s, timezone)}" for s in part.seen]
        lines += _lines(part.parts, timezone, depth + 1)
    return lines


def say_seen(seen: Seen, timezone: str) -> str:
    """Give one thing that was seen in words, with the days that were looked at.

    >>> say_seen(Seen(what="number of times", value=3, to_on=date(2026, 6, 30)), "UTC")
    'number of times: 3 (up to 2026-06-30)'
    >>> say_seen(Seen(what="value", value=None), "UTC")
    'value: unknown'
    """
    of = "" if seen.of is None else f" of {count(seen.of)}"
    return f"{seen.what}: {_value(seen, timezone)}{of}{_days(seen)}"


def _value(seen: Seen, timezone: str) -> str:
    match seen.value:
        case None:
            return "unknown"
        case datetime() as instant:
            return Instant(zone=timezone)(instant)
        case date() as day:
            return Day()(day)
        case str() as text:
            return f"“{text}”" if seen.what == "value" else text
        case number:
            return f"{number:,}"


def _days(seen: Seen) -> str:
    if seen.to_on is None:
        return ""
    if seen.from_on is None:
        return f" (up to {Day()(seen.to_on)})"
    is_one = seen.from_on == seen.to_on
    days = Day()(seen.to_on) if is_one else f"{Day()(seen.from_on)} to {Day()(seen.to_on)}"
    return f" ({days})"
