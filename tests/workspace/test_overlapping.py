"""Overlaps of members, counted again from the lists of users."""

from pathlib import Path

import pytest

import segkit as sk
from segkit.errors import ParameterError


def test_an_overlap_counts_the_users_that_the_lists_hold(shop: Path) -> None:
    ws = sk.open(shop)
    buyers, known = ws.members("buyers"), ws.members("known")
    listed = [set(ws.tables.engine.columns(m.membership.members)["user_no"].tolist())
              for m in (buyers, known)]  # fmt: skip

    found = buyers.overlap(known).facts()

    assert [s.n_users for s in found.segments] == [len(users) for users in listed]
    assert found.n_universe == buyers.universe
    assert found.pairs[0].n_both == len(listed[0] & listed[1])
    shown = {part.segments: part.n_users for part in found.intersections}
    assert shown["buyers", "known"] == len(listed[0] & listed[1])


def test_an_overlap_shows_itself(shop: Path) -> None:
    ws = sk.open(shop)

    overlap = ws.members("buyers").overlap(ws.members("known"))

    assert "buyers · known" in str(overlap)
    assert set(overlap._repr_mimebundle_()) == {"text/html", "text/plain"}


def test_the_largest_smallest_group_of_the_policies_counts(shop: Path) -> None:
    ws = sk.open(shop)
    strict = sk.Segment("strict", sk.did(event="purchase"), policy={"min_size": 16})

    found = ws.members("known").overlap(ws.members(strict)).facts()

    assert found.segments[1].n_users is None
    assert found.pairs[0].n_both is None


def test_what_cannot_be_set_together_is_refused(shop: Path) -> None:
    ws = sk.open(shop)
    buyers = ws.members("buyers")
    before = ws.members("known", as_of=buyers.membership.clock.day.replace(day=1))

    with pytest.raises(ParameterError, match="`buyers` is named twice"):
        buyers.overlap(ws.members("buyers"))
    with pytest.raises(ParameterError, match="one instant of one snapshot"):
        buyers.overlap(before)
    with pytest.raises(ParameterError, match="of 2 to 20 segments, found 1"):
        buyers.overlap()
