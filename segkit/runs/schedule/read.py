"""Read the scheduled reports of a workspace: `reports/*.yml`."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from segkit.compare.checks import Check
from segkit.compare.quantities import SIZES
from segkit.errors import (
    DefinitionError,
    ParameterError,
    SegkitError,
    UnknownNameError,
    name_some,
    near_names,
)
from segkit.runs.own import find_model
from segkit.runs.parameters import SEGMENT_REPORT, ParameterModel
from segkit.runs.schedule.attach import check_attachments
from segkit.runs.schedule.spec import (
    ALL,
    CheckSpec,
    DataSpec,
    LimitsSpec,
    ReportSpec,
    RetentionSpec,
    RetrySpec,
    SegmentsSpec,
    check_mail,
)
from segkit.runs.shipped import check_notebook
from segkit.segments.shapes import Place
from segkit.segments.yaml12 import read_yaml
from segkit.workspace import Workspace
from segkit.workspace.asking import policy_of
from segkit.workspace.reviewing import list_tracked

REPORTS = "reports"
_OWNER = re.compile(r"^owner:[ \t]*[\"']?([^\s\"']+)", re.MULTILINE)
_INNER: dict[str, type[BaseModel]] = {
    "segments": SegmentsSpec,
    "limits": LimitsSpec,
    "checks": CheckSpec,
    "data": DataSpec,
    "retries": RetrySpec,
    "retention": RetentionSpec,
}


@dataclass(frozen=True, kw_only=True)
class Scheduled:
    """One scheduled report by its name, the stem of its file; faulty ones carry their faults.

    `owner` is who hears of them: the address that the file names, if that much can be read.
    """

    name: str
    where: str
    spec: ReportSpec | None
    faults: tuple[str, ...] = ()
    owner: str = ""

    @property
    def fault(self) -> str | None:
        """The first fault, if there is one."""
        return next(iter(self.faults), None)


def read_all(root: Path) -> list[Scheduled]:
    """Give all scheduled reports of a workspace by name, also those that cannot be read."""
    folder = root / REPORTS
    paths = sorted([*folder.glob("*.yml"), *folder.glob("*.yaml")])
    found: dict[str, Scheduled] = {}
    for path in paths:
        where = path.relative_to(root).as_posix()
        twin = found.get(path.stem)
        found[path.stem] = _read(path, where) if twin is None else _refuse_twin(twin, where)
    return list(found.values())


def _refuse_twin(first: Scheduled, where: str) -> Scheduled:
    """Give the report that two files declare, as a faulty one: which of them counts is a guess."""
    fault = DefinitionError.build(
        f"Report `{first.name}` has two files, {first.where} and this one.",
        where=where,
        hint="remove or rename one of them.",
    )
    return Scheduled(name=first.name, where=where, spec=None, faults=(str(fault),))


def _read(path: Path, where: str) -> Scheduled:
    text = ""
    faults: Sequence[SegkitError]
    try:
        text = path.read_text("utf-8")
        spec, faults = _parse(text, where)
    except (OSError, UnicodeDecodeError):
        unread = DefinitionError.build(
            "The file cannot be read.", where=where, hint="save it as UTF-8."
        )
        spec, faults = None, [unread]
    except SegkitError as error:
        spec, faults = None, [error]
    said = tuple(map(str, faults))
    return Scheduled(name=path.stem, where=where, spec=spec, faults=said, owner=_owner_in(text))


def _owner_in(text: str) -> str:
    """Give the owner that a file names, also one that is no YAML or lacks a key; else nothing."""
    found = _OWNER.search(text)
    try:
        return "" if found is None else check_mail(found[1])
    except ValueError:
        return ""


def find_spec(root: Path, name: str) -> ReportSpec:
    """Give the scheduled report of a name.

    Raises
    ------
    UnknownNameError
        When there is none; a path is no name.
    DefinitionError
        When its file is faulty.
    """
    found = {scheduled.name: scheduled for scheduled in read_all(root)}
    if name not in found:
        raise UnknownNameError.of_kind("scheduled report", name[:80], found, where=REPORTS)
    spec = found[name].spec
    if spec is None:
        raise DefinitionError(found[name].fault)
    return spec


def read_spec(text: str, where: str) -> ReportSpec:
    """Give the scheduled report that a YAML text declares.

    Raises
    ------
    DefinitionError
        When it is not YAML, lacks a key, has an unknown one or an ill-typed value; it names the
        line, the key and near names.
    """
    spec, faults = _parse(text, where)
    if spec is None:
        raise faults[0]
    return spec


def _parse(text: str, where: str) -> tuple[ReportSpec | None, list[DefinitionError]]:
    """Give the report of a text, or all its faults: unknown keys first, since one may be missing.

    Raises
    ------
    DefinitionError
        When it is not YAML, or not one report.
    """
    documents = list(read_yaml(text, where))
    if len(documents) != 1 or not isinstance(documents[0][0], dict):
        raise DefinitionError.build(
            f"Expected one report, found {len(documents)} documents or a list.",
            where=where,
            hint="write one file for each scheduled report.",
        )
    tree, place = documents[0]
    try:
        return ReportSpec.model_validate(tree), []
    except ValidationError as exc:
        errors: list[Any] = sorted(exc.errors(), key=lambda e: e["type"] != "extra_forbidden")
        refused = {str(error["loc"][:1]): _refuse(error, place) for error in reversed(errors)}
        return None, list(refused.values())[::-1]


def _refuse(error: Mapping[str, Any], place: Place) -> DefinitionError:
    loc = [key for key in error["loc"] if not _is_branch(key)]
    spot = place.at(*loc)
    if error["type"] == "extra_forbidden":
        model = _INNER.get(str(loc[0]), ReportSpec) if len(loc) > 1 else ReportSpec
        return spot.unknown("key", loc[-1], list(model.model_fields))
    if error["type"] == "missing":
        return place.refuse(f"The key `{loc[-1]}` is missing.", "see docs/scheduling.md.")
    said = error["msg"].removeprefix("Value error, ").rstrip(".")
    return spot.refuse(f"{said[:1].upper()}{said[1:]}.", "see docs/scheduling.md for every key.")


def _is_branch(key: int | str) -> bool:
    """Whether a part of a place is pydantic's name for one of several forms, not a key."""
    return isinstance(key, str) and (key in {"SegmentsSpec", "function-after"} or "[" in key)


