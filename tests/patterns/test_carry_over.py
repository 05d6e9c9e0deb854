"""Names follow the people, whatever numbers a new fit gives its groups."""

import numpy as np
import pytest

from segkit.patterns.carry_over import Flow, Merger, Split, carry_over


def labels(**counts: int) -> np.ndarray:
    """Give labels in pairs `before__now`, each as often as asked, as two columns."""
    pairs = [pair.split("__") for pair, n in counts.items() for _ in range(n)]
    return np.array(pairs, dtype=np.str_).reshape(-1, 2).T


def test_groups_that_only_changed_their_numbers_keep_their_names() -> None:
    before, now = labels(p1__p2=9, p2__p1=5)

    found = carry_over(before, now, old=["p1", "p2"], new=["p1", "p2"])

    assert [(p.pattern, p.previous, p.status) for p in found.patterns] == [
        ("p1", "p2", "kept"),
        ("p2", "p1", "kept"),
    ]
    assert found.gone == ()
    assert (found.n_in_both, found.n_same, found.same_share) == (14, 14, 1.0)


def test_overlap_decides_between_kept_changed_and_new() -> None:
    # p1: 5 in both of 5 + 5 in either = .5; p2: 3 of 3 + 3 + 4 = .3; p3: 2 of 10 is too little.
    before, now = labels(p1__a=5, p1__none=5, p2__b=3, p2__none=3, none__b=4, p3__c=2, none__c=8)

    found = carry_over(before, now, old=["p1", "p2", "p3"], new=["a", "b", "c"])

    assert [p.jaccard for p in found.patterns] == pytest.approx([0.5, 0.3, 0.2])
    assert [p.status for p in found.patterns] == ["kept", "changed", "new"]
    assert found.patterns[2].previous is None
    assert found.gone == ("p3",)


def test_the_whole_assignment_is_best_not_each_pair() -> None:
    # Greedy would give a to p1 (.50) and leave b with nothing of p2 (0); together 1/3 + 3/6 wins.
    before, now = labels(p1__a=6, p1__b=3, p2__a=3)

    found = carry_over(before, now, old=["p1", "p2"], new=["a", "b"])

    # p1-a 6/12, p1-b 3/9, p2-a 3/9, p2-b 0.
    assert {p.pattern: p.previous for p in found.patterns} == {"a": "p2", "b": "p1"}


def test_a_split_and_a_merger_are_told() -> None:
    before, now = labels(p1__a=6, p1__b=4, p2__c=5, p3__c=5, p3__a=1)

    found = carry_over(before, now, old=["p1", "p2", "p3"], new=["a", "b", "c"])

    assert found.splits == (Split(previous="p1", patterns=("a", "b")),)
    assert found.mergers == (Merger(pattern="c", previous=("p2", "p3")),)


def test_the_migration_adds_up_to_everyone_rests_included() -> None:
    before, now = labels(p1__a=3, mixed__a=2, p1__mixed=1)

    found = carry_over(before, now, old=["p1"], new=["a"])

    assert found.migration == (
        Flow(previous="mixed", label="a", n_users=2),
        Flow(previous="p1", label="a", n_users=3),
        Flow(previous="p1", label="mixed", n_users=1),
    )
    assert (found.n_in_both, found.n_same) == (3, 3)


def test_a_new_pattern_never_takes_a_name_that_is_carried_on() -> None:
    before, now = labels(p1__b=5, none__a=5)
    found = carry_over(before, now, old=["p1"], new=["a", "b"])

    names = found.names({"p1": "readers"}, {"a": "readers", "b": "long visits"})

    assert names == {"a": "readers (2)", "b": "readers"}


def test_ids_go_on_and_one_that_is_gone_is_never_given_again() -> None:
    before, now = labels(p1__p2=9, p2__p1=5, p3__none=4, none__p3=6)
    found = carry_over(before, now, old=["p1", "p2", "p3"], new=["p1", "p2", "p3"])

    ids = found.ids(["p1", "p2", "p3"])

    assert ids == {"p1": "p2", "p2": "p1", "p3": "p4"}


@pytest.mark.parametrize(
    ("old", "new"), [(["p1"], []), ([], ["a"]), ([], [])], ids=["to none", "from none", "none"]
)
def test_without_patterns_on_a_side_nothing_is_carried(old: list[str], new: list[str]) -> None:
    before, now = labels(**{f"{(old or ['x'])[0]}__{(new or ['y'])[0]}": 3})

    found = carry_over(before, now, old=old, new=new)

    assert [p.status for p in found.patterns] == ["new"] * len(new)
    assert found.gone == tuple(old)
    assert found.same_share is None


def test_nobody_scored_by_both_carries_nothing() -> None:
    before, now = labels()

    found = carry_over(before, now, old=["p1"], new=["a"])

    assert [p.status for p in found.patterns] == ["new"]
    assert found.migration == ()
