"""State the contract of every canonical table: its grain, its columns.

Their types and what null means.

Loads write exactly these tables, every later stage reads nothing else. Types are Ibis type names.
Times are UTC instants in microseconds, `day` columns are calendar dates in the workspace's zone,
`value` is money with four decimals in `currency`.
"""

from dataclasses import dataclass

INSTANT = "timestamp('UTC', 6)"
MONEY = "decimal(18, 4)"

UTM = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")
DEVICE = ("device_type", "os", "os_version", "browser", "browser_version", "resolution")
PLACE = ("country", "region", "city")


@dataclass(frozen=True)
class TableSchema:
    """One canonical table: name, grain (what one row stands for) and columns with Ibis types."""

    name: str
    grain: str
    columns: dict[str, str]


def _text(*names: str) -> dict[str, str]:
    return dict.fromkeys(names, "string")


RAW_EVENTS = TableSchema(
    "raw_events",
    "one row an event as a source gives it, before identity and visits; `fault` is the reason "
    "why it is bad, null when good; "
    "`row_no` is its place in the file from 1",
    {
        **_text("event_id", "device_id", "user_id"),
        "time": INSTANT,
        **_text(
            "event",
            "page_url",
            "page_path",
            "page_title",
            "referrer_url",
            *UTM,
            "user_agent",
            *DEVICE,
            *PLACE,
        ),
        "value": MONEY,
        **_text("currency", "properties"),
        "row_no": "int64",
        **_text("fault", "raw"),
    },
)
RAW_ATTRIBUTES = TableSchema(
    "raw_attributes",
    "one row a label of one person as a source gives it; `time` is when it became valid, null "
    "when the source keeps only "
    "current values",
    {
        **_text("device_id", "user_id", "name", "value"),
        "time": INSTANT,
        "row_no": "int64",
        **_text("fault", "raw"),
    },
)
RAW_CONSENTS = TableSchema(
    "raw_consents",
    "one row a consent given or withdrawn, as a source gives it",
    {
        **_text("device_id", "user_id", "purpose", "state"),
        "time": INSTANT,
        "row_no": "int64",
        **_text("fault", "raw"),
    },
)
RAW_EXPOSURES = TableSchema(
    "raw_exposures",
    "one row an exposure to a variant of an experiment, as a source gives it",
    {
        **_text("device_id", "user_id", "experiment", "variant"),
        "time": INSTANT,
        "row_no": "int64",
        **_text("fault", "raw"),
    },
)
RAW_LINKS = TableSchema(
    "raw_links",
    "one row a statement that two ids are one person: a device and a user id, or two user ids "
    "(`previous_id`)",
    {
        **_text("device_id", "user_id", "previous_id"),
        "time": INSTANT,
        "row_no": "int64",
        **_text("fault", "raw"),
    },
)
RAW_TABLES = {
    t.name.removeprefix("raw_"): t
    for t in (RAW_EVENTS, RAW_ATTRIBUTES, RAW_CONSENTS, RAW_EXPOSURES, RAW_LINKS)
}

