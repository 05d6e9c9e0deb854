"""Give the facts of a report as one plain document, the one that `facts.json` holds."""

from collections.abc import Sequence
from typing import Any

from segkit.compare.facts import Differences, OutlyingDay
from segkit.measures.facts import MembersFollowed, SegmentReportFacts, UserRows, as_json
from segkit.measures.value.facts import CustomerValue
from segkit.patterns.facts import PatternFacts

HEAD = ("segment", "title", "as_of", "days", "definition", "snapshot", "engine")


def facts_document(
    facts: SegmentReportFacts,
    patterns: PatternFacts | None = None,
    differences: Differences | None = None,
    value: CustomerValue | None = None,
    *,
    outlying: Sequence[OutlyingDay] = (),
    followed: MembersFollowed | None = None,
) -> dict[str, Any]:
    """Give the document of a segment report; parts that were not asked for are null.

    Single users appear only as the top 20, as far as the reader may see them. A number that is
    withheld is null, and `notes` say why.

    Returns
    -------
    dict
        Plain JSON values: `segment, title, as_of, days, definition, snapshot, engine`, the rest of
        the head, then `overview, behaviour, members_followed, value, attributes, differences,
        trend, outlying_days, patterns, user_list, notes`.
    """
    head = as_json(facts.head)
    first = {name: head.pop(name) for name in HEAD}
    overview = as_json(facts.overview) | {"top_users": _users(facts.overview.top_users)}
    behaviour = as_json(facts.behaviour)
    breakdowns = {b["name"]: b for b in behaviour.pop("breakdowns")}
    measures = {m["name"]: m for m in behaviour.pop("measures")}
    attributes = as_json(facts.attributes)
    return {
        **first,
        **head,
        "overview": overview,
        "behaviour": {"measures": measures, "breakdowns": breakdowns, **behaviour},
        "members_followed": as_json(followed),
        "value": as_json(value),
        "attributes": attributes,
        "differences": None if differences is None else differences_document(differences),
        "trend": as_json(facts.trend),
        "outlying_days": as_json(tuple(outlying)),
        "patterns": None if patterns is None else patterns.to_dict(),
        "user_list": {
            "n_rows": facts.user_list.n_rows,
            "columns": [name for name, _, _ in facts.user_list.columns],
        },
        "notes": list(facts.notes),
    }


def differences_document(differences: Differences) -> dict[str, Any]:
    """Give the document of differences: of the tested findings those that hold."""
    tree: dict[str, Any] = as_json(differences)
    tree["findings"] = tree.pop("found")
    return tree


def _users(users: UserRows) -> list[dict[str, Any]]:
    names = [name for name, _, _ in users.columns]
    return [dict(zip(names, as_json(row), strict=True)) for row in users.rows]
