"""Check and resolve what a report is asked for, before any process starts.

Whoever asks hands over text: the name of a report, the texts of its parameters. What comes back is
an order in which nothing is left open: the notebook, the segments with their definitions, the day,
the snapshot.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from segkit.config import Role
from segkit.errors import ParameterError
from segkit.runs import publish
from segkit.runs.own import find_model
from segkit.runs.parameters import (
    BEHAVIOUR_PATTERNS,
    COMPARE_SEGMENTS,
    SEGMENT_REPORT,
    ParameterModel,
    Plain,
)
from segkit.runs.shipped import check_notebook
from segkit.segments.model import Definition
from segkit.workspace import Workspace
from segkit.workspace.reviewing import TRACKED, list_tracked


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A segment that a report is about: its id, its title and its definition's id."""

    segment: str
    title: str
    definition: str


@dataclass(frozen=True, kw_only=True)
class Order:
    """One report that may be made: everything a person said is checked and resolved.

    `parameters` are those of the notebook, `subjects` the segments that it is about (none for a
    report on the whole workspace), `title` the report's, `as_of` the last day looked back from.
    A scheduled report has a `name` of its own, and a period like `2026-W26`.
    """

    workspace: Workspace
    model: ParameterModel
    subjects: tuple[Subject, ...]
    title: str
    as_of: str
    snapshot: str
    notebook: Path
    parameters: dict[str, Plain]
    clearance: Role
    name: str = ""
    period_name: str = ""

    @property
    def report(self) -> str:
        """The report's name, that of its notebook."""
        return self.model.report

    @property
    def segment(self) -> str | None:
        """The one segment that the report is about; None when it is about none or several."""
        return self.subjects[0].segment if len(self.subjects) == 1 else None

    @property
    def definition(self) -> str | None:
        """The definition's id of the one segment; None when there are none or several."""
        return self.subjects[0].definition if len(self.subjects) == 1 else None

    @property
    def period(self) -> str:
        """The period that the report is about; without a schedule its last day, as ISO text."""
        return self.period_name or self.as_of

    @property
    def reports_out(self) -> Path:
        """The folder of all reports."""
        return self.workspace.root / "reports_out"

    @property
    def folder(self) -> str:
        """The folder name of this report on these segments, below `reports_out`."""
        if not self.subjects or self.model.is_whole:
            return publish.slug(self.name or self.report)
        about = ",".join(subject.segment for subject in self.subjects)
        return publish.report_folder(self.name or self.report, about)


def order_report(
    workspace: Workspace,
    report: str,
    given: Mapping[str, str] | None = None,
    *,
    settings: Sequence[str] = (),
    clearance: str | None = None,
    is_live: bool = False,
) -> Order:
    """Check and resolve what is asked of any report.

    Parameters
    ----------
    report
        A name of `segkit.runs.own.list_reports`: a shipped report, or a notebook of the workspace.
    given
        Texts by name: `segment` or `segments` (with commas), `as_of`, and any other parameter.
        Without `as_of` it is the first segment's own day, else the last whole day with data.
    settings
        `name=value` texts of further parameters, as a person writes them.
    clearance
        What the reader may see; None is what the workspace says.
    is_live
        Whether it is only looked at: some reports may not be published.

    Raises
    ------
    SegkitError
        A report that may not be published, an unknown report, segment, parameter or baseline, an
        ill-typed value, an empty store, a notebook that does not fit.
    """
    model, notebook = find_model(report, workspace.root)
    if not (model.is_published or is_live):
        raise ParameterError.build(
            f"The report `{report}` is about one person and is never published.",
            hint="`segkit serve` shows it live, `segkit user ID` prints it.",
        )
    check_notebook(notebook, model.names)
    texts = _join(dict(given or {}), model.read_settings(settings))
    if model.is_whole:
        texts.setdefault("segments", TRACKED)
    definitions = _find_segments(workspace, model, texts)
    texts.setdefault("as_of", _default_day(workspace, definitions))
    known = {"workspace": str(workspace.root), **texts}
    parameters = model.read({n: t for n, t in known.items() if n in {*model.names, *(given or {})}})
    as_of = str(parameters.get("as_of", texts["as_of"]))
    for definition in definitions:
        workspace.clock(definition, as_of)
    if not definitions:
        workspace.everyone(as_of)
    if "baseline" in parameters:
        workspace.baseline(str(parameters["baseline"]))
    return Order(
        workspace=workspace,
        model=model,
        subjects=tuple(
            Subject(segment=d.segment, title=d.title, definition=d.id) for d in definitions
        ),
        title=_title(model, definitions),
        as_of=as_of,
        snapshot=workspace.tables.snapshot,
        notebook=notebook,
        parameters=parameters,
        clearance=workspace.clearance(clearance),
    )


