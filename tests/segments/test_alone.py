"""Asked of one user's rows alone, a definition that stands alone gives the same verdict."""

from dataclasses import replace

import pytest
from hypothesis import Phase, given, settings

from segkit.segments.alone import stands_alone
from tests.segments.test_oracle import SEEDS, case_of, evaluated
from tests.segments.tiny import segment
from tests.segments.worlds import LIBRARY

ASKED = 3
"""Users asked alone in each world."""


def check_alone(seed: int) -> int:
    """Compare both ways over one world; give how many definitions stand alone in it."""
    setting, clock, documents = case_of(seed)
    tiny = setting.build()
    library = {name: segment(where, name=name) for name, where in LIBRARY.items()}
    alone = [one for one in documents if stands_alone(segment(**one), library)]
    if not alone:
        return 0
    among_all = evaluated(tiny, clock, alone)
    for user_no in sorted(tiny.keys)[:ASKED]:
        own = replace(tiny, tables=tiny.tables.of_user(user_no))
        found = evaluated(own, clock, alone)
        assert found == [members & {user_no} for members in among_all], (clock, user_no)
    return len(alone)


def test_one_user_alone_has_the_verdict_that_it_has_among_all() -> None:
    assert check_alone(1) > 0


@pytest.mark.slow
@settings(max_examples=25, phases=[Phase.generate])
@given(SEEDS)
def test_one_user_alone_has_the_verdict_hundreds_of_times(seed: int) -> None:
    check_alone(seed)
