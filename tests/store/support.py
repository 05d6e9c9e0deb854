"""Small workspaces with raw Segment files, and their tables as plain rows."""

import json
import random
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from segkit.config import WorkspaceConfig, read_config
from segkit.schema import TABLES
from segkit.store.engine import Engine
from segkit.store.load import load
from segkit.store.load_result import LoadResult
from segkit.store.progress import Silent
from segkit.store.snapshot import open_tables

NOW = datetime(2026, 6, 1, tzinfo=UTC)
TOML = """
name = "tiny"
timezone = "Europe/Berlin"
quarantine_limit = 0.5

[[sources]]
name = "web"
format = "segment"
path = "raw/*.ndjson"
"""


def message(
    kind: str,
    at: str,
    *,
    id: str | None = None,
    device: str | None = None,
    user: str | None = None,
    **more: Any,
) -> dict[str, Any]:
    """One Segment message; `at` is a time of 2026-01-05 like `10:00:00`, or a whole instant."""
    stamp = at if "T" in at else f"2026-01-05T{at}Z"
    base = {
        "type": kind,
        "timestamp": stamp,
        "messageId": id,
        "anonymousId": device,
        "userId": user,
    }
    return {k: v for k, v in base.items() if v is not None} | more


def page(at: str, path: str = "/", **ids: Any) -> dict[str, Any]:
    """A page view."""
    url = f"https://shop.example{path}"
    return message("page", at, **ids, context={"page": {"path": path, "url": url}})


def write_lines(root: Path, name: str, messages: Iterable[dict[str, Any] | str]) -> None:
    """Write one raw file, a message a line; text is written as it is."""
    path = root / "raw" / f"{name}.ndjson"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        "".join((m if isinstance(m, str) else json.dumps(m)) + "\n" for m in messages), "utf-8"
    )


def load_now(root: Path, toml: str = TOML, sources: Sequence[str] | None = None) -> LoadResult:
    """Load the workspace."""
    return load(root, config(toml), sources=sources, now=NOW, progress=Silent())


def config(toml: str = TOML) -> WorkspaceConfig:
    """The workspace's settings."""
    return read_config(toml, where="segkit.toml")


def rows(root: Path, table: str, *columns: str, toml: str = TOML) -> list[tuple[Any, ...]]:
    """Rows of a canonical table in a fixed order; all columns but those of the delivery by
    default."""
    engine = Engine()
    opened = getattr(open_tables(root, config(toml), engine=engine), table)
    wanted = columns or tuple(c for c in TABLES[table].columns if c not in {"load_id", "row_no"})
    return sorted(engine.rows(opened.select(*wanted)), key=repr)


def some_messages(seed: int, n: int = 40) -> list[dict[str, object]]:
    """Random messages of a few devices and users, at distinct instants, with identifies and aliases
    among them."""
    dice = random.Random(seed)
    seconds = dice.sample(range(6 * 3600), n)
    messages: list[dict[str, object]] = []
    for i, second in enumerate(seconds):
        at = (
            f"2026-03-29T00:{second // 60 % 60:02}:{second % 60:02}.{second // 3600:03}Z"
            if dice.random() < 0.1
            else (datetime.fromtimestamp(1774735200 + second, UTC).isoformat())
        )
        ids = {
            "id": f"m{i}",
            "device": f"d{dice.randrange(4)}",
            "user": dice.choice([None, None, "ann", "ben", "cat"]),
        }
        kind = dice.random()
        if kind < 0.15:
            messages.append(
                message("identify", at, **ids, traits={"plan": dice.choice(["free", "pro"])})
            )
        elif kind < 0.2:
            messages.append(
                message(
                    "alias",
                    at,
                    id=f"m{i}",
                    user="ann",
                    previousId=dice.choice(["ben", "d1", "dan"]),
                )
            )
        elif kind < 0.5:
            messages.append(
                message(
                    "track",
                    at,
                    **ids,
                    event="purchase",
                    properties={"value": dice.randrange(100) / 4, "currency": "EUR"},
                )
            )
        else:
            messages.append(page(at, f"/p{dice.randrange(3)}", **ids))
    return messages
