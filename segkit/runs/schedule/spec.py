"""Declare a scheduled report: one YAML file of a workspace's `reports/` folder.

A file says everything that a run needs, so that a trigger need only say "now": which notebook,
which segments, which period, when, within which limits, for whom, and what must hold before
anything is published.
"""

import re
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, field_validator, model_validator

from segkit.compare.checks import Check
from segkit.config import ROLES, Role, Strict
from segkit.errors import ParameterError, WorkspaceError
from segkit.periods import Grain, read_zone
from segkit.runs.schedule.amounts import read_megabytes, read_seconds
from segkit.runs.schedule.attach import Attachment
from segkit.runs.schedule.period import GRAINS, Rhythm
from segkit.runs.schedule.words import Every, read_every

TRACKED = "tracked"
ALL = "all"
LOCAL = "local"
_EXECUTOR = re.compile(r"^(local|dask://[A-Za-z0-9.\-]+:\d{1,5})$")
_ROOM = re.compile(r"^(slack|teams):SEGKIT_WEBHOOK_[A-Z0-9_]{1,60}$")
_MAIL = re.compile(r"^[^@\s,;<>\"]+@[^@\s,;<>\"]+\.[^@\s,;<>\"]+$")


def check_mail(text: str) -> str:
    """Give a text if it is one mail address; ValueError else."""
    if not _MAIL.match(text) or not text.isprintable() or not text.isascii():
        raise ValueError("expected one mail address like team@example.com")
    return text


def _check_room(text: str) -> str:
    if not _ROOM.match(text):
        raise ValueError("expected slack:VARIABLE or teams:VARIABLE like slack:SEGKIT_WEBHOOK_SHOP")
    return text


def _check_executor(text: str) -> str:
    if not _EXECUTOR.match(text):
        raise ValueError("expected local, or dask://HOST:PORT of a Dask scheduler")
    return text


Executor = Annotated[str, AfterValidator(_check_executor)]
"""Where the children of runs work: `local`, or `dask://HOST:PORT`."""
Room = Annotated[str, AfterValidator(_check_room)]
"""A chat room: its kind, and the variable of the environment that holds its secret address."""
Address = Annotated[str, AfterValidator(check_mail)]
Seconds = Annotated[int, BeforeValidator(read_seconds)]
Megabytes = Annotated[int, BeforeValidator(read_megabytes)]
Text = Annotated[str, Field(min_length=1, max_length=300)]


def _as_text(value: object) -> object:
    return str(value) if type(value) is int else value


class LimitsSpec(Strict):
    """How much one run may take before it is ended: time, memory of all its processes, files."""

    run: Seconds = 1800
    cell: Seconds = 900
    memory: Megabytes | None = None
    output: Megabytes = 500


class CheckSpec(Strict):
    """What must hold of a report's numbers before it goes out.

    In words, `check: size drops more than 20%`, or just the words; or as `fact`, the path of a
    number in `facts.json` with dots, with `at_least` and `at_most` as its bounds and
    `change_at_most` as that of its change against the report before, as a share of that (0.5 is
    half). `otherwise` says what a breach means: `warn` publishes with a warning, `hold` publishes
    nothing.
    """

    check: str | None = Field(default=None, max_length=200)
    fact: str | None = Field(default=None, pattern=r"^[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)*$")
    at_least: float | None = None
    at_most: float | None = None
    change_at_most: float | None = Field(default=None, ge=0)
    otherwise: Literal["warn", "hold"] = "warn"

    @model_validator(mode="before")
    @classmethod
    def _from_words(cls, given: object) -> object:
        return {"check": given} if isinstance(given, str) else given

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        bounds = [self.at_least, self.at_most, self.change_at_most]
        has_bound = any(bound is not None for bound in bounds)
        if (self.check is None) == (self.fact is None):
            raise ValueError("give either `check` in words or `fact` with its bounds")
        if self.fact is not None and not has_bound:
            raise ValueError("give `at_least`, `at_most` or `change_at_most`")
        if self.check is not None and has_bound:
            raise ValueError("the words of `check` hold its bound; remove the other")
        try:
            self.checks()
        except ParameterError as exc:
            raise ValueError(str(exc).replace(".\nHint:", ";").rstrip(".")) from exc
        return self

    def checks(self) -> tuple[Check, ...]:
        """Give the checks that it means, in the one language of checks."""
        if self.check is not None:
            return (Check.parse(self.check),)
        bounds = (
            ("below", self.at_least, ""),
            ("above", self.at_most, ""),
            ("changes", None if self.change_at_most is None else self.change_at_most * 100, "%"),
        )
        return tuple(
            Check(name=self.fact or "", verb=verb, limit=limit, unit=unit)
            for verb, limit, unit in bounds
            if limit is not None
        )


