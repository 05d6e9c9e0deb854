"""Spark finds the members that DuckDB finds, over the files of one snapshot."""

import pytest

from segkit.demo import write_shop
from segkit.segments.build import Segment, did
from segkit.segments.read import read_definitions
from segkit.workspace import Workspace
from segkit.workspace.patterns import find_patterns

pytestmark = [
    pytest.mark.spark,
    pytest.mark.slow,
    # pyspark 4.0 asks pandas 3 for a `copy` that it no longer needs, and leaves sockets open
    pytest.mark.filterwarnings("ignore:The copy keyword is deprecated"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

CONDITIONS = {
    "sum": "did: {event: purchase, calc: {sum: value}, is: {gte: 100}, during: {last: 60d}}",
    "avg": "did: {event: purchase, calc: {avg: value}, is: {between: [40, 90]}}",
    "median": "did: {event: purchase, calc: {median: value}, is: {gt: 60}}",
    "quantile": "did: {event: purchase, calc: {quantile: {of: value, q: 0.9}}, is: {gte: 80}}",
    "distinct": "did: {event: view_item, calc: {distinct: category}, is: {gte: 4}}",
    "most frequent": "did: {event: view_item, calc: {most_frequent: category}, is: kitchen}",
    "zero is a count": "did: {event: purchase, is: {lte: 1}, during: {last: 90d}}",
    "where on a property": "did: {event: view_item, where: {category: lighting}, is: {gte: 2}}",
    "page": "did: {page: {path: {starts_with: /sale}}, calc: active_days, is: {gte: 2}}",
    "visits": "did: {visit: any, calc: active_weeks, is: {gte: 6}, during: {last: 84d}}",
    "clock change": "did: {event: page_view, during: {from: '2026-03-29', to: '2026-03-29'}}",
    "another zone": "did: {event: purchase, calc: active_days, is: {gte: 2}}",
    "calendar": "did: {event: search, is: {gte: 1}, during: {calendar: last_month}}",
    "first touch": "visit_attribute: {name: channel, is: Email, touch: first}",
    "last touch": "visit_attribute: {name: device_type, is: mobile, touch: last}",
    "recency": "since_last: {event: purchase, is: {between: [10d, 40d]}}",
    "label": "attribute: {name: age, is: {between: [30, 45]}}",
    "unknown": "not: {attribute: {name: nps, is: {gte: 7}}}",
    "algebra": "set: (known | frequent_visitors) - lapsing",
    "consent": "consent: {purpose: marketing_email, is: granted}",
    "pattern": "in_pattern: {model: kinds, pattern: p1}",
    "surely another pattern": "in_pattern: {model: kinds, pattern: p2, min_probability: 0.9}",
    "sample": "sample: {salt: holdout, range: [0.25, 0.5]}",
}


@pytest.fixture(scope="module")
def engines(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, Workspace]:
    """The same workspace opened twice: on DuckDB, and on Spark as `[engine] url` says."""
    folder = tmp_path_factory.mktemp("parity")
    write_shop(folder, users=320, days=110)
    on_duckdb = Workspace.open(folder)
    on_duckdb.load()
    visited = Segment("visited", did(visit="any"))
    find_patterns(on_duckdb, visited, days=60, k=3, method="kmeans").save("kinds")
    toml = folder / "segkit.toml"
    text = toml.read_text("utf-8")
    toml.write_text(f'{text}\n[engine]\nurl = "pyspark://local[2]"\n', "utf-8")
    on_spark = Workspace.open(folder)
    assert on_spark.tables.users.get_backend().name == "pyspark"
    return on_duckdb, on_spark


def members_of(workspace: Workspace, definition_text: str) -> tuple[list[int], int]:
    """The members' numbers and the size of the universe."""
    (definition,) = read_definitions(definition_text, "test")
    found = workspace.evaluate(*workspace.clock(definition))
    engine = workspace.engine
    members = sorted(row[0] for row in engine.rows(found.members))
    return members, engine.scalar(found.universe.count())


@pytest.mark.parametrize("name", CONDITIONS)
def test_members_are_the_same_on_both_engines(
    engines: tuple[Workspace, Workspace], name: str
) -> None:
    zone = "timezone: Asia/Tokyo\n" if name == "another zone" else ""
    text = f"segkit: 1\nsegment: s\ntitle: t\n{zone}where: {{{CONDITIONS[name]}}}"
    on_duckdb, on_spark = engines

    members, n_universe = members_of(on_duckdb, text)

    assert members_of(on_spark, text) == (members, n_universe)
    assert 0 < len(members) < n_universe
