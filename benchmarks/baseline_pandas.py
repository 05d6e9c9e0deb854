"""Answer the report's questions with pandas over the raw Parquet parts, nothing kept beforehand.

Written as an analyst would who knows pandas: columns pruned, texts read as categories, people as
integers, one sort, vectorised throughout, small frames reused.
"""

from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from task import (
    DAYS,
    ENGAGED_S,
    FUNNEL,
    MEMBER_DAYS,
    MEMBER_ORDERS,
    N_WEEKS,
    OWN_HOST,
    PAID,
    SEARCH_HOSTS,
    SOCIAL_HOSTS,
    TOP,
    VISIT_GAP_S,
    ZONE,
    Task,
    read_task,
    write_headline,
)

TEXTS = [
    *("user_id", "event", "page_path", "referrer_url"),
    *("utm_source", "utm_medium", "device_type", "country"),
]
TOUCH = ["referrer_url", "utm_source", "utm_medium", "device_type", "country"]


def main() -> None:
    """Read, build what every question needs, then answer."""
    task = read_task()
    events, keys = read_events(task)
    visits = build_visits(events)
    days = build_days(events)
    answer(task, events, visits, days, build_orders(events), keys=keys)


def answer(
    task: Task,
    events: pd.DataFrame,
    visits: pd.DataFrame,
    days: pd.DataFrame,
    orders: pd.DataFrame,
    *,
    keys: pd.Index | None = None,
) -> None:
    """Print the headline numbers; `keys` are the people's own, their numbers by default."""
    people = build_people(task, events, visits, days, orders)
    people["user_key"] = people.index if keys is None else keys[people.index]
    member = people["is_member"]
    window_visits = visits[visits["started_at"] >= utc(task.start)]
    window_visits = window_visits.assign(
        is_member=member.reindex(window_visits["user_no"]).to_numpy()
    )
    recent = events[events["time"] >= utc(task.start)]
    write_headline(
        {
            **answer_people(task, people, recent),
            **answer_visits(people, window_visits, recent),
            **answer_time(task, people, window_visits, days, orders),
        }
    )


def read_events(task: Task) -> tuple[pd.DataFrame, pd.Index]:
    """Give the events before T sorted by person and time, and the key of every person by number."""
    table = pq.read_table(
        task.folder / "raw" / "events", columns=[*TEXTS, "time", "value"], read_dictionary=TEXTS
    )
    events = table.unify_dictionaries().to_pandas(split_blocks=True, self_destruct=True)
    del table
    events["time"] = events["time"].dt.tz_localize(None)  # UTC without its label: datetime64
    users = events.pop("user_id").cat
    events["user_no"] = users.codes.astype(np.int32)
    events = events[events["time"] < utc(task.end)]
    return events.sort_values(["user_no", "time"], ignore_index=True), users.categories


def build_visits(events: pd.DataFrame) -> pd.DataFrame:
    """Give one row a visit and note its number in `events`."""
    person = events["user_no"].to_numpy()
    moment = events["time"].to_numpy()
    opens = np.ones(len(events), dtype=bool)
    gap = np.diff(moment) > np.timedelta64(VISIT_GAP_S, "s")
    opens[1:] = (person[1:] != person[:-1]) | gap
    visit = np.cumsum(opens) - 1
    events["visit"] = visit.astype(np.int32)
    starts = np.flatnonzero(opens)
    ends = np.append(starts[1:], len(events)) - 1
    visits = events.loc[starts, ["user_no", *TOUCH]].reset_index(drop=True)
    visits["started_at"] = moment[starts]
    visits["engaged_s"] = (moment[ends] - moment[starts]) // np.timedelta64(1, "s")
    pages = events.loc[events["event"] == "page_view", ["visit", "page_path"]]
    visits["n_pages"] = np.bincount(pages["visit"], minlength=len(visits))
    visits["bought"] = (
        np.bincount(events.loc[events["event"] == "purchase", "visit"], minlength=len(visits)) > 0
    )
    for name, seen in (
        ("entry_page", pages.drop_duplicates("visit")),
        ("exit_page", pages.drop_duplicates("visit", keep="last")),
    ):
        visits[name] = seen.set_index("visit")["page_path"].reindex(visits.index)
    return name_origins(visits)


