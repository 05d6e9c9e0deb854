"""Facts that every test of a view looks at."""

import pytest

from segkit.measures.facts import SegmentReportFacts
from tests.views.sample import few_facts, hostile_facts, sample_facts, withheld_facts


@pytest.fixture(scope="session")
def facts() -> SegmentReportFacts:
    return sample_facts()


@pytest.fixture(scope="session")
def hostile() -> SegmentReportFacts:
    return hostile_facts()


@pytest.fixture(scope="session")
def few() -> SegmentReportFacts:
    return few_facts()


@pytest.fixture(scope="session")
def withheld() -> SegmentReportFacts:
    return withheld_facts()
