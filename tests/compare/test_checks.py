"""Thresholds in words: what they mean, and what is refused."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segkit.compare.changes import Change, Changes
from segkit.compare.checks import Check, Outcome, ask_check
from segkit.compare.quantities import Quantity
from segkit.errors import ParameterError

KINDS = {"size": "count", "share": "share", "active_7d": "count"}


def make_changes(now: float | None, before: float | None) -> Changes:
    """Give changes whose size is a count and whose share is that count of 100."""

    def rows(name: str, n: float | None) -> Quantity:
        if name == "size":
            return Quantity(name=name, title=name, kind="count", numerator=n, is_count=True)
        return Quantity(name=name, title=name, kind="share", numerator=n, denominator=100)

    found = [Change(now=rows(n, now), before=rows(n, before)) for n in ("size", "share")]
    day = date(2026, 5, 31)
    return Changes(
        segment="x", as_of=day, before_on=day, year_on=None, since_before=found, since_year=()
    )


@pytest.mark.parametrize(
    ("text", "now", "before", "outcome"),
    [
        ("size drops more than 20%", 79, 100, Outcome.broken),
        ("size drops more than 20%", 80, 100, Outcome.holds),
        ("size drops by more than 20%", 150, 100, Outcome.holds),
        ("size rises more than 30%", 50, 25, Outcome.broken),
        ("size changes more than 10%", 75, 100, Outcome.broken),
        ("share below 5%", 4, 4, Outcome.broken),
        ("share is below 5%", 5, 4, Outcome.holds),
        ("share above 5%", 6, None, Outcome.broken),
        ("share rises more than 2 points", 8, 5, Outcome.broken),
        ("share rises more than 2 points", 6, 5, Outcome.holds),
        ("size below 10", 9, 9, Outcome.broken),
        ("size drops more than 20%", None, 100, Outcome.unknown),
        ("size drops more than 20%", 10, None, Outcome.unknown),
        ("size rises more than 20%", 10, 0, Outcome.unknown),
        ("active_7d below 3", 10, 10, Outcome.unknown),
    ],
)
def test_a_check_is_asked_of_the_right_side(
    text: str, now: float | None, before: float | None, outcome: Outcome
) -> None:
    found = ask_check(Check.parse(text, KINDS), make_changes(now, before))

    assert found.outcome is outcome
    assert bool(found.reason) == (outcome is Outcome.unknown)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sise drops more than 20%", "Did you mean `size`?"),
        ("size dropps more than 20%", "Did you mean `drops`?"),
        ("size drops 20%", "cannot be asked of a count"),
        ("size below more than 20", "cannot be asked of a count"),
        ("size below 5%", "cannot be asked of a count"),
        ("size drops more than 5 points", "cannot be asked of a count"),
        ("share below 0.05", "cannot be asked of a share"),
        ("tell me of drops", "cannot be read"),
        ("size drops more than -20%", "cannot be read"),
    ],
)
def test_a_check_that_means_nothing_is_refused_with_a_hint(text: str, message: str) -> None:
    with pytest.raises(ParameterError, match="Hint: ") as refused:
        Check.parse(text, KINDS)

    assert message in str(refused.value)


@given(
    st.sampled_from(["drops", "rises", "changes", "below", "above"]),
    st.integers(0, 10**9).map(lambda n: n / 1000),
)
def test_a_check_is_read_back_from_its_text(verb: str, limit: float) -> None:
    check = Check(name="share", verb=verb, limit=limit, unit="%")

    assert Check.parse(str(check), KINDS) == check
