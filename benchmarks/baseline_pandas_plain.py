"""Answer the report's questions with pandas over the raw Parquet parts, as its user guide teaches.

Texts stay texts and people their ids: `read_parquet`, `sort_values`, `groupby`, `drop_duplicates`.
What `baseline_pandas.py` does with small frames is done alike; only the big ones are built plainly.
"""

import baseline_pandas as tuned
import pandas as pd
from task import VISIT_GAP_S, Task, read_task

COLUMNS = [*tuned.TEXTS, "time", "value"]


def main() -> None:
    """Read, build what every question needs, then answer."""
    task = read_task()
    events = read_events(task)
    visits = build_visits(events)
    tuned.answer(task, events, visits, build_days(events), tuned.build_orders(events))


def read_events(task: Task) -> pd.DataFrame:
    """Give the events before T sorted by person and time, and the visit of each."""
    events = pd.read_parquet(task.folder / "raw" / "events", columns=COLUMNS)
    events["time"] = events["time"].dt.tz_localize(None)
    events = events.rename(columns={"user_id": "user_no"})
    events = events[events["time"] < tuned.utc(task.end)]
    events = events.sort_values(["user_no", "time"], ignore_index=True)
    gap = events.groupby("user_no")["time"].diff()
    events["visit"] = (gap.isna() | (gap > pd.Timedelta(seconds=VISIT_GAP_S))).cumsum()
    return events


def build_visits(events: pd.DataFrame) -> pd.DataFrame:
    """Give one row a visit."""
    visits = events.drop_duplicates("visit").set_index("visit")[["user_no", *tuned.TOUCH]]
    times = events.groupby("visit")["time"].agg(["min", "max"])
    visits["started_at"] = times["min"]
    visits["engaged_s"] = (times["max"] - times["min"]) // pd.Timedelta(seconds=1)
    pages = events[events["event"] == "page_view"]
    visits["n_pages"] = pages["visit"].value_counts().reindex(visits.index, fill_value=0)
    visits["bought"] = visits.index.isin(events.loc[events["event"] == "purchase", "visit"])
    paths = pages.set_index("visit")["page_path"].groupby("visit")
    visits["entry_page"], visits["exit_page"] = paths.nth(0), paths.nth(-1)
    return tuned.name_origins(visits)


def build_days(events: pd.DataFrame) -> pd.DataFrame:
    """Give one row a person and local day with any event."""
    days = events[["user_no"]].assign(day=tuned.local_days(events["time"]))
    return days.drop_duplicates()


if __name__ == "__main__":
    main()
