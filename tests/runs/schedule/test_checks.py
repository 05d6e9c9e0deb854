import json
from pathlib import Path

import pytest
from pydantic import ValidationError

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
            ["`overview.n_users` changed by -50.0% from 2,000 to 1,000, more than 20%"],
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


FACTS = {
    "segment": "buyers",
    "as_of": "2026-06-28",
    "days": 28,
    "overview": {"n_users": 70, "n_universe": 1000, "n_active_7d": 30, "n_new_7d": 5},
    "trend": [],
    "behaviour": {"measures": {}},
}


def _segment_folder(path: Path, as_of: str, **overview: int | None) -> Path:
    path.mkdir()
    facts = {**FACTS, "as_of": as_of, "overview": {**FACTS["overview"], **overview}}  # type: ignore[dict-item]
    (path / "facts.json").write_text(json.dumps(facts), "utf-8")
    return path


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            "size drops more than 20%",
            "`size` changed by −30.0% from 100 to 70, more than 20% of what",
        ),
        ("size drops more than 30%", None),
        ("size rises more than 1%", None),
        ("share below 8%", "`share` is 7.0%, less than 8%."),
        (
            "share drops more than 2 points",
            "`share` changed by −3.0 points from 10.0% to 7.0%, more",
        ),
        ("overview.n_users below 100", "`overview.n_users` is 70, less than 100."),
        ("overview.n_users changes more than 10%", "`overview.n_users` changed by −30.0%"),
        (
            "sise below 3",
            "`sise` is not a known number, so its check cannot hold (not in the report)",
        ),
        ("share below 3", "(it cannot be asked of a share)"),
    ],
)
def test_words_and_paths_are_one_language(tmp_path: Path, words: str, sentence: str | None) -> None:
    check = CheckSpec.model_validate(words)

    found = weigh_facts(
        [check],
        _segment_folder(tmp_path / "new", "2026-06-28"),
        _segment_folder(tmp_path / "old", "2026-06-21", n_users=100),
    )

    assert len(found) == (sentence is not None)
    assert all(sentence in breach.sentence for breach in found if sentence)


def test_a_bound_and_its_words_say_the_same(tmp_path: Path) -> None:
    bound = CheckSpec(fact="overview.n_users", at_least=100, change_at_most=0.2)
    words = ["overview.n_users below 100", "overview.n_users changes more than 20%"]
    new = _segment_folder(tmp_path / "new", "2026-06-28")
    old = _segment_folder(tmp_path / "old", "2026-06-21", n_users=100)

    found = [
        weigh_facts([bound], new, old),
        weigh_facts([CheckSpec.model_validate(text) for text in words], new, old),
    ]

    assert found[0] == found[1]
    assert len(found[0]) == 2


def test_a_number_that_is_withheld_is_a_breach_in_words_too(tmp_path: Path) -> None:
    check = CheckSpec.model_validate({"check": "size drops more than 20%", "otherwise": "hold"})

    (breach,) = weigh_facts(
        [check], _segment_folder(tmp_path / "new", "2026-06-28", n_users=None), None
    )

    assert breach.is_hold


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ("size dropps more than 20%", "Did you mean `drops`"),
        ("size drops 20%", "cannot be asked of any number"),
        ("tell me", "cannot be read"),
        ({"check": "size below 3", "at_least": 5}, "the words of `check` hold its bound"),
        ({"check": "size below 3", "fact": "x"}, "give either `check` in words or `fact`"),
        ({"fact": "x"}, "give `at_least`, `at_most` or `change_at_most`"),
        ({}, "give either `check` in words or `fact`"),
    ],
)
def test_checks_that_mean_nothing_are_refused_when_the_file_is_read(
    given: object, sentence: str
) -> None:
    with pytest.raises(ValidationError, match=sentence):
        CheckSpec.model_validate(given)
