import gc

import pytest

from segkit.reports.collector import no_collection


def test_nothing_is_collected_inside_and_all_goes_on_after_an_error() -> None:
    seen = []

    def fail() -> None:
        with no_collection():
            seen.append(gc.isenabled())
            raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        fail()

    assert seen == [False]
    assert gc.isenabled()


def test_who_had_it_off_keeps_it_off() -> None:
    gc.disable()
    try:
        with no_collection():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
