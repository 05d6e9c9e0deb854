"""A report on several segments of the tiny shop, its numbers known by heart."""

import json
from pathlib import Path

import pytest

import segkit as sk
from segkit.compare.comparison import ComparisonFacts, LineRow, Shift
from segkit.errors import EmptyError, ParameterError, UnknownNameError
from segkit.reports.comparison_report import SECTIONS, ComparisonReport
from segkit.views.comparison_time import render_over_time
from segkit.workspace import Workspace
from segkit.workspace.asking import RUN_DIR

FREE = sk.Segment("free", sk.attribute("plan", "free"), title="On the free plan")
PLUS = sk.Segment("plus", sk.attribute("plan", "plus"), title="On the plus plan")
OFTEN = sk.Segment(
    "often", sk.did(event="page_view", is_=sk.gte(2), during=sk.last("14d")), title="Came twice"
)
"""u01 to u13: who comes every 13th day or more often comes twice in 14 days."""


@pytest.fixture(scope="module")
def workspace(loaded_shop: Path) -> Workspace:
    return Workspace.open(loaded_shop)


@pytest.fixture(scope="module")
def report(workspace: Workspace) -> ComparisonReport:
    made: ComparisonReport = workspace.compare(["buyers", FREE], days=28)
    return made


@pytest.fixture(scope="module")
def facts(report: ComparisonReport) -> ComparisonFacts:
    return report.facts()


def test_measures_stand_beside_each_other_with_what_they_are_divided_by(
    facts: ComparisonFacts,
) -> None:
    rows = {row.name: row for row in facts.beside}

    sizes = [(v.numerator, v.denominator) for v in rows["share"].values]
    buyers = rows["buyers_share"].values
    assert [v.numerator for v in rows["size"].values] == [15, 20]
    assert sizes == [(15, 40), (20, 40)]
    assert (buyers[0].numerator, buyers[0].denominator) == (15, 15)
    assert (buyers[1].numerator, buyers[1].denominator) == (0, 20)
    assert rows["revenue_per_user"].values[0].numerator == 150
    assert buyers[0].low == pytest.approx(0.796, abs=0.001)  # Wilson for 15 of 15


def test_users_in_none_are_too_few_for_a_column(facts: ComparisonFacts) -> None:
    # u16 to u20 are neither buyers nor on the free plan: five users.
    assert facts.head.n_baseline is None
    assert all(row.baseline is None for row in facts.beside)
    assert any("no column of its own" in note for note in facts.notes)


def test_the_numbers_are_those_of_the_segments_own_report(
    workspace: Workspace, facts: ComparisonFacts
) -> None:
    own = workspace.report("buyers", days=28).facts()

    measures = {m.name: (m.numerator, m.denominator) for m in own.behaviour.measures}
    shown = {row.name: row.values[0] for row in facts.beside}
    both = measures.keys() & shown.keys()
    assert len(both) >= 8
    for name in both:
        assert (shown[name].numerator, shown[name].denominator) == measures[name]
    assert shown["active_7d"].numerator == own.overview.n_active_7d


def test_differences_of_all_segments_are_one_family(facts: ComparisonFacts) -> None:
    from statsmodels.stats.multitest import multipletests  # noqa: PLC0415  slow to import

    tested = [f for told in facts.differs for f in told.differences.findings]

    q = multipletests([f.p for f in tested], method="fdr_bh")[1]
    assert [f.q for f in tested] == pytest.approx(list(q))
    assert facts.n_judged == len(tested)


def test_two_segments_that_share_nobody_are_set_against_each_other(workspace: Workspace) -> None:
    facts = workspace.compare([PLUS, FREE], days=28).facts()

    pair = facts.differs[-1]
    assert (pair.segment, pair.other_segment, pair.n_both) == ("plus", "free", 0)
    assert (pair.differences.n_segment, pair.differences.n_baseline) == (20, 20)
    assert not any(f.group == "label plan" for f in pair.differences.findings)
    assert any(f.group == "label plan" for f in pair.differences.by_definition)


