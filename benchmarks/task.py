"""State what one segment report asks, so that every tool answers the same from the same files.

The numbers are the "headline numbers": plain JSON that two tools must agree on. Names: `seg` is the
segment (bought at least twice in the last 30 days), `rest` everyone else; T is the end of `as_of`
in Berlin; the window is the `days` before T.
"""

import argparse
import json
import sys
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

SEGMENT = "repeat_buyers"
ZONE = ZoneInfo("Europe/Berlin")
DAYS = 90
MEMBER_DAYS = 30
MEMBER_ORDERS = 2
N_WEEKS = 13
VISIT_GAP_S = 1800
ENGAGED_S = 10
FUNNEL = ("view_item", "add_to_cart", "begin_checkout", "purchase")
SEARCH_HOSTS = ("google.", "bing.", "duckduckgo.")
SOCIAL_HOSTS = ("facebook.", "instagram.", "pinterest.", "t.co")
PAID = ("cpc", "paid_social")
OWN_HOST = "lindenhof.example"
TOP = 20


@dataclass(frozen=True)
class Task:
    """Where the raw files lie and which instants the report looks back from."""

    folder: Path
    as_of: date

    @property
    def events(self) -> str:
        """The glob of the raw events' Parquet parts."""
        return str(self.folder / "raw" / "events" / "*.parquet")

    @property
    def attributes(self) -> str:
        """The CSV file of the users' labels: one row a member id."""
        return str(self.folder / "raw" / "attributes.csv")

    @property
    def end(self) -> datetime:
        """T, the instant at which `as_of` ends."""
        return day_start(self.as_of + timedelta(days=1))

    @property
    def start(self) -> datetime:
        """The start of the window."""
        return day_start(self.as_of + timedelta(days=1 - DAYS))


def day_start(day: date) -> datetime:
    """Give the UTC instant at which a day begins in Berlin."""
    return datetime.combine(day, time(), tzinfo=ZONE).astimezone(UTC)


def read_task() -> Task:
    """Give the task that the command line names: the folder made by `make_data.py`."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    made = json.loads((folder / "made.json").read_text("utf-8"))
    return Task(folder, date.fromisoformat(made["as_of"]))


def write_headline(headline: dict[str, Any]) -> None:
    """Print the headline numbers as one JSON line."""
    json.dump(headline, sys.stdout, default=float)
    sys.stdout.write("\n")
