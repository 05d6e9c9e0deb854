"""Over-represented values are judged with all else that the report compares."""

import json
import random

import pytest

import segkit as sk
from segkit.reports.report import Report
from tests.tiny_shop import TOML

N_USERS = 300
NOISE = 12
SEGMENT = """\
segkit: 1
segment: plus
title: On the plus plan
where: {attribute: {name: plan, is: [plus]}}
"""


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """People whose city goes with their plan, and labels that know nothing of it."""
    folder, chance = tmp_path_factory.mktemp("labels"), random.Random(4)
    names = ["city", *(f"noise_{i}" for i in range(NOISE))]
    crm, web = [",".join(["user", "plan", *names])], ["user,time,event,page,value"]
    for n in range(N_USERS):
        plan = chance.choice(["plus", "free"])
        city = chance.choices(["bern", "ulm"], [9, 1] if plan == "plus" else [3, 7])[0]
        noise = [chance.choice("abcd") for _ in range(NOISE)]
        crm.append(",".join([f"u{n:03}", plan, city, *noise]))
        web.append(f"u{n:03},2026-06-{1 + n % 30:02}T12:00:00Z,page_view,/p{n % 3},")
    files = {"segkit.toml": TOML, "segments/plus.yml": SEGMENT}
    files |= {"data/web.csv": "\n".join(web), "data/crm.csv": "\n".join(crm)}
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text + "\n", "utf-8")
    workspace = sk.open(folder)
    workspace.load()
    return Report(workspace.report("plus", as_of="2026-06-30").request)


def values(report: Report) -> list[str]:
    return [row.value for row in report.judged.attributes.over.rows]


def test_a_true_difference_is_listed_and_no_chance_nor_what_is_by_definition(
    report: Report,
) -> None:
    assert values(report) == ["City: bern"]
    assert "Plan: plus" in {f.title for f in report.differences.by_definition}
    assert "Plan: plus" in [row.value for row in report.facts().attributes.over.rows]


def test_every_listed_value_is_a_finding_of_the_one_family(report: Report) -> None:
    found = {f.title: f for f in report.differences.found}

    for row in report.judged.attributes.over.rows:
        finding = found[row.value]
        assert (finding.q or 0) <= report.differences.level
        assert (finding.numerator, finding.baseline_numerator) == (row.n, row.n_baseline)
        assert finding.lift == pytest.approx(row.lift)


class Kept(dict[str, bytes]):
    """What a report writes into the folder of its run."""

    def write(self, name: str, content: bytes) -> None:
        self[name] = content

    def earlier(self) -> list[dict[str, object]]:
        return []


def test_page_and_facts_list_the_same_values(report: Report) -> None:
    sink = Kept()

    page = report.over_represented()
    Report(report.request, sink=sink).finish()

    written = json.loads(sink["facts.json"])["attributes"]["over"]["rows"]
    assert [row["value"] for row in written] == values(report)
    assert "City: bern" in page.text
    assert "Plan: plus" not in page.text