def order_segment_report(
    workspace: Workspace,
    segment: str,
    *,
    as_of: str | None = None,
    settings: Sequence[str] = (),
    clearance: str | None = None,
) -> Order:
    """Check and resolve what is asked of the report on one segment.

    Parameters
    ----------
    as_of
        ISO date of the last day; None is the workspace's last whole day with data.
    settings
        `name=value` texts of further parameters.
    clearance
        What the reader may see; None is what the workspace says.

    Raises
    ------
    SegkitError
        As `order_report` does.
    """
    given = {"segment": segment} if as_of is None else {"segment": segment, "as_of": as_of}
    return order_report(
        workspace, SEGMENT_REPORT.report, given, settings=settings, clearance=clearance
    )


def order_patterns_report(
    workspace: Workspace,
    segment: str,
    *,
    as_of: str | None = None,
    settings: Sequence[str] = (),
    clearance: str | None = None,
) -> Order:
    """Check and resolve what is asked of the report on the behaviour patterns of one segment.

    Parameters and errors are those of `order_segment_report`; settings are `days`, `k` and `model`.

    Raises
    ------
    SegkitError
        As `order_report` does, and when there are no patterns of the name, or both `k` and `model`
        are set.
    """
    from segkit.workspace.pattern_reports import check_wish  # noqa: PLC0415  numpy is slow to import

    given = {"segment": segment} if as_of is None else {"segment": segment, "as_of": as_of}
    order = order_report(
        workspace, BEHAVIOUR_PATTERNS.report, given, settings=settings, clearance=clearance
    )
    check_wish(workspace, k=order.parameters["k"], model=str(order.parameters["model"]))
    return order


def order_comparison(
    workspace: Workspace,
    segments: Sequence[str],
    *,
    as_of: str | None = None,
    settings: Sequence[str] = (),
    clearance: str | None = None,
) -> Order:
    """Check and resolve what is asked of the report on 1 to 8 segments beside each other.

    The other parameters and errors are those of `order_segment_report`.

    Raises
    ------
    SegkitError
        As `order_report` does, and when there are no segments, too many, or one of them twice.
    """
    given = {"segments": ",".join(segments)}
    if as_of is not None:
        given["as_of"] = as_of
    return order_report(
        workspace, COMPARE_SEGMENTS.report, given, settings=settings, clearance=clearance
    )


def _join(given: dict[str, str], settings: Mapping[str, str]) -> dict[str, str]:
    for name, text in settings.items():
        if name in given:
            raise ParameterError.build(f"Parameter `{name}` is set twice.", hint="give it once.")
        given[name] = text
    return given


def _find_segments(
    workspace: Workspace, model: ParameterModel, texts: dict[str, str]
) -> list[Definition]:
    """Give the definitions of the segments that are named; a report that takes none has none."""
    if "segment" in texts and "segment" in model.names:
        return [workspace.find(texts["segment"])]
    parsers = {parameter.name: parameter for parameter in model.parameters}
    if "segments" in texts and "segments" in parsers:
        names = str(parsers["segments"].parse(texts["segments"])).split(",")
        if model.is_whole and names == [TRACKED]:
            names = list(list_tracked(workspace.segments))
        return [workspace.find(name) for name in names]
    return []


def _default_day(workspace: Workspace, definitions: Sequence[Definition]) -> str:
    for definition in definitions:
        return workspace.clock(definition)[1].day.isoformat()
    return workspace.last_day().isoformat()


def _title(model: ParameterModel, definitions: Sequence[Definition]) -> str:
    if model.is_whole:
        n = len(definitions)
        return f"{model.heading} of {n} segment{'' if n == 1 else 's'}"
    about = ", ".join(definition.title for definition in definitions)
    return f"{model.heading}: {about}" if model.heading and about else model.heading or about
