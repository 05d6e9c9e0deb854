"""Ask a workspace why one of its users is in a segment, or is not."""

from datetime import date
from typing import TYPE_CHECKING, Any, cast

from segkit.errors import EmptyError, UnknownNameError
from segkit.segments.model import Definition
from segkit.workspace.kept_back import kept_back
from segkit.workspace.profiling import Profiles

if TYPE_CHECKING:
    from segkit.reports.explanation import Explanation
    from segkit.workspace.space import Workspace


class Explanations(Profiles):
    """What a workspace can be asked about one user and one segment, beside profiles."""

    def explain(
        self,
        segment: str | Definition,
        user: str,
        as_of: str | date | None = None,
        *,
        clearance: str | None = None,
    ) -> Any:  # noqa: ANN401  an Explanation; its module is imported only here
        """Say of one user which conditions of a segment hold and which do not, with what was seen.

        Parameters
        ----------
        segment
            An id of the library, or a definition.
        user
            A user id, an older one, or a device id; for readers cleared for personal data also the
            value of a personal label, as an e-mail address.
        as_of
            The day at whose end it is asked (ISO text or a date), or an aware instant; by default
            the definition's own, else the last day with data.
        clearance
            What the reader may see; by default as the run or `[privacy]` says. What reads data
            that the reader is not cleared for is not answered.

        Returns
        -------
        Explanation
            It shows itself; `is_member`, and `document()` for plain values.

        Raises
        ------
        PrivacyError
            When the reader may not see single users.
        EmptyError
            When no user is known by that, or nothing was known of the user at that day.
        DefinitionError
            When the segment is unknown or wrong, or its members come from `sql`.
        """
        return explain_user(
            cast("Workspace", self), segment, user, as_of=as_of, clearance=clearance
        )


def explain_user(
    workspace: "Workspace",
    segment: str | Definition,
    user: str,
    *,
    as_of: str | date | None,
    clearance: str | None,
) -> "Explanation":
    """Give the explanation that `Workspace.explain` promises."""
    from segkit.measures.explained import Explained, tell_verdict  # noqa: PLC0415  slow to import
    from segkit.measures.people import Reader, name_user  # noqa: PLC0415
    from segkit.measures.person import check_reader, find_person  # noqa: PLC0415
    from segkit.reports.explanation import Explanation  # noqa: PLC0415
    from segkit.segments.alone import stands_alone  # noqa: PLC0415
    from segkit.segments.evaluate import evaluate  # noqa: PLC0415
    from segkit.segments.explain import check_explainable, explain  # noqa: PLC0415

    config, role = workspace.config, workspace.clearance(clearance)
    reader = Reader(clearance=role, columns=config.privacy.columns)
    check_reader(reader)
    hidden = kept_back()
    if isinstance(segment, str) and segment in hidden:
        known = (name for name in workspace.segments if name not in hidden)
        raise UnknownNameError.of_kind("segment", segment, known)
    asked, library = workspace.find(segment), workspace.segments.definitions
    check_explainable(asked, library)
    if not user.strip():
        raise EmptyError.build("No user is chosen.", hint="give the id of a user or of a device.")
    plain, clock = workspace.clock(asked, as_of)
    user_no = find_person(workspace.tables, user.strip(), reader)
    own = workspace.tables.of_user(user_no)
    membership = evaluate(
        plain,
        tables=own if stands_alone(plain, library) else workspace.tables,
        clock=clock,
        library=library,
        lists=workspace.lists,
        models=workspace.models,
    )
    root = explain(membership, user_no)
    least = max(config.privacy.min_size, asked.policy.min_size)
    (key,) = own.engine.rows(own.users.select("user_key"))[0]
    return Explanation(
        Explained(
            segment=asked.segment,
            title=asked.title,
            definition=asked.id,
            user=name_user(user_no, str(key), role),
            as_of=clock.day,
            at=clock.at,
            is_day_end=clock.is_day_end,
            timezone=clock.zone.key,
            snapshot=workspace.tables.snapshot,
            engine=workspace.tables.engine.name,
            clearance=role,
            is_member=bool(root.holds),
            root=tell_verdict(root, reader, min_size=least, kept_back=hidden),
        )
    )
