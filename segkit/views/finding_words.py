"""Say findings in sentences that need no statistics, and what could be tried because of them.

A sentence says who, what, how much more, and both shares with their denominators. Ideas are worded
with care and stand apart: a comparison shows what goes together, not what causes what.
"""

from collections.abc import Iterator, Sequence

from segkit.compare.facts import COMERS, Finding
from segkit.formats import Number
from segkit.views.words import Words, share, some

MOST_SENTENCES = 7
MOST_OF_KIND = {"page": 2, "event": 2, "entry_page": 1, "amount": 2}
"""At most so many sentences of one kind; of labels and visits, one for each."""
ALIKE = 0.05
"""Lifts nearer to 1 than this are told as points of difference."""
_ACTS = {
    "Channel": "came through {}",
    "Source": "came from {}",
    "Device": "came on {}",
    "Browser": "came with {}",
    "Country": "came from {}",
}
_OTHERS = {"everyone else": "others", "everyone": "others"}
"""What the users of a baseline are called: a member is never in it."""
IDEAS = {
    "page": (
        "Pages",
        (
            "look at what members seek on the pages above, and whether it could be found sooner; "
            "change one thing and compare with members who do not see the change."
        ),
    ),
    "visit": (
        "Ways in",
        (
            "a message is more likely to be seen where members come in anyway. Whether it changes "
            "what they do, only an experiment tells."
        ),
    ),
    "label": (
        "Labels",
        (
            "labels that are frequent here can help to choose whom to ask or write to, where "
            "consent allows it. They describe members; they need not be the reason."
        ),
    ),
    "event": (
        "Actions",
        (
            "the step before or after such an action is a place to offer help; measure who "
            "completes it before and after."
        ),
    ),
    "amount": (
        "Amounts",
        (
            "members who do much of something may be the ones to ask what they miss; those who "
            "do little may need another offer rather than more of the same."
        ),
    ),
    "active": (
        "Coming back",
        (
            "if members come less, a reminder may bring some back; hold back a random part of them "
            "to see whether it does."
        ),
    ),
}
_ONE_KIND = {"entry_page": "page", "whole_label": "label"}


def choose_findings(found: Sequence[Finding], *, most: int = MOST_SENTENCES) -> list[Finding]:
    """Give the strongest findings that say different things, strongest first."""
    chosen: list[Finding] = []
    used: dict[str, int] = {}
    seen: set[tuple[float | None, float | None]] = set()
    for finding in found:
        counts = (finding.numerator, finding.baseline_numerator)
        key = finding.kind if finding.kind in MOST_OF_KIND else finding.group
        is_full = used.get(key, 0) >= MOST_OF_KIND.get(finding.kind, 1)
        if finding.kind == "whole_label" or is_full or counts in seen:
            continue
        if finding.size == "negligible":
            continue
        used[key] = used.get(key, 0) + 1
        seen.add(counts)
        chosen.append(finding)
        if len(chosen) == most:
            break
    return chosen


def tell(finding: Finding, words: Words, *, others: str) -> str:
    """Give one finding as a sentence; `others` names the baseline's users."""
    if finding.is_amount:
        return _tell_amount(finding, words, others)
    own, other = _sizes(finding, others)
    act = _act(finding)
    if not finding.numerator:
        return f"No members {act}: none of {own} against {share(finding.baseline)} of {other}."
    if not finding.baseline_numerator:
        return f"Only members {act}: {share(finding.value)} of {own}, none of {other}."
    shares = f"{share(finding.value)} of {own} against {share(finding.baseline)} of {other}"
    return f"Members {act} {_how_often(finding, others)}: {shares}."


def _how_often(finding: Finding, others: str) -> str:
    lift = finding.lift or 0.0
    if abs(lift - 1) < ALIKE:
        return f"{'more' if lift > 1 else 'less'} often than {others}"
    if lift < 1:
        return f"{Number(digits=1)(1 / lift)} times less often than {others}"
    return f"{Number(digits=1)(lift)} times as often as {others}"


def _sizes(finding: Finding, others: str) -> tuple[str, str]:
    who = " who came" if finding.of == COMERS else ""
    baseline = _OTHERS.get(others, f"users of {others}")
    return (
        f"{some(finding.denominator, 'members')}{who}",
        f"{some(finding.baseline_denominator, baseline)}{who}",
    )


def _act(finding: Finding) -> str:
    match finding.kind:
        case "page":
            return f"viewed {finding.name}"
        case "entry_page":
            return f"came in on {finding.name}"
        case "event":
            return f"did “{finding.name}”"
        case "active":
            return "came in the window"
        case "visit":
            heading = finding.title.split(":", 1)[0]
            return _ACTS.get(heading, "had {}").format(finding.name)
    return f"have “{finding.title}”"


def _tell_amount(finding: Finding, words: Words, others: str) -> str:
    own, other = _sizes(finding, others)
    value, base = (words.say(v, finding.format) for v in (finding.value, finding.baseline))
    more = "more" if finding.effect > 0 else "fewer"
    if finding.format == "money":
        more = "more" if finding.effect > 0 else "less"
    pairs = share((abs(finding.effect) + 1) / 2)
    return (
        f"{finding.title}: {value} on average of {own} against {base} of {other}. A member has "
        f"{more} than a user of the baseline in {pairs} of pairs, ties halved."
    )


def ideas(found: Sequence[Finding]) -> Iterator[tuple[str, str]]:
    """Give (what it is about, what could be tried), one for each kind of finding, in order."""
    told: set[str] = set()
    for finding in found:
        kind = _ONE_KIND.get(finding.kind, finding.kind)
        if kind not in told and kind in IDEAS:
            told.add(kind)
            yield IDEAS[kind]
