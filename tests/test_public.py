"""What `import segkit` offers."""

import inspect

import segkit as sk
from segkit.segments import build, build_lifecycle, build_metrics

MODULES = (build, build_lifecycle, build_metrics)


def test_every_builder_is_offered() -> None:
    built = {
        name
        for module in MODULES
        for name, thing in vars(module).items()
        if not name.startswith("_")
        and (inspect.isfunction(thing) or name == "Segment")
        and (name == "Segment" or thing.__module__ == module.__name__)
    }

    assert built <= set(sk.__all__)
