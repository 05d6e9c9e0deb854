"""Write what makes the demo folder a workspace: `segkit.toml`, own segments and the list of staff.

A person may have edited these files: one that is there already is left as it is.
"""

from pathlib import Path

from segkit.demo.segments import SEGMENTS

SHOP_TOML = """\
# The workspace of the demo shop. Every key may be edited; `segkit doctor` checks the edit.
name = "lindenhof"
timezone = "Europe/Berlin"    # days, weeks and hours of reports are counted in this zone
currency = "EUR"              # the currency of amounts that come without one
quarantine_limit = 0.01       # a load with a larger share of bad rows is refused whole

# The log of the web shop: Segment-spec messages (page, track, identify), one gzipped file a week.
[[sources]]
name = "web"
format = "segment"
path = "raw/events/*.ndjson.gz"

# The customer table: one row a member, current values only. Columns that the map does not name
# become labels of the user.
[[sources]]
name = "crm"
format = "csv"
path = "raw/crm.csv"
table = "attributes"
[sources.map]
user_id = "member_id"

# Consents given and withdrawn; times are local and have no offset, so their zone is named here.
[[sources]]
name = "consents"
format = "csv"
path = "raw/consents.csv"
table = "consents"
[sources.map]
user_id = "member_id"
purpose = "purpose"
state = "state"
time = { column = "time", format = "%Y-%m-%d %H:%M:%S", timezone = "Europe/Berlin" }

# Who saw which variant of an experiment; times are milliseconds since 1970.
[[sources]]
name = "exposures"
format = "csv"
path = "raw/exposures.csv"
table = "exposures"
[sources.map]
device_id = "anonymous_id"
user_id = "member_id"
experiment = "experiment"
variant = "variant"
time = { column = "seen_at_ms", format = "epoch_ms" }

[privacy]
clearance = "pseudonymous"    # what a reader may see by default: public, pseudonymous, personal
min_size = 10                 # smaller groups are withheld
export = "pseudonymous"       # user lists may be written with ids, without personal columns
[privacy.columns]
email = "personal"
member_id = "pseudonymous"

[report]
funnel = ["page_view", "view_item", "add_to_cart", "begin_checkout", "purchase"]
"""
PARQUET_TOML = """\
# A generated shop of any size: events as Parquet in the order of time, without event ids.
name = "lindenhof-large"
timezone = "Europe/Berlin"
currency = "EUR"

[[sources]]
name = "log"
format = "parquet"
path = "raw/events/*.parquet"
properties = []
[sources.map]
user_id = "user_id"
time = "time"
event = "event"
page_path = "page_path"
referrer_url = "referrer_url"
utm_source = "utm_source"
utm_medium = "utm_medium"
utm_campaign = "utm_campaign"
device_type = "device_type"
country = "country"
value = "value"
currency = "currency"

[[sources]]
name = "members"
format = "csv"
path = "raw/attributes.csv"
table = "attributes"
[sources.map]
user_id = "member_id"

[privacy]
export = "pseudonymous"
[privacy.columns]
member_id = "pseudonymous"

[report]
funnel = ["page_view", "view_item", "add_to_cart", "begin_checkout", "purchase"]
"""


def write_workspace(folder: Path, *, staff_emails: list[str]) -> tuple[Path, list[Path]]:
    """Write `segkit.toml`, segments and the list of staff where they lack; give their paths."""
    toml = write_unless_there(folder / "segkit.toml", SHOP_TOML)
    paths = [
        write_unless_there(folder / "segments" / f"{name}.yml", text)
        for name, text in SEGMENTS.items()
    ]
    write_unless_there(folder / "lists" / "staff.csv", "\n".join(["email", *staff_emails, ""]))
    return toml, paths


def write_unless_there(path: Path, text: str) -> Path:
    """Write a text file unless it exists; give its path."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8", newline="\n")
    return path