def test_users_in_only_one_of_two_segments_are_told_only_where_they_are_many(
    workspace: Workspace,
) -> None:
    # All buyers but u14 and u15 came twice: two users would be told of.
    facts = workspace.compare(["buyers", OFTEN], days=28).facts()

    assert [told.other_segment for told in facts.differs] == [None, None]
    assert any("not set against each other" in note for note in facts.notes)
    assert facts.overlap is None or facts.overlap.pairs[0].n_both is None


def test_three_segments_are_not_set_against_each_other(workspace: Workspace) -> None:
    facts = workspace.compare(["buyers", FREE, PLUS], days=28).facts()

    assert [told.segment for told in facts.differs] == ["buyers", "free", "plus"]


def test_lines_hold_size_comers_and_buyers_of_every_period(facts: ComparisonFacts) -> None:
    line = next(line for line in facts.over_time if line.segment == "buyers")
    rows = {row.period: row for row in line.rows}

    bought = rows["2026-06-20"]
    assert len(rows) == 28
    assert (bought.n_users, bought.n_universe) == (15, 40)
    assert (bought.n_active, bought.n_buyers) == (15, 15)
    assert (rows["2026-06-19"].n_users, rows["2026-06-19"].n_buyers) == (0, 0)


def test_a_segment_that_begins_in_the_window_steps_up(report: ComparisonReport) -> None:
    line = report.facts().over_time[0]

    sizes = [shift for shift in line.shifts if shift.measure == "n_users"]
    assert sizes == [
        Shift(
            measure="n_users", period="2026-06-20", start_on=line.rows[17].start_on,
            before=0.0, after=15.0,
        )
    ]  # fmt: skip
    assert "the size rose with 2026-06-20 from 0 users to 15 users" in report.over_time().text


def test_too_few_periods_are_a_note(workspace: Workspace) -> None:
    report = workspace.compare(["buyers"], days=14)

    assert "Level shifts are not looked for" in report.over_time().text
    assert any("Level shifts of" in note for note in report.facts().notes)


def test_a_withheld_period_is_a_gap_and_no_zero(report: ComparisonReport) -> None:
    facts = report.facts()
    line = facts.over_time[1]
    empty: LineRow = LineRow(**{**vars(line.rows[3]), "n_active": None, "n_buyers": None})
    gap = type(line)(**{**vars(line), "rows": (*line.rows[:3], empty, *line.rows[4:])})

    shown = render_over_time(facts.head, [gap])

    assert "withheld" in shown.html


def test_mix_and_behaviour_add_up_for_every_label(facts: ComparisonFacts) -> None:
    told = [change for change in facts.mix.changes if change.change is not None]

    assert {change.against for change in facts.mix.changes} == {"time", "baseline"}
    assert any(change.parts for change in told)
    for change in told:
        for part in change.parts:
            assert part.change == pytest.approx(change.change, abs=1e-12)


def test_rates_are_counted_as_by_hand(facts: ComparisonFacts) -> None:
    # Everybody came on the last day of all, u21 to u40 on the free plan like the others.
    came = next(
        c for c in facts.mix.changes
        if (c.segment, c.rate, c.against) == ("free", "active", "baseline")
    )  # fmt: skip

    assert (came.after.numerator, came.after.denominator) == (20, 20)
    assert (came.before.numerator, came.before.denominator) == (20, 20)


def test_without_data_of_the_window_before_a_note_says_so(workspace: Workspace) -> None:
    facts = workspace.compare([FREE], days=40).facts()

    assert {change.against for change in facts.mix.changes} == {"baseline"}
    assert "the data does not cover them" in facts.mix.notes[0]
    assert facts.mix.notes[0] in facts.notes


