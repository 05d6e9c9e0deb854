"""Two comparisons that overlap: what subtraction would tell of few users is withheld."""

from dataclasses import replace

import pytest

from segkit.compare.amounts import Amounts
from segkit.compare.findings import AmountCompared, Counts, LabelCompared, ShareCompared, Subject
from segkit.compare.shared_users import withhold_shared

SUBJECT = Subject(kind="page", source=("page", "/a"), name="/a", title="/a", of="users who came")


def page(*counts: int) -> ShareCompared:
    n, total, m, other = counts
    made: Counts = (n, total, m, other)
    return ShareCompared(subject=SUBJECT, counts=made)


# 100 users in the first, 80 in the second, 30 in both, of 1,000: the pair is 70 against 50.
@pytest.mark.parametrize(
    ("first", "second", "pair", "is_shown"),
    [
        ((60, 100, 400, 900), (40, 80, 420, 920), (45, 70, 25, 50), True),
        ((48, 100, 400, 900), (28, 80, 420, 920), (45, 70, 25, 50), False),  # 3 in both have it
        ((72, 100, 400, 900), (52, 80, 420, 920), (45, 70, 25, 50), False),  # 3 in both have not
        ((60, 100, 29, 900), (40, 80, 49, 920), (45, 70, 25, 50), False),  # 4 in none have it
    ],
    ids=["all large", "few in both", "few in both without", "few in none"],
)
def test_a_share_is_shown_where_all_that_is_left_over_is_large(
    first: tuple[int, ...],
    second: tuple[int, ...],
    pair: tuple[int, ...],
    is_shown: bool,  # noqa: FBT001  a case
) -> None:
    (found,) = withhold_shared([page(*pair)], [page(*first)], [page(*second)], min_size=10)

    assert isinstance(found, ShareCompared)
    assert (found.counts is not None) == is_shown


def test_what_is_withheld_elsewhere_cannot_be_subtracted() -> None:
    hidden = replace(page(48, 100, 400, 900), counts=None)

    (found,) = withhold_shared([page(45, 70, 25, 50)], [hidden], [hidden], min_size=10)

    assert found == page(45, 70, 25, 50)


def test_an_amount_of_few_users_in_both_is_withheld() -> None:
    def orders(own: list[int], other: list[int]) -> AmountCompared:
        subject = replace(SUBJECT, kind="amount", name="orders")
        return AmountCompared(subject=subject, amounts=Amounts.from_users(own, other))

    whole = orders([1] * 43 + [0] * 57, [1] * 300 + [0] * 600)
    pair = orders([1] * 40 + [0] * 30, [1] * 20 + [0] * 30)

    (found,) = withhold_shared([pair], [whole], [], min_size=10)

    assert isinstance(found, AmountCompared)
    assert found.amounts is None


def test_a_label_that_few_in_both_have_is_withheld() -> None:
    subject = replace(SUBJECT, kind="whole_label", name="plan")
    whole = LabelCompared(subject=subject, counts=[(50, 400), (50, 500)], denominators=(100, 900))
    pair = LabelCompared(subject=subject, counts=[(50, 25), (45, 25)], denominators=(95, 50))

    (found,) = withhold_shared([pair], [whole], [whole], min_size=10)

    assert isinstance(found, LabelCompared)
    assert found.counts is None
