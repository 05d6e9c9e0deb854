"""Find the published run that a mail is about, and the earlier ones that it is compared with."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from segkit.compare.changes import Changes, compare_reports
from segkit.compare.checks import Check, Finding, Outcome, ask_check
from segkit.config import Role
from segkit.errors import EmptyError, ParameterError
from segkit.mail.comparison_letter import compose_comparison
from segkit.mail.letter import Letter, Occasion
from segkit.mail.own_letter import compose_own
from segkit.mail.pattern_letter import compose_patterns
from segkit.mail.plain_letter import compose_published
from segkit.mail.report_letter import compose_letter
from segkit.mail.review_letter import compose_review
from segkit.mail.spoken import list_alerts
from segkit.measures.roles import may_see
from segkit.reports.report import FACTS
from segkit.runs.earlier import read_earlier
from segkit.runs.manifest import holds, read_manifest
from segkit.runs.parameters import BEHAVIOUR_PATTERNS, COMPARE_SEGMENTS, WEEKLY_REVIEW
from segkit.runs.publish import LATEST, report_folder, slug

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


def read_changes(folder: Path, manifest: Mapping[str, Any]) -> Changes:
    """Give what changed in a published run since the earlier runs of its report."""
    earlier = read_earlier(folder.parent.parent, before=folder.parent.name, now=manifest)
    facts = read_facts(folder)
    return compare_reports({**facts, "as_of": manifest.get("as_of") or facts["as_of"]}, earlier)


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
    changes = read_changes(folder, read_whole(folder))
    findings = _ask(checks, changes)
    said = occasion or Occasion(run=name_run(folder))
    letter = compose_letter(document, changes, findings, occasion=said, clearance=clearance)
    return letter, changes


def _ask(checks: Sequence[str], changes: Changes) -> list[Finding]:
    kinds = {change.now.name: change.now.kind for change in changes.since_before}
    return [ask_check(Check.parse(text, kinds), changes) for text in checks]


def _with_checks(occasion: Occasion, checks: Sequence[str], changes: Changes) -> Occasion:
    """Give the occasion with what some checks found among its warnings."""
    findings = _ask(checks, changes)
    broken = [str(f.check) for f in findings if f.outcome is Outcome.broken]
    return replace(
        occasion,
        warnings=(*list_alerts(findings), *occasion.warnings),
        broken=(*broken, *occasion.broken),
    )


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
        When the run is not whole, or a check cannot be read.
    """
    if manifest["report"] == REPORT:
        return letter_of_run(folder, occasion, checks=checks, clearance=clearance)[0]
    document, changes = read_facts(folder), read_changes(folder, manifest)
    said = _with_checks(occasion, checks, changes)
    if manifest["report"] == WEEKLY_REVIEW.report:
        return compose_review(document, manifest, said)
    if not may_see(manifest["clearance"], clearance):
        return compose_published(manifest, occasion, clearance)
    compose = {
        COMPARE_SEGMENTS.report: compose_comparison,
        BEHAVIOUR_PATTERNS.report: compose_patterns,
    }.get(manifest["report"], compose_own)
    return compose(document, changes, manifest, said)


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