class RetentionSpec(Strict):
    """How many periods' reports are kept; older ones go when `segkit prune --yes` says so."""

    periods: int = Field(default=60, ge=1)


class DataSpec(Strict):
    """How fresh the data must be: how many of the period's last days may still be missing."""

    missing_days: int = Field(default=0, ge=0, le=31)


class RetrySpec(Strict):
    """How often a failed run is tried again, and how long after the failure at first.

    The pause doubles with every attempt.
    """

    times: int = Field(default=2, ge=0, le=10)
    pause: Seconds = 300


class SegmentsSpec(Strict):
    """Segments by tag: all of the workspace's own that carry it."""

    tag: Text


class ReportSpec(Strict):
    """One scheduled report.

    `segments` is a list of ids, `{tag: …}`, or `tracked`: the workspace's own segments that are not
    deprecated. A notebook with a parameter `segment` makes one report for each of them, one with
    `segments` a single report on all. `deadline` is how long after it is due a report may be
    missing before its owner hears of it. `audience` is what readers may see: one clearance, or one
    for each group of `recipients` and `channels` (chat rooms); `attach` names files beside a mail.
    """

    notebook: Text
    title: str = Field(default="", max_length=200)
    owner: Address
    segments: list[Text] | SegmentsSpec | Literal["tracked"] = Field(default_factory=list)
    parameters: dict[str, Annotated[str, BeforeValidator(_as_text)]] = Field(default_factory=dict)
    period: Rhythm
    zone: str | None = None
    every: str
    audience: Role | dict[str, Role] | None = None
    recipients: dict[str, list[Address]] = Field(default_factory=dict)
    channels: dict[str, list[Room]] = Field(default_factory=dict)
    attach: list[Attachment] = Field(default_factory=list)
    limits: LimitsSpec = LimitsSpec()
    checks: list[CheckSpec] = Field(default_factory=list)
    on_empty: Literal["skip", "fail"] = "skip"
    data: DataSpec = DataSpec()
    retries: RetrySpec = RetrySpec()
    retention: RetentionSpec = RetentionSpec()
    deadline: Seconds = 4 * 3600
    executor: Executor = LOCAL
    paused: bool = False

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, name: str | None) -> str | None:
        try:
            return None if name is None else read_zone(name).key
        except WorkspaceError as exc:
            raise ValueError(str(exc).replace(".\nHint:", ";").rstrip(".")) from exc

    @model_validator(mode="after")
    def _readable_schedule(self) -> Self:
        try:
            read_every(self.every, self.grain)
        except ParameterError as exc:
            raise ValueError(str(exc).replace(".\nHint:", ";").rstrip(".")) from exc
        if isinstance(self.segments, list) and len(set(self.segments)) < len(self.segments):
            raise ValueError("a segment is named twice")
        return self

    @property
    def grain(self) -> Grain:
        """The length of the period."""
        return GRAINS[self.period]

    @property
    def schedule(self) -> Every:
        """When it is made."""
        return read_every(self.every, self.grain)

    def zone_in(self, default: ZoneInfo) -> ZoneInfo:
        """Give the zone of the schedule: its own, else the workspace's."""
        return default if self.zone is None else read_zone(self.zone)

    @property
    def clearance(self) -> Role | None:
        """What the report is made for: the most that any of its readers may see.

        None is what the workspace says.
        """
        if not isinstance(self.audience, dict):
            return self.audience
        return max(self.audience.values(), key=ROLES.index, default=None)

    def clearance_of(self, recipient: str, segment: str | None, made_for: Role) -> Role:
        """Give what a recipient may see of a report that was made for a clearance.

        Where `audience` names groups of recipients, the group of the segment comes before `all`; a
        group that it does not name gets what is public.
        """
        if not isinstance(self.audience, dict):
            return made_for
        for group in (segment or "", ALL):
            if recipient in (*self.recipients.get(group, ()), *self.channels.get(group, ())):
                role = self.audience.get(group, "public")
                return min(role, made_for, key=ROLES.index)
        return "public"

    def recipients_of(self, segment: str | None) -> tuple[str, ...]:
        """Give who gets the report on a segment: those of all and those of this one, each once.

        Mail addresses, then chat rooms.
        """
        told = (self.recipients, self.channels)
        groups = (ALL, segment or "")
        return tuple(dict.fromkeys(who for by in told for g in groups for who in by.get(g, ())))
