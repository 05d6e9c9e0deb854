"""Hold the profile of one user as people use it: a section at a time, each computed once.

A profile is looked at and never published: nothing of it is written anywhere.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ibis import Table

from segkit.config import Role
from segkit.errors import EmptyError, name_some
from segkit.measures.activity import Activity, build_activity, find_purchases
from segkit.measures.facts import UserRows, as_json
from segkit.measures.people import Reader
from segkit.measures.person import (
    EventPage,
    Person,
    describe_person,
    list_consents,
    list_events,
    list_labels,
    list_visits,
)
from segkit.measures.person_beside import Beside, measure_beside
from segkit.measures.sides import Sides
from segkit.measures.traffic import read_visits
from segkit.periods import Clock, local_day
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


@dataclass(frozen=True, kw_only=True)
class ProfileRequest:
    """The profile of one user as it is asked for, already resolved.

    `universe` holds every user that can be looked at (`user_no`). `spells` gives the segments that
    the user is in at T, and the titles of those that could not be asked.
    """

    tables: Tables
    user_no: int
    universe: Table
    spells: Callable[[], tuple[Sequence[Spell], Sequence[str]]]
    clock: Clock
    days: int
    clearance: Role
    columns: Mapping[str, Role] = field(default_factory=dict)
    min_size: int = 10
    currency: str | None = None
    purchases: Sequence[str] | None = None
    order_id: str | None = None

    @property
    def reader(self) -> Reader:
        """Who reads."""
        return Reader(clearance=self.clearance, columns=self.columns)


class UserProfile:
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
        return self.request.tables

    def turn(self, page: int) -> "UserProfile":
        """Give the same profile at another page of its timeline; the rest is not computed anew."""
        other = UserProfile(self.request, page=page)
        kept = {k: v for k, v in vars(self).items() if k not in {"page", "request", "events"}}
        vars(other).update(kept)
        return other

    @cached_property
    def _sides(self) -> Sides:
        asked = self.request
        everyone = asked.universe.select("user_no")
        groups = everyone.mutate(in_segment=everyone.user_no == asked.user_no)
        groups = asked.tables.engine.keep(groups, "profile_groups")
        counted = groups.agg(n=groups.count(), own=groups.in_segment.sum())
        n, own = (int(value or 0) for value in asked.tables.engine.rows(counted)[0])
        if not own:
            raise EmptyError.build(
                f"Nothing was known of this user at the end of {asked.clock.day}.",
                hint="ask for a later day.",
            )
        return Sides(
            tables=asked.tables,
            groups=groups,
            clock=asked.clock,
            days=asked.days,
            n_segment=own,
            n_baseline=n - own,
            min_size=asked.min_size,
        )

    @cached_property
    def _visits(self) -> Table:
        return read_visits(self._sides)

    @cached_property
    def _activity(self) -> Activity:
        asked = self.request
        found = find_purchases(asked.tables.catalogue)
        purchases = found if asked.purchases is None else tuple(asked.purchases)
        return build_activity(self._sides, purchases=purchases, order_id=asked.order_id)

    @cached_property
    def person(self) -> Person:
        """Who the user is."""
        return describe_person(self._sides, self._visits, self.request.reader)

    @cached_property
    def measured(self) -> Beside:
        """What the user did in the window beside the average."""
        currency = self.request.currency
        return measure_beside(self._sides, self._activity, self._visits, currency=currency)

    @cached_property
    def spells(self) -> tuple[Sequence[Spell], Sequence[str]]:
        """The segments that the user is in, and the ids of those that could not be asked."""
        return self.request.spells()

    @cached_property
    def last_visits(self) -> UserRows:
        """The last visits."""
        return list_visits(self._sides, self._visits, self.request.reader)

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
        asked, catalogue = self.request, self.request.tables.catalogue
        zone = asked.clock.zone
        currencies = self.measured.currencies
        return ProfileHead(
            as_of=asked.clock.day,
            days=asked.days,
            start_on=self._sides.start_on,
            timezone=zone.key,
            currency=currencies[0] if len(currencies) == 1 else asked.currency,
            snapshot=asked.tables.snapshot,
            engine=asked.tables.engine.name,
            clearance=asked.clearance,
            min_size=asked.min_size,
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
        return render_beside_average(self._head, self.measured)

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
        silent, beside = self.spells[1], self.measured
        notes = [
            f"Instants are in the time zone {self._head.timezone}. Events of bots are left out.",
            (
                f"An average is withheld where fewer than {self.request.min_size} other users "
                "stand behind it."
            ),
            "Membership is looked back on for four weeks, at the end of every day.",
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
            "beside": as_json(self.measured),
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
        asked = self.request
        named = ", ".join(SECTIONS)
        return f"UserProfile: {asked.days} days to {asked.clock.day}. Sections: {named}."


def _records(rows: UserRows) -> dict[str, Any]:
    names = [name for name, _, _ in rows.columns]
    return {
        "n_rows": rows.n_rows,
        "rows": [dict(zip(names, as_json(tuple(row)), strict=True)) for row in rows.rows],
    }


class NoProfile:
    """What stands where no user is chosen, or none is found: one sentence instead of sections."""

    sections = SECTIONS

    def __init__(self, reason: str, *, tables: Tables) -> None:
        sentence, _, hint = reason.partition("\nHint: ")
        self.sentence = f"{sentence} {hint[:1].upper()}{hint[1:]}".strip()
        self.tables = tables

    def cover(self) -> Fragment:
        """Give the sentence."""
        return gather([note(self.sentence)])

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  a section
        if name not in {*SECTIONS, "controls", "finish"}:
            raise AttributeError(name)
        return lambda: gather([])
