"""Hold the profile of one user as people use it: a section at a time, each computed once.

A profile is looked at and never published: nothing of it is written anywhere.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ibis import Table

from segkit.config import Role
from segkit.errors import EmptyError, SegkitError, name_some
from segkit.measures.activity import build_activity, find_purchases
from segkit.measures.facts import UserRows, as_json
from segkit.measures.people import Reader
from segkit.measures.person import (
    LOOKED_BACK,
    EventPage,
    Person,
    describe_person,
    list_consents,
    list_events,
    list_labels,
    list_visits,
)
from segkit.measures.person_beside import Beside, Crowd, measure_beside, measure_crowd
from segkit.measures.sides import Sides
from segkit.measures.traffic import read_visits
from segkit.periods import Clock, local_day
from segkit.reports.shown import Shown
from segkit.store.tables import Tables
from segkit.views.fragment import Fragment, gather, note
from segkit.views.person import (
    ProfileHead,
    Spell,
    render_beside_average,
    render_known,
    render_person,
    render_person_notes,
    render_person_visits,
    render_spells,
    render_timeline,
)

SECTIONS = ("cover", "beside", "timeline", "visits", "known", "segments", "notes")
"""The sections in the order of the page: segments take longest to ask, so they come late."""


class Site:
    """What everyone did in one window, measured once for all who are looked at.

    Parameters
    ----------
    tables, clock, days
        The snapshot, T, which ends a day, and the length of the window before it.
    universe
        Every user that can be looked at (`user_no`).
    min_size
        The fewest others behind an average that is shown.
    purchases, order_id
        The events that are orders, None for those known by name; the property that names an order.
    """

    def __init__(  # noqa: PLR0913  one wish each
        self,
        *,
        tables: Tables,
        universe: Table,
        clock: Clock,
        days: int,
        min_size: int = 10,
        purchases: Sequence[str] | None = None,
        order_id: str | None = None,
    ) -> None:
        self.tables, self.universe, self.clock, self.days = tables, universe, clock, days
        self.min_size = min_size
        self._purchases = purchases
        self._order_id = order_id

    def sides_of(self, user_no: int) -> Sides:
        """Give one user as a segment of its own.

        Raises
        ------
        EmptyError
            When nothing was known of the user at T.
        """
        universe = self.universe.select("user_no")
        own = universe.filter(universe.user_no == user_no).mutate(in_segment=True)
        own = self.tables.engine.keep(own, "profile")
        n = int(self.tables.engine.scalar(own.count()))
        if not n:
            raise EmptyError.unknown_user_at(self.clock.day)
        return self._sides(own, n)

    def _sides(self, groups: Table, n: int) -> Sides:
        return Sides(
            tables=self.tables,
            groups=groups,
            clock=self.clock,
            days=self.days,
            n_segment=n,
            n_baseline=0,
            min_size=self.min_size,
        )

    @cached_property
    def _everyone(self) -> Sides:
        groups = self.universe.select("user_no").mutate(in_segment=True)
        return self._sides(self.tables.engine.keep(groups, "everyone"), 0)

    @cached_property
    def visits(self) -> Table:
        """The visits begun before T."""
        return read_visits(self._everyone)

    @cached_property
    def crowd(self) -> Crowd:
        """What everyone who came in the window did."""
        found = find_purchases(self.tables.catalogue)
        purchases = found if self._purchases is None else tuple(self._purchases)
        activity = build_activity(self._everyone, purchases=purchases, order_id=self._order_id)
        return measure_crowd(self._everyone, activity, self.visits)


@dataclass(frozen=True, kw_only=True)
class ProfileRequest:
    """The profile of one user as it is asked for, already resolved.

    `spells` gives the segments that the user is in at T, and the ids of those that could not be
    asked. `currency` is that of amounts that come without one.
    """

    site: Site
    user_no: int
    spells: Callable[[], tuple[Sequence[Spell], Sequence[str]]]
    clearance: Role
    columns: Mapping[str, Role] = field(default_factory=dict)
    currency: str | None = None

    @property
    def reader(self) -> Reader:
        """Who reads."""
        return Reader(clearance=self.clearance, columns=self.columns)


class UserProfile(Shown):
    """The profile of one user; it computes nothing until a section is asked for.

    Parameters
    ----------
    request
        What is asked, already resolved.
    page
        The page of the timeline, from 1; one beyond the last is the last.
    """

    sections = SECTIONS

    def __init__(self, request: ProfileRequest, *, page: int = 1) -> None:
        self.request = request
        self.page = page

    @property
    def tables(self) -> Tables:
        """The snapshot."""
        return self.request.site.tables

    def turn(self, page: int) -> "UserProfile":
        """Give the same profile at another page of its timeline; the rest is not computed anew."""
        other = UserProfile(self.request, page=page)
        kept = {k: v for k, v in vars(self).items() if k not in {"page", "request", "events"}}
        vars(other).update(kept)
        return other

    @cached_property
    def _sides(self) -> Sides:
        return self.request.site.sides_of(self.request.user_no)

    @cached_property
    def person(self) -> Person:
        """Who the user is."""
        return describe_person(self._sides, self.request.site.visits, self.request.reader)

    @cached_property
    def amounts(self) -> Beside:
        """What the user did in the window beside the average."""
        asked = self.request
        return measure_beside(self._sides, asked.site.crowd, currency=asked.currency)

    @cached_property
    def spells(self) -> tuple[Sequence[Spell], Sequence[str]]:
        """The segments that the user is in, and the ids of those that could not be asked."""
        return self.request.spells()

    @cached_property
    def last_visits(self) -> UserRows:
        """The last visits."""
        return list_visits(self._sides, self.request.site.visits, self.request.reader)

    @cached_property
    def events(self) -> EventPage:
        """The page of the timeline."""
        n_events = self.person.n_events
        return list_events(self._sides, self.request.reader, page=self.page, n_events=n_events)

    @cached_property
    def labels(self) -> tuple[UserRows, UserRows]:
        """The labels of the user, and the consents."""
        return list_labels(self._sides, self.request.reader), list_consents(self._sides)

    @cached_property
    def _head(self) -> ProfileHead:
        asked, site = self.request, self.request.site
        zone, catalogue = site.clock.zone, site.tables.catalogue
        currencies = site.crowd.currencies
        return ProfileHead(
            as_of=site.clock.day,
            days=site.days,
            start_on=self._sides.start_on,
            timezone=zone.key,
            currency=currencies[0] if len(currencies) == 1 else asked.currency,
            snapshot=site.tables.snapshot,
            engine=site.tables.engine.name,
            clearance=asked.clearance,
            min_size=site.min_size,
            data_last_on=local_day(catalogue.last_at, zone) if catalogue.last_at else None,
        )

    def controls(self) -> Fragment:
        """Give nothing, where nobody looks on who could change the question."""
        return gather([])

    def cover(self) -> Fragment:
        """Give who this is, since when known, and from which data."""
        return render_person(self._head, self.person)

    def segments(self) -> Fragment:
        """Give the segments that the user is in, and since when where that is known."""
        return render_spells(self._head, self.spells[0])

    def beside(self) -> Fragment:
        """Give what the user did in the window beside the average of all who came in it."""
        return render_beside_average(self._head, self.amounts)

    def timeline(self) -> Fragment:
        """Give one page of the user's events, newest first."""
        return render_timeline(self._head, self.events)

    def visits(self) -> Fragment:
        """Give the user's last visits, newest first."""
        return render_person_visits(self._head, self.last_visits)

    def known(self) -> Fragment:
        """Give the labels of the user and what the user consents to, each with its beginning."""
        return render_known(self._head, *self.labels)

    def notes(self) -> Fragment:
        """Give what was left out, withheld or assumed."""
        return render_person_notes(self._notes())

    def _notes(self) -> tuple[str, ...]:
        silent, beside = self.spells[1], self.amounts
        notes = [
            f"Instants are in the time zone {self._head.timezone}. Events of bots are left out.",
            (
                f"An average is withheld where fewer than {self.request.site.min_size} other users "
                "stand behind it."
            ),
            f"Membership is looked back on for {LOOKED_BACK} days, at the end of every day.",
        ]
        if silent:
            notes.append(f"Could not be asked: {name_some(silent)}.")
        if len(beside.currencies) > 1:
            notes.append(f"Revenue is not given: orders are in {name_some(beside.currencies)}.")
        if self.request.clearance != "personal":
            notes.append(
                "Labels and details that are personal are left out, and what looks like an e-mail "
                "or an IP address is masked: this reader is not cleared for personal data."
            )
        return tuple(notes)

    def document(self) -> dict[str, Any]:
        """Give the profile as plain JSON values: all that this reader may see, and nothing else."""
        return {
            "head": as_json(self._head),
            "person": as_json(self.person),
            "segments": as_json(tuple(self.spells[0])),
            "beside": as_json(self.amounts),
            "timeline": {
                "page": self.events.page,
                "n_pages": self.events.n_pages,
                **_records(self.events.rows),
            },
            "visits": _records(self.last_visits),
            "labels": _records(self.labels[0]),
            "consents": _records(self.labels[1]),
            "notes": list(self._notes()),
        }

    def finish(self) -> Fragment:
        """Say that nothing was written: a profile never is."""
        return gather([note("Nothing was written: a profile of one user is never published.")])

    def __repr__(self) -> str:
        site, named = self.request.site, ", ".join(SECTIONS)
        return f"UserProfile: {site.days} days to {site.clock.day}. Sections: {named}."


