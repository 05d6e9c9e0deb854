"""Write a workspace whose every text tries to be something else than text.

40 people, 30 days to 30 June 2026. The first ten are known by an e-mail address alone, the next ten
by a formula. One of them comes to a page of his own thrice a day.
"""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

SCRIPT = "<script>alert(1)</script>"
IMAGE = '"><img src=x onerror=alert(2)>'
BRACES = "{{7*7}}{% raw %}"
FORMULA = "=cmd()|'/C calc'!A0"
REVERSED = "/safe\u202egnp.exe"
ESCAPED = "/safe\\u202egnp.exe"
QUOTED_NAME = "Na\"me'<b>"
FORMULA_NAME = "=1+1"
LONE = "/my/secret-garden"
MAIL_PAGE = "/account/ann%40example.org"
LAST = datetime(2026, 6, 30, 9, tzinfo=UTC)
TITLE = (f"{SCRIPT}{IMAGE}{BRACES}\u202e" + "x" * 300)[:300]
PAGES = (f"/{SCRIPT}", f"/{IMAGE}", f"/{BRACES}", REVERSED, FORMULA, MAIL_PAGE)
TOML = f"""\
name = '{SCRIPT}{BRACES}'
timezone = "UTC"
[[sources]]
name = "web"
format = "csv"
path = "data/web.csv"
[sources.map]
user_id = "user"
time = "time"
event = "event"
page_path = "page"
page_title = "title"
utm_source = "source"
utm_medium = "source"
[[sources]]
name = "crm"
format = "csv"
path = "data/crm.csv"
table = "attributes"
[sources.map]
user_id = "user"
[privacy]
export = "pseudonymous"
"""
SEGMENT = f"""\
segkit: 1
segment: busy
title: {{title}}
description: {SCRIPT!r}
where: {{{{did: {{{{page: {{{{path: {{{{eq: '/{SCRIPT}'}}}}}}}}}}}}}}}}
"""


def user_ids() -> list[str]:
    """Give the 40 ids."""
    mails = [f"person{n}@example.org" for n in range(10)]
    formulas = [f"=HYPERLINK({n})" for n in range(10)]
    return [*mails, *formulas, *(f"../../u{n}" for n in range(20))]


def write_hostile(folder: Path) -> Path:
    """Write the workspace and give its folder; nothing is loaded yet."""
    title = TITLE.replace("\\", "\\\\").replace('"', '\\"')
    files = {
        "segkit.toml": TOML,
        "segments/busy.yml": SEGMENT.format(title=f'"{title}"'),
        "data/web.csv": _table(["user", "time", "event", "page", "title", "source"], _events()),
        "data/crm.csv": _table(
            ["user", QUOTED_NAME, FORMULA_NAME, "contact", REVERSED],
            ([user, SCRIPT, FORMULA, "me@example.net", BRACES] for user in user_ids()),
        ),
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    return folder


def _events() -> Iterator[list[str]]:
    for n, user in enumerate(user_ids()):
        for place, page in enumerate(PAGES):
            at = LAST - timedelta(days=place, minutes=n)
            if n < 24 or page not in PAGES[:1]:
                yield [user, at.isoformat(), "page_view", page, SCRIPT, IMAGE]
                yield [user, at.isoformat(), f"{SCRIPT} {BRACES}", page, FORMULA, IMAGE]
    for hours in range(0, 240, 8):
        at = LAST - timedelta(hours=hours + 4)
        yield [user_ids()[0], at.isoformat(), "page_view", LONE, "", ""]


def _table(headings: list[str], rows: object) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(headings)
    writer.writerows(rows)  # type: ignore[arg-type]
    return out.getvalue()
