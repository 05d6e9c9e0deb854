"""Give a shop of 2,000 people and its lines, read back by plain JSON."""

import gzip
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from segkit.demo import ShopFiles, write_shop


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> ShopFiles:
    return write_shop(tmp_path_factory.mktemp("shop"), users=2000)


@pytest.fixture(scope="session")
def lines(shop: ShopFiles) -> pd.DataFrame:
    """One row a line of the event files, in order: `file`, `text`, and what JSON gives of it."""
    return read_lines(shop.event_files)


def read_lines(paths: list[Path]) -> pd.DataFrame:
    rows = [
        {"file": path.name, "text": text, **read_line(text)}
        for path in paths
        for text in gzip.decompress(path.read_bytes()).decode().splitlines()
    ]
    return pd.DataFrame(rows)


def read_line(text: str) -> dict[str, Any]:
    try:
        message = json.loads(text)
    except ValueError:
        return {"fault": "broken"}
    device, user, time = (message.get(k) for k in ("anonymousId", "userId", "timestamp"))
    context = message["context"]
    fault = "no_time" if time is None else "no_id" if device is None and user is None else None
    return {
        "fault": fault,
        "id": message["messageId"],
        "device": device,
        "user": user,
        "time": time,
        "event": message.get("event", {"page": "page_view"}.get(message["type"], message["type"])),
        "path": context["page"]["path"],
        "referrer": context["page"]["referrer"],
        "campaign": context.get("campaign", {}).get("name"),
        "agent": context["userAgent"],
        "value": message.get("properties", {}).get("value"),
    }


@pytest.fixture(scope="session")
def log(lines: pd.DataFrame, truth: pd.DataFrame) -> pd.DataFrame:
    """One row a distinct good message in the order of time, stitched, with local time and kind."""
    good = lines[lines.fault.isna()].drop_duplicates("id").copy()
    good["at"] = pd.to_datetime(good.time, utc=True, format="ISO8601")
    good["local"] = good["at"].dt.tz_convert("Europe/Berlin")
    member_of = good.dropna(subset="user").groupby("device").user.first()
    good["key"] = good.device.map(member_of).fillna(good.device)
    good = good.join(truth.set_index("user_key")[["kind", "variant", "person"]], on="key")
    return good.sort_values("at", kind="stable").reset_index(drop=True)


@pytest.fixture(scope="session")
def visits(log: pd.DataFrame) -> pd.DataFrame:
    """One row a visit (ended by more than 30 minutes of silence): person, kind, start, orders."""
    rows = log[log.kind != "bot"].assign(is_order=log.event == "purchase")
    rows = rows.sort_values(["key", "at"], kind="stable")
    gap = rows.groupby("key").at.diff()
    number = (gap.isna() | (gap > pd.Timedelta(minutes=30))).cumsum()
    return rows.groupby(number).agg(
        key=("key", "first"),
        person=("person", "first"),
        kind=("kind", "first"),
        variant=("variant", "first"),
        start=("local", "first"),
        n_orders=("is_order", "sum"),
        campaign=("campaign", "first"),
    )


@pytest.fixture(scope="session")
def truth(shop: ShopFiles) -> pd.DataFrame:
    return pd.read_parquet(shop.truth_users)
