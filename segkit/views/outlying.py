"""Say in sentences which days lie out."""

from collections.abc import Sequence

from segkit.compare.facts import OutlyingDay
from segkit.views.markup import Block, tag
from segkit.views.words import share, some

RING = " Ring: a day that lies out."
_SAID = {
    "n_users": "the size",
    "n_active": "the number of members active on the day",
    "active": "the share of members who came on the day",
    "buyers": "the share of members who ordered on the day",
}
_COUNTS = ("n_users", "n_active")


def tell_outlying(outlying: Sequence[OutlyingDay], *, of: str = "") -> Block:
    """Give a sentence a day that lies out; `of` names the segment where there are several."""
    said = outlying_sentences(outlying, of=of)
    html = tag("ul", *(tag("li", sentence) for sentence in said), class_="sk-notes")
    return Block(html=html, text="\n".join(f"- {sentence}" for sentence in said))


def outlying_sentences(outlying: Sequence[OutlyingDay], *, of: str = "") -> list[str]:
    """Give the sentences of `tell_outlying` alone."""
    return [_sentence(one, of) for one in outlying]


def _sentence(one: OutlyingDay, of: str) -> str:
    verb = "high" if one.value > one.usual else "low"
    value, usual = (_amount(one.measure, v) for v in (one.value, one.usual))
    said = f"{of}: {_SAID[one.measure]}" if of else _capital(_SAID[one.measure])
    return (
        f"{said} was unusually {verb} on {one.day:%A}, {one.day}: {value}, where its weekday and "
        f"the days around would have {usual}."
    )


def _amount(measure: str, value: float) -> str:
    return some(max(round(value), 0), "users") if measure in _COUNTS else share(max(value, 0.0))


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]