def check_spec(workspace: Workspace, spec: ReportSpec, where: str) -> ParameterModel:
    """Check that all that a scheduled report names is there, and give what its notebook takes.

    Raises
    ------
    SegkitError
        An unknown notebook, segment, tag, parameter or baseline, an ill-typed value, a recipient
        of a segment that the report is not about.
    """
    model, notebook = find_model(spec.notebook, workspace.root)
    check_notebook(notebook, model.names)
    given = model.read_settings(f"{name}={text}" for name, text in spec.parameters.items())
    if "as_of" in given:
        raise ParameterError.build(
            "`parameters`: `as_of` comes from the period.", where=where, hint="remove it."
        )
    if "baseline" in given:
        workspace.baseline(given["baseline"])
    segments = find_segments(workspace, spec, where)
    takes = {"segment", "segments"} & set(model.names)
    if bool(takes) != bool(segments):
        raise ParameterError.build(
            f"Report `{spec.notebook}` "
            + ("needs `segments`." if takes else "takes no segments, but some are named."),
            where=where,
            hint="see `segments` in docs/scheduling.md.",
        )
    _check_words(spec, where)
    _check_groups("recipients", spec.recipients, [ALL, *segments], where)
    _check_groups("channels", spec.channels, [ALL, *segments], where)
    if isinstance(spec.audience, dict):
        _check_groups("audience", spec.audience, [ALL, *segments], where)
    privacy = workspace.config.privacy
    policies = {name: policy_of(workspace.find(name), privacy).export for name in segments}
    check_attachments(
        spec.attach, has_user_list=model.has_user_list, policies=policies, where=where
    )
    return model


def _check_words(spec: ReportSpec, where: str) -> None:
    """Check that checks of a report on one segment name numbers that such a report has."""
    from segkit.measures.headline import RATIOS  # noqa: PLC0415  the engine is slow to import

    if spec.notebook != SEGMENT_REPORT.report:
        return
    kinds = SIZES | {ratio.name: ratio.kind for ratio in RATIOS}
    for check in spec.checks:
        if check.check is None:
            continue
        if "." not in check.checks()[0].name:
            try:
                Check.parse(check.check, kinds)
            except ParameterError as error:
                said, _, hint = str(error).partition("\nHint: ")
                raise ParameterError.build(said, where=where, hint=hint) from error


def _check_groups(key: str, groups: Iterable[str], known: Sequence[str], where: str) -> None:
    strange = sorted(set(groups) - set(known))
    if strange:
        raise ParameterError.build(
            f"`{key}` names {name_some(strange)}, which the report is not about.",
            where=where,
            hint=near_names(strange[0], known),
        )


def find_segments(workspace: Workspace, spec: ReportSpec, where: str = "") -> tuple[str, ...]:
    """Give the ids of the segments that a scheduled report is about, each known to the workspace.

    Raises
    ------
    SegkitError
        When one is unknown or faulty, or none carries the tag.
    """
    if isinstance(spec.segments, list):
        return tuple(workspace.find(segment).segment for segment in spec.segments)
    own = [entry for entry in workspace.segments.entries if entry.origin == "workspace"]
    known = [entry.definition for entry in own if entry.definition is not None]
    if isinstance(spec.segments, SegmentsSpec):
        tag = spec.segments.tag
        found = tuple(d.segment for d in known if tag in d.tags)
        if not found:
            tags = {tag for definition in known for tag in definition.tags}
            raise UnknownNameError.of_kind("tag", tag[:40], tags, where=where)
        return found
    return list_tracked(workspace.segments)
