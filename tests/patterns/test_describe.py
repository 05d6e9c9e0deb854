"""What a pattern is like is told in its own units, over its own users."""

import numpy as np
import pytest

from segkit.patterns.describe import Description, describe_patterns
from segkit.patterns.features import Block
from tests.patterns.small import build

LABELS = np.array(["p1", "p1", "p1", "p2", "p2", "one visit"])
ATTRIBUTES = Block(
    columns=("plan=free", "plan=plus", "vip=yes"),
    values=np.array([[1, 0, 0], [1, 0, 1], [0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 1, 1]], float),
)


@pytest.fixture
def described() -> tuple[Description, ...]:
    users = build(
        [[8, 2, 0], [6, 4, 0], [9, 0, 1], [0, 9, 0], [1, 9, 0], [1, 0, 0]],
        revenue=[0, 30, 0, 0, 10, 60],
    )
    distance = np.array([0.5, 0.2, np.nan, 1.0, 0.1, np.nan])
    return describe_patterns(
        users, LABELS, terms={"p1": (), "p2": ()}, distance=distance, attributes=ATTRIBUTES
    )


def test_a_share_is_of_everyone_described(described: tuple[Description, ...]) -> None:
    assert [(d.label, d.n_users, d.n_everyone, d.share) for d in described] == [
        ("p1", 3, 6, 0.5),
        ("p2", 2, 6, 2 / 6),
    ]


def test_attributes_are_shares_of_whom_something_is_known(
    described: tuple[Description, ...],
) -> None:
    free = next(level for level in described[0].who if level.value == "free")

    # The plan of two of three is known; of the other pattern one of two has it.
    assert (free.n_users, free.n_known, free.share) == (2, 2, 1.0)
    assert (free.n_others, free.n_others_known, free.others_share) == (1, 2, 0.5)
    assert free.lift == 2.0


def test_a_lift_over_nobody_is_unknown(described: tuple[Description, ...]) -> None:
    vip = next(level for level in described[0].who if level.attribute == "vip")

    assert (vip.n_users, vip.n_others_known, vip.lift) == (1, 0, None)


def test_outcomes_are_set_against_the_other_patterns_and_the_whole(
    described: tuple[Description, ...],
) -> None:
    revenue = next(o for o in described[0].brings if o.column == "revenue")

    assert (revenue.n_any, revenue.total, revenue.mean) == (1, 30.0, 10.0)
    assert revenue.others_mean == 5.0
    # Of 100 in all, the user with one visit included.
    assert revenue.total_share == 0.3


def test_typical_members_are_nearest_and_have_no_key(described: tuple[Description, ...]) -> None:
    typical = described[0].typical

    assert [t.user_no for t in typical] == [1, 0]
    assert typical[0].pages == (("/forum/*", 0.6), ("/product/*", 0.4))
    assert dict(typical[0].volume)["n_page_views"] == 10.0
    assert "u0000" not in repr(typical)


def test_a_pattern_without_users_is_described_as_empty() -> None:
    users = build([[8, 2, 0]])

    (empty,) = describe_patterns(
        users, np.array(["p1"]), terms={"p2": ()}, distance=np.array([1.0])
    )

    assert (empty.n_users, empty.share, empty.who, empty.typical) == (0, 0.0, (), ())
    assert empty.brings[0].mean is None
