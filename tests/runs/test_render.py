import base64
import json
import re
from functools import cache
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from segkit.errors import RunError
from segkit.runs.render import render_report, render_run
from segkit.runs.share import share_folder
from segkit.views.markup import plain
from tests.views.html import Page, cells
from tests.views.notebook import NOTEBOOK, executed
from tests.views.sample import HOSTILE, hostile_facts, sample_facts

CALLS = (
    *(
        "controls",
        "cover",
        "overview",
        "top_users",
        "behaviour",
        "pages",
        "traffic",
        "when",
        "retention",
    ),
    *("value", "funnel", "attributes", "over_represented", "differs", "changed", "trend"),
    *("patterns", "users", "notes", "finish"),
)
FETCHING = ("src", "srcset", "data", "poster", "action", "formaction", "background", "ping")


@cache
def copy_of(kind: str) -> str:
    n_listed = 3 if kind == "short" else 500
    facts = hostile_facts() if kind == "hostile" else sample_facts(n_listed=n_listed)
    return json.dumps(executed(facts))


def render(kind: str, folder: Path, *, title: str = "Loyal customers") -> str:
    path = folder / "executed.ipynb"
    path.write_text(copy_of(kind), "utf-8")
    return render_report(path, title=title, template_root=share_folder("templates"))


def with_output(output: dict[str, Any], folder: Path) -> str:
    notebook = json.loads(copy_of("short"))
    notebook["cells"][-1]["outputs"] = [output]
    path = folder / "executed.ipynb"
    path.write_text(json.dumps(notebook), "utf-8")
    return render_report(path, title="t", template_root=share_folder("templates"))


@pytest.fixture(scope="module")
def html(tmp_path_factory: pytest.TempPathFactory) -> str:
    return render("whole", tmp_path_factory.mktemp("run"))


def test_the_page_has_cover_contents_and_all_sections(html: str) -> None:
    page = Page(html)
    names = {a["id"] for _, a in page.tags if a.get("id")}
    links = [a["href"] for a in page.attributes("a") if str(a.get("href")).startswith("#")]

    assert "Segment report" in page.text
    assert "24.7% of 5,000 users" in page.text
    assert len(links) == 1 + 18
    assert all(str(link)[1:] in names for link in links)


def test_a_page_without_headings_names_no_contents(tmp_path: Path) -> None:
    notebook = json.loads(copy_of("short"))
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"][:3]
    path = tmp_path / "executed.ipynb"
    path.write_text(json.dumps({**notebook, "cells": cells}), "utf-8")

    page = Page(render_report(path, title="t", template_root=share_folder("templates")))

    assert "Contents" not in page.text


def test_there_is_one_first_heading_and_it_is_the_title(html: str) -> None:
    assert re.findall(r"<h1[^>]*>(.*?)</h1>", html) == ["Loyal customers"]
    assert "<title>Loyal customers</title>" in html


def test_no_heading_stands_before_the_title_and_no_level_is_left_out(html: str) -> None:
    levels = [int(level) for level in re.findall(r"<h([1-6])[ >]", html)]

    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert '<html lang="en">' in html


def test_no_code_and_no_prompt_is_shown(html: str) -> None:
    for trace in ("import segkit", "sk.open", "report.cover", "In&nbsp;[", "Out[", "report.finish"):
        assert trace not in html


def test_nothing_is_fetched_from_anywhere(html: str) -> None:
    page = Page(html)

    assert not page.names & {"link", "iframe", "object", "embed", "img", "video", "audio", "source"}
    assert not [a for _, attributes in page.tags for a in attributes if a in FETCHING]
    assert "http://" not in html
    assert "https://" not in html
    assert "@import" not in html
    assert not re.search(r"url\((?!(&quot;)?#sk)", html)