EVENTS = TableSchema(
    "events",
    "one row an event, sorted by user and time; `event_id` is null where the source has none, "
    "then (`load_id`, `row_no`) is "
    "its identity; `bot_reason` is null for people",
    {
        **_text("event_id"),
        "user_no": "int64",
        **_text("device_id", "user_id"),
        "time": INSTANT,
        **_text(
            "event", "page_url", "page_path", "page_title", "referrer_url", *UTM, *DEVICE, *PLACE
        ),
        "value": MONEY,
        **_text("currency", "properties", "bot_reason"),
        "visit_no": "int64",
        **_text("load_id"),
        "row_no": "int64",
    },
)
VISITS = TableSchema(
    "visits",
    "one row a visit of one user, bots left out; `visit_no` is its start in microseconds since "
    "1970, so a later load never "
    "renumbers it; `weekday` 1 is Monday; `hour` and `day` are local; `engaged_s` runs from "
    "first to last event",
    {
        "user_no": "int64",
        "visit_no": "int64",
        "started_at": INSTANT,
        "ended_at": INSTANT,
        "day": "date",
        "hour": "int32",
        "weekday": "int32",
        "is_first": "boolean",
        **_text("visit_type", "landing_page", "exit_page", "referrer_url", "referrer_host", *UTM),
        **_text("source", "medium", "channel", "source_type", *DEVICE, *PLACE),
        "n_events": "int64",
        "n_page_views": "int64",
        "engaged_s": "int64",
        "value": MONEY,
        "currency": "string",
    },
)
USERS = TableSchema(
    "users",
    "one row a user, also one who never came (a person of a CRM table: first seen null, totals "
    "0); `user_key` is the user id "
    "where known, else the device id; `is_bot` when every event is a bot's and no user id is known",
    {
        "user_no": "int64",
        **_text("user_key", "user_id"),
        "is_known": "boolean",
        "is_bot": "boolean",
        "first_seen_at": INSTANT,
        "last_seen_at": INSTANT,
        "identified_at": INSTANT,
        "first_day": "date",
        "last_day": "date",
        "n_events": "int64",
        "n_page_views": "int64",
        "n_visits": "int64",
        "value": MONEY,
        **_text(
            "currency", "first_source", "first_channel", "first_referrer_host", "first_referrer_url"
        ),
        **_text("first_landing_page", "first_device_type", "first_country"),
    },
)
USER_DAYS = TableSchema(
    "user_days",
    "one row a user, local day, event and currency, bots left out; `n_events` events whose "
    "values sum to `value`",
    {
        "user_no": "int64",
        "day": "date",
        **_text("event", "currency"),
        "n_events": "int64",
        "value": MONEY,
    },
)
PAGE_DAYS = TableSchema(
    "page_days",
    "one row a user, local day and page path, bots left out; `n_views` events of type page_view "
    "or screen_view",
    {"user_no": "int64", "day": "date", "page_path": "string", "n_views": "int64"},
)
ATTRIBUTES = TableSchema(
    "attributes",
    "one row a distinct statement of one label of one user, also where it repeats a value; "
    "`valid_from` is null for a source that keeps only current values, and `order_no` is then "
    "its place in the order of loading, else null; `is_valid` is true for the one statement that "
    "counts among those of a user, label and `valid_from`: the one loaded last, and with "
    "a `valid_from` the greatest value",
    {
        "user_no": "int64",
        **_text("device_id", "user_id", "name", "value"),
        "valid_from": INSTANT,
        "order_no": "int64",
        "is_valid": "boolean",
    },
)
IDENTITIES = TableSchema(
    "identities",
    "one row an id (kind `user` or `device`) and the user that it belongs to; `linked_at` is "
    "when it was first seen with a "
    "user id, null when never",
    {**_text("kind", "id"), "user_no": "int64", "linked_at": INSTANT},
)
LINKS = TableSchema(
    "links",
    "one row two ids seen together: kind `device` (`id` a device of `user_id`) or `alias` (`id` "
    "an older user id of `user_id`); "
    "`first_at` is when that was first seen",
    {**_text("kind", "id", "user_id"), "first_at": INSTANT},
)
EXPOSURES = TableSchema(
    "exposures",
    "one row a distinct statement of an exposure of a user to a variant of an experiment; two "
    "that differ in the ids only are one exposure",
    {
        "user_no": "int64",
        **_text("device_id", "user_id", "experiment", "variant"),
        "time": INSTANT,
    },
)
CONSENTS = TableSchema(
    "consents",
    "one row a distinct statement of a consent `granted` or `denied` by a user for a purpose",
    {"user_no": "int64", **_text("device_id", "user_id", "purpose", "state"), "time": INSTANT},
)
LOADS = TableSchema(
    "loads",
    "one row a raw file that was loaded, by the hash of its content",
    {
        **_text("load_id", "source", "path", "sha256"),
        "loaded_at": INSTANT,
        "rows_read": "int64",
        "kept": "int64",
        "repeated": "int64",
        "quarantined": "int64",
    },
)
QUARANTINE = TableSchema(
    "quarantine",
    "one row a bad raw row: the file, its place, the reason and the raw text (personal: never "
    "shown)",
    {**_text("load_id", "source", "path"), "row_no": "int64", **_text("reason", "raw")},
)
TABLES = {
    t.name: t
    for t in (
        EVENTS, VISITS, USERS, USER_DAYS, PAGE_DAYS, ATTRIBUTES,
        IDENTITIES, LINKS, EXPOSURES, CONSENTS, LOADS, QUARANTINE,
    )
}  # fmt: skip

PAGE_EVENTS = ("page_view", "screen_view")
"""Events that count as page views (GA4, Snowplow)."""
