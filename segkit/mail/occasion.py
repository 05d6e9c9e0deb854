"""Say what a mail says of its run beside the facts: links, warnings, what is missing."""

from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from segkit.config import MailConfig
from segkit.errors import SegkitError
from segkit.mail.letter import Occasion
from segkit.mail.outbox import Job
from segkit.measures.roles import mask_mails
from segkit.runs.parameters import SEGMENT_REPORT
from segkit.runs.publish import newest_run
from segkit.runs.schedule.period import Period, end_of
from segkit.runs.schedule.read import find_spec
from segkit.runs.schedule.spec import ReportSpec
from segkit.runs.schedule.words import count_between
from segkit.runs.spec import REPORT

CORRECTED = "This report replaces the one that was made before on the same period."


def find_spec_of(root: Path, manifest: dict[str, Any]) -> ReportSpec | None:
    """Give the schedule that a run was made for; None without one, or when it is gone by now."""
    name = manifest.get("name")
    if not name:
        return None
    try:
        return find_spec(root, name)
    except SegkitError:
        return None


def link_of(config: MailConfig, run: str) -> str:
    """Give the web address of a run's report; empty where `[mail] link` names no place."""
    return f"{config.link.rstrip('/')}/{quote(run)}/{REPORT}" if config.link else ""


def occasion_of(
    config: MailConfig,
    job: Job,
    *,
    folder: Path | None = None,
    manifest: dict[str, Any] | None = None,
    spec: ReportSpec | None = None,
) -> Occasion:
    """Give what the mail of a row says of its run; without a manifest its name and link alone."""
    if manifest is None or folder is None:
        return Occasion(run=job.run, link=job.link)
    is_corrected = bool(manifest.get("corrects"))
    notes = (CORRECTED,) if is_corrected else ()
    return Occasion(
        run=job.run,
        link=job.link,
        app=_app_link(config, manifest) if job.link else "",
        warnings=tuple(mask_mails(warning) for warning in manifest.get("warnings", ())),
        notes=(*notes, *say_skipped(folder, spec)),
        is_corrected=is_corrected,
        broken=tuple(manifest.get("broken", ())),
        period=manifest.get("period", ""),
    )


def _app_link(config: MailConfig, manifest: dict[str, Any]) -> str:
    """Give where one segment's report is explored as it was asked for; empty for any other."""
    is_one = manifest.get("segment") and manifest.get("report") == SEGMENT_REPORT.report
    if not config.app or not is_one:
        return ""
    said = manifest.get("parameters") or {}
    asked = {"segment": manifest["segment"], "as_of": manifest["as_of"]}
    asked |= {name: said[name] for name in ("days", "baseline") if name in said}
    return f"{config.app}?{urlencode(asked)}"


def say_skipped(folder: Path, spec: ReportSpec | None) -> tuple[str, ...]:
    """Give the sentence on periods without a report between this one and the one before it."""
    now = end_of(folder.parent.name)
    if spec is None or now is None:
        return ()
    earlier = newest_run(folder.parent.parent, before=now.isoformat())
    before = None if earlier is None else end_of(earlier.parent.name)
    if before is None:
        return ()
    first, last = Period.of(before, spec.grain).after(), Period.of(now, spec.grain).before()
    missing = count_between(first, last)
    if not missing:
        return ()
    if len(missing) == 1:
        return (f"No report was made on the period before this one, {missing[0]}.",)
    span = f"{missing[0]} to {missing[-1]}"
    return (f"No report was made on the {len(missing)} periods before this one: {span}.",)
