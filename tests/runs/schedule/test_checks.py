import json
from pathlib import Path

import pytest

from segkit.runs.schedule.checks import weigh_facts
from segkit.runs.schedule.spec import CheckSpec


def _folder(path: Path, n_users: object) -> Path:
    path.mkdir()
    (path / "facts.json").write_text(json.dumps({"overview": {"n_users": n_users}}), "utf-8")
    return path


@pytest.mark.parametrize(
    ("bounds", "sentences"),
    [
        ({"at_least": 1000}, []),
        ({"at_least": 1001}, ["`overview.n_users` is 1,000, less than 1,001."]),
        ({"at_most": 999}, ["`overview.n_users` is 1,000, more than 999."]),
        ({"change_at_most": 0.5}, []),
        (
            {"change_at_most": 0.2},
            ["`overview.n_users` changed by -50.0% from 2,000 to 1,000, more than 20.0%"],
        ),
    ],
)  # fmt: skip
def test_a_number_is_weighed_by_its_bounds(
    tmp_path: Path, bounds: dict[str, float], sentences: list[str]
) -> None:
    check = CheckSpec(fact="overview.n_users", **bounds)

    found = weigh_facts([check], _folder(tmp_path / "new", 1000), _folder(tmp_path / "old", 2000))

    said = [breach.sentence.replace("−", "-").removesuffix(" of what it was.") for breach in found]
    assert said == sentences


@pytest.mark.parametrize("value", [None, "many", True])
def test_a_number_that_is_not_known_is_a_breach(tmp_path: Path, value: object) -> None:
    check = CheckSpec(fact="overview.n_users", at_most=5, otherwise="hold")

    (breach,) = weigh_facts([check], _folder(tmp_path / "new", value), None)

    assert breach.is_hold
    assert "is not a known number" in breach.sentence


def test_without_a_report_before_a_change_is_not_weighed(tmp_path: Path) -> None:
    check = CheckSpec(fact="overview.n_users", change_at_most=0)

    assert weigh_facts([check], _folder(tmp_path / "new", 3), None) == []
