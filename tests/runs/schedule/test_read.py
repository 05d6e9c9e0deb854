from pathlib import Path

import pytest

import segkit as sk
from segkit.compare.quantities import SIZES, list_quantities
from segkit.errors import DefinitionError, ParameterError, SegkitError, UnknownNameError
from segkit.measures.headline import RATIOS
from segkit.reports.document import facts_document
from segkit.runs.schedule.read import check_spec, find_segments, find_spec, read_all, read_spec
from tests.runs.schedule.conftest import WEEKLY


def test_a_file_says_everything_that_a_run_needs(weekly: Path) -> None:
    text = WEEKLY + (
        "zone: Europe/Berlin\nlimits: {run: 10min, memory: 2GB}\n"
        "recipients: {all: [a@example.com], buyers: [b@example.com, a@example.com]}\n"
        "checks: [{fact: overview.n_users, at_least: 10, otherwise: hold}]\n"
    )
    (weekly / "reports" / "weekly.yml").write_text(text, "utf-8")

    spec = find_spec(weekly, "weekly")

    assert (spec.limits.run, spec.limits.cell, spec.limits.memory) == (600, 900, 2000)
    assert spec.recipients_of("buyers") == ("a@example.com", "b@example.com")
    assert spec.recipients_of("others") == ("a@example.com",)
    assert check_spec(sk.open(weekly), spec, "weekly").report == "tiny"


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("evry: Monday", r"Unknown key `evry`[\s\S]*Did you mean `every`"),
        ("limits: {ram: 1GB}", "Unknown key `ram`"),
        ("limits: {run: 30}", "Expected a time like 45s, 30min or 2h, found `30`"),
        ("zone: Europe/Berln", "Unknown time zone `Europe/Berln`"),
        ("retries: {times: 99}", "less than or equal to 10"),
        ("recipients: {all: ['a@b.de\\nBcc: c@d.de']}", "one mail address"),
        ("checks: [{fact: overview.n_users}]", "Give `at_least`"),
        ("on_empty: shout", "Input should be 'skip' or 'fail'"),
    ],
)
def test_a_wrong_line_is_refused_with_its_place(line: str, sentence: str) -> None:
    with pytest.raises(DefinitionError, match=sentence) as caught:
        read_spec(WEEKLY + line, "reports/weekly.yml")

    assert "reports/weekly.yml" in str(caught.value)


def test_a_schedule_without_meaning_is_refused_with_near_words() -> None:
    with pytest.raises(DefinitionError, match=r"found `Mondai 07:30`[\s\S]*`Monday`"):
        read_spec(WEEKLY.replace("Monday", "Mondai"), "weekly.yml")


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("notebook: tiny", "notebook: tinny", "Did you mean `tiny`"),
        ("[buyers]", "[buyrs]", "Unknown segment `buyrs`"),
        ("[buyers]", "{tag: gold}", "Unknown tag `gold`"),
        ("segments: [buyers]", "segments: []", "needs `segments`"),
        ("period:", "parameters: {day: 3}\nperiod:", "no parameter `day`"),
        ("period:", "parameters: {days: x}\nperiod:", "`days`: expected a whole number"),
        ("period:", "parameters: {as_of: 2026-06-30}\nperiod:", "`as_of` comes from the period"),
        ("period:", "recipients: {gold: [a@b.de]}\nperiod:", "not about"),
    ],
)
def test_names_that_are_not_there_are_found_before_anything_runs(
    weekly: Path, old: str, new: str, sentence: str
) -> None:
    (weekly / "reports" / "weekly.yml").write_text(WEEKLY.replace(old, new), "utf-8")

    with pytest.raises(SegkitError, match=sentence):
        check_spec(sk.open(weekly), find_spec(weekly, "weekly"), "reports/weekly.yml")


@pytest.mark.parametrize(
    ("check", "sentence"),
    [
        ("sise drops more than 20%", r"no number of the report: `sise`[\s\S]*Did you mean `size`"),
        ("size below 5%", "cannot be asked of a count"),
        ("visits_per_usr below 2", "Did you mean `visits_per_user`"),
        ("buyers_share below 5%", None),
        ("overview.n_users below 5", None),
    ],
)
def test_a_check_of_no_number_of_the_report_is_refused_before_anything_runs(
    weekly: Path, check: str, sentence: str | None
) -> None:
    text = WEEKLY.replace("notebook: tiny", "notebook: segment_report") + f"checks: [{check}]\n"
    spec = read_spec(text, "weekly.yml")

    if sentence is None:
        assert check_spec(sk.open(weekly), spec, "weekly.yml").report == "segment_report"
        return
    with pytest.raises(ParameterError, match=sentence) as refused:
        check_spec(sk.open(weekly), spec, "weekly.yml")
    assert "weekly.yml" in str(refused.value)


def test_the_numbers_that_checks_may_name_are_those_that_a_report_follows(
    loaded_shop: Path,
) -> None:
    report = sk.open(loaded_shop).report("buyers", as_of="2026-06-30", days=28)

    followed = {q.name: q.kind for q in list_quantities(facts_document(report.facts()))}

    assert followed == SIZES | {ratio.name: ratio.kind for ratio in RATIOS}


def test_a_faulty_file_hides_no_other(weekly: Path) -> None:
    (weekly / "reports" / "broken.yml").write_text("notebook: [", "utf-8")
    (weekly / "reports" / "odd.yml").write_bytes(b"\xff\xfe")

    found = {one.name: one for one in read_all(weekly)}

    assert found["weekly"].fault is None
    assert "save it as UTF-8" in (found["odd"].fault or "")
    with pytest.raises(DefinitionError, match=r"broken\.yml"):
        find_spec(weekly, "broken")
    with pytest.raises(UnknownNameError, match=r"Unknown scheduled report `\.\./weekly`"):
        find_spec(weekly, "../weekly")


def test_tracked_segments_are_the_workspaces_own_that_are_in_use(weekly: Path) -> None:
    text = (weekly / "segments" / "buyers.yml").read_text("utf-8")
    old = text.replace("segment: buyers", "segment: old") + "status: deprecated\n"
    (weekly / "segments" / "old.yml").write_text(old, "utf-8")
    spec = read_spec(WEEKLY.replace("[buyers]", "tracked"), "weekly.yml")

    assert find_segments(sk.open(weekly), spec) == ("buyers",)
