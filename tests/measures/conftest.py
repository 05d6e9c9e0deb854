"""Offer the tiny tables and their two groups."""

import pytest

from segkit.measures.activity import Activity, build_activity
from segkit.measures.sides import Sides
from segkit.store.engine import Engine
from segkit.store.tables import Tables
from tests.measures.tiny import build_tiny, make_sides


@pytest.fixture(scope="session")
def engine() -> Engine:
    return Engine(memory="500MB")


@pytest.fixture(scope="session")
def tiny(engine: Engine) -> Tables:
    return build_tiny(engine)


@pytest.fixture(scope="session")
def sides(tiny: Tables) -> Sides:
    return make_sides(tiny)


@pytest.fixture(scope="session")
def activity(sides: Sides) -> Activity:
    return build_activity(sides, purchases=("purchase",))
