"""The segments that the demo brings along."""

import pytest

from segkit.demo import ShopFiles
from segkit.demo.segments import SEGMENTS
from segkit.segments.read import read_definitions


@pytest.mark.parametrize("name", SEGMENTS)
def test_a_segment_reads_and_bears_the_name_of_its_file(name: str) -> None:
    (definition,) = read_definitions(SEGMENTS[name], f"segments/{name}.yml")

    assert definition.segment == name


def test_segments_and_the_list_of_staff_are_written(shop: ShopFiles) -> None:
    staff = (shop.folder / "lists" / "staff.csv").read_text("utf-8").split()

    assert [path.stem for path in shop.segments] == list(SEGMENTS)
    assert [path.read_text("utf-8") for path in shop.segments] == list(SEGMENTS.values())
    assert staff[0] == "email"
    assert len(staff) == 13
