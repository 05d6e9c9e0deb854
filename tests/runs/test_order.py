import json
import shutil
from pathlib import Path
from typing import Any

import pytest

import segkit as sk
from segkit.errors import ParameterError, SegkitError, UnknownNameError
from segkit.runs.manifest import read_manifest
from segkit.runs.own import list_reports
from segkit.runs.run import find_same, order_report, run_order
from segkit.runs.share import share_folder
from tests.runs.own_notebook import write_notebook

COMPARE = 'workspace = "."\nsegments = "a"\nas_of = ""\ndays = 90\nbaseline = "rest"'
PATTERNS = 'workspace = "."\nsegment = "a"\nas_of = ""\ndays = 30\nk = ""\nmodel = ""'
WHOLE = 'workspace = "."\ndays = 7\nnote = ""\nwho: str = "all"'


@pytest.fixture
def shop_of_two(shop: Path) -> Path:
    text = (shop / "segments" / "buyers.yml").read_text("utf-8")
    others = text.replace("segment: buyers", "segment: others").replace("Bought", "Also bought")
    (shop / "segments" / "others.yml").write_text(others, "utf-8")
    write_notebook(shop, "compare_segments", parameters=COMPARE)
    write_notebook(shop, "behaviour_patterns", parameters=PATTERNS)
    write_notebook(shop, "whole", parameters=WHOLE, title="The whole shop")
    return shop


def test_the_reports_are_the_shipped_ones_and_the_workspaces_notebooks(shop_of_two: Path) -> None:
    shipped = {path.stem for path in share_folder("notebooks").glob("*.ipynb")}
    walks = {"home", "start_here"}
    for name in walks:
        shutil.copy(share_folder("notebooks") / f"{name}.ipynb", shop_of_two / "notebooks")

    assert list_reports(shop_of_two) == tuple(sorted({*shipped, "whole"} - walks))


def test_a_report_on_several_segments_names_them_all(shop_of_two: Path) -> None:
    order = order_report(
        sk.open(shop_of_two),
        "compare_segments",
        {"segments": "buyers, others"},
        settings=["days=7"],
    )

    assert order.parameters == {
        "workspace": str(shop_of_two),
        "segments": "buyers,others",
        "as_of": "2026-06-30",
        "days": 7,
        "baseline": "rest",
    }
    assert [subject.segment for subject in order.subjects] == ["buyers", "others"]
    assert (order.segment, order.definition) == (None, None)
    assert order.title == "Comparison: Bought at least once, Also bought at least once"
    assert order.folder.startswith("compare_segments-buyers_others-")


def test_optional_parameters_stay_empty_or_are_read(shop_of_two: Path) -> None:
    workspace = sk.open(shop_of_two)
    given = {"segment": "buyers", "as_of": "2026-06-01"}

    left = order_report(workspace, "behaviour_patterns", given)
    said = order_report(workspace, "behaviour_patterns", given, settings=["k=4", "model=spring"])

    assert (left.parameters["k"], left.parameters["model"]) == ("", "")
    assert (said.parameters["k"], said.parameters["model"]) == (4, "spring")
    assert (said.period, said.segment) == ("2026-06-01", "buyers")
    assert said.title == "Behaviour patterns: Bought at least once"


def test_a_notebook_of_the_workspace_is_a_report(shop_of_two: Path) -> None:
    order = order_report(sk.open(shop_of_two), "whole", settings=["days=3", "who=x"])

    assert order.parameters == {
        "workspace": str(shop_of_two),
        "days": 3,
        "note": "",
        "who": "x",
    }
    assert (order.title, order.folder, order.period) == ("The whole shop", "whole", "2026-06-30")


@pytest.mark.parametrize(
    ("report", "given", "settings", "kind", "sentence"),
    [
        ("whol", {}, [], UnknownNameError, r"Unknown report `whol`[\s\S]*Did you mean `whole`"),
        ("../whole", {}, [], UnknownNameError, "Unknown report"),
        ("whole\0", {}, [], UnknownNameError, "Unknown report"),
        ("/etc/passwd", {}, [], UnknownNameError, "Unknown report"),
        ("whole", {}, ["days=x"], ParameterError, "`days`: expected a whole number"),
        ("whole", {"as_of": "2026-06-30"}, [], ParameterError, "no parameter `as_of`"),
        ("whole", {"segment": "buyers"}, [], ParameterError, "no parameter `segment`"),
        ("compare_segments", {}, [], ParameterError, "needs the parameter `segments`"),
        ("compare_segments", {"segments": "buyers,"}, [], ParameterError, "1 to 8 different names"),
        ("compare_segments", {"segments": "buyers,no"}, [], UnknownNameError, "segment `no`"),
        ("compare_segments", {"segments": "a,a"}, [], ParameterError, "different names"),
        ("behaviour_patterns", {"segment": "buyers"}, ["k=1"], ParameterError, "`k`: expected a w"),
        (
            "compare_segments",
            {"segments": "buyers"},
            ["baseline=x"],
            ParameterError,
            "baseline `x`",
        ),
    ],
)
def test_what_is_wrong_is_refused_before_a_process_starts(
    shop_of_two: Path,
    report: str,
    given: dict[str, str],
    settings: list[str],
    kind: type[SegkitError],
    sentence: str,
) -> None:
    with pytest.raises(kind, match=sentence):
        order_report(sk.open(shop_of_two), report, given, settings=settings)


def test_a_parameter_that_no_text_can_give_is_refused(shop: Path) -> None:
    write_notebook(shop, "odd", parameters="share = 0.5")

    with pytest.raises(ParameterError, match=r"`share`: expected a text or a whole .* `0\.5`"):
        order_report(sk.open(shop), "odd")


@pytest.mark.slow
@pytest.mark.notebook
@pytest.mark.parametrize(
    ("report", "given", "segments"),
    [
        ("compare_segments", {"segments": "buyers,others"}, ["buyers", "others"]),
        ("whole", {}, []),
    ],
)
def test_a_report_without_one_segment_is_published_and_listed(
    shop_of_two: Path, report: str, given: dict[str, str], segments: list[str]
) -> None:
    run = run_order(order_report(sk.open(shop_of_two), report, given))

    manifest: Any = read_manifest(run.folder)
    assert json.loads((run.folder / "facts.json").read_text("utf-8")) == {
        "days": manifest["parameters"]["days"]
    }
    assert (manifest["report"], manifest["segment"]) == (report, None)
    assert manifest["segments"] == list(manifest["definitions"]) == segments
    assert manifest["summary"]["n_users"] is None
    catalogue = (shop_of_two / "reports_out" / "index.html").read_text("utf-8")
    assert f"<small>{', '.join(segments) or report}</small>" in catalogue
    same = find_same(order_report(sk.open(shop_of_two), report, given))
    assert same is not None
    assert same.folder == run.folder
