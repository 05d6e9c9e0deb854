"""Patterns are named by what sets them apart, in words, each name once."""

import numpy as np
import pytest

from segkit.patterns.features import Block, Features
from segkit.patterns.names import Term, in_order, name_patterns

N = 200
PAGES = ("/forum/*", "/product/*", "other")
VOLUME = (
    *("n_visits", "n_page_views", "n_active_days", "days_since_last"),
    *("minutes_per_visit", "pages_per_visit"),
)


def build(pages: np.ndarray, volume: np.ndarray, outcomes: np.ndarray) -> Features:
    n = len(pages)
    return Features(
        user_no=np.arange(n),
        user_key=np.array([f"u{i:03}" for i in range(n)]),
        bot_reason=np.full(n, ""),
        blocks={
            "pages": Block(columns=PAGES, values=pages),
            "source": Block(columns=("Email", "Direct"), values=np.ones((n, 2))),
            "device": Block(columns=("mobile", "pc"), values=np.ones((n, 2))),
            "volume": Block(columns=VOLUME, values=volume),
        },
        outcomes=Block(columns=("n_orders",), values=outcomes),
    )


@pytest.fixture
def half_forum() -> Features:
    """The first half looks at the forum, the second at products and stays long; only it buys."""
    half = np.arange(N) < N // 2
    # A few of each kind differ, so that shares have a spread.
    odd = np.arange(N) % 10 == 0
    forum = np.where(half ^ odd, 40.0, 2.0)
    pages = np.column_stack([forum, 42.0 - forum, np.zeros(N)])
    volume = np.full((N, len(VOLUME)), 3.0)
    volume[:, 4] = np.where(half, 1.0, 9.0) + np.arange(N) % 3
    outcomes = np.where(half, 0.0, 5.0)[:, None]
    return build(pages, volume, outcomes)


def halves() -> dict[str, np.ndarray]:
    first = np.arange(N) < N // 2
    return {"a": first, "b": ~first}


def test_the_strongest_two_terms_make_the_name(half_forum: Features) -> None:
    named = name_patterns(half_forum, halves())

    assert named["b"].name == "long visits, mostly /product/*"
    assert named["a"].name == "short visits, mostly /forum/*"


@pytest.mark.parametrize("swing", [-0.05, 0.05])
def test_terms_about_as_strong_keep_their_order_from_week_to_week(swing: float) -> None:
    def term(column: str, difference: float, block: str = "pages") -> Term:
        return Term(
            block=block, column=column, words="", difference=difference, lift=None,
            inside=0.0, outside=0.0, prevalence=1.0, prevalence_outside=1.0,
        )  # fmt: skip

    found = [term("b", 1.5 + swing), term("a", 1.5), term("c", 1.1), term("v", 1.52, "volume")]

    assert [t.column for t in in_order(found)] == ["a", "b", "v", "c"]


def test_what_patterns_bring_is_never_in_the_name(half_forum: Features) -> None:
    named = name_patterns(half_forum, halves())

    columns = {term.column for found in named.values() for term in found.terms}
    assert columns == {"/forum/*", "/product/*", "minutes_per_visit"}


def test_a_term_tells_its_shares(half_forum: Features) -> None:
    named = name_patterns(half_forum, halves())

    forum = next(t for t in named["a"].terms if t.column == "/forum/*")
    # Nine in ten have 40 of 42 views there, one in ten 2 of 42; the site as a whole has half.
    of_many, of_few = (40 + 2.5) / 47, (2 + 2.5) / 47
    assert forum.inside == pytest.approx(0.9 * of_many + 0.1 * of_few)
    assert forum.outside == pytest.approx(0.1 * of_many + 0.9 * of_few)
    assert forum.lift == pytest.approx(forum.inside / forum.outside)
    assert forum.prevalence == 1.0


def test_groups_cut_at_random_have_nothing_of_their_own() -> None:
    rng = np.random.default_rng(0)
    pages = rng.poisson(5, (N, 3)).astype(float)
    features = build(pages, rng.poisson(5, (N, 6)) + 1.0, np.zeros((N, 1)))
    at_random = rng.random(N) < 0.5

    named = name_patterns(features, {"a": at_random, "b": ~at_random})

    assert [n.terms for n in named.values()] == [(), ()]
    assert [n.name for n in named.values()] == ["like everyone", "like everyone (2)"]


def test_names_that_would_be_equal_take_their_next_term(half_forum: Features) -> None:
    quarter = np.arange(N) % 2 == 0
    first = halves()["a"]
    groups = {"a": first & quarter, "b": first & ~quarter, "c": ~first}

    named = name_patterns(half_forum, groups)

    names = [found.name for found in named.values()]
    assert len(set(names)) == 3
