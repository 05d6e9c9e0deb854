from pathlib import Path

import pytest

import segkit as sk
from segkit.errors import DefinitionError


def test_own_segments_come_before_shipped_ones_that_fit(shop: Path) -> None:
    library = sk.open(shop).segments

    assert library.entries[0].segment == "buyers"
    assert "known" in library
    assert "age_18_24" not in library
    assert len(library) == len(list(library))


def test_an_own_segment_overrides_a_shipped_one(shop: Path) -> None:
    own = sk.Segment("loyal", sk.did(event="purchase"), title="Own loyal")
    ws = sk.open(shop)

    ws.save(own)

    assert ws.segments["loyal"].title == "Own loyal"
    assert [e.origin for e in ws.segments.entries if e.segment == "loyal"] == ["workspace"]


def test_a_faulty_file_does_not_hide_the_others(shop: Path) -> None:
    (shop / "segments" / "bad.yml").write_text("segkit: 1\nsegment: bad\ntitle: Bad\n", "utf-8")
    library = sk.open(shop).segments

    assert "bad" not in library
    assert library["buyers"].title == "Bought at least once"
    with pytest.raises(DefinitionError, match=r"lacks `where`.*segments/bad.yml"):
        _ = library["bad"]
    assert "workspace, faulty" in repr(library)


def test_a_file_that_is_no_text_is_faulty(shop: Path) -> None:
    (shop / "segments" / "bad.yml").write_bytes(b"\xff\xfe\x00")

    with pytest.raises(DefinitionError, match=r"cannot be read.*segments/bad.yml"):
        _ = sk.open(shop).segments["bad"]


def test_two_files_with_one_id_are_both_refused(shop: Path) -> None:
    text = (shop / "segments" / "buyers.yml").read_text("utf-8")
    (shop / "segments" / "again.yml").write_text(text, "utf-8")

    with pytest.raises(DefinitionError, match=r"again\.yml and segments/buyers\.yml"):
        _ = sk.open(shop).segments["buyers"]


def test_the_library_shows_names_titles_and_sizes(shop: Path) -> None:
    library = sk.open(shop).segments

    lines = repr(library).splitlines()

    assert lines[0].split() == ["segment", "title", "origin", "members"]
    assert lines[1].split()[-2:] == ["workspace", "15"]
    assert ">Bought at least once</td>" in library._repr_html_()


def test_titles_are_shown_as_text(shop: Path) -> None:
    hostile = sk.Segment("hostile", sk.did(event="purchase"), title="<script>alert(1)</script>")
    ws = sk.open(shop)

    ws.save(hostile)

    assert "<script>" not in ws.segments._repr_html_()
    assert "&lt;script&gt;" in ws.segments._repr_html_()


def test_without_data_all_shipped_segments_are_listed(shop: Path) -> None:
    (shop / "store" / "CURRENT").unlink()
    library = sk.open(shop).segments

    assert "cart_abandoners" in library
    assert library.size("buyers") is None
