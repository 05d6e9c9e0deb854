"""Write scheduled reports for the demo shop: two segments in detail, and all of them on one page.

A person may have edited these files: one that is there already is left as it is.
"""

from pathlib import Path

from segkit.demo.workspace_files import write_unless_there

WEEKLY = """\
# Two segments of the shop in detail, every Monday. `segkit tick` makes what is due; see docs/scheduling.md.
notebook: segment_report
owner: analyst@example.com         # hears of failures and late reports, nobody else does
segments: [loyal_members_on_mobile, deal_hunters]
parameters: {days: 28}
period: weekly
every: Monday 07:30
recipients:
  all: [marketing@example.com]
  deal_hunters: [sales@example.com]
checks:
  - {fact: overview.n_users, at_least: 1}
  - {fact: overview.n_users, change_at_most: 0.5}
"""
REVIEW = """\
# All segments of the shop on one page, every Monday, what moved out of the ordinary first.
notebook: weekly_review
owner: analyst@example.com
segments: tracked
period: weekly
every: Monday 07:30
recipients:
  all: [marketing@example.com]
"""
SCHEDULES = {"weekly": WEEKLY, "review": REVIEW}


def write_schedules(folder: Path) -> list[Path]:
    """Write the scheduled reports of the shop where they lack; give their paths."""
    return [
        write_unless_there(folder / "reports" / f"{name}.yml", text)
        for name, text in SCHEDULES.items()
    ]
