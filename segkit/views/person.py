"""Show one user: who it is, in which segments, beside the average, event by event."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from segkit.formats import Day, Lift
from segkit.measures.facts import UserRows, ratio
from segkit.measures.person import LOOKED_BACK, EventPage, Person
from segkit.measures.person_beside import Beside, BesideAverage
from segkit.segments.explain import Verdict
from segkit.views.explanation import render_why
from segkit.views.fragment import Fragment, gather, heading, note
from segkit.views.markup import WITHHELD, Block, Child, identify, stack, strip, tag
from segkit.views.table import Column, Table
from segkit.views.words import Words, count, some


@dataclass(frozen=True, kw_only=True)
class ProfileHead:
    """What was asked of one user and from which data; `currency` is None where there is not one."""

    as_of: date
    days: int
    start_on: date
    timezone: str
    currency: str | None
    snapshot: str
    engine: str
    clearance: str
    min_size: int
    data_last_on: date | None

    @property
    def words(self) -> Words:
        """How values are said: in the currency and time zone of the workspace."""
        return Words(currency=self.currency, timezone=self.timezone)


@dataclass(frozen=True, kw_only=True)
class Spell:
    """One segment that a user is in at T.

    `since` is the first day of an unbroken row of days at whose ends the user was in; None where
    that could not be asked. `is_exact` is false where the row may have begun earlier. `why` is what
    the definition asks with its answers, as far as the reader may know; None where that cannot be
    told.
    """

    segment: str
    title: str
    since: date | None
    is_exact: bool
    why: Verdict | None = None


def render_person(head: ProfileHead, person: Person) -> Fragment:
    """Give who the user is, when seen, and what was asked."""
    words = head.words
    lines: list[tuple[str, Child]] = [
        ("User", identify(person.user, beyond=44)),
        ("Known", "by a user id" if person.is_known else "by a device only, nobody signed in"),
        ("First seen", words.say(person.first_seen_at, "instant")),
        ("Known by id since", words.say(person.identified_at, "instant")),
        ("Last active", words.say(person.last_active_at, "instant")),
        ("Up to then", f"{some(person.n_events, 'events')} in {some(person.n_visits, 'visits')}"),
        ("As of", f"the end of {Day()(head.as_of)} ({head.timezone})"),
        ("Window", f"{some(head.days, 'days')}, {Day()(head.start_on)} to {Day()(head.as_of)}"),
        ("Made with", f"snapshot {head.snapshot}, engine {head.engine}"),
        ("Reader", f"cleared for {head.clearance} data"),
    ]
    rows = [tag("div", tag("dt", name), tag("dd", said)) for name, said in lines]
    text = "\n".join(f"{name}: {strip(said)}" for name, said in lines)
    return gather(
        [Block(html=tag("dl", *rows, class_="sk-facts"), text=text)], class_="sk sk-cover"
    )


def render_spells(head: ProfileHead, spells: Sequence[Spell]) -> Fragment:
    """Give a row a segment that the user is in: its title, its id, since when."""
    if not spells:
        return gather([note("This user is in no segment at the end of the day.")])
    rows = [[spell.title, spell.segment, _say_since(spell)] for spell in spells]
    columns = [Column("Segment"), Column("Id"), Column("In it since")]
    caption = f"{some(len(rows), 'segments')} at the end of {Day()(head.as_of)}"
    blocks = [Table(caption=caption, columns=columns, rows=rows, stacks=True).block()]
    if not all(spell.is_exact for spell in spells):
        earlier = f"Looked back on for {LOOKED_BACK} days at most: “or earlier” is all of them."
        blocks.append(note(earlier))
    return gather([*blocks, *(_why(spell, head) for spell in spells if spell.why is not None)])


def _why(spell: Spell, head: ProfileHead) -> Block:
    """Give the conditions of one segment with their answers, folded away in the page."""
    if spell.why is None:
        raise AssertionError(spell)
    told, title = render_why(spell.why, head.timezone), f"Why in “{spell.title}”"
    html = tag("details", tag("summary", title), told.html, class_="sk-details")
    return Block(html=html, text=f"{title}\n{told.text}")


def _say_since(spell: Spell) -> str:
    if spell.since is None:
        return "not known"
    day = Day()(spell.since)
    return day if spell.is_exact else f"{day} or earlier"


def render_beside_average(head: ProfileHead, beside: Beside) -> Fragment:
    """Give a row an amount: the user's, the average with what it is divided by, and their ratio."""
    rows = [_beside_row(row, head.words) for row in beside.rows]
    came = some(beside.n_users, "users")
    caption = (
        f"The {some(head.days, 'days')} to {Day()(head.as_of)}: this user, and the average of all "
        f"{came} who came in them"
    )
    columns = [
        Column("Amount"),
        Column("This user", "number"),
        Column("Average", "number"),
        Column("This user / average", "number"),
    ]
    return gather([Table(caption=caption, columns=columns, rows=rows, stacks=True).block()])


