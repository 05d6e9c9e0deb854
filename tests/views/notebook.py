"""Make an executed copy of the shipped notebook without a kernel, from given facts."""

import json
from pathlib import Path
from typing import Any

from segkit import views
from segkit.measures.facts import SegmentReportFacts
from tests.views.compared import sample_differences
from tests.views.sample_value import sample_value

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "segment_report.ipynb"
FILES = ("users.csv", "users.parquet")


def display(view: views.Fragment) -> dict[str, Any]:
    """Give the output that a kernel would record for a view."""
    bundle = view._repr_mimebundle_()
    return {"output_type": "execute_result", "execution_count": 1, "metadata": {}, "data": bundle}


def executed(facts: SegmentReportFacts) -> dict[str, Any]:
    """Give the shipped notebook with the outputs that these facts lead to."""
    notebook: dict[str, Any] = json.loads(NOTEBOOK.read_text("utf-8"))
    for cell in notebook["cells"]:
        name = (
            "".join(cell["source"])
            .rstrip()
            .split("\n")[-1]
            .removeprefix("report.")
            .removesuffix("()")
        )
        render = getattr(views, f"render_{name}", None)
        if cell["cell_type"] != "code":
            continue
        if name == "value":
            view = views.render_value(facts, sample_value())
        elif render is not None:
            view = render(facts, files=FILES) if name == "users" else render(facts)
        elif name == "differs":
            view = views.render_differences(facts, sample_differences())
        else:
            continue
        cell["outputs"] = [display(view)]
    return notebook
