"""What `import segkit` offers is a list that is kept: each name documented, and no other."""

import subprocess
import sys
from types import ModuleType
from typing import Any

import pytest

import segkit


def is_own(thing: Any) -> bool:
    """Whether a name of the package is no module and no borrowed tool."""
    home = getattr(thing, "__module__", "segkit")
    return not isinstance(thing, ModuleType) and home.split(".")[0] == "segkit"


def test_the_list_is_sorted_and_holds_no_name_twice() -> None:
    assert sorted(set(segkit.__all__)) == sorted(segkit.__all__)


def test_the_list_names_everything_public_and_nothing_else() -> None:
    program = "import segkit; print(*sorted(dir(segkit)))"

    fresh = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    public = {name for name in fresh.stdout.split() if not name.startswith("_")}
    own = {name for name in public if is_own(getattr(segkit, name))}
    assert own == {name for name in segkit.__all__ if not name.startswith("_")}


@pytest.mark.parametrize("name", segkit.__all__)
def test_every_public_name_is_there_and_documented(name: str) -> None:
    thing = getattr(segkit, name)

    assert name.startswith("__") or thing.__doc__


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="nothing_of_this_name"):
        _ = segkit.nothing_of_this_name


@pytest.mark.parametrize("name", ["open", "Segment", "did", "last", "gte", "in_segment"])
def test_the_names_of_the_contract_are_public(name: str) -> None:
    assert name in segkit.__all__
