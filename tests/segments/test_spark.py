"""Spark finds the members that DuckDB finds, to the user."""

from functools import cache

import pytest

from segkit.store.engine import Engine
from tests.segments.test_oracle import case_of, evaluated
from tests.segments.tiny import tables_of
from tests.segments.worlds import RARE_KINDS

pytestmark = [
    pytest.mark.spark,
    pytest.mark.slow,
    # pyspark 4.0 asks pandas 3 for a `copy` that it no longer needs, and leaves sockets open
    pytest.mark.filterwarnings("ignore:The copy keyword is deprecated"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

KINDS = [(0, kind) for kind in RARE_KINDS]


@cache
def spark() -> Engine:
    return Engine("pyspark://local[2]")


@pytest.mark.parametrize(("seed", "kind"), [*((seed, "") for seed in range(3)), *KINDS])
def test_members_are_the_same_on_both_engines(seed: int, kind: str) -> None:
    setting, clock, asked = case_of(seed, kind)
    told = {
        "attributes": setting.attributes,
        "consents": setting.consents,
        "exposures": setting.exposures,
    }
    on_duckdb, on_spark = (
        tables_of(setting.events, people=setting.people, zone=setting.zone, engine=engine, **told)
        for engine in (None, spark())
    )

    found = evaluated(on_spark, clock, asked)

    assert found == evaluated(on_duckdb, clock, asked)
