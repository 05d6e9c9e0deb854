"""The headline numbers, each on a card with its unit and what it is a share of."""

from datetime import timedelta

from markupsafe import Markup

from segkit.formats import Day
from segkit.measures.facts import SegmentReportFacts
from segkit.views.fragment import Fragment, gather
from segkit.views.markup import WITHHELD, Block, Child, dated, strip, tag
from segkit.views.words import count, part_of, share, some

SEE_NOTES = "withheld: see the notes"


def render_overview(facts: SegmentReportFacts, *, is_new_settled: bool = True) -> Fragment:
    """Give four cards: users, share of the universe, active and new in the last 7 days.

    Without `is_new_settled` the last one says that it is being computed.
    """
    overview = facts.overview
    as_of = facts.head.as_of
    week = f"{Day()(as_of - timedelta(days=6))} to {Day()(as_of)}"
    size, universe = overview.n_users, overview.n_universe
    active, new = overview.n_active_7d, overview.n_new_7d
    cards = [
        _card("Users in the segment", size, "users", f"at the end of {Day()(as_of)}"),
        _share_card(size, universe, overview.share),
        _card("Active in the past 7 days", active, "users", _share(active, size, week)),
        _card("New in the past 7 days", new, "users", _share(new, size, f"first seen {week}"))
        if is_new_settled
        else _filled("New in the past 7 days", tag("span", "…", class_="sk-number"), "computing"),
    ]
    html = tag("dl", *(card.html for card in cards), class_="sk-cards")
    return gather([Block(html=html, text="\n".join(card.text for card in cards))])


def _card(name: str, n: int | None, unit: str, said: str) -> Block:
    big: Child = WITHHELD if n is None else tag("span", count(n), class_="sk-number")
    noun = some(n, unit).removeprefix(f"{count(n)} ")
    return _filled(name, Markup("{} {}").format(big, tag("small", noun)), said)


def _share(n: int | None, whole: int | None, words: str) -> str:
    if n is None or whole is None:
        return SEE_NOTES
    return f"{part_of(n, whole, 'users')} in the segment, {words}"


def _share_card(n: int | None, universe: int | None, value: float | None) -> Block:
    big: Child = WITHHELD if value is None else tag("span", share(value), class_="sk-number")
    inner = Markup("{} {}").format(big, tag("small", "of all users"))
    said = f"{count(n)} of {some(universe, 'users')} in the universe"
    return _filled("Share of all users", inner, said if n is not None else SEE_NOTES)


def _filled(name: str, big: Markup, said: str) -> Block:
    html = tag(
        "div",
        tag("dt", name),
        tag("dd", big, class_="sk-big"),
        tag("dd", dated(said)),
        class_="sk-card",
    )
    return Block(html=html, text=f"{name}: {strip(big)} ({said})")
