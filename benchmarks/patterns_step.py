"""Do one step of the patterns benchmark and print what was found as JSON.

python benchmarks/patterns_step.py STEP FOLDER ROWS
"""

import json
import sys
import time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

import segkit as sk
from segkit.demo import END_ON
from segkit.patterns.agreement import adjusted_rand, contingency
from segkit.patterns.collect import VOLUME, Span, collect_features
from segkit.patterns.eligible import ELIGIBLE, name_eligible
from segkit.patterns.features import Block, Features, FloatArray, IntArray
from segkit.patterns.fit import fit_patterns
from segkit.patterns.page_groups import find_page_groups
from segkit.periods import Clock

DAYS = 30
N_KINDS = 6
CHUNK = 500_000
VISIT_GAP = pd.Timedelta(minutes=30)
COLUMNS = ("user_id", "time", "event", "page_path", "device_type")


def collect(folder: Path) -> Features:
    """Give the features of everyone of the shop in its last 30 days."""
    workspace = sk.open(folder)
    tables = workspace.tables
    clock = Clock.at_end_of(END_ON, ZoneInfo(workspace.config.timezone))
    span = Span(tables=tables, users=tables.users, clock=clock, days=DAYS)
    return collect_features(span, purchases=("purchase",))[0]


def agree(folder: Path, keys: Any, groups: IntArray) -> float:  # noqa: ANN401  array of keys
    """Give the agreement of groups with the planted kinds of the users."""
    table = pq.read_table(folder / "truths" / "users.parquet").to_pandas()
    kinds = table.set_index("user_key")["kind"].reindex(keys)
    truth = pd.factorize(kinds)[0]
    known = truth >= 0
    return adjusted_rand(contingency(truth[known], groups[known]))


def features(folder: Path, _: int) -> dict[str, Any]:
    """Collect the features only."""
    return {"users": len(collect(folder).user_key)}


def patterns(folder: Path, _: int) -> dict[str, Any]:
    """Collect, fit with k chosen by itself, score everyone."""
    collected = collect(folder)
    fit = fit_patterns(collected, seed=0)
    told = fit.scores.group >= 0
    found = agree(folder, collected.user_key[told], fit.scores.group[told])
    return {"groups": len(fit.model.groups), "agreement": found, "eligible": int(told.sum())}


def kmeans(folder: Path, _: int) -> dict[str, Any]:
    """Standardise the raw features of the eligible and cut them by scikit-learn's defaults."""
    from sklearn.cluster import KMeans  # noqa: PLC0415  not in the time of other steps
    from sklearn.preprocessing import StandardScaler  # noqa: PLC0415  the same

    collected = collect(folder)
    chosen = collected.take(name_eligible(collected) == ELIGIBLE)
    columns = np.hstack([b.values for b in chosen.blocks.values()])  # noqa: PD011  no frame
    groups = KMeans(N_KINDS, random_state=0).fit_predict(StandardScaler().fit_transform(columns))
    return {"groups": N_KINDS, "agreement": agree(folder, chosen.user_key, groups)}


def pandas(folder: Path, _: int) -> dict[str, Any]:
    """Build page, device, time and volume features by pandas from the raw Parquet."""
    events = pd.read_parquet(folder / "raw" / "events", columns=list(COLUMNS))
    events["time"] = events["time"].dt.tz_convert("Europe/Berlin").dt.tz_localize(None)
    events = events.sort_values(["user_id", "time"], ignore_index=True)
    gap = events.groupby("user_id")["time"].diff()
    events["visit"] = (gap.isna() | (gap > VISIT_GAP)).cumsum()
    views = events[events["event"] == "page_view"]
    counts = views["page_path"].value_counts()
    found = find_page_groups([(str(path), int(n)) for path, n in counts.items()])
    place = views["page_path"].map({path: found.find(path) for path in counts.index})
    pages = views.groupby(["user_id", place.rename("place")]).size().unstack(fill_value=0)  # noqa: PD010
    visits = events.groupby("visit").agg(
        user_id=("user_id", "first"),
        start=("time", "min"),
        end=("time", "max"),
        device=("device_type", "first"),
    )
    devices = visits.groupby(["user_id", "device"]).size().unstack(fill_value=0)  # noqa: PD010
    angle = visits["start"].dt.hour * (2 * np.pi / 24)
    visits = visits.assign(
        day=visits["start"].dt.normalize(),
        seconds=(visits["end"] - visits["start"]).dt.total_seconds(),
        hour_sin=np.sin(angle),
        hour_cos=np.cos(angle),
    )
    volume = visits.groupby("user_id").agg(
        n_visits=("day", "size"),
        n_days=("day", "nunique"),
        last=("day", "max"),
        seconds=("seconds", "sum"),
        hour_sin=("hour_sin", "mean"),
        hour_cos=("hour_cos", "mean"),
    )
    return {"users": len(volume.join(pages).join(devices))}


def rows(_: Path, n: int) -> dict[str, Any]:
    """Fit and score drawn features; only these two are in the seconds told."""
    drawn, truth = draw(n)
    began, used = time.perf_counter(), time.process_time()
    fit = fit_patterns(drawn, seed=0)
    told = fit.scores.group >= 0
    wall_s, cpu_s = time.perf_counter() - began, time.process_time() - used
    found = adjusted_rand(contingency(truth[told], fit.scores.group[told]))
    n_groups = len(fit.model.groups)
    return {"groups": n_groups, "agreement": found, "wall_s": wall_s, "cpu_s": cpu_s}


def draw(n: int) -> tuple[Features, IntArray]:
    """Draw 15 features of six kinds that are well apart: 6 page groups, 3 channels, 6 of volume."""
    rng = np.random.default_rng(0)
    truth = rng.integers(0, N_KINDS, n)
    lean = 1 + 15 * np.eye(N_KINDS)
    lean /= lean.sum(axis=1, keepdims=True)
    pages, source, volume = (np.empty((n, size)) for size in (6, 3, len(VOLUME)))
    for start in range(0, n, CHUNK):
        here = slice(start, min(start + CHUNK, n))
        kind = truth[here]
        size = len(kind)
        visits = 3 + rng.poisson(4 * rng.gamma(2, 0.5, size))
        taste = rng.standard_gamma(20 * lean[kind])
        pages[here] = rng.poisson(4 * visits[:, None] * taste / taste.sum(axis=1, keepdims=True))
        source[here] = rng.poisson(visits[:, None] / 3, (size, 3))
        views = pages[here].sum(axis=1)
        told = [
            *(visits, views, np.minimum(visits, 30), rng.integers(0, 30, size)),
            *(rng.lognormal(1, 0.5, size), views / visits),
        ]
        volume[here] = np.column_stack(told)
    return _features(pages, source, volume), truth


def _features(pages: FloatArray, source: FloatArray, volume: FloatArray) -> Features:
    n = len(pages)
    return Features(
        user_no=np.arange(n),
        user_key=np.char.zfill(np.arange(n).astype("U8"), 8),
        bot_reason=np.zeros(n, dtype="U1"),
        blocks={
            "pages": Block(columns=tuple("abcdef"), values=pages),
            "source": Block(columns=("x", "y", "z"), values=source),
            "volume": Block(columns=VOLUME, values=volume),
        },
        outcomes=Block(columns=("orders",), values=np.zeros((n, 1))),
    )


STEPS = {f.__name__: f for f in (features, patterns, kmeans, pandas, rows)}


def main() -> None:
    """Do the step of the command line."""
    step, folder, n = sys.argv[1:]
    sys.stdout.write(json.dumps(STEPS[step](Path(folder), int(n))) + "\n")


if __name__ == "__main__":
    main()
