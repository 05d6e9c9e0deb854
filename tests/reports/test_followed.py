"""Members of past weeks are followed, and no cell tells of few users beside another."""

import json
from datetime import date, timedelta
from itertools import product

import pytest

import segkit as sk
from segkit.measures.facts import RetentionCell, TrendRow
from segkit.reports.followed import withhold_followed
from segkit.reports.report import Report
from segkit.workspace import Workspace
from tests.tiny_shop import TOML

FIRST_MONDAY = date(2026, 5, 4)
N_WEEKS, N_USERS = 8, 40
LATELY = """\
segkit: 1
segment: lately
title: Came in the last 7 days
where: {did: {event: page_view, during: {last: 7d}}}
"""


@pytest.fixture(scope="module")
def weeks(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """40 people begin every Monday; user n of a week comes in every n-th week after, n from 1."""
    folder = tmp_path_factory.mktemp("weeks")
    web = ["user,time,event,page,value"]
    for week, n in product(range(N_WEEKS), range(1, N_USERS + 1)):
        every = 1 + n % 4
        for later in range(0, N_WEEKS - week, every):
            day = FIRST_MONDAY + timedelta(weeks=week + later)
            web.append(f"w{week}u{n:02},{day}T12:00:00Z,page_view,/p{n % 3},")
    crm = ["user,plan", *(f"w{w}u{n:02},free" for w in range(N_WEEKS) for n in range(1, 41))]
    files = {"segkit.toml": TOML, "segments/lately.yml": LATELY}
    files |= {"data/web.csv": "\n".join(web), "data/crm.csv": "\n".join(crm)}
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text + "\n", "utf-8")
    workspace: Workspace = sk.open(folder)
    workspace.load()
    return workspace


@pytest.fixture(scope="module")
def report(weeks: Workspace) -> Report:
    asked = weeks.report("lately", as_of=FIRST_MONDAY + timedelta(days=7 * N_WEEKS - 1), days=60)
    return Report(asked.request)


def test_who_has_left_since_is_followed_all_the_same(report: Report) -> None:
    found = report.followed

    assert found is not None
    first = [c for c in found.cells if c.cohort == FIRST_MONDAY]
    # All 40 were in it at the end of the first week; k weeks on those come whose every divides k.
    assert {c.n_eligible for c in first} == {40}
    assert [c.n_retained for c in first] == [
        10 * sum(k % every == 0 for every in (1, 2, 3, 4)) for k in range(N_WEEKS)
    ]


def test_page_and_facts_hold_both(report: Report) -> None:
    written: dict[str, bytes] = {}

    class Sink:
        def write(self, name: str, content: bytes) -> None:
            written[name] = content

        def earlier(self) -> list[dict[str, object]]:
            return []

    page = report.retention()
    Report(report.request, sink=Sink()).finish()

    told = json.loads(written["facts.json"])["members_followed"]
    assert told["grain"] == "week"
    assert len(told["cells"]) == len(report.facts().behaviour.retention)
    assert "Retention of the members of each past week: all cohorts together" in page.text
    assert ">Members of past weeks: share still active</text>" in page.html


def cell(week: int, k: int, size: int, n: int) -> RetentionCell:
    cohort = FIRST_MONDAY + timedelta(weeks=week)
    return RetentionCell(cohort=cohort, k=k, n_eligible=size, n_retained=n)


def row(week: int, n_users: int | None, n_active: int | None) -> TrendRow:
    start = FIRST_MONDAY + timedelta(weeks=week)
    return TrendRow(
        period=str(start), start_on=start, end_on=start + timedelta(days=6), is_complete=True,
        n_universe=900, n_users=n_users, n_active=n_active, n_entered=None, n_left=None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("second", "shown"),
    [
        ((80, 40), 40),  # 10 more of them came, 10 more did not
        ((80, 36), None),  # 6 more of them came: who entered and came
        ((80, 53), None),  # 3 fewer did not come
        ((60, 30), 30),  # the same users, as far as numbers tell
        ((80, 77), None),  # 3 of them did not come
    ],
)
def test_cohorts_of_one_period_do_not_tell_of_few_by_each_other(
    second: tuple[int, int], shown: int | None
) -> None:
    size, n = second
    cells = [
        cell(0, 0, 60, 60), cell(0, 1, 60, 40), cell(0, 2, 60, 30),
        cell(1, 0, size, size), cell(1, 1, size, n),
    ]  # fmt: skip

    found = withhold_followed(cells, [], [], 10, grain="week")

    assert [c.n_retained for c in found[:3]] == [60, 40, 30]
    assert found[4].n_retained == shown


def test_a_cell_does_not_tell_of_few_by_the_trend() -> None:
    cells = [cell(0, 0, 60, 60), cell(0, 1, 60, 40)]

    near, far = (
        withhold_followed(cells, [row(1, 64, n)], [], 10, grain="week")[1].n_retained
        for n in (44, 20)
    )

    assert (near, far) == (None, 40)


def test_a_cell_does_not_tell_of_few_by_those_first_seen() -> None:
    cells = [cell(0, 0, 60, 60), cell(0, 1, 60, 40)]

    near, far = (
        withhold_followed(cells, [], [cell(0, 1, *other)], 10, grain="week")[1].n_retained
        for other in ((45, 35), (30, 20))
    )

    assert (near, far) == (None, 40)


def test_a_size_hidden_in_the_trend_and_a_small_one_are_hidden_here() -> None:
    by_trend = withhold_followed([cell(0, 0, 60, 60)], [row(0, None, None)], [], 10, grain="week")
    small = withhold_followed([cell(0, 0, 6, 6), cell(0, 1, 6, 2)], [], [], 10, grain="week")

    assert {c.n_eligible for c in (*by_trend, *small)} == {None}
