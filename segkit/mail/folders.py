"""Find the published run that a mail is about, and the earlier ones that it is compared with."""

import json
from pathlib import Path
from typing import Any

from segkit.compare.changes import Changes, compare_reports, list_quantities
from segkit.compare.checks import Check, ask_check
from segkit.config import Role
from segkit.errors import EmptyError, ParameterError
from segkit.mail.comparison_letter import compose_comparison
from segkit.mail.letter import Letter, Occasion
from segkit.mail.own_letter import compose_own
from segkit.mail.pattern_letter import compose_patterns
from segkit.mail.plain_letter import compose_published
from segkit.mail.report_letter import compose_letter
from segkit.mail.review_letter import compose_review
from segkit.measures.roles import may_see
from segkit.reports.report import FACTS
from segkit.runs.manifest import holds, read_manifest
from segkit.runs.parameters import BEHAVIOUR_PATTERNS, COMPARE_SEGMENTS, WEEKLY_REVIEW
from segkit.runs.publish import LATEST, report_folder, run_folders, slug

REPORT = "segment_report"


def find_run(name: str, reports_out: Path) -> Path:
    """Give the folder of a run: itself, or the newest of a segment's report or of a report.

    Raises
    ------
    EmptyError
        When there is neither.
    """
    there = {path.name for path in reports_out.glob("*")}
    named = [n for n in (report_folder(REPORT, name), slug(name), name) if n in there]
    for place in (Path(name), *(reports_out / folder / LATEST for folder in named)):
        if (place / FACTS).is_file():
            return place.resolve()
    raise EmptyError.build(
        "There is no published report of that name.",
        hint="name a segment, a folder of reports_out, or a run's folder.",
    )


def read_facts(folder: Path) -> dict[str, Any]:
    """Give the facts of a published run.

    Raises
    ------
    ParameterError
        When the folder is no whole run, or a file of it changed since it was published.
    """
    read_whole(folder)
    facts: dict[str, Any] = json.loads((folder / FACTS).read_text("utf-8"))
    return facts


def read_earlier(folder: Path) -> list[dict[str, Any]]:
    """Give the facts of the whole runs of earlier periods of the same report, oldest first."""
    runs = [r for r in run_folders(folder.parent.parent) if r.parent.name < folder.parent.name]
    whole = ((run, read_manifest(run)) for run in runs)
    return [read_facts(run) for run, manifest in whole if manifest and holds(run, manifest)]


def letter_of_run(
    folder: Path,
    occasion: Occasion | None = None,
    *,
    checks: tuple[str, ...] = (),
    clearance: Role = "pseudonymous",
) -> tuple[Letter, Changes]:
    """Give the mail of a published segment report, and what changed in it.

    Parameters
    ----------
    occasion
        What is said of the run; by default its name alone.

    Raises
    ------
    ParameterError
        When the run is not whole, or a check cannot be read.
    """
    document = read_facts(folder)
    changes = compare_reports(document, read_earlier(folder))
    kinds = {q.name: q.kind for q in list_quantities(document)}
    findings = [ask_check(Check.parse(text, kinds), changes) for text in checks]
    said = occasion or Occasion(run=name_run(folder))
    letter = compose_letter(document, changes, findings, occasion=said, clearance=clearance)
    return letter, changes


def name_run(folder: Path) -> str:
    """Give the name of a run in the outbox: its path below `reports_out`."""
    return "/".join(folder.parts[-3:])


def compose_run(
    folder: Path,
    manifest: dict[str, Any],
    occasion: Occasion,
    *,
    checks: tuple[str, ...] = (),
    clearance: Role = "pseudonymous",
) -> Letter:
    """Give the mail of any published run, by the kind of its report.

    Raises
    ------
    ParameterError
        When the run is not whole, a check cannot be read, or one is asked of another report than
        a segment's.
    """
    if manifest["report"] == REPORT:
        return letter_of_run(folder, occasion, checks=checks, clearance=clearance)[0]
    if checks:
        raise ParameterError.build(
            f"The report `{manifest['report']}` has no checks in words.",
            hint="`--check` is for reports on one segment.",
        )
    if manifest["report"] == WEEKLY_REVIEW.report:
        return compose_review(read_facts(folder), manifest, occasion)
    if not may_see(manifest["clearance"], clearance):
        return compose_published(manifest, occasion, clearance)
    document = read_facts(folder)
    if manifest["report"] == COMPARE_SEGMENTS.report:
        return compose_comparison(document, read_earlier(folder), manifest, occasion)
    if manifest["report"] == BEHAVIOUR_PATTERNS.report:
        return compose_patterns(document, manifest, occasion)
    return compose_own(document, read_earlier(folder), manifest, occasion)


def read_whole(folder: Path) -> dict[str, Any]:
    """Give the manifest of a whole run.

    Raises
    ------
    ParameterError
        When the folder is no whole run, or a file of it changed since it was published.
    """
    manifest = read_manifest(folder)
    if manifest is None or not holds(folder, manifest):
        raise ParameterError.build(
            f"The run `{folder.name}` is not whole, or was changed.", hint="make the report again."
        )
    return manifest
