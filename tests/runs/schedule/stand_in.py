"""Publish real folders without a kernel, for tests of what stands around runs."""

import json
from datetime import UTC, datetime
from typing import Any

from segkit.runs import publish
from segkit.runs.run import Order, Run, show_newest
from segkit.runs.steps import Costs, Steps
from segkit.runs.verify import Verdict


def run_order(order: Order, *, steps: Steps | None = None, **more: Any) -> Run:
    """Publish a run of an order that holds a page and facts, as the real one would."""
    del more
    steps = steps or Steps()
    run = publish.new_run_id(datetime.now(UTC))
    steps.begin(run)
    building = publish.open_building(order.reports_out, run)
    (building / "report.html").write_text("<p>A page.</p>", "utf-8")
    (building / "facts.json").write_text(json.dumps({"days": 7}), "utf-8")
    good = Verdict(exit_code=0, title="The report is ready.")
    verdict = steps.weigh(building, good, Costs(wall_s=4.25, cpu_s=6.5, peak_mb=1234))
    steps.enter("publish")
    folder = order.reports_out / order.folder / order.period / run
    document = {
        **steps.mention(),
        "report": order.report,
        "name": order.name,
        "segment": order.segment,
        "period": order.period,
        "run": run,
        "exit_code": verdict.exit_code,
        "warnings": list(verdict.warnings),
        "finished_at": datetime.now(UTC).isoformat(),
        "summary": {"title": order.title, "n_users": 15, "share": 0.375},
    }
    manifest = publish.publish(building, folder, document)
    show_newest(order)
    return Run(folder=folder, manifest=manifest, verdict=verdict)
