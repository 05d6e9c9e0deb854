"""Answer the report's questions with segkit from the loaded snapshot; print what others count."""

from typing import Any

from task import DAYS, N_WEEKS, SEGMENT, read_task, write_headline

import segkit as sk
from segkit.measures.facts import SegmentReportFacts


def main() -> None:
    """Compute all facts of the report."""
    task = read_task()
    report = sk.open(task.folder).report(SEGMENT, as_of=task.as_of.isoformat(), days=DAYS)
    write_headline(to_headline(report.facts()))


def to_headline(facts: SegmentReportFacts) -> dict[str, Any]:
    """Give the facts that the other tools count by the same rule, in their form.

    Left out is what follows other rules here: channels and sources (GA4's rules), and lists that
    are cut elsewhere.
    """
    seen, did = facts.overview, facts.behaviour
    cells = [cell for cell in did.retention if cell.n_retained]
    return {
        "overview": [seen.n_users, seen.n_universe, seen.n_active_7d, seen.n_new_7d],
        "n_listed": facts.user_list.n_rows,
        "funnel": [[s.n_users for s in did.funnel], [s.n_baseline for s in did.funnel]],
        "hours": [[c.weekday, c.hour, c.n_visits] for c in did.hours if c.n_visits],
        "retention": [[c.cohort.isoformat(), c.k, c.n_retained] for c in cells],
        "trend": [
            [row.end_on.isoformat(), row.n_users, row.n_active, row.n_entered, row.n_left]
            for row in facts.trend
        ][-N_WEEKS:],
    }


if __name__ == "__main__":
    main()
