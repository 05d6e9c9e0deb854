"""Add up money by the values of a label: what each age band, plan or variant spent."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from ibis import Table

from segkit.config import Role
from segkit.errors import ParameterError, PrivacyError, UnknownNameError, name_some
from segkit.measures.bins import order_bands
from segkit.measures.facts import UNKNOWN, AmountRow
from segkit.measures.labels import latest_values
from segkit.measures.roles import looks_personal, may_see, role_of
from segkit.measures.sides import Sides
from segkit.measures.withhold import find_withheld, keep_part

PERSONAL = "(personal)"
OTHER = "(other)"


def measure_amounts(
    sides: Sides,
    label: str,
    *,
    events: Sequence[str] = (),
    columns: Mapping[str, Role],
    clearance: Role,
) -> tuple[AmountRow, ...]:
    """Give users, payers and the sum of amounts by the values that a label has at T.

    Parameters
    ----------
    label
        A label of the users.
    events
        The events whose amounts count; all events when empty.
    columns, clearance
        The roles that the workspace gives to labels, and what the reader may see.

    Returns
    -------
    tuple
        One row a value: bands from the lowest, other values by name; then, as `(other)`, the values
        of fewer than `min_size` users each, and, as `(unknown)`, users without a value. A user
        counts in one row, so rows sum to the segment.

    Raises
    ------
    UnknownNameError
        For a label or an event that the data does not have, with near names.
    PrivacyError
        When the reader may not see the label.
    ParameterError
        When the amounts are in several currencies, which are never added up.

    Notes
    -----
    amount = sum of `value` over the events of the window. Payers have at least one event with an
    amount in it, be it 0. Values that look like an e-mail or IP address are one row, `(personal)`.
    """
    _check(sides, label, events, columns=columns, clearance=clearance)
    paid = _paid(sides, events)
    currency = _one_currency(sides, paid)
    known = latest_values(sides, [label], of=sides.members)
    users = sides.members.left_join(known.select("user_no", "value"), "user_no")
    users = users.select("user_no", "value").left_join(paid, "user_no")
    table = users.group_by("value").agg(
        n_users=users.count(), n_payers=users.amount.count(), amount=users.amount.sum()
    )
    hides = label not in columns
    found = _fold(sides.engine.rows(table), sides.min_size, hides=hides)
    return tuple(
        AmountRow(value=value, n_users=n, n_payers=m, amount=amount, currency=currency)
        for value, (n, m, amount) in found.items()
    )


def _check(
    sides: Sides,
    label: str,
    events: Sequence[str],
    *,
    columns: Mapping[str, Role],
    clearance: Role,
) -> None:
    catalogue = sides.tables.catalogue
    if label not in catalogue.attributes:
        raise UnknownNameError.of_kind("label", label, catalogue.attributes, where="amounts")
    for event in events:
        if event not in catalogue.events:
            raise UnknownNameError.of_kind("event", event, catalogue.events, where="amounts")
    role = role_of(label, columns)
    if not may_see(role, clearance):
        raise PrivacyError.build(
            f"The label `{label}` is {role}; this reader is cleared for {clearance} data.",
            hint="ask with a higher clearance, or for another label.",
        )


def _paid(sides: Sides, events: Sequence[str]) -> Table:
    """Give one row a member with an amount in the window: its sum and its currencies."""
    days = sides.tables.user_days
    counts = sides.is_inside(days) & days["value"].notnull()
    if events:
        counts &= days.event.isin(list(events))
    paid = days.filter(counts).semi_join(sides.members, "user_no")
    summed = paid.group_by("user_no").agg(
        amount=paid["value"].sum(), low=paid.currency.min(), high=paid.currency.max()
    )
    return sides.engine.keep(summed, "paid")


def _one_currency(sides: Sides, paid: Table) -> str | None:
    low, high = sides.engine.rows(paid.agg(low=paid.low.min(), high=paid.high.max()))[0]
    if low != high:
        raise ParameterError.build(
            f"The amounts are in {name_some([low, high])}, which are never added up.",
            hint="name events whose amounts are in one currency.",
        )
    return None if low is None else str(low)


def _fold(
    found: Sequence[tuple[Any, ...]], min_size: int, *, hides: bool
) -> dict[str, tuple[int, int, Decimal]]:
    """Give (users, payers, amount) by value, in order; what may not be named is added up."""
    values: list[str] = []
    summed: dict[str, tuple[int, int, Decimal]] = {}
    for value, n_users, n_payers, amount in found:
        key = UNKNOWN if value is None else str(value)
        if hides and looks_personal(key):
            key = PERSONAL
        elif value is not None and n_users < min_size:
            key = OTHER
        elif value is not None:
            values.append(key)
        n, m, total = summed.get(key, (0, 0, Decimal(0)))
        summed[key] = (n + int(n_users), m + int(n_payers), total + (amount or Decimal(0)))
    ordered = [*(order_bands(values) or sorted(values)), PERSONAL, OTHER, UNKNOWN]
    return {value: summed[value] for value in ordered if value in summed}


def withhold_amounts(rows: Sequence[AmountRow], min_size: int) -> tuple[AmountRow, ...]:
    """Give the values without users, payers and amounts of too few, protected by further ones.

    An amount goes with its payers; a number of payers also where too few users paid nothing.
    """
    users, payers = [row.n_users or 0 for row in rows], [row.n_payers or 0 for row in rows]
    few = find_withheld(users, sum(users), min_size)
    poor = find_withheld(payers, sum(payers), min_size) | few
    return tuple(
        replace(
            row,
            n_users=None if i in few else row.n_users,
            n_payers=None if i in poor else keep_part(row.n_payers, row.n_users, min_size),
            amount=None if i in poor else row.amount,
        )
        for i, row in enumerate(rows)
    )