def name_origins(visits: pd.DataFrame) -> pd.DataFrame:
    """Name each visit's source and channel."""
    visits = visits.rename(columns={"device_type": "device"})
    host = visits["referrer_url"].astype(str).where(visits["referrer_url"].notna())
    host = host.str.extract(r"//(?:www\.)?([^/]+)", expand=False)
    host = host.where(host != OWN_HOST)
    visits["source"] = visits["utm_source"].astype(object).fillna(host).fillna("(direct)")
    visits["channel"] = find_channels(visits["utm_medium"].astype(object), host)
    return visits


def find_channels(medium: "pd.Series[str]", host: "pd.Series[str]") -> "pd.Series[str]":
    """Give the channel of every visit by the simple rule."""
    choices = {
        "Paid": medium.isin(PAID),
        "Email": medium == "email",
        "Other campaign": medium.notna(),
        "Direct": host.isna(),
        "Search": host.str.contains("|".join(SEARCH_HOSTS).replace(".", r"\."), na=False),
        "Social": host.str.contains("|".join(SOCIAL_HOSTS).replace(".", r"\."), na=False),
    }
    found = np.select([c.to_numpy(dtype=bool) for c in choices.values()], list(choices), "Referral")
    return pd.Series(found, index=medium.index)


def utc(moment: datetime) -> pd.Timestamp:
    """Give an aware instant as UTC without its label, as the frames hold it."""
    return pd.Timestamp(moment).tz_convert("UTC").tz_localize(None)


def local_times(moments: "pd.Series[pd.Timestamp]") -> "pd.Series[pd.Timestamp]":
    """Give the wall clock in Berlin."""
    return moments.dt.tz_localize("UTC").dt.tz_convert(ZONE).dt.tz_localize(None)


def local_days(moments: "pd.Series[pd.Timestamp]") -> "pd.Series[pd.Timestamp]":
    """Give the calendar day in Berlin."""
    return local_times(moments).dt.normalize()


def build_days(events: pd.DataFrame) -> pd.DataFrame:
    """Give one row a person and local day with any event."""
    hours = pd.DataFrame({"user_no": events["user_no"], "hour": events["time"].dt.floor("h")})
    hours = hours[(hours != hours.shift()).any(axis=1)]
    return hours.assign(day=local_days(hours["hour"]))[["user_no", "day"]].drop_duplicates()


def build_orders(events: pd.DataFrame) -> pd.DataFrame:
    """Give one row a purchase with its local day and its cents."""
    orders = events.loc[events["event"] == "purchase", ["user_no", "time", "value"]]
    cents = (orders["value"].astype(float) * 100).round().fillna(0).astype(np.int64)
    return orders.assign(day=local_days(orders["time"]), cents=cents)


def build_people(
    task: Task,
    events: pd.DataFrame,
    visits: pd.DataFrame,
    days: pd.DataFrame,
    orders: pd.DataFrame,
) -> pd.DataFrame:
    """Give one row a person with totals, and whether it is a member."""
    since, today = utc(task.start), pd.Timestamp(task.as_of)
    bounds = events.groupby("user_no", sort=True)["time"].agg(["first", "last"])
    people = bounds.rename(columns={"first": "first_at", "last": "last_at"})
    recent = events[events["time"] >= since]
    pages = recent.loc[recent["event"] == "page_view", "user_no"]
    now = orders[orders["time"] >= since]
    counts = {
        "n_events": recent["user_no"].value_counts(),
        "n_pages": pages.value_counts(),
        "n_visits": visits.loc[visits["started_at"] >= since, "user_no"].value_counts(),
        "n_orders": now["user_no"].value_counts(),
        "cents": now.groupby("user_no")["cents"].sum(),
    }
    for name, found in counts.items():
        people[name] = found.reindex(people.index, fill_value=0)
    grouped = days.groupby("user_no")["day"].agg(["min", "max"])
    people[["first_day", "last_day"]] = grouped.reindex(people.index)
    people["first_source"] = visits.drop_duplicates("user_no").set_index("user_no")["source"]
    latest = orders.loc[orders["day"] > today - pd.Timedelta(days=MEMBER_DAYS), "user_no"]
    n_recent = latest.value_counts().reindex(people.index, fill_value=0)
    people["is_member"] = n_recent >= MEMBER_ORDERS
    return people


