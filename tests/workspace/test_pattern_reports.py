"""What becomes of patterns: reported on whole, drifting, found anew under the same names."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from scipy.stats import false_discovery_control

import segkit as sk
from segkit.cli.main import main
from segkit.demo import write_shop
from segkit.errors import ParameterError, UnknownNameError
from segkit.patterns.facts import PatternFacts
from segkit.patterns.facts_later import Windows
from segkit.reports import pattern_time
from segkit.reports.pattern_facts import count_patterns
from segkit.reports.pattern_refit import build_refit_facts, carry
from segkit.reports.pattern_report import PatternReport
from segkit.reports.pattern_request import patterns_of
from segkit.reports.pattern_study import PatternStudy
from segkit.reports.report import Report
from segkit.runs.manifest import holds, read_manifest
from segkit.views.pattern_time import render_windows
from segkit.workspace import Workspace
from segkit.workspace.asking import RUN_DIR
from segkit.workspace.patterns import read_patterns

GROUPS = 4
DAYS = 20


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    folder = tmp_path_factory.mktemp("pattern_reports")
    write_shop(folder, users=1_500, days=60)
    opened = Workspace.open(folder)
    opened.load()
    sk.find_patterns(opened, "known", days=DAYS, k=GROUPS).save("kept")
    return opened


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("run")


@pytest.fixture(scope="module")
def report(workspace: Workspace, run_folder: Path) -> PatternReport:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv(RUN_DIR, str(run_folder))
        found: PatternReport = sk.report_patterns(workspace, "known", days=DAYS, k=GROUPS)
    return found


@pytest.fixture(scope="module")
def facts(report: PatternReport) -> PatternFacts:
    return report.facts()


def test_a_number_of_groups_is_taken_as_it_is(facts: PatternFacts) -> None:
    assert len(facts.found) == GROUPS
    assert facts.days == DAYS
    assert facts.model.name == ""


def test_the_window_a_year_ago_is_counted_by_the_same_patterns(
    report: PatternReport, facts: PatternFacts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pattern_time, "YEAR_DAYS", DAYS)

    windows = pattern_time.count_windows(report.study)

    assert facts.windows is not None
    assert facts.windows.year is None  # the data has 60 days
    assert windows is not None
    assert windows.year == windows.rows[-2]
    table = render_windows(replace(facts, windows=windows)).text
    assert table.count(f"{windows.rows[-2].first_on} to {windows.rows[-2].last_on}") > 1


def test_outside_of_a_run_nothing_is_written(workspace: Workspace) -> None:
    assert "Nothing was written" in sk.report_patterns(workspace, "known").finish().text


def test_in_a_run_every_number_is_written(
    report: PatternReport, facts: PatternFacts, run_folder: Path
) -> None:
    said = report.finish()

    written = json.loads((run_folder / "facts.json").read_text("utf-8"))
    assert said.text == "Note: Written: facts.json."
    assert written.pop("changes")["before_on"] is None
    assert written == facts.to_dict()


def test_each_pattern_has_its_ways_in_a_sentence_and_a_table(
    report: PatternReport, facts: PatternFacts
) -> None:
    told = [row for row in facts.found if row.paths]

    text = report.paths().text
    assert told
    for row in told:
        assert len(row.paths) <= 3
        for way in row.paths:
            assert len(way.steps) >= 3
            assert way.seen.total in {None, row.n_users}
            assert way.lift is None or way.lift > 1
        assert f"Ways of “{row.name}”" in text
    assert text.count("Typical: ") == len(told)


def test_ways_are_counted_as_the_visits_say(report: PatternReport, workspace: Workspace) -> None:
    row = next(r for r in report.facts().found if r.paths and r.paths[0].seen.n is not None)
    way = row.paths[0]
    inside = report.study.groups[row.pattern]
    numbers = report.study.now.features.user_no
    members = set(numbers[inside].tolist())
    everyone = {u for own in report.study.groups.values() for u in numbers[own].tolist()}

    groups = report.study.frozen.page_groups
    views = workspace.tables.events
    views = views.filter(
        (views.event == "page_view") & report.study.now.span.is_inside(views)
        & views.bot_reason.isnull()
    )  # fmt: skip
    rows = workspace.tables.engine.rows(
        views.order_by("user_no", "visit_no", "time", "event_id").select(
            "user_no", "visit_no", place=groups.place(views.page_path)
        )
    )
    visits: dict[tuple[int, int], list[str]] = {}
    for user, visit, place in rows:
        pages = visits.setdefault((user, visit), [])
        name = groups.names[place]
        if user in everyone and pages[-1:] != [name]:
            pages.append(name)
    width = len(way.steps)
    went = {
        user
        for (user, _), pages in visits.items()
        if any(tuple(pages[at : at + width]) == way.steps for at in range(len(pages)))
    }
    assert way.seen.n == len(went & members)
    assert way.others_share == pytest.approx(len(went - members) / len(everyone - members))


def test_kept_patterns_are_asked_over_their_own_days(workspace: Workspace) -> None:
    asked = sk.report_patterns(workspace, "known", days=7, model="kept")

    assert asked.facts().days == DAYS
    assert "kept as “kept”" in asked.cover().text
    assert "mean distance" in asked.drift().text


@pytest.mark.parametrize(
    ("k", "model", "kind", "sentence"),
    [
        (4, "kept", ParameterError, "give either k or model"),
        ("four", "", ParameterError, "expected a whole number, found `four`"),
        ("", "kepd", UnknownNameError, "kept"),
    ],
)
def test_wrong_wishes_are_refused_before_anything_is_found(
    workspace: Workspace, k: int | str, model: str, kind: type[Exception], sentence: str
) -> None:
    with pytest.raises(kind, match=sentence):
        sk.report_patterns(workspace, "known", k=k, model=model)


def without(windows: Windows, place: int) -> Windows:
    """Withhold one window as the facts do: its total and every share."""
    rows = list(windows.rows)
    rows[place] = replace(rows[place], n_users=None, shares=(None,) * len(windows.labels))
    return replace(windows, rows=tuple(rows))


def test_one_withheld_window_leaves_a_gap_in_the_figure(facts: PatternFacts) -> None:
    windows = facts.windows
    assert windows is not None

    gap = render_windows(replace(facts, windows=without(windows, 0)))

    assert "<svg" in gap.html
    assert "no figure" not in gap.html


def test_a_withheld_map_is_not_called_a_lack_of_patterns(report: PatternReport) -> None:
    hidden = PatternReport(report.study)
    hidden.__dict__["_facts"] = replace(report.facts(), n_eligible=None)

    assert hidden.map().text == (
        "Note: No map is drawn, because the users it would show are too few or withheld."
    )


def test_no_known_window_leaves_no_figure(facts: PatternFacts) -> None:
    windows = facts.windows
    assert windows is not None
    for place in range(len(windows.rows)):
        windows = without(windows, place)

    assert "Sizes over time: no figure" in render_windows(replace(facts, windows=windows)).text


def test_drift_says_the_same_from_python_and_the_command_line(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = sk.assign_patterns(workspace, "kept", as_of="2026-05-10")

    code = main(["-w", str(workspace.root), "patterns", "drift", "kept", "--as-of", "2026-05-10"])

    assert code == 0
    assert capsys.readouterr().out == f"{asked.drift().text}\n"


def test_drift_of_the_fitting_days_is_none(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["-w", str(workspace.root), "patterns", "drift", "kept", "--json"])

    drift = json.loads(capsys.readouterr().out)["drift"]
    assert code == 0
    assert drift["is_alarm"] is False
    assert {shift["index"] for shift in drift["shifts"]} == {0.0}


def test_a_refit_of_the_same_days_keeps_every_name_and_id(workspace: Workspace) -> None:
    kept = sk.assign_patterns(workspace, "kept")
    study = kept.study.relabelled({"p2": "p9"}, {"p9": "Bargain hunters"})
    found = PatternStudy(replace(study.request, frozen=None, name="", k=GROUPS))

    now = carry(study, found)

    facts = build_refit_facts(study, now)
    assert {row.status for row in facts.patterns} == {"kept"}
    assert {row.jaccard for row in facts.patterns} == {1.0}
    assert [row.pattern for row in facts.patterns] == ["p1", "p9", "p3", "p4"]
    assert facts.patterns[1].name == "Bargain hunters"
    assert now.now.scores.labels.tolist() == study.now.scores.labels.tolist()
    assert (facts.gone, facts.splits, facts.mergers) == ((), (), ())


def test_a_refit_with_fewer_groups_says_what_is_gone_and_is_saved(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    old = read_patterns(workspace, "kept")
    sk.assign_patterns(workspace, "kept").save("fewer")

    code = main(["-w", str(workspace.root), "patterns", "refit", "fewer", "--k", "2"])

    said = capsys.readouterr().out
    new = read_patterns(workspace, "fewer")
    names = {group.id: group.name for group in old.model.groups}
    going_on = [group for group in new.model.groups if group.id in names]
    assert code == 0
    assert len(new.model.groups) == 2
    assert all(group.name == names[group.id] for group in going_on)
    assert f"{GROUPS - len(going_on)} of the old ones gone" in said


@pytest.mark.parametrize("least", [10, 60, 150])
def test_a_refit_shows_no_number_of_few_users(workspace: Workspace, least: int) -> None:
    found = sk.refit_patterns(workspace, "kept", "2026-05-10", k=3)
    before, now = (_strict(study, least) for study in (found.before, found.patterns.study))

    facts = build_refit_facts(before, now)

    table = facts.migration
    shown = [n for line in (*table.counts, table.totals) for n in line if n is not None]
    shown += [n for row in facts.patterns for n in (row.n_users, row.n_previous) if n is not None]
    assert all(n == 0 or n >= least for n in shown)
    for line, total in zip(table.counts, table.totals, strict=True):
        assert total is None or line.count(None) != 1
        assert total is None or None in line or sum(n or 0 for n in line) == total
    for at, row in enumerate(facts.patterns):
        assert row.n_users is None or [line[at] for line in table.counts].count(None) != 1
    told = {name for name, n in zip(table.rows, table.totals, strict=True) if n is not None}
    assert {old for old, _ in facts.splits} <= told


def _strict(study: PatternStudy, least: int) -> PatternStudy:
    """Give the same study for a reader who may see no group smaller than `least`."""
    other = PatternStudy(replace(study.request, least=least))
    other.__dict__["_found"] = (study.frozen, study.now)
    return other


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["knwn"], "Unknown segment `knwn`"),
        (["known", "--k", "1"], "`k`: expected a whole number from 2 to 10"),
        (["known", "--days", "0"], "`days`: expected a whole number"),
        (["known", "--model", "kepd"], "Did you mean `kept`?"),
        (["known", "--model", "kept", "--k", "3"], "give either k or model"),
    ],
)
def test_wrong_words_exit_with_two_and_publish_nothing(
    workspace: Workspace, arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["-w", str(workspace.root), "patterns", "report", *arguments])

    said = capsys.readouterr()
    assert (code, said.out) == (2, "")
    assert sentence in said.err
    assert not list((workspace.root / "reports_out").glob("behaviour_patterns-*"))


@pytest.mark.slow
@pytest.mark.notebook
def test_the_report_is_published_whole(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    wishes = ["--days", str(DAYS), "--model", "kept"]
    code = main(["-w", str(workspace.root), "patterns", "report", "known", *wishes])

    page = Path(capsys.readouterr().out.strip())
    manifest = read_manifest(page.parent)
    assert code == 0
    assert manifest is not None
    assert holds(page.parent, manifest)
    assert set(manifest["outputs"]) == {"report.html", "executed.ipynb", "facts.json"}
    assert manifest["summary"]["title"] == "Behaviour patterns: Known users"
    facts = json.loads((page.parent / "facts.json").read_text("utf-8"))
    assert facts.pop("changes")["before_on"] is None
    assert facts == sk.report_patterns(workspace, "known", model="kept").facts().to_dict()
    assert "@example" not in page.read_text("utf-8")
    catalogue = (workspace.root / "reports_out" / "index.html").read_text("utf-8")
    assert f"{page.parent.name}/report.html" in catalogue


def test_labels_and_ways_of_all_patterns_are_one_family(
    workspace: Workspace, facts: PatternFacts
) -> None:
    study = PatternStudy(sk.report_patterns(workspace, "known", days=DAYS, k=GROUPS).study.request)
    counted = count_patterns(study, is_whole=True)
    labels, ways = counted.labels.p_values, counted.ways.p_values if counted.ways else ()

    assert len(labels) > 10
    assert len(ways) > 10
    assert counted.p_values == (*labels, *ways)
    assert [row.who for row in counted.judge().found] == [row.who for row in facts.found]
    # In the family of so much chance nothing holds but what is surest; in one of finds, all may.
    chance = counted.judge([1.0] * 10**6)
    told = [sum(len(row.who) + len(row.paths) for row in f.found) for f in (facts, chance)]
    assert told[1] < told[0]


def test_differences_and_patterns_of_a_segment_report_are_one_family(workspace: Workspace) -> None:
    report = Report(workspace.report("known", days=DAYS, baseline="anonymous").request)
    differences, (patterns, _) = report.differences, report.found_patterns
    study = PatternStudy(patterns_of(report.request, report.opened.purchases))
    labels = count_patterns(study, is_whole=False).p_values
    own = [f.p or 0.0 for f in differences.findings]

    assert patterns is not None
    assert patterns.found
    assert differences.n_beside == len(labels) > 10
    together = false_discovery_control([*own, *labels])
    assert [f.q for f in differences.findings] == pytest.approx(together[: len(own)].tolist())
    assert f"judged together with {len(labels)} values of patterns" in report.differs().text
