"""Draw users of known kinds, so that what patterns find can be set against the truth.

Parameters and draw rules are those of the shared vector `archetype_generator.json`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from segkit.patterns.features import Block, Features, FloatArray, IntArray

VOLUME = (
    "n_visits",
    "n_page_views",
    "n_active_days",
    "days_since_last",
    "minutes_per_visit",
    "pages_per_visit",
)
BOT = -1


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """Users and the kind of each: its place in `kinds`, or `BOT`."""

    features: Features
    truth: IntArray
    kinds: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class World:
    """The generator's parameters as the vector names them."""

    pages: tuple[str, ...]
    sources: tuple[str, ...]
    archetypes: Mapping[str, list[Any]]


def read_world(shared: Path) -> World:
    """Give the parameters of the shared vector."""
    path = shared / "vectors" / "clustering" / "archetype_generator.json"
    found = json.loads(path.read_text("utf-8"))
    return World(
        pages=tuple(found["pages"]),
        sources=tuple(found["sources"]),
        archetypes=found["archetypes"],
    )


def draw_users(
    world: World,
    *,
    n: int = 20_000,
    od: float = 1.0,
    seed: int,
    weights: Mapping[str, float] | None = None,
    bots: float = 0.01,
) -> Drawn:
    """Give `n` users of the kinds in `weights` (default: all, as often as the vector says)."""
    rng = np.random.default_rng(seed)
    chosen = weights or {name: row[0] for name, row in world.archetypes.items()}
    kinds = tuple(chosen)
    p = np.array(list(chosen.values()), dtype=float)
    truth = rng.choice(len(kinds), size=n, p=p / p.sum())
    rows = [world.archetypes[kind] for kind in kinds]

    def per_user(field: int) -> FloatArray:
        return np.array([row[field] for row in rows], dtype=float)[truth]

    busy = rng.gamma(2.2 / od, od / 2.2, n)
    visits = 1 + rng.poisson((per_user(1) - 1) * busy)
    views = np.maximum(visits, rng.poisson(visits * per_user(2) * rng.lognormal(0, 0.35 * od, n)))
    minutes = per_user(3) * rng.lognormal(0, 0.5 * od, n)
    recency = np.minimum(rng.exponential(per_user(4)), 60)
    days = np.minimum(visits, 1 + rng.binomial(29, np.minimum(visits / 45, 1)))
    orders = rng.poisson(per_user(5) * busy)
    revenue = orders * per_user(6) * rng.lognormal(0, 0.4, n)
    is_bot = rng.random(n) < bots
    n_bots = int(is_bot.sum())
    visits[is_bot] = rng.integers(50, 401, n_bots)
    views[is_bot] = rng.integers(3_000, 60_001, n_bots)
    minutes[is_bot] = rng.uniform(0.01, 0.3, n_bots)
    days[is_bot] = rng.integers(25, 31, n_bots)
    is_whale = rng.random(n) < 0.003
    revenue[is_whale] = revenue[is_whale] * rng.uniform(20, 80, int(is_whale.sum())) + 500

    theta = _dirichlet(rng, _normalised(rows, 7)[truth] * 25 / od + 0.02)
    channel = _dirichlet(rng, _normalised(rows, 10)[truth] * 6 / od + 0.02)
    mobile_mean = per_user(8)
    mobile = rng.binomial(
        visits, rng.beta(4 * mobile_mean / od + 0.3, 4 * (1 - mobile_mean) / od + 0.3)
    )
    hour = (per_user(9) + rng.normal(0, 3.2, n)) % 24 * (2 * np.pi / 24)
    volume = np.column_stack([visits, views, days, recency, minutes, views / visits])
    blocks = {
        "pages": Block(columns=world.pages, values=rng.multinomial(views, theta).astype(float)),
        "source": Block(
            columns=world.sources, values=rng.multinomial(visits, channel).astype(float)
        ),
        "device": Block(
            columns=("mobile", "desktop"),
            values=np.column_stack([mobile, visits - mobile]).astype(float),
        ),
        "time": Block(
            columns=("hour_sin", "hour_cos"), values=np.column_stack([np.sin(hour), np.cos(hour)])
        ),
        "volume": Block(columns=VOLUME, values=volume),
    }
    features = Features(
        user_no=np.arange(n),
        user_key=np.array([f"u{seed}-{i:07d}" for i in range(n)]),
        bot_reason=np.full(n, ""),
        blocks=blocks,
        outcomes=Block(columns=("orders", "revenue"), values=np.column_stack([orders, revenue])),
    )
    return Drawn(features=features, truth=np.where(is_bot, BOT, truth), kinds=kinds)


def _normalised(rows: list[list[Any]], field: int) -> FloatArray:
    listed = np.array([row[field] for row in rows], dtype=float)
    shares: FloatArray = listed / listed.sum(axis=1, keepdims=True)
    return shares


def _dirichlet(rng: np.random.Generator, alpha: FloatArray) -> FloatArray:
    drawn = np.maximum(rng.standard_gamma(alpha), 1e-300)
    total: FloatArray = drawn / drawn.sum(axis=1, keepdims=True)
    return total
