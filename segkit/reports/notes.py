"""Write the sentences that a reader needs to take the numbers rightly."""

from collections.abc import Sequence
from datetime import timedelta

from segkit.compare.lifts import MIN_USERS
from segkit.errors import name_some
from segkit.measures.facts import SegmentReportFacts
from segkit.measures.roles import may_see, role_of
from segkit.measures.sides import Sides
from segkit.measures.withhold import count_withheld
from segkit.periods import local_day
from segkit.reports.money import Money
from segkit.reports.request import REST, ReportRequest

BURN_IN = timedelta(days=30)


def describe_small(request: ReportRequest) -> tuple[str, ...]:
    """Give the notes of a report that is withheld whole."""
    return (
        f"The whole report is withheld: segment or baseline has fewer than {request.least} users.",
    )


def describe_data(request: ReportRequest, sides: Sides, *, n_bots: int) -> tuple[str, ...]:
    """Give the notes on what the data is and is not: bots, its beginning, the baseline."""
    notes = []
    if n_bots:
        users = "1 user is" if n_bots == 1 else f"{n_bots:,} users are"
        notes.append(f"{users} left out as bots; bots' events of other users are left out too.")
    first_at = request.tables.catalogue.first_at
    if first_at is not None:
        first_on = local_day(first_at, request.clock.zone)
        if first_on > sides.start_on - BURN_IN:
            notes.append(
                f"The data begins on {first_on}, less than 30 days before the window: some users "
                "counted as new, and some first visits, may not be the first."
            )
    if request.baseline != REST:
        notes.append("Users of both segments count in this one only, not in the baseline.")
    if not sides.n_baseline:
        notes.append("The baseline holds nobody, so nothing is compared.")
    return tuple(notes)


def describe_money(money: Money, *, order_id: str | None = None) -> tuple[str, ...]:
    """Give the notes on orders and revenue."""
    if not money.purchases:
        return ("No event counts as an order, so there are no measures of purchases.",)
    ones = f", those of a user with the same `{order_id}` being one" if order_id else ""
    named = f"Orders are the events {name_some(money.purchases)}{ones}; revenue is their amount."
    if len(money.currencies) > 1:
        several = name_some(money.currencies)
        refused = f"Revenue is not given: orders are in {several}, which are never added up."
        return (named, refused)
    if money.currency is None:
        return (named, "Revenue is not given: no currency is known; name one in segkit.toml.")
    return (named,)


def describe_export(request: ReportRequest) -> tuple[str, ...]:
    """Give the notes on the list of users beside the report: why there is none, who is in it."""
    policy, reader = request.policy, request.reader
    if not reader.sees_users:
        return ("Single users are withheld from readers of public clearance.",)
    if policy.export == "none":
        return ("No list of users is written: the policy in force lets none leave.",)
    listed = policy.attributes if policy.export == "attributes" else ()
    closed = [n for n in listed if not may_see(role_of(n, reader.columns), reader.clearance)]
    if closed:
        named = name_some(closed)
        return (f"No list of users is written: this reader is not cleared for {named}.",)
    if policy.purpose is None:
        return ()
    who = f"those who consent to `{policy.purpose}` at the end of {request.clock.day}"
    few = f"fewer than {request.least} are not written"
    return (f"The files with the list of users hold only {who}; {few}.",)


def describe_facts(request: ReportRequest, facts: SegmentReportFacts) -> tuple[str, ...]:
    """Give the notes on the numbers themselves: what is withheld, unfinished or restricted."""
    notes = []
    behaviour, overview = facts.behaviour, facts.overview
    parts: Sequence[object] = (
        *behaviour.breakdowns, *facts.attributes.breakdowns, *behaviour.funnel,
        *behaviour.retention, *facts.trend,
    )  # fmt: skip
    sevens = (overview.n_active_7d, overview.n_new_7d, overview.n_universe)
    n_withheld = count_withheld(parts) + sum(n is None for n in sevens)
    if n_withheld:
        cells = "1 count is" if n_withheld == 1 else f"{n_withheld} counts are"
        notes.append(
            f"{cells} withheld, shown as –: they stand for fewer than {request.least} users or "
            "visits, or would let such a number be worked out."
        )
    if facts.trend and not facts.trend[-1].is_complete:
        notes.append(f"{facts.trend[-1].period} is not over: its row is not to be compared.")
    if behaviour.retention:
        notes.append(
            "Retention follows the users who were in the segment at the end of the "
            f"{behaviour.retention_grain} in which they were first seen, also those who have left "
            "it since."
        )
    if facts.attributes.over.rows:
        notes.append(
            f"A value counts as more frequent when at least {least_over(request)} users of the "
            "segment have it, the 95% interval of its lift lies above ×1, and it holds among all "
            "that the report compares, judged together at a false share of 5%."
        )
    return tuple(notes)


def least_over(request: ReportRequest) -> int:
    """Give the fewest users of the segment that make a value over-represented."""
    return max(request.least, MIN_USERS)
