import pytest

from segkit.errors import ParameterError
from segkit.runs.parameters import (
    SEGMENT_REPORT,
    ChoiceParameter,
    DateParameter,
    ListParameter,
    OptionalParameter,
    Parameter,
    TextParameter,
    WholeParameter,
)

GIVEN = {"workspace": "/shop", "segment": "loyal", "as_of": "2026-06-30"}


def test_defaults_stand_in_for_what_is_not_given() -> None:
    values = SEGMENT_REPORT.read(GIVEN)

    assert values == {
        "workspace": "/shop",
        "segment": "loyal",
        "as_of": "2026-06-30",
        "days": 90,
        "baseline": "rest",
    }


@pytest.mark.parametrize("text", ["007", "7"])
def test_a_whole_number_is_read_as_one(text: str) -> None:
    assert SEGMENT_REPORT.read({**GIVEN, "days": text})["days"] == 7


def test_an_unknown_parameter_is_refused_with_near_names() -> None:
    with pytest.raises(ParameterError, match=r"no parameter `dayz`.*\nHint: Did you mean `days`\?"):
        SEGMENT_REPORT.read_settings(["dayz=3"])


def test_a_parameter_that_segkit_sets_may_not_be_set() -> None:
    with pytest.raises(ParameterError, match="no parameter `workspace`"):
        SEGMENT_REPORT.read_settings(["workspace=/etc"])


def test_a_missing_parameter_is_named() -> None:
    with pytest.raises(ParameterError, match="needs the parameter `as_of`"):
        SEGMENT_REPORT.read({"workspace": "/shop", "segment": "loyal"})


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ("days", "has no `=`"),
        ("days=many", "`days`: expected a whole number from 1 to 3660, found `many`"),
        ("days=0", "expected a whole number"),
        ("days=3661", "expected a whole number"),
        ("days=-5", "expected a whole number"),
        ("days=٣", "expected a whole number"),
        ("days=1.5", "expected a whole number"),
        ("as_of=30.06.2026", "`as_of`: expected a date like 2026-06-30, found `30.06.2026`"),
        ("as_of=2026-02-30", "expected a date"),
        ("baseline=", "expected one line of text"),
        ("baseline=a\nb", "expected one line of text"),
    ],
)
def test_an_ill_typed_setting_is_refused(setting: str, sentence: str) -> None:
    with pytest.raises(ParameterError, match=sentence):
        SEGMENT_REPORT.read_settings([setting])


def test_a_setting_given_twice_is_refused() -> None:
    with pytest.raises(ParameterError, match="`days` is set twice"):
        SEGMENT_REPORT.read_settings(["days=1", "days=2"])


def test_a_setting_may_hold_an_equals_sign() -> None:
    assert SEGMENT_REPORT.read_settings(["baseline=a=b"]) == {"baseline": "a=b"}


@pytest.mark.parametrize(
    ("parameter", "default"),
    [
        (TextParameter(name="x", default="a"), "a"),
        (DateParameter(name="x", default="2026-01-01"), "2026-01-01"),
        (WholeParameter(name="x", default="5"), "5"),
        (ChoiceParameter(name="x", default="week", choices=("day", "week")), "week"),
        (OptionalParameter(inner=WholeParameter(name="x")), ""),
        (ListParameter(name="x", default="a,b"), "a,b"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_every_kind_reads_its_own_default(parameter: Parameter, default: str) -> None:
    assert str(parameter.parse(default)) == parameter.default


def test_a_choice_names_its_words() -> None:
    grain = ChoiceParameter(name="grain", choices=("day", "week"))

    with pytest.raises(ParameterError, match="expected `day` or `week`, found `year`"):
        grain.parse("year")


@pytest.mark.parametrize(
    "text", ["", ",", "a,,b", "a,a", ",".join("abcdefghi"), "a" * 121, "a\n,b"]
)
def test_a_list_of_other_names_is_refused(text: str) -> None:
    with pytest.raises(ParameterError, match="1 to 8 different names with commas"):
        ListParameter(name="segments", most=8).parse(text)
