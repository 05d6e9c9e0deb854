"""Ask for a report on the buyers of the tiny tables."""

from functools import partial
from typing import Any

from segkit.reports.request import ReportRequest
from segkit.segments.model import Policy
from segkit.store.tables import Tables
from tests.measures.tiny import CLOCK, DAYS, buyers_at, everyone_at


def ask(tables: Tables, **changes: Any) -> ReportRequest:
    asked: dict[str, Any] = {
        "tables": tables,
        "segment": "buyers",
        "title": "Buyers",
        "definition": "d1",
        "members_at": partial(buyers_at, tables),
        "universe_at": partial(everyone_at, tables),
        "clock": CLOCK,
        "days": DAYS,
        "min_size": 1,
        "policy": Policy(min_size=1),
    }
    return ReportRequest(**asked | changes)
