"""Give the whole list of users, as far as the segment's policy lets it leave.

`export: none` lets nothing leave. `pseudonymous` lets users leave by id, with labels that are not
personal. `attributes` lets only the labels leave that the policy names, personal ones for readers
who are cleared for them; where it names none, those that are not personal. Where the policy names a
purpose, only users who consent to it leave. Fewer than the smallest group shown never leave.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from ibis import Table

from segkit.config import Role
from segkit.errors import PrivacyError, UnknownNameError, name_some
from segkit.measures.labels import latest_values
from segkit.measures.people import BASE, Reader, in_order, name_user
from segkit.measures.roles import looks_personal, may_see, role_of
from segkit.measures.sides import Sides
from segkit.reports.segment_report import SegmentReport
from segkit.reports.user_file import UserFile
from segkit.segments.conditions import Consent
from segkit.segments.evaluate import kept_by, no_lists
from segkit.segments.model import Policy
from segkit.segments.pattern_models import NO_MODELS
from segkit.segments.sources import Context


def exporting_reader(policy: Policy, reader: Reader) -> Reader:
    """Give the reader as the file treats him: personal is open only where the policy names it.

    Raises
    ------
    PrivacyError
        When the policy lets nothing leave, or the reader may not see single users.
    """
    if policy.export == "none":
        raise PrivacyError.build(
            "The segment's policy lets no list of users leave.",
            hint="set `policy: {export: pseudonymous}` in its file, or [privacy] export.",
        )
    if not reader.sees_users:
        raise PrivacyError.build(
            "A reader with the clearance `public` sees no single users.",
            hint="ask with the clearance `pseudonymous`.",
        )
    named = policy.attributes if policy.export == "attributes" else ()
    is_open = any(role_of(name, reader.columns) == "personal" for name in named)
    clearance: Role = reader.clearance if is_open else "pseudonymous"
    return Reader(clearance=clearance, columns=reader.columns)


def exported_names(policy: Policy, reader: Reader, known: Mapping[str, Any]) -> tuple[str, ...]:
    """Give the labels that leave, sorted, or in the policy's order where it names them.

    Raises
    ------
    UnknownNameError
        When the policy names a label that the data does not have.
    PrivacyError
        When it names one that the reader is not cleared for.
    """
    if policy.export != "attributes" or not policy.attributes:
        return tuple(
            n for n in sorted(known) if may_see(role_of(n, reader.columns), reader.clearance)
        )
    for name in policy.attributes:
        if name not in known:
            raise UnknownNameError.of_kind("attribute", name, known, where="policy, attributes")
    closed = [
        n for n in policy.attributes if not may_see(role_of(n, reader.columns), reader.clearance)
    ]
    if closed:
        raise PrivacyError.build(
            f"The policy exports {name_some(closed)}, which this reader is not cleared for.",
            hint="ask with the clearance `personal`, if the reader has it.",
        )
    return policy.attributes


def consenting(users: Table, sides: Sides, policy: Policy) -> Table:
    """Give those of some users (`user_no`) who consent to the policy's purpose at T.

    All without one.
    """
    if policy.purpose is None:
        return users
    context = Context(
        tables=sides.tables, clock=sides.clock, library={}, lists=no_lists, models=NO_MODELS
    )
    return kept_by(Consent(purpose=policy.purpose, state="granted"), users, context)


def with_labels(
    users: Table,
    *,
    columns: Sequence[tuple[str, str]],
    sides: Sides,
    names: Sequence[str],
    reader: Reader,
) -> UserFile:
    """Give users with their labels at T as rows.

    `users` has `user_no`, `user_key` and further `columns` (name, kind), already ordered.
    """
    engine = sides.engine
    found = engine.rows(users.select("user_no", "user_key", *(name for name, _ in columns)))
    labels: dict[tuple[int, str], str] = {}
    if names:
        latest = latest_values(sides, names, of=users.select("user_no"))
        labels = {
            (no, name): value
            for no, name, value in engine.rows(latest.select("user_no", "name", "value"))
        }
    masked = {n for n in names if n not in reader.columns and reader.clearance != "personal"}
    rows = [
        (
            name_user(no, key, reader.clearance),
            *(float(v) if isinstance(v, Decimal) else v for v in rest),
            *(_label(labels.get((no, n)), is_masked=n in masked) for n in names),
        )
        for no, key, *rest in found
    ]
    taken = {"user", *(name for name, _ in columns)}
    own = [(f"label_{n}" if n in taken else n, "text") for n in names]
    return UserFile(columns=[("user", "text"), *columns, *own], rows=rows)


def _label(value: str | None, *, is_masked: bool) -> str | None:
    return "(personal)" if is_masked and looks_personal(value) else value


def export_users(report: SegmentReport) -> UserFile | None:
    """Give the users of a report that may leave; None where policy, clearance or size forbid it."""
    request, sides = report.request, report.sides
    try:
        reader = exporting_reader(request.policy, request.reader)
        names = exported_names(request.policy, reader, request.tables.catalogue.attributes)
    except PrivacyError:
        return None
    if report.is_withheld:
        return None
    shown = {name for name, _, _ in report.facts.user_list.columns}
    columns = [(name, kind) for name, _, kind in BASE[1:] if name in shown]
    leaving = consenting(sides.members, sides, request.policy)
    users = in_order(report.users.semi_join(leaving, "user_no"))
    file = with_labels(users, columns=columns, sides=sides, names=names, reader=reader)
    return file if len(file.rows) >= request.least else None
