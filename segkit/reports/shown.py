"""Let a report show itself in a notebook: all its sections, one below the other."""

from segkit.errors import SegkitError
from segkit.views.fragment import Fragment, gather, heading, note, styled

UNTITLED = ("cover", "controls")
"""Sections that stand without a heading."""


class Shown:
    """A report whose sections are methods, named by `sections` in the order of the page.

    A section that cannot be made says why in its place.
    """

    sections: tuple[str, ...] = ()

    def view(self) -> Fragment:
        """Give all sections, one below the other."""
        parts: list[Fragment] = []
        for name in self.sections:
            try:
                made: Fragment = getattr(self, name)()
            except SegkitError as error:
                made = gather([note(str(error).partition("\n")[0])])
                if name == self.sections[0]:
                    return made
            if name not in UNTITLED and made.text:
                parts.append(gather([heading(name.replace("_", " ").capitalize())]))
            parts.append(made)
        html = "".join(part.html for part in parts)
        return Fragment(html, "\n\n".join(part.text for part in parts if part.text))

    def _repr_mimebundle_(self, **_wishes: object) -> dict[str, str]:
        """Give the whole report to whoever displays it."""
        shown = self.view()
        return {"text/html": styled(shown), "text/plain": shown.text}
