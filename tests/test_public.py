"""What `import segkit` offers."""

import inspect

import segkit as sk
from segkit.segments import build


def test_every_builder_is_offered() -> None:
    built = {
        name
        for name, thing in vars(build).items()
        if not name.startswith("_")
        and (inspect.isfunction(thing) or name == "Segment")
        and (name == "Segment" or thing.__module__ == build.__name__)
    }

    assert built <= set(sk.__all__)
