"""Ask a workspace about one of its users, for people who help that user."""

from datetime import date
from typing import TYPE_CHECKING, Any, cast

from segkit.errors import EmptyError, ParameterError
from segkit.workspace.reviewing import Reviews

if TYPE_CHECKING:
    from segkit.reports.user_profile import Site, UserProfile
    from segkit.workspace.space import Workspace


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
    from segkit.workspace.spells import find_spells  # noqa: PLC0415

    config, role = workspace.config, workspace.clearance(clearance)
    reader = Reader(clearance=role, columns=config.privacy.columns)
    check_reader(reader)
    if not user.strip():
        raise EmptyError.build("No user is chosen.", hint="give the id of a user or of a device.")
    if type(page) is not int or page < 1:
        raise ParameterError.build(
            "`page`: expected a whole number from 1.", hint="the first page is 1."
        )
    site = find_site(workspace, as_of, days, {} if sites is None else sites)
    user_no = find_person(workspace.tables, user.strip(), reader)
    request = ProfileRequest(
        site=site,
        user_no=user_no,
        spells=lambda: find_spells(workspace, user_no, site.clock, reader),
        clearance=role,
        columns=config.privacy.columns,
        currency=config.currency,
    )
    return UserProfile(request, page=page)


def prepare_profiles(
    workspace: "Workspace", as_of: str | date | None, days: int, sites: Sites
) -> None:
    """Measure what everyone did, and import what a profile needs, before a user is chosen."""
    from segkit.workspace import spells  # noqa: F401, PLC0415  imported ahead

    site = find_site(workspace, as_of, days, sites)
    _ = site.visits, site.crowd


def find_site(workspace: "Workspace", as_of: str | date | None, days: int, sites: Sites) -> "Site":
    """Give what everyone did in a window; one that is kept already is not measured anew."""
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
