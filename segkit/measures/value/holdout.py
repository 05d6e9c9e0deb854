"""Put a model of repeat buying to the test: fit it to the past, and count what came after.

A model that fits what it has seen proves nothing. Fitted up to a day and asked for the time since,
it must come near to what buyers did; where it does not, its values are not worth quoting.

Source: Fader, Hardie and Lee 2005, Marketing Science 24 (conditional expectations by frequency).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from segkit.errors import ParameterError
from segkit.measures.sides import Sides
from segkit.measures.value.bg_nbd import fit_bg_nbd
from segkit.measures.value.facts import HoldoutFacts, HoldoutRow
from segkit.measures.value.grouped import LEAST_REPEAT, NoModel, Repeats, group_histories
from segkit.measures.value.summary import (
    Buyers,
    FloatArray,
    IntArray,
    build_buyers,
    build_spending,
    count_periods,
)
from segkit.measures.withhold import find_withheld
from segkit.periods import Clock, Grain, period_start

MOST_FREQUENT = 7
"""Buyers with this frequency or a higher one share a row."""


@dataclass(frozen=True, kw_only=True)
class Holdout:
    """Buyers up to `calibration.end_on`, and what each of them did after it, up to `end_on`.

    `n_periods` active periods and `monetary`, the mean amount of one (0 without any), in the order
    of `calibration`; `length` is how many periods were watched.
    """

    calibration: Buyers
    n_periods: IntArray
    monetary: FloatArray
    length: int
    end_on: date


@dataclass(frozen=True, kw_only=True)
class Watched:
    """What buyers did up to `until`, and in how many periods they were active after it.

    `n_periods` in the order of `repeats`; `length` is how many periods up to `end_on` were watched.
    """

    repeats: Repeats
    n_periods: IntArray
    until: date
    end_on: date
    grain: Grain
    length: int


def build_holdout(
    sides: Sides,
    *,
    until: date,
    purchases: Sequence[str],
    order_id: str | None = None,
    grain: Grain = "day",
) -> Holdout:
    """Give the buyers of the window up to `until`, and their active periods in the rest of it.

    The segment is as of T. Where having bought since is what makes a member, nobody is left who
    stayed away and every model falls short: test on everyone.

    Raises
    ------
    ParameterError
        When `until` is no day of the window before its last, or not the last day of a period.
    UnknownNameError
        As `build_buyers`.
    """
    after = until + timedelta(days=1)
    if not sides.start_on <= until < sides.end_on or period_start(after, grain) != after:
        raise ParameterError.build(
            f"`until` is {until}; expected the last day of a {grain} from {sides.start_on} "
            f"to before {sides.end_on}.",
        )
    zone = sides.clock.zone
    past = replace(sides, clock=Clock.at_end_of(until, zone), days=(after - sides.start_on).days)
    rest = replace(sides, days=(sides.end_on - until).days)
    calibration = build_buyers(past, purchases=purchases, order_id=order_id, grain=grain)
    user_no, n, amount = build_spending(rest, purchases=purchases, grain=grain)
    _, own, theirs = np.intersect1d(
        calibration.user_no, user_no, assume_unique=True, return_indices=True
    )
    n_periods, monetary = np.zeros(len(calibration), np.int64), np.zeros(len(calibration))
    n_periods[own], monetary[own] = n[theirs], amount[theirs]
    return Holdout(
        calibration=calibration,
        n_periods=n_periods,
        monetary=monetary,
        length=count_periods(until, sides.end_on, grain),
        end_on=sides.end_on,
    )


def measure_holdout(holdout: Holdout, *, least: int = LEAST_REPEAT) -> HoldoutFacts | NoModel:
    """Fit a model to the calibration, and give what it predicts against what came.

    `least` buyers of the calibration must have come again.
    """
    buyers = holdout.calibration
    watched = Watched(
        repeats=Repeats(frequency=buyers.frequency, age_at_last=buyers.age_at_last, age=buyers.age),
        n_periods=holdout.n_periods,
        until=buyers.end_on,
        end_on=holdout.end_on,
        grain=buyers.grain,
        length=holdout.length,
    )
    return measure_watched(watched, least=least)


def measure_watched(watched: Watched, *, least: int = LEAST_REPEAT) -> HoldoutFacts | NoModel:
    """Fit a model to what buyers did up to a day, and give what it predicts against what came.

    `least` buyers must have come again up to that day.
    """
    h = group_histories(watched.repeats)
    model = fit_bg_nbd(h, least=least)
    if isinstance(model, NoModel):
        return model
    predicted = model.expected_orders(h, float(watched.length))[h.inverse]
    place = np.minimum(watched.repeats.frequency, MOST_FREQUENT)
    rows = tuple(
        HoldoutRow(
            frequency=str(k) if k < MOST_FREQUENT else f"{k} or more",
            n_buyers=int(np.count_nonzero(place == k)),
            predicted=float(predicted[place == k].sum()),
            actual=int(watched.n_periods[place == k].sum()),
        )
        for k in range(MOST_FREQUENT + 1)
    )
    return HoldoutFacts(
        until=watched.until,
        end_on=watched.end_on,
        grain=watched.grain,
        length=watched.length,
        n_buyers=len(predicted),
        predicted=float(predicted.sum()),
        actual=int(watched.n_periods.sum()),
        model=model,
        rows=rows,
    )


def withhold_holdout(facts: HoldoutFacts, min_size: int) -> HoldoutFacts:
    """Give the facts without rows of too few buyers or periods, protected by further ones.

    Few active periods are those of few buyers, so a row of them goes whole.
    """
    counts, came = ([getattr(row, name) for row in facts.rows] for name in ("n_buyers", "actual"))
    gone = find_withheld(counts, facts.n_buyers, min_size)
    gone |= find_withheld(came, facts.actual, min_size)
    rows = (
        replace(row, n_buyers=None, predicted=None, actual=None) if i in gone else row
        for i, row in enumerate(facts.rows)
    )
    return replace(facts, rows=tuple(rows))