def split_counts(frame: pd.DataFrame, column: str) -> list[list[Any]]:
    """Give per value how many rows are the segment's and the rest's, largest first."""
    table = pd.crosstab(frame[column].astype(object), frame["is_member"])
    table = table.reindex(columns=[True, False], fill_value=0).reset_index()
    table.columns = pd.Index(["value", "seg", "rest"])
    table = table.sort_values(["seg", "value"], ascending=[False, True])
    return [list(row) for row in table.itertuples(index=False)]


def answer_people(task: Task, people: pd.DataFrame, recent: pd.DataFrame) -> dict[str, Any]:
    """Answer what is counted in people."""
    week_ago = pd.Timestamp(task.as_of) - pd.Timedelta(days=7)
    members = people[people["is_member"]].sort_values(
        ["n_visits", "n_pages", "last_at", "user_key"], ascending=[False, False, False, True]
    )
    buyers = people[people["n_orders"] > 0].assign(n=people["n_orders"].clip(upper=10))
    purchases = sorted(split_counts(buyers, "n"))
    labels = pd.read_csv(task.attributes, dtype=str).set_index("member_id")
    labelled = labels.join(people.set_index("user_key")["is_member"], how="inner")
    sums = members[["n_visits", "n_pages", "n_orders", "cents"]].sum()
    shown = members[["n_visits", "n_pages", "cents", "first_source"]].head(TOP)
    return {
        "overview": [
            len(members),
            len(people),
            int((members["last_day"] > week_ago).sum()),
            int((members["first_day"] > week_ago).sum()),
        ],
        "top_users": [list(row) for row in shown.itertuples(index=False)],
        "purchases": purchases,
        "funnel": count_funnel(people, recent),
        "attributes": {c: split_counts(labelled, c) for c in sorted(labels.columns)},
        "n_listed": len(members),
        "user_list": [len(members), *(int(v) for v in sums)],
    }


def count_funnel(people: pd.DataFrame, recent: pd.DataFrame) -> list[list[int]]:
    """Give the people of the segment and the rest that reached each step after the one before."""
    at: pd.Series[pd.Timestamp] | None = None
    counts: list[tuple[int, int]] = []
    for step in FUNNEL:
        hits = recent.loc[recent["event"] == step, ["user_no", "time"]]
        if at is not None:
            before = at.reindex(hits["user_no"]).to_numpy()
            hits = hits[hits["time"].to_numpy() > before]
        at = hits.groupby("user_no")["time"].min()
        inside = people["is_member"].reindex(at.index)
        counts.append((int(inside.sum()), int((~inside).sum())))
    return [[n for n, _ in counts], [n for _, n in counts]]


def answer_visits(
    people: pd.DataFrame, visits: pd.DataFrame, recent: pd.DataFrame
) -> dict[str, Any]:
    """Answer what is counted in visits and pages."""
    totals = {}
    for name, is_in in (("seg", True), ("rest", False)):
        v = visits[visits["is_member"] == is_in]
        p = people[people["is_member"] == is_in]
        engaged = (v["engaged_s"] > ENGAGED_S) | (v["n_pages"] >= 2) | v["bought"]  # noqa: PLR2004
        totals[name] = {
            "page_views": int(p["n_pages"].sum()),
            "events": int(p["n_events"].sum()),
            "cents": int(p["cents"].sum()),
            "orders": int(p["n_orders"].sum()),
            "buyers": int((p["n_orders"] > 0).sum()),
            "visits": len(v),
            "engaged_s": int(v["engaged_s"].sum()),
            "engaged_visits": int(engaged.sum()),
            "single_page_visits": int((v["n_pages"] == 1).sum()),
        }
    shown = {"entry_page": TOP, "exit_page": TOP, "source": TOP}
    rest = ("channel", "device", "country")
    return {
        "totals": totals,
        "pages": count_pages(people, recent),
        **{c: split_counts(visits, c)[:n] for c, n in shown.items()},
        **{c: split_counts(visits, c) for c in rest},
    }