def test_the_policy_allows_its_own_script_only(html: str) -> None:
    (script,) = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    digest = base64.b64encode(sha256(script.encode()).digest()).decode()
    (policy,) = [a["content"] for a in Page(html).attributes("meta") if a.get("http-equiv")]

    assert policy is not None
    assert f"script-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none';")
    assert "unsafe-eval" not in policy
    assert "'unsafe-inline'" not in policy.replace("style-src 'unsafe-inline'", "")


def test_the_style_sheet_comes_once(html: str) -> None:
    assert html.count("<style>") == 1
    assert html.count(".sk .sk-table caption") == 1


def test_the_figures_survive(html: str) -> None:
    assert html.count("<svg") == html.count("<figure") == 19
    assert html.count("currentColor") > 100
    names = re.findall(r'\bid="(sk[0-9a-f]{7}-[^"]+)"', html)
    assert len(names) == len(set(names))


def test_the_user_list_is_whole_and_its_files_are_linked(html: str) -> None:
    users = html[html.index('id="users"') :]

    assert len(cells(users)) == 500
    assert 'href="users.csv"' in users
    assert "1,234 users in the segment" in users


def test_the_page_is_small(html: str) -> None:
    assert len(html.encode()) < 600_000


def test_the_same_copy_gives_the_same_page(tmp_path: Path, html: str) -> None:
    assert render("whole", tmp_path) == html


@pytest.mark.parametrize("title", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_title_stays_text(title: str, tmp_path: Path) -> None:
    page = render("short", tmp_path, title=title)

    (shown,) = re.findall(r"<h1>(.*?)</h1>", page)
    assert "".join(Page(shown).texts) == plain(title)
    assert "img" not in Page(page).names
    assert page.count("<script") == 1


def test_hostile_facts_reach_the_page_as_text_only(tmp_path: Path) -> None:
    page = Page(render("hostile", tmp_path, title=HOSTILE[0]))

    assert "img" not in page.names
    assert not [a for _, attributes in page.tags for a in attributes if a.startswith("on")]
    assert len(page.attributes("script")) == 1
    assert "{{7*7}}" in page.text


def test_scripts_of_other_outputs_do_not_reach_the_page(tmp_path: Path) -> None:
    evil = "<b>kept</b><script>steal()</script><img src=x onerror=steal()><style>*{}</style>"
    output = {"output_type": "display_data", "metadata": {}, "data": {"text/html": evil}}

    page = with_output(output, tmp_path)

    assert "<b>kept</b>" in page
    assert "steal" not in page


def test_a_failed_cell_is_a_box_without_traceback(tmp_path: Path) -> None:
    output = {"output_type": "error", "ename": "E", "evalue": "no", "traceback": ["File /home/x"]}

    page = with_output(output, tmp_path)

    assert "This part failed: E" in page
    assert "/home/x" not in page


def test_a_run_gets_its_report_beside_the_executed_copy(tmp_path: Path) -> None:
    (tmp_path / "executed.ipynb").write_text(
        json.dumps(executed(sample_facts(n_listed=3))), "utf-8"
    )

    path = render_run(tmp_path, title="Loyal")

    assert path == tmp_path / "report.html"
    assert "<h1>Loyal</h1>" in path.read_text("utf-8")


@pytest.mark.parametrize("text", ["", "{", '{"cells": 1}'], ids=["empty", "torn", "not a notebook"])
def test_a_torn_copy_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "executed.ipynb").write_text(text, "utf-8")

    with pytest.raises(RunError, match=r"`executed\.ipynb` is not a notebook") as caught:
        render_run(tmp_path, title="t")

    assert caught.value.exit_code == 40


def test_the_shipped_notebook_calls_the_report_in_order() -> None:
    notebook = json.loads(NOTEBOOK.read_text("utf-8"))

    code = ["".join(c["source"]) for c in notebook["cells"] if c["cell_type"] == "code"]

    assert code[1] == "import segkit as sk"
    assert code[2].splitlines()[0] == "ws = sk.open(workspace)"
    assert [line.splitlines()[-1] for line in code[2:]] == [f"report.{name}()" for name in CALLS]
    assert all(len(line.splitlines()) <= 6 for line in code)
