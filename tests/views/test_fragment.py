import subprocess
import sys

from segkit.views import Fragment
from segkit.views.fragment import gather, grid, heading, note, style_sheet, styled


def test_a_fragment_brings_its_styles_along_in_a_notebook() -> None:
    fragment = gather([note("Nothing.")])

    bundle = fragment._repr_mimebundle_()

    assert bundle["text/html"] == styled(fragment)
    assert bundle["text/html"].startswith("<style>.sk {")
    assert bundle["text/plain"] == str(fragment) == "Note: Nothing."


def test_a_bare_fragment_is_only_itself() -> None:
    assert Fragment("<p></p>", "", bare=True)._repr_mimebundle_()["text/html"] == "<p></p>"


def test_gathered_parts_stand_below_one_root() -> None:
    fragment = gather([heading("A & B"), grid([note("1"), note("2")])])

    assert fragment.html.startswith('<div class="sk"><h3 class="sk-heading">A &amp; B</h3>')
    assert fragment.html.count('class="sk-note"') == 2
    assert fragment.text == "A & B\n\nNote: 1\n\nNote: 2"


def test_the_style_sheet_touches_nothing_outside_and_asks_for_nothing() -> None:
    css = style_sheet()

    for line in css.replace("}", "}\n").splitlines():
        selector = line.strip().split("{")[0].strip()
        if "{" in line and not selector.startswith("@"):
            assert ".sk" in selector, selector
    assert "url(" not in css
    assert "@import" not in css
    assert "</" not in css


def test_views_import_no_drawing_library() -> None:
    code = (
        "import sys, segkit.views\n"
        "heavy = {'matplotlib', 'seaborn', 'pandas', 'numpy', 'nbconvert', 'ibis'}\n"
        "sys.exit(str(sorted(heavy & set(sys.modules))) if heavy & set(sys.modules) else 0)"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