def _beside_row(row: BesideAverage, words: Words) -> list[Child]:
    own = words.say(row.value, row.kind)
    if row.average is None:
        return [row.title, own, WITHHELD, "–"]
    kind = "number" if row.kind == "count" else row.kind
    below = f"{words.say(row.total, row.kind)} / {some(row.n_users, 'users')}"
    times = Lift()(ratio(row.value, row.average))
    return [row.title, own, stack(words.say(row.average, kind), below, joint=" = "), times]


def render_timeline(head: ProfileHead, page: EventPage) -> Fragment:
    """Give one page of the events, newest first."""
    if not page.rows.rows:
        return gather([note("No event of this user is known up to that day.")])
    last = page.first + len(page.rows.rows) - 1
    where = f"page {count(page.page)} of {count(page.n_pages)}"
    caption = (
        f"Events {count(page.first)} to {count(last)} of {count(page.rows.n_rows)}, newest first "
        f"({where}); times in {head.timezone}"
    )
    return gather([_table(page.rows, caption, head.words).block()])


def render_person_visits(head: ProfileHead, visits: UserRows) -> Fragment:
    """Give the last visits, newest first."""
    if not visits.rows:
        return gather([note("No visit of this user is known up to that day.")])
    part = "" if visits.n_rows == len(visits.rows) else f"the last {count(len(visits.rows))} of "
    caption = (
        f"{part}{some(visits.n_rows, 'visits')} to {Day()(head.as_of)}, newest first; "
        f"times in {head.timezone}"
    )
    return gather([_table(visits, caption[:1].upper() + caption[1:], head.words).block()])


def render_known(head: ProfileHead, labels: UserRows, consents: UserRows) -> Fragment:
    """Give the labels of the user and the consents, each with its beginning where that is known."""
    day = Day()(head.as_of)
    blocks: list[Block] = []
    if labels.rows:
        caption = f"{some(len(labels.rows), 'labels')} at the end of {day}"
        blocks.append(_table(labels, caption, head.words).block())
    else:
        blocks.append(note("No label of this user may be shown, or none is known."))
    if consents.rows:
        caption = f"What the user said to {some(len(consents.rows), 'purposes')} up to {day}"
        blocks += [heading("Consents"), _table(consents, caption, head.words).block()]
    return gather(blocks)


def render_person_notes(notes: Sequence[str]) -> Fragment:
    """Give the notes as a list."""
    html = tag("ul", *(tag("li", sentence) for sentence in notes), class_="sk-notes")
    return gather([Block(html=html, text="\n".join(f"- {sentence}" for sentence in notes))])


def _table(rows: UserRows, caption: str, words: Words) -> Table:
    columns = [Column(title, kind) for _, title, kind in rows.columns]
    said = [
        [words.say(value, column.kind) for value, column in zip(row, columns, strict=True)]
        for row in rows.rows
    ]
    return Table(caption=caption, columns=columns, rows=said, is_live=True)
