"""A report shows itself section by section; what cannot be made says why in its place."""

from segkit.errors import EmptyError
from segkit.reports.shown import Shown
from segkit.views.fragment import Fragment, gather, note


class Told(Shown):
    sections = ("cover", "who_came", "empty", "broken")

    def __init__(self, *, is_empty: bool = False) -> None:
        self.is_empty = is_empty

    def cover(self) -> Fragment:
        if self.is_empty:
            raise EmptyError.build("There is nobody.", hint="ask for another day.")
        return gather([note("The cover.")])

    def who_came(self) -> Fragment:
        return gather([note("Ann & Bob.")])

    def empty(self) -> Fragment:
        return gather([])

    def broken(self) -> Fragment:
        raise EmptyError.build("Nobody ordered.", hint="ask for another day.")


def test_sections_follow_each_other_below_their_headings() -> None:
    bundle = Told()._repr_mimebundle_()

    assert bundle["text/plain"] == (
        "Note: The cover.\n\nWho came\n\nNote: Ann & Bob.\n\nBroken\n\nNote: Nobody ordered."
    )
    assert "Ann &amp; Bob." in bundle["text/html"]
    assert bundle["text/html"].index("Who came") < bundle["text/html"].index("Ann")
    assert bundle["text/html"].startswith("<style>")


def test_a_report_on_nobody_says_so_once() -> None:
    shown = Told(is_empty=True)._repr_mimebundle_()

    assert shown["text/plain"] == "Note: There is nobody."
