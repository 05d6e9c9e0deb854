"""Write a workspace of 64 people who each take one route of three pages, a minute a page.

u00 to u29 go /shop, /cart, /pay; u30 to u59 /news, /shop, /help; u60 to u63 /help, /pay, /news. All
on 2026-06-20 at noon, UTC. Segment `payers`: who saw /cart, so u00 to u29.
"""

from pathlib import Path

from segkit.workspace import Workspace

ROUTES = {
    "a": (range(30), ("/shop", "/cart", "/pay")),
    "b": (range(30, 60), ("/news", "/shop", "/help")),
    "c": (range(60, 64), ("/help", "/pay", "/news")),
}
TOML = """\
name = "routes"
timezone = "UTC"
[[sources]]
name = "web"
format = "csv"
path = "web.csv"
[sources.map]
user_id = "user"
time = "time"
event = "event"
page_path = "page"
"""
PAYERS = """\
segkit: 1
segment: payers
title: Saw the cart
where: {did: {event: page_view, where: {page_path: /cart}}}
"""


def load_routes(folder: Path) -> Workspace:
    """Write the workspace, load it and open it."""
    rows = ["user,time,event,page"] + [
        f"u{user:02},2026-06-20T12:{at:02}:00Z,page_view,{page}"
        for users, pages in ROUTES.values()
        for user in users
        for at, page in enumerate(pages)
    ]
    files = {"segkit.toml": TOML, "web.csv": "\n".join(rows), "segments/payers.yml": PAYERS}
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text + "\n", "utf-8")
    workspace = Workspace.open(folder)
    workspace.load()
    return workspace


def users_of(workspace: Workspace) -> dict[str, list[int]]:
    """Give the `user_no` of everyone by route."""
    users = workspace.tables.users
    rows = workspace.tables.engine.rows(users.select("user_id", "user_no"))
    numbers = {str(user): int(number) for user, number in rows}
    return {name: [numbers[f"u{u:02}"] for u in users] for name, (users, _) in ROUTES.items()}