def test_a_segment_of_too_few_is_withheld_and_the_others_are_not(workspace: Workspace) -> None:
    few = sk.Segment("few", sk.did(event="page_view", is_=sk.gte(9)), title="Came nine times")

    facts = workspace.compare([few, FREE], days=28).facts()

    assert facts.head.segments[0].n_users is None
    assert all(row.values[0].value is None for row in facts.beside)
    assert facts.beside[0].values[1].numerator == 20
    assert facts.differs[0].differences.n_segment is None
    assert facts.over_time[0].rows == ()
    assert facts.overlap is None
    assert any("“Came nine times” is withheld" in note for note in facts.notes)


def test_no_count_of_few_users_stands_anywhere_in_the_facts(facts: ComparisonFacts) -> None:
    counts = [
        value.numerator
        for row in facts.beside
        if row.name in {"size", "active_7d", "new_7d", "active_share", "buyers_share"}
        for value in row.values
    ]
    counts += [n for line in facts.over_time for row in line.rows
               for n in (row.n_users, row.n_active, row.n_buyers)]  # fmt: skip
    counts += [n for change in facts.mix.changes for part in change.parts for g in part.groups
               for n in (g.n_before, g.n_after, g.n_with_before, g.n_with_after)]  # fmt: skip

    assert [n for n in counts if n is not None and 0 < n < 10] == []


def test_one_segment_has_its_rest_as_a_column(workspace: Workspace) -> None:
    report = workspace.compare(["buyers"], days=28)
    facts = report.facts()

    assert facts.head.n_baseline == 25
    assert facts.beside[0].baseline is not None
    assert facts.beside[0].baseline.numerator == 25
    assert "Everyone else (25 users)" in report.beside().text
    assert "One segment alone overlaps with none" in report.overlap().text


def test_another_segment_can_be_the_baseline(workspace: Workspace) -> None:
    facts = workspace.compare(["buyers"], days=28, baseline="known").facts()

    assert facts.head.baseline == "known"
    assert facts.head.n_baseline == facts.differs[0].differences.n_baseline


def test_the_report_shows_itself_with_all_its_sections(report: ComparisonReport) -> None:
    shown = report._repr_mimebundle_()

    assert set(shown) == {"text/html", "text/plain"}
    assert all(
        getattr(report, name)().text in shown["text/plain"]
        for name in SECTIONS
        if name != "changed"
    )
    assert "buyers, free" in repr(report)


def test_facts_are_plain_json_and_written_in_a_run(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(RUN_DIR, str(tmp_path))
    report = workspace.compare("buyers, known", days=28)

    said = report.finish()

    written = json.loads((tmp_path / "facts.json").read_text("utf-8"))
    assert said.text == "Note: Written: facts.json."
    changes = written.pop("changes")
    assert written == json.loads(json.dumps(report.facts().to_dict()))
    assert changes["notes"] == ["There is no earlier report to compare with."]
    assert [s["segment"] for s in written["segments"]] == ["buyers", "known"]


def test_outside_of_a_run_nothing_is_written(report: ComparisonReport) -> None:
    assert "Nothing was written" in report.finish().text


@pytest.mark.parametrize(
    ("segments", "kind", "sentence"),
    [
        ([], ParameterError, "of 1 to 8 segments, found 0"),
        (["buyers"] * 9, ParameterError, "of 1 to 8 segments, found 9"),
        (["buyers", "buyers"], ParameterError, "Named twice in one comparison: `buyers`"),
        (["buyrs"], UnknownNameError, "Did you mean `buyers`"),
    ],
)
def test_wrong_segments_are_refused(
    workspace: Workspace, segments: list[str], kind: type[Exception], sentence: str
) -> None:
    with pytest.raises(kind, match=sentence):
        workspace.compare(segments)


def test_a_segment_of_nobody_is_refused(workspace: Workspace) -> None:
    nobody = sk.Segment("nobody", sk.attribute("plan", "gold"))

    with pytest.raises(EmptyError, match="Segment `nobody` has no members"):
        workspace.compare([FREE, nobody]).cover()
