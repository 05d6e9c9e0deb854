"""What a reader is not cleared for is not told, nor what would give it away."""

from typing import Any

import pytest

from segkit.measures.explained import HIDDEN, NOT_NAMED, tell_verdict
from segkit.measures.people import Reader
from segkit.segments.explain import Verdict
from segkit.segments.seen import Seen

CLEARED = Reader(clearance="personal", columns={})
PLAIN = Reader(clearance="pseudonymous", columns={})


def leaf(name: str, *, value: str = "v", seen: tuple[Seen, ...] = ()) -> Verdict:
    seen = seen or (Seen(what="value", value=value),)
    return Verdict(
        kind="attribute", text=f"have {name}", place="", holds=True, seen=seen, names=(name,)
    )


def of(kind: str, *parts: Verdict, segment: str | None = None) -> Verdict:
    return Verdict(kind=kind, text=kind, place="", holds=True, parts=parts, segment=segment)


def told(verdict: Verdict, reader: Reader = PLAIN, **more: Any) -> Verdict:
    return tell_verdict(verdict, reader, **({"min_size": 10} | more))


def test_what_holds_of_a_personal_label_is_withheld_with_all_around_it_but_membership() -> None:
    rule = of("all", of("any", leaf("email"), leaf("plan")), leaf("city"))
    root = of("segment", rule, segment="tested")

    shown, whole = told(root), told(root, CLEARED)

    (inner,) = shown.parts
    either, city = inner.parts
    assert (shown.holds, inner.holds, either.holds, city.holds) == (True, None, None, True)
    assert [part.holds for part in either.parts] == [None, True]
    assert either.parts[0].seen == ()
    assert whole == root


def test_a_role_that_the_workspace_gives_counts() -> None:
    reader = Reader(clearance="pseudonymous", columns={"plan": "personal", "email": "public"})

    assert told(leaf("plan"), reader).holds is None
    assert told(leaf("email"), reader).holds is True


def test_membership_of_another_segment_is_told_though_its_rule_is_not() -> None:
    nested = of("in_segment", leaf("email"), segment="other")

    shown = told(of("all", nested, leaf("plan")))

    assert shown.holds is True
    assert shown.parts[0].holds is True
    assert shown.parts[0].parts[0].holds is None


def test_a_segment_that_is_kept_from_the_reader_is_not_named() -> None:
    nested = of("in_segment", leaf("plan"), segment="secret")

    shown = told(of("all", nested), CLEARED, kept_back=["secret"])

    assert "secret" not in repr(shown)
    assert (shown.holds, shown.parts[0].text, shown.parts[0].parts) == (None, NOT_NAMED, ())


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("ann@example.org", HIDDEN),
        ("10.0.0.1", HIDDEN),
        ("see ann@example.org please", HIDDEN),
        ("pro", "pro"),
    ],
)
def test_a_value_that_looks_personal_is_masked(value: str, shown: str) -> None:
    part = leaf("note", value=value)

    assert told(part).seen[0].value == shown
    assert told(part, CLEARED).seen[0].value == value


def test_a_place_among_few_is_not_told() -> None:
    seen = (
        Seen(what="number of times", value=3),
        Seen(what="place from the top", value=1, of=9, n_behind=9),
    )
    part = leaf("plan", seen=seen)

    assert [s.what for s in told(part).seen] == ["number of times"]
    assert told(part, min_size=9).seen == seen


def test_an_address_in_the_rule_itself_is_masked() -> None:
    part = Verdict(kind="did", text="did “a@b.de”", place="", holds=True)

    assert told(part).text == "did “(personal)”"


def test_an_address_in_what_was_looked_for_is_masked() -> None:
    part = leaf("plan", seen=(Seen(what="first “a@b.de”", value=3),))

    assert told(part).seen[0].what == "first “(personal)”"


def test_a_set_does_not_name_what_is_kept_from_the_reader() -> None:
    parts = (of("in_segment", segment="open"), of("in_segment", segment="secret"))
    whole = Verdict(
        kind="set", text="are in the set “open - secret”", place="", holds=True, parts=parts
    )

    shown = told(whole, kept_back=["secret"])

    assert (shown.text, shown.holds) == (NOT_NAMED, None)
    assert shown.parts[0].holds is True
    assert "secret" not in repr(shown)


def test_a_value_of_several_names_is_shown_where_all_of_them_may_be() -> None:
    reader = Reader(clearance="pseudonymous", columns={"plan": "public"})
    seen = (Seen(what="value", value="10.0.0.1"),)
    one, two = (
        Verdict(kind="did", text="did", place="", holds=True, seen=seen, names=names)
        for names in (("plan",), ("plan", "note"))
    )

    assert told(one, reader).seen[0].value == "10.0.0.1"
    assert told(two, reader).seen[0].value == HIDDEN
