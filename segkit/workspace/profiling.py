"""Ask a workspace about one of its users, for people who help that user."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, cast

from segkit.errors import EmptyError, ParameterError, SegkitError
from segkit.periods import Clock
from segkit.workspace.kept_back import kept_back
from segkit.workspace.reviewing import Reviews

if TYPE_CHECKING:
    from segkit.reports.user_profile import Site, UserProfile
    from segkit.segments.evaluate import Membership
    from segkit.store.engine import Engine
    from segkit.store.tables import Tables
    from segkit.views.person import Spell
    from segkit.workspace.library import Entry
    from segkit.workspace.space import Workspace

LOOKED_BACK = 28
"""Days before T at whose ends membership is asked for “since when”."""


class Profiles(Reviews):
    """What a workspace can be asked about one user, beside reviews of segments."""

    def profile(
        self,
        user: str,
        as_of: str | date | None = None,
        days: int = 90,
        *,
        page: int = 1,
        clearance: str | None = None,
    ) -> Any:  # noqa: ANN401  a UserProfile; its module is imported only here
        """Give the profile of one user; it computes nothing until a section is asked for.

        Parameters
        ----------
        user
            A user id, an older one, or a device id; for readers cleared for personal data also the
            value of a personal label, as an e-mail address. Where somebody looks at the notebook it
            may be empty: then it is asked for.
        as_of
            The last day looked at; empty or None is the last day with data.
        days
            The days up to it in which the user is set beside the average, 1 to 3660.
        page
            The page of the timeline, from 1.
        clearance
            What the reader may see; by default as the run or `[privacy]` says.

        Raises
        ------
        PrivacyError
            When the reader may not see single users.
        EmptyError
            When no user is chosen or known by that, or nothing was known of the user on that day.
        ParameterError
            When day, days or page are none.
        """
        from segkit.workspace.live_asking import profile_live  # noqa: PLC0415  views are slow

        return profile_live(
            cast("Workspace", self), user, as_of, days=days, page=page, clearance=clearance
        )


Sites = dict[tuple[date, int], "Site"]
"""What everyone did, by last day and days; at most one is kept."""


def open_profile(  # noqa: PLR0913  one wish each
    workspace: "Workspace",
    user: str,
    as_of: str | date | None,
    *,
    days: int,
    page: int,
    clearance: str | None,
    sites: Sites | None = None,
) -> "UserProfile":
    """Give the profile that `Workspace.profile` promises.

    `sites` keeps what everyone did for the next user who is asked for.
    """
    from segkit.measures.people import Reader  # noqa: PLC0415  views are slow to import
    from segkit.measures.person import check_reader, find_person  # noqa: PLC0415
    from segkit.reports.user_profile import ProfileRequest, UserProfile  # noqa: PLC0415

    config, role = workspace.config, workspace.clearance(clearance)
    reader = Reader(clearance=role, columns=config.privacy.columns)
    check_reader(reader)
    if not user.strip():
        raise EmptyError.build("No user is chosen.", hint="give the id of a user or of a device.")
    if type(page) is not int or page < 1:
        raise ParameterError.build(
            "`page`: expected a whole number from 1.", hint="the first page is 1."
        )
    site = _find_site(workspace, as_of, days, {} if sites is None else sites)
    user_no = find_person(workspace.tables, user.strip(), reader)
    request = ProfileRequest(
        site=site,
        user_no=user_no,
        spells=lambda: find_spells(workspace, user_no, site.clock),
        clearance=role,
        columns=config.privacy.columns,
        currency=config.currency,
    )
    return UserProfile(request, page=page)


def _find_site(workspace: "Workspace", as_of: str | date | None, days: int, sites: Sites) -> "Site":
    from segkit.reports.user_profile import Site  # noqa: PLC0415  views are slow to import
    from segkit.workspace.asking import check_days  # noqa: PLC0415

    everyone, config = workspace.everyone(as_of or None).membership, workspace.config
    asked = (everyone.clock.day, check_days(days))
    if asked not in sites:
        sites.clear()
        sites[asked] = Site(
            tables=workspace.tables,
            universe=everyone.universe,
            clock=everyone.clock,
            days=days,
            min_size=config.privacy.min_size,
            purchases=tuple(config.report.purchases) or None,
            order_id=config.report.order_id,
        )
    return sites[asked]


def find_spells(
    workspace: "Workspace", user_no: int, clock: Clock
) -> tuple[Sequence["Spell"], Sequence[str]]:
    """Give the segments of the library that a user is in at an instant, the newest first.

    Segments that are kept from the reader are left out. A segment that reads only a user's own rows
    is asked of these alone, which is the same and quick.

    Returns
    -------
    tuple
        The segments, each with the first day of an unbroken row of days in it, and the ids of those
        that could not be asked.
    """
    hidden, own = kept_back(), workspace.tables.of_user(user_no)
    spells, silent = [], []
    for entry in workspace.segments.entries:
        if entry.definition is None or entry.segment in hidden:
            continue
        try:
            spell = _find_spell(workspace, entry, user_no, clock, own=own)
        except SegkitError:
            silent.append(entry.segment)
        else:
            spells += [spell] if spell is not None else []
    spells.sort(key=lambda spell: (-(spell.since or date.min).toordinal(), spell.segment))
    return spells, silent


def _find_spell(
    workspace: "Workspace", entry: "Entry", user_no: int, clock: Clock, *, own: "Tables"
) -> "Spell | None":
    """Give since when a user is in a segment; None where the user is not in it."""
    from segkit.segments.alone import stands_alone  # noqa: PLC0415  not for other readers
    from segkit.segments.clocks import clock_of, undated  # noqa: PLC0415
    from segkit.segments.evaluate import evaluate  # noqa: PLC0415
    from segkit.views.person import Spell  # noqa: PLC0415  views are slow to import

    plain, library = undated(workspace.find(entry.segment)), workspace.segments.definitions
    membership = evaluate(
        plain,
        tables=own if stands_alone(plain, library) else workspace.tables,
        clock=clock_of(plain, clock),
        library=library,
        lists=workspace.lists,
        models=workspace.models,
    )
    found = membership.members.filter(membership.members.user_no == user_no)
    if not own.engine.scalar(found.count()):
        return None
    since, is_exact = _since(lambda: _days_in(membership, own.engine, user_no, clock))
    return Spell(segment=entry.segment, title=entry.title, since=since, is_exact=is_exact)


def _since(days_in: Callable[[], list[date]]) -> tuple[date | None, bool]:
    """Give the first day of the unbroken row before T, and whether the day before it was asked."""
    try:
        days = days_in()
    except SegkitError:
        return None, False
    return days[-1], len(days) <= LOOKED_BACK


def _days_in(membership: "Membership", engine: "Engine", user_no: int, clock: Clock) -> list[date]:
    """Give the days of the unbroken row at whose ends the user was in, newest first."""
    from segkit.segments.over_time import evaluate_at_all  # noqa: PLC0415  not for other readers

    days = [clock.day - timedelta(days=back) for back in range(LOOKED_BACK, -1, -1)]
    clocks = [Clock.at_end_of(day, clock.zone) for day in days]
    members = evaluate_at_all(membership, clocks).members
    bits = members.filter(members.user_no == user_no).select("bits")
    found = int(engine.scalar(bits.bits.max()) or 0)
    row = []
    for place in range(LOOKED_BACK, -1, -1):
        if not found >> place & 1:
            break
        row.append(days[place])
    return row
