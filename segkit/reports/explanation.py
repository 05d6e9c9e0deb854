"""Hold why a user is in a segment or not, as people use it: shown, printed, or as plain values."""

from typing import Any

from segkit.measures.explained import Explained
from segkit.measures.facts import as_json
from segkit.views.explanation import render_explanation
from segkit.views.fragment import Fragment


class Explanation:
    """Why one user is a member of a segment at an instant, or is not.

    Parameters
    ----------
    facts
        What the reader may know of it.
    """

    def __init__(self, facts: Explained) -> None:
        self.facts = facts

    @property
    def is_member(self) -> bool:
        """Whether the user is a member."""
        return self.facts.is_member

    def show(self) -> Fragment:
        """Give the answer and every condition with what was seen."""
        return render_explanation(self.facts)

    def document(self) -> dict[str, Any]:
        """Give it as plain JSON values: all that this reader may see, and nothing else."""
        told = as_json(self.facts)
        root = told.pop("root")
        return {**told, "conditions": root["parts"]}

    def _repr_mimebundle_(self, **wishes: object) -> dict[str, str]:
        return self.show()._repr_mimebundle_(**wishes)

    def __str__(self) -> str:
        return self.show().text

    def __repr__(self) -> str:
        is_in = "is in" if self.is_member else "is not in"
        return f"Explanation: the user {is_in} {self.facts.segment!r}"
