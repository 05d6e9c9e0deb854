"""Generate the benchmark's workspace once: raw Parquet, labels, `segkit.toml`, the segment.

python benchmarks/make_data.py FOLDER --events 20e6
"""

import argparse
import json
import time
from pathlib import Path

from task import FUNNEL, MEMBER_DAYS, MEMBER_ORDERS, SEGMENT

from segkit.demo import END_ON, write_events_parquet

EVENTS_A_USER = 67
DAYS = 120
SEED = 7
SEGMENT_YAML = f"""\
segkit: 1
segment: {SEGMENT}
title: Bought at least {MEMBER_ORDERS} times in the last {MEMBER_DAYS} days
where:
  did: {{event: purchase, is: {{gte: {MEMBER_ORDERS}}}, during: {{last: {MEMBER_DAYS}d}}}}
"""


def make_data(folder: Path, *, events: float) -> dict[str, object]:
    """Make the workspace unless it is there with the same size and seed; say what was made."""
    wanted = {"events": events, "users": int(events / EVENTS_A_USER), "days": DAYS, "seed": SEED}
    note = folder / "made.json"
    if note.exists():
        made: dict[str, object] = json.loads(note.read_text("utf-8"))
        if made["wanted"] == wanted:
            return made
    began = time.perf_counter()
    parts = write_events_parquet(
        folder, events=events, users=int(events / EVENTS_A_USER), days=DAYS, seed=SEED
    )
    (folder / "segments").mkdir(exist_ok=True)
    (folder / "segments" / f"{SEGMENT}.yml").write_text(SEGMENT_YAML, "utf-8")
    set_funnel(folder / "segkit.toml")
    made = {
        "wanted": wanted,
        "as_of": END_ON.isoformat(),
        "parts": len(parts),
        "megabytes": round(sum(part.stat().st_size for part in parts) / 1e6),
        "seconds": round(time.perf_counter() - began, 1),
    }
    note.write_text(json.dumps(made, indent=1), "utf-8")
    return made


def set_funnel(toml: Path) -> None:
    """Give the workspace the funnel that the other tools count, and no small groups withheld."""
    lines = [line for line in toml.read_text("utf-8").splitlines() if "funnel =" not in line]
    text = "\n".join(lines).replace("[report]", f"[report]\nfunnel = {json.dumps(FUNNEL)}")
    toml.write_text(text.replace("[privacy]", "[privacy]\nmin_size = 1") + "\n", "utf-8")


def main() -> None:
    """Make what the command line asks for and print what was made."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--events", type=float, default=20e6)
    given = parser.parse_args()
    print(json.dumps(make_data(given.folder, events=given.events)))


if __name__ == "__main__":
    main()
