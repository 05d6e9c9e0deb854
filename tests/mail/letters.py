"""A small report's facts as `facts.json` holds them, for tests of its mail."""

from datetime import date, timedelta
from typing import Any

SUNDAY = date(2026, 5, 31)


def make_facts(n: int | None = 1204, as_of: date = SUNDAY, **overrides: Any) -> dict[str, Any]:
    """Give the facts of a report on n of 5,000 users, with two weeks of trend and one value."""
    weeks = [as_of - timedelta(weeks=1), as_of]
    over = {"value": "Tier: gold", "n": 45, "n_baseline": 20, "share": 0.1, "baseline_share": 0.01}
    return {
        "segment": "loyal",
        "title": "Loyal customers",
        "as_of": as_of.isoformat(),
        "start_on": (as_of - timedelta(days=27)).isoformat(),
        "days": 28,
        "definition": "d1",
        "snapshot": "abc",
        "timezone": "Europe/Berlin",
        "currency": "EUR",
        "baseline_title": "everyone else",
        "clearance": "pseudonymous",
        "min_size": 10,
        "data_first_on": "2026-01-01",
        "data_last_on": "2026-05-31",
        "overview": {
            "n_users": n,
            "n_universe": 5000,
            "n_active_7d": 50,
            "n_new_7d": 0,
            "top_users": [{"user": "u_secret_17", "email": "ann@example.org"}],
        },
        "behaviour": {
            "measures": {
                "revenue_per_user": {
                    "name": "revenue_per_user",
                    "title": "Revenue per user",
                    "kind": "money",
                    "numerator": 500.0,
                    "denominator": 100,
                }
            }
        },
        "attributes": {
            "over": {
                "denominator": 450,
                "baseline_denominator": 2000,
                "rows": [over | {"lift": 10.0}],
            }
        },
        "trend": [
            {
                "period": f"{day:%G-W%V}",
                "start_on": (day - timedelta(days=6)).isoformat(),
                "end_on": day.isoformat(),
                "is_complete": True,
                "n_universe": 5000,
                "n_users": n,
                "n_active": 50,
                "n_entered": 12,
                "n_left": None,
            }
            for day in weeks
        ],
        "notes": ["1 count is withheld."],
        **overrides,
    }