def _records(rows: UserRows) -> dict[str, Any]:
    names = [name for name, _, _ in rows.columns]
    return {
        "n_rows": rows.n_rows,
        "rows": [dict(zip(names, as_json(tuple(row)), strict=True)) for row in rows.rows],
    }


class NoProfile:
    """What stands where no user is chosen, or none is found: one sentence instead of sections.

    Parameters
    ----------
    reason
        Why there is none.
    tables
        The snapshot.
    prepare
        Measures what any profile needs; called when the sentence stands, before a user is chosen.
    """

    sections = SECTIONS

    def __init__(
        self, reason: str, *, tables: Tables, prepare: Callable[[], object] | None = None
    ) -> None:
        sentence, _, hint = reason.partition("\nHint: ")
        self.sentence = f"{sentence} {hint[:1].upper()}{hint[1:]}".strip()
        self.tables = tables
        self._prepare = prepare

    def cover(self) -> Fragment:
        """Give the sentence."""
        return gather([note(self.sentence)])

    def notes(self) -> Fragment:
        """Give nothing, and be ready for whoever is chosen next."""
        if self._prepare is not None:
            with suppress(SegkitError):
                self._prepare()
        return gather([])

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  a section
        if name not in {*SECTIONS, "controls", "finish"}:
            raise AttributeError(name)
        return lambda: gather([])