def count_pages(people: pd.DataFrame, recent: pd.DataFrame) -> list[Any]:
    """Give how many pages, and the top ones: people of segment and rest, views."""
    views = recent.loc[recent["event"] == "page_view", ["page_path", "user_no"]].dropna()
    views["page_path"] = views["page_path"].astype("category")
    views = views.assign(page=views["page_path"].cat.codes)
    seen = views.groupby(["page", "user_no"], sort=False).size().rename("n").reset_index()
    inside = people["is_member"].reindex(seen["user_no"]).to_numpy(dtype=bool)
    seen = seen.assign(seg=inside, rest=~inside, views=seen["n"].where(inside, 0))
    pages = seen.groupby("page")[["seg", "rest", "views"]].sum()
    pages.index = views["page_path"].cat.categories[pages.index]
    pages = pages.rename_axis("path").reset_index()
    pages = pages.sort_values(["seg", "path"], ascending=[False, True])
    return [len(pages), [list(row) for row in pages.head(TOP).itertuples(index=False)]]


def answer_time(
    task: Task,
    people: pd.DataFrame,
    visits: pd.DataFrame,
    days: pd.DataFrame,
    orders: pd.DataFrame,
) -> dict[str, Any]:
    """Answer what is laid out in time."""
    today = pd.Timestamp(task.as_of)
    local = local_times(visits.loc[visits["is_member"].astype(bool), "started_at"])
    clock = pd.DataFrame({"weekday": local.dt.day_of_week + 1, "hour": local.dt.hour})
    hours = clock.groupby(["weekday", "hour"]).size().reset_index()
    joined = days.join(find_starters(today, people, orders), on="user_no", how="inner")
    monday = joined["day"] - pd.to_timedelta(joined["day"].dt.day_of_week, unit="D")
    k = (monday - joined["cohort"]).dt.days // 7
    weeks = pd.DataFrame({"user_no": joined["user_no"], "cohort": joined["cohort"], "k": k})
    retained = weeks.drop_duplicates().groupby(["cohort", "k"]).size().reset_index()
    return {
        "hours": hours.to_numpy().tolist(),
        "retention": [[f"{row[1]:%Y-%m-%d}", row[2], row[3]] for row in retained.itertuples()],
        "trend": build_trend(today, days, orders),
    }


def find_starters(today: pd.Timestamp, people: pd.DataFrame, orders: pd.DataFrame) -> pd.Series:
    """Give the Monday of the first week of who was in the segment at that week's end."""
    first = people.loc[people["first_day"] > today - pd.Timedelta(days=DAYS), "first_day"]
    cohort = (first - pd.to_timedelta(first.dt.day_of_week, unit="D")).rename("cohort")
    early = orders.join(cohort, on="user_no", how="inner")
    end = early["cohort"] + pd.Timedelta(days=6)
    inside = early["day"].between(end - pd.Timedelta(days=MEMBER_DAYS - 1), end)
    counts = early.loc[inside, "user_no"].value_counts()
    return cohort.loc[counts.index[counts >= MEMBER_ORDERS]]


def build_trend(today: pd.Timestamp, days: pd.DataFrame, orders: pd.DataFrame) -> list[list[Any]]:
    """Give size, active, entered and left at every week's end."""
    rows: list[list[Any]] = []
    before: pd.Index | None = None
    for k in range(N_WEEKS, -1, -1):
        end = today - pd.Timedelta(days=7 * k)
        inside = orders["day"].between(end - pd.Timedelta(days=MEMBER_DAYS - 1), end)
        counts = orders.loc[inside, "user_no"].value_counts()
        members = counts.index[counts >= MEMBER_ORDERS]
        week = days.loc[days["day"].between(end - pd.Timedelta(days=6), end), "user_no"]
        if before is not None:
            n_left = len(before.difference(members))
            n_active = int(members.isin(week).sum())
            n_new = len(members.difference(before))
            rows.append([f"{end:%Y-%m-%d}", len(members), n_active, n_new, n_left])
        before = members
    return rows


if __name__ == "__main__":
    main()
