"""A day that lies out is told in the trend of a report and of a comparison, and in the facts."""

import json
import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest

import segkit as sk
from segkit.measures.facts import TrendRow
from segkit.reports.outlying import find_outlying
from segkit.reports.report import Report
from segkit.workspace import Workspace
from tests.tiny_shop import TOML

FIRST, N_DAYS = date(2026, 6, 1), 30
FAIR = date(2026, 6, 11)
SAID = "was unusually high on Thursday, 2026-06-11"


@pytest.fixture(scope="module")
def fair(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """400 people of whom 3 of 10 come on a day, fewer at weekends; on one day 9 of 10."""
    folder, chance = tmp_path_factory.mktemp("fair"), random.Random(2)
    web = ["user,time,event,page,value"]
    for back in range(N_DAYS):
        day = FIRST + timedelta(days=back)
        share = 0.9 if day == FAIR else 0.2 if day.weekday() >= 5 else 0.3
        web += [
            f"u{n:03},{day}T12:00:00Z,page_view,/p{n % 3},"
            for n in range(400)
            if chance.random() < share
        ]
    crm = ["user,plan", *(f"u{n:03},{'plus' if n % 2 else 'free'}" for n in range(400))]
    plus = "segkit: 1\nsegment: plus\ntitle: Plus\nwhere: {attribute: {name: plan, is: [plus]}}\n"
    files = {"segkit.toml": TOML, "segments/plus.yml": plus}
    files |= {"data/web.csv": "\n".join(web), "data/crm.csv": "\n".join(crm)}
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text + "\n", "utf-8")
    workspace: Workspace = sk.open(folder)
    workspace.load()
    return workspace


class Kept(dict[str, bytes]):
    """What a report writes into the folder of its run."""

    def write(self, name: str, content: bytes) -> None:
        self[name] = content

    def earlier(self) -> list[dict[str, object]]:
        return []


def test_the_trend_tells_of_the_day_and_rings_it(fair: Workspace) -> None:
    report = fair.report("plus", as_of="2026-06-30", days=N_DAYS)

    trend = report.trend()

    assert f"The number of members active on the day {SAID}" in trend.text
    assert "Ring: a day that lies out." in trend.html
    assert [(one.measure, one.day) for one in report.outlying] == [("n_active", FAIR)]


def test_the_facts_hold_the_day(fair: Workspace) -> None:
    sink, asked = Kept(), fair.report("plus", as_of="2026-06-30", days=N_DAYS)

    Report(asked.request, sink=sink).finish()

    (one,) = json.loads(sink["facts.json"])["outlying_days"]
    assert (one["measure"], one["day"]) == ("n_active", "2026-06-11")
    assert one["value"] > 2 * one["usual"]


def test_a_comparison_over_time_tells_of_the_day(fair: Workspace) -> None:
    found = fair.compare(["plus"], as_of="2026-06-30", days=N_DAYS)

    text = found.over_time().text

    assert f"Plus: the share of members who came on the day {SAID}" in text
    assert "Ring: a day that lies out." in found.over_time().html


def rows(n: int, *, high_at: int = 10) -> Sequence[TrendRow]:
    days = [FIRST + timedelta(days=at) for at in range(n)]
    return [
        TrendRow(
            period=str(day), start_on=day, end_on=day, is_complete=True, n_universe=900,
            n_users=400, n_active=250 if at == high_at else 100 + 3 * (at % 7) + at % 2,
            n_entered=0, n_left=0,
        )
        for at, day in enumerate(days)
    ]  # fmt: skip


def test_a_withheld_day_leaves_its_measure_out() -> None:
    whole = list(rows(30))
    hidden = [*whole[:4], replace(whole[4], n_active=None), *whole[5:]]

    assert [one.measure for one in find_outlying(whole)] == ["n_active"]
    assert find_outlying(hidden) == ()


def test_weeks_and_few_days_have_no_outlying_day() -> None:
    weeks = [replace(row, end_on=row.start_on + timedelta(days=6)) for row in rows(30)]

    assert find_outlying(weeks) == find_outlying(rows(27)) == find_outlying([]) == ()


def test_an_unfinished_day_is_no_outlying_day() -> None:
    whole = rows(31, high_at=30)

    assert [one.day for one in find_outlying(whole)] == [whole[-1].start_on]
    assert find_outlying([*whole[:-1], replace(whole[-1], is_complete=False)]) == ()
