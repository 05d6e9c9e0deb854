"""Ask how the members of several segments overlap."""

from collections.abc import Sequence
from dataclasses import dataclass

from segkit.compare.facts import Overlap
from segkit.compare.overlap import measure_overlap
from segkit.errors import ParameterError
from segkit.views import render_overlap
from segkit.views.fragment import Fragment
from segkit.workspace.members import Members


@dataclass(frozen=True)
class Overlapping:
    """The overlap of some segments at one instant; it shows itself."""

    _facts: Overlap

    def facts(self) -> Overlap:
        """Give every number: exact combinations, sizes, pairs; None where withheld."""
        return self._facts

    def view(self) -> Fragment:
        """Give the figure of combinations, the sizes, and the table of every two segments."""
        return render_overlap(self._facts)

    def _repr_mimebundle_(self, **_wishes: object) -> dict[str, str]:
        """Give the view to whoever displays it."""
        return self.view()._repr_mimebundle_()

    def __str__(self) -> str:
        return self.view().text


def find_overlap(members: Sequence[Members]) -> Overlapping:
    """Give how segments share the users of the first one's universe.

    Raises
    ------
    ParameterError
        With fewer than 2 or more than 20 segments, one of them twice, or with members of several
        instants or snapshots.
    """
    first = members[0]
    _check_together(members)
    return Overlapping(
        measure_overlap(
            first.tables.engine,
            first.membership.universe.select("user_no"),
            {
                (m.definition.segment, m.definition.title): m.membership.members.select("user_no")
                for m in members
            },
            min_size=max(m.least for m in members),
        )
    )


def _check_together(members: Sequence[Members]) -> None:
    names = [m.definition.segment for m in members]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ParameterError.build(
            f"Segment `{twice[0]}` is named twice in one overlap.", hint="name each segment once."
        )
    first = members[0]
    for other in members[1:]:
        if other.tables is not first.tables or other.as_of != first.as_of:
            raise ParameterError.build(
                f"An overlap is at one instant of one snapshot; `{first.definition.segment}` is of "
                f"{first.as_of}, `{other.definition.segment}` of {other.as_of}.",
                hint="ask for all members with the same `as_of` and from one workspace.",
            )
