"""Read `segkit.toml`: what a workspace is called, where its raw data lies, who may see what.

The file is checked strictly: an unknown key is refused with near names, and every refusal names the
key's place.
"""

import tomllib
from typing import Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from segkit.errors import WorkspaceError, near_names
from segkit.periods import read_zone

Role = Literal["public", "pseudonymous", "personal"]
ROLES: tuple[Role, ...] = ("public", "pseudonymous", "personal")
Format = Literal["segment", "csv", "parquet", "jsonl"]


class Strict(BaseModel):
    """A model that refuses unknown keys and never changes."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ColumnMap(Strict):
    """Where one canonical column comes from: a source column (with format and zone), or a constant.

    `format` is a strptime pattern like `%Y%m%d`, or `iso`, `epoch_s`, `epoch_ms`, `epoch_us`. A
    time whose text has no offset needs `timezone`; without it the source is refused as naive.
    """

    column: str | None = None
    value: str | int | float | None = None
    format: str | None = None
    timezone: str | None = None

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        if (self.column is None) == (self.value is None):
            raise ValueError("give exactly one of `column` and `value`")
        if self.timezone is not None:
            read_zone(self.timezone)
        return self


class SourceConfig(Strict):
    """One raw source: its format, its files and how its columns become canonical ones.

    `path` is a file or a glob below the workspace (gzip by ending). `table` is what its rows are.
    `properties` (events) and `attributes` (attributes) list the source columns to carry along;
    `"rest"` means all that the map does not use. `identity` says what makes two rows the same
    event: `id` (the mapped `event_id`; where a row has none, the file's content and the row's
    place), `content` (all mapped columns), or a list of canonical columns.
    """

    name: str = Field(pattern=r"^[a-z0-9_][a-z0-9_-]*$")
    format: Format
    path: str
    table: Literal["events", "attributes", "consents", "exposures"] = "events"
    map: dict[str, ColumnMap] = Field(default_factory=dict)
    properties: list[str] | Literal["rest"] = "rest"
    attributes: list[str] | Literal["rest"] = "rest"
    identity: Literal["id", "content"] | list[str] = "id"
    delimiter: str = ","
    header: bool = True
    columns: list[str] | None = None
    null_values: list[str] = Field(default_factory=lambda: [""])
    timezone: str | None = None

    @field_validator("map", mode="before")
    @classmethod
    def _spoken_map(cls, raw: Any) -> Any:  # noqa: ANN401  pydantic hands over anything
        if not isinstance(raw, dict):
            return raw
        return {k: {"column": v} if isinstance(v, str) else v for k, v in raw.items()}


class EngineConfig(Strict):
    """The query engine: DuckDB in this process, or Spark through Ibis."""

    url: str = Field(default="duckdb://", pattern=r"^(duckdb://|pyspark://.+)$")
    memory: str = "3GB"


class PrivacyConfig(Strict):
    """Who may see what: column roles, the reader's clearance, the smallest group shown.

    The default export.

    `columns` gives attributes their role; an attribute without one is `public`, except those whose
    name says e-mail, phone, name, address, IP or birth: these are `personal` until the file says
    otherwise.
    """

    clearance: Role = "pseudonymous"
    min_size: int = Field(default=10, ge=1)
    export: Literal["none", "pseudonymous", "attributes"] = "none"
    columns: dict[str, Role] = Field(default_factory=dict)


class MailConfig(Strict):
    """How mail leaves, as far as it is no secret: the login comes from the environment alone.

    `host` and `sender` are the server and the address that mail comes from; `tls` is never given up
    silently. `link` is the web address of the folder `reports_out`, `app` that of the notebook that
    readers explore a report in; empty: mails name neither. The environment comes before the file.
    """

    host: str = ""
    port: int = Field(default=587, ge=1, le=65535)
    tls: Literal["starttls", "tls", "none"] = "starttls"
    sender: str = ""
    unsubscribe: str = ""
    link: str = Field(default="", pattern=r"^(https?://[^\s<>\"]+)?$")
    app: str = Field(default="", pattern=r"^(https?://[^\s<>\"]+)?$")


class ReportConfig(Strict):
    """What reports show beyond the defaults.

    The funnel's steps (events), the events that are purchases, the property that names the order
    to which a purchase belongs, and the page length of lists.
    """

    funnel: list[str] = Field(default_factory=list)
    purchases: list[str] = Field(default_factory=list)
    order_id: str | None = None
    list_rows: int = Field(default=500, ge=1)


class ServeConfig(Strict):
    """Who may see what at `segkit serve`, and how much live reports may take.

    `hosts` are the names under which the server may be asked beside this machine's own. `kernels`
    is the most live reports at once; one that nobody touches for `idle_minutes` is ended.
    `clearances` gives members of a group of the proxy a clearance of their own; `audiences` names
    the groups that may see reports on a segment, where not everybody may.
    """

    hosts: list[str] = Field(default_factory=list)
    kernels: int = Field(default=4, ge=1, le=64)
    idle_minutes: int = Field(default=20, ge=1, le=1440)
    clearances: dict[str, Role] = Field(default_factory=dict)
    audiences: dict[str, list[str]] = Field(default_factory=dict)


class WorkspaceConfig(Strict):
    """All of `segkit.toml`."""

    name: str
    timezone: str = "UTC"
    currency: str | None = None
    preset: Literal["ga4"] = "ga4"
    quarantine_limit: float = Field(default=0.01, ge=0, le=1)
    sources: list[SourceConfig] = Field(default_factory=list)
    engine: EngineConfig = EngineConfig()
    privacy: PrivacyConfig = PrivacyConfig()
    mail: MailConfig = MailConfig()
    report: ReportConfig = ReportConfig()
    serve: ServeConfig = ServeConfig()

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        read_zone(name)
        return name

    @model_validator(mode="after")
    def _names_once(self) -> Self:
        names = [source.name for source in self.sources]
        if len(set(names)) < len(names):
            raise ValueError("two sources share one name")
        return self

    @property
    def zone(self) -> ZoneInfo:
        """The zone whose calendar days the workspace counts."""
        return read_zone(self.timezone)


def read_config(text: str, *, where: str) -> WorkspaceConfig:
    """Give the workspace that a `segkit.toml` describes.

    Raises
    ------
    WorkspaceError
        When it is not TOML, or has an unknown key or an ill-typed value; the message names the key
        and near names.
    """
    try:
        return WorkspaceConfig.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as exc:
        raise WorkspaceError.build(
            f"segkit.toml is not TOML: {exc}.",
            where=where,
            hint="look at quotes, brackets and equals signs near that place.",
        ) from exc
    except ValidationError as exc:
        first = exc.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        hint = "see docs/workspace.md for every key."
        if first["type"] == "extra_forbidden":
            hint = near_names(str(first["loc"][-1]), _known_keys(first["loc"]))
            raise WorkspaceError.build(f"Unknown key `{key}`.", where=where, hint=hint) from exc
        message = first["msg"].removeprefix("Value error, ")
        raise WorkspaceError.build(f"`{key}`: {message}.", where=where, hint=hint) from exc


def _known_keys(loc: tuple[int | str, ...]) -> list[str]:
    model: Any = WorkspaceConfig
    inner = {
        "sources": SourceConfig,
        "map": ColumnMap,
        "engine": EngineConfig,
        "privacy": PrivacyConfig,
        "mail": MailConfig,
        "report": ReportConfig,
        "serve": ServeConfig,
    }
    for part in loc[:-1]:
        model = inner.get(str(part), model)
    return list(model.model_fields)
