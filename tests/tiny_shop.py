"""Write a workspace so small that its numbers are known by heart.

40 people, u01 to u40, and 60 days, 2026-05-02 to 2026-06-30 in UTC. Person n sees one page at noon
on every n-th day counted from the last, so u01 comes daily and u40 on two days. u01 to u15 buy
once, on 2026-06-20 at 13:00, for 10 EUR. The customer table knows everybody's plan (`plus` for u01
to u20, else `free`) and e-mail address.
"""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from segkit.workspace import Workspace

N_USERS = 40
N_DAYS = 60
N_BUYERS = 15
LAST_NOON = datetime(2026, 6, 30, 12, tzinfo=UTC)
TOML = """\
name = "tiny"
timezone = "UTC"
[[sources]]
name = "web"
format = "csv"
path = "data/web.csv"
[sources.map]
user_id = "user"
time = "time"
event = "event"
page_path = "page"
value = "value"
currency = { value = "EUR" }
[[sources]]
name = "crm"
format = "csv"
path = "data/crm.csv"
table = "attributes"
[sources.map]
user_id = "user"
[privacy]
export = "pseudonymous"
"""
BUYERS = """\
segkit: 1
segment: buyers
title: Bought at least once
where: {did: {event: purchase}}
"""


def write_tiny_shop(folder: Path) -> Path:
    """Write the workspace and give its folder; nothing is loaded yet."""
    users = [f"u{n:02}" for n in range(1, N_USERS + 1)]
    rows = ["user,time,event,page,value"]
    for n, user in enumerate(users, start=1):
        noons = (LAST_NOON - timedelta(days=back) for back in range(0, N_DAYS, n))
        rows += [f"{user},{noon:%Y-%m-%dT%H:%M:%SZ},page_view,/p{n % 3}," for noon in noons]
    rows += [f"{user},2026-06-20T13:00:00Z,purchase,,10.00" for user in users[:N_BUYERS]]
    crm = ["user,plan,email"]
    crm += [
        f"{user},{'plus' if n <= 20 else 'free'},{user}@example.com"
        for n, user in enumerate(users, start=1)
    ]
    files = {"segkit.toml": TOML, "segments/buyers.yml": BUYERS, "data/web.csv": "\n".join(rows)}
    for name, text in {**files, "data/crm.csv": "\n".join(crm)}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text + "\n", "utf-8")
    return folder


@pytest.fixture(scope="session")
def loaded_shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the tiny shop, loaded once; copy it before changing anything."""
    folder = write_tiny_shop(tmp_path_factory.mktemp("tiny"))
    Workspace.open(folder).load()
    return folder


@pytest.fixture
def shop(loaded_shop: Path, tmp_path: Path) -> Path:
    """Give a loaded tiny shop that this test may change."""
    return Path(shutil.copytree(loaded_shop, tmp_path / "shop"))
