"""Answer the report's questions with Polars over the raw Parquet parts, nothing kept beforehand.

Written as an analyst would who knows Polars: one lazy scan with pruned columns, texts as
categories, people as integers, one sort, expressions throughout, visits and days built once and
used by every question.
"""

from datetime import timedelta
from typing import Any

import polars as pl
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

TOUCH = ["referrer_url", "utm_source", "utm_medium", "device_type", "country"]
COHORT = pl.col("cohort")
MEMBER = pl.col("is_member")


def main() -> None:
    """Read, build what every question needs, then answer."""
    task = read_task()
    events, keys = read_events(task)
    visits = build_visits(events)
    days = build_days(events)
    orders = build_orders(events)
    people = build_people(task, events, visits, days, orders).join(keys, on="user_no")
    members = people.select("user_no", "is_member")
    window_visits = visits.filter(pl.col("started_at") >= task.start).join(members, on="user_no")
    recent = events.filter(pl.col("time") >= task.start)
    write_headline(
        {
            **answer_people(task, people, recent),
            **answer_visits(people, window_visits, recent),
            **answer_time(task, people, window_visits, days, orders),
        }
    )


def read_events(task: Task) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Give the events before T sorted by person and time, and the key of every person."""
    raw = pl.scan_parquet(task.events)
    keys = raw.select(user_key=pl.col("user_id")).unique().collect()
    keys = keys.with_columns(user_no=pl.col("user_key").rank("dense").cast(pl.Int32))
    texts = [pl.col(c).cast(pl.Categorical) for c in ("event", "page_path", *TOUCH)]
    events = (
        raw.filter(pl.col("time") < task.end)
        .select("user_id", "time", "value", *texts)
        .join(keys.lazy(), left_on="user_id", right_on="user_key")
        .drop("user_id")
        .sort("user_no", "time")
        .collect()
    )
    return events, keys


def build_visits(events: pl.DataFrame) -> pl.DataFrame:
    """Give one row a visit."""
    gap = pl.col("time").diff() > timedelta(seconds=VISIT_GAP_S)
    opens = (pl.col("user_no").diff() != 0) | gap
    page = pl.col("event") == "page_view"
    path = pl.col("page_path").filter(page)
    visits = (
        events.lazy()
        .with_columns(visit=opens.fill_null(value=True).cum_sum())
        .group_by("visit", maintain_order=True)
        .agg(
            pl.col("user_no", *TOUCH).first(),
            pl.col("time").first().alias("started_at"),
            (pl.col("time").last() - pl.col("time").first()).dt.total_seconds().alias("engaged_s"),
            page.sum().alias("n_pages"),
            (pl.col("event") == "purchase").any().alias("bought"),
            path.first().alias("entry_page"),
            path.last().alias("exit_page"),
        )
        .rename({"device_type": "device"})
        .with_columns(pl.col("utm_source", "utm_medium", "referrer_url").cast(pl.String))
        .with_columns(host=pl.col("referrer_url").str.extract(r"//(?:www\.)?([^/]+)"))
        .with_columns(host=pl.when(pl.col("host") != OWN_HOST).then(pl.col("host")))
    )
    source = pl.coalesce("utm_source", "host", pl.lit("(direct)"))
    return visits.with_columns(source=source, channel=find_channel()).collect()


def find_channel() -> pl.Expr:
    """Give the channel of a visit by the simple rule."""
    medium, host = pl.col("utm_medium"), pl.col("host")
    return (
        pl.when(medium.is_in(PAID))
        .then(pl.lit("Paid"))
        .when(medium == "email")
        .then(pl.lit("Email"))
        .when(medium.is_not_null())
        .then(pl.lit("Other campaign"))
        .when(host.is_null())
        .then(pl.lit("Direct"))
        .when(host.str.contains_any(list(SEARCH_HOSTS)))
        .then(pl.lit("Search"))
        .when(host.str.contains_any(list(SOCIAL_HOSTS)))
        .then(pl.lit("Social"))
        .otherwise(pl.lit("Referral"))
    )


def local(column: str) -> pl.Expr:
    """Give the wall clock in Berlin."""
    return pl.col(column).dt.convert_time_zone(str(ZONE))


def build_days(events: pl.DataFrame) -> pl.DataFrame:
    """Give one row a person and local day with any event."""
    hours = events.lazy().select("user_no", hour=pl.col("time").dt.truncate("1h")).unique()
    return hours.select("user_no", day=local("hour").dt.date()).unique().collect()


def build_orders(events: pl.DataFrame) -> pl.DataFrame:
    """Give one row a purchase with its local day and its cents."""
    cents = (pl.col("value").cast(pl.Float64) * 100).round().fill_null(0).cast(pl.Int64)
    orders = events.lazy().filter(pl.col("event") == "purchase")
    return orders.select("user_no", "time", day=local("time").dt.date(), cents=cents).collect()


def build_people(
    task: Task,
    events: pl.DataFrame,
    visits: pl.DataFrame,
    days: pl.DataFrame,
    orders: pl.DataFrame,
) -> pl.DataFrame:
    """Give one row a person with totals, and whether it is a member."""
    now = pl.col("time") >= task.start
    latest = pl.col("day") > task.as_of - timedelta(days=MEMBER_DAYS)
    base = events.lazy().group_by("user_no")
    people = base.agg(
        first_at=pl.col("time").min(),
        last_at=pl.col("time").max(),
        n_events=now.sum(),
        n_pages=(now & (pl.col("event") == "page_view")).sum(),
    )
    seen = visits.lazy().group_by("user_no", maintain_order=True)
    came = seen.agg(
        n_visits=(pl.col("started_at") >= task.start).sum(), first_source=pl.col("source").first()
    )
    bought = orders.lazy().group_by("user_no")
    spent = bought.agg(
        n_orders=now.sum(), cents=pl.col("cents").filter(now).sum(), n_recent=latest.sum()
    )
    span = days.lazy().group_by("user_no")
    lived = span.agg(first_day=pl.col("day").min(), last_day=pl.col("day").max())
    joined = people.join(came, on="user_no").join(lived, on="user_no")
    joined = joined.join(spent, on="user_no", how="left")
    counts = pl.col("n_orders", "cents", "n_recent").fill_null(0)
    member = pl.col("n_recent") >= MEMBER_ORDERS
    return joined.with_columns(counts).with_columns(is_member=member).collect()


def split_counts(frame: pl.DataFrame, column: str) -> list[list[Any]]:
    """Give per value how many rows are the segment's and the rest's, largest first."""
    kept = frame.select(pl.col(column).cast(pl.String), MEMBER).drop_nulls()
    counts = kept.group_by(column).agg(seg=MEMBER.sum(), rest=MEMBER.not_().sum())
    ordered = counts.sort(["seg", column], descending=[True, False])
    return [list(row) for row in ordered.rows()]


def answer_people(task: Task, people: pl.DataFrame, recent: pl.DataFrame) -> dict[str, Any]:
    """Answer what is counted in people."""
    week_ago = task.as_of - timedelta(days=7)
    order = ["n_visits", "n_pages", "last_at", "user_key"]
    members = people.filter(MEMBER).sort(order, descending=[True, True, True, False])
    buyers = people.filter(pl.col("n_orders") > 0)
    by_orders = buyers.group_by(pl.col("n_orders").clip(upper_bound=10))
    purchases = by_orders.agg(seg=MEMBER.sum(), rest=MEMBER.not_().sum()).sort("n_orders")
    labels = pl.read_csv(task.attributes, infer_schema=False)
    labelled = labels.join(people, left_on="member_id", right_on="user_key")
    names = sorted(set(labels.columns) - {"member_id"})
    sums = members.select(pl.col("n_visits", "n_pages", "n_orders", "cents").sum()).row(0)
    top = members.select("n_visits", "n_pages", "cents", "first_source").head(TOP)
    return {
        "overview": [
            len(members),
            len(people),
            members.filter(pl.col("last_day") > week_ago).height,
            members.filter(pl.col("first_day") > week_ago).height,
        ],
        "top_users": [list(row) for row in top.rows()],
        "purchases": [list(row) for row in purchases.rows()],
        "funnel": count_funnel(people, recent),
        "attributes": {name: split_counts(labelled, name) for name in names},
        "n_listed": len(members),
        "user_list": [len(members), *sums],
    }


def count_funnel(people: pl.DataFrame, recent: pl.DataFrame) -> list[list[int]]:
    """Give the people of the segment and the rest that reached each step after the one before."""
    reached: pl.DataFrame | None = None
    counts: list[tuple[int, int]] = []
    for step in FUNNEL:
        hits = recent.filter(pl.col("event") == step).select("user_no", "time")
        if reached is not None:
            hits = hits.join(reached, on="user_no").filter(pl.col("time") > pl.col("reached_at"))
        reached = hits.group_by("user_no").agg(reached_at=pl.col("time").min())
        inside = reached.join(people, on="user_no")["is_member"]
        counts.append((int(inside.sum()), int((~inside).sum())))
    return [[n for n, _ in counts], [n for _, n in counts]]


def answer_visits(
    people: pl.DataFrame, visits: pl.DataFrame, recent: pl.DataFrame
) -> dict[str, Any]:
    """Answer what is counted in visits and pages."""
    engaged = (pl.col("engaged_s") > ENGAGED_S) | (pl.col("n_pages") >= 2) | pl.col("bought")  # noqa: PLR2004
    came = visits.group_by("is_member").agg(
        visits=pl.len(),
        engaged_s=pl.col("engaged_s").sum(),
        engaged_visits=engaged.sum(),
        single_page_visits=(pl.col("n_pages") == 1).sum(),
    )
    did = people.group_by("is_member").agg(
        page_views=pl.col("n_pages").sum(),
        events=pl.col("n_events").sum(),
        cents=pl.col("cents").sum(),
        orders=pl.col("n_orders").sum(),
        buyers=(pl.col("n_orders") > 0).sum(),
    )
    rows = did.join(came, on="is_member").rows(named=True)
    shown = {"entry_page": TOP, "exit_page": TOP, "source": TOP}
    rest = ("channel", "device", "country")
    return {
        "totals": {("seg" if row.pop("is_member") else "rest"): row for row in rows},
        "pages": count_pages(people, recent),
        **{c: split_counts(visits, c)[:n] for c, n in shown.items()},
        **{c: split_counts(visits, c) for c in rest},
    }


def count_pages(people: pl.DataFrame, recent: pl.DataFrame) -> list[Any]:
    """Give how many pages, and the top ones: people of segment and rest, views."""
    seen = (
        recent.lazy()
        .filter((pl.col("event") == "page_view") & pl.col("page_path").is_not_null())
        .group_by("page_path", "user_no")
        .agg(n=pl.len())
        .join(people.lazy().select("user_no", "is_member"), on="user_no")
        .group_by("page_path")
        .agg(seg=MEMBER.sum(), rest=MEMBER.not_().sum(), views=pl.col("n").filter(MEMBER).sum())
        .with_columns(pl.col("page_path").cast(pl.String))
        .sort(["seg", "page_path"], descending=[True, False])
        .collect()
    )
    return [len(seen), [list(row) for row in seen.head(TOP).rows()]]


def answer_time(
    task: Task,
    people: pl.DataFrame,
    visits: pl.DataFrame,
    days: pl.DataFrame,
    orders: pl.DataFrame,
) -> dict[str, Any]:
    """Answer what is laid out in time."""
    clock = local("started_at")
    hours = visits.filter(MEMBER).group_by(
        weekday=clock.dt.weekday().cast(pl.Int32), hour=clock.dt.hour().cast(pl.Int32)
    )
    weeks = days.join(find_starters(task, people, orders), on="user_no").select(
        "user_no", "cohort", k=(pl.col("day").dt.truncate("1w") - COHORT).dt.total_days() // 7
    )
    retained = weeks.unique().group_by("cohort", "k").len().sort("cohort", "k")
    return {
        "hours": [list(row) for row in hours.len().sort("weekday", "hour").rows()],
        "retention": [[str(c), k, n] for c, k, n in retained.rows()],
        "trend": build_trend(task, days, orders),
    }


def find_starters(task: Task, people: pl.DataFrame, orders: pl.DataFrame) -> pl.DataFrame:
    """Give the Monday of the first week of who was in the segment at that week's end."""
    first = pl.col("first_day")
    fresh = people.filter(first > task.as_of - timedelta(days=DAYS))
    cohorts = fresh.select("user_no", cohort=first.dt.truncate("1w"))
    end = COHORT + pl.duration(days=6)
    inside = pl.col("day").is_between(end - pl.duration(days=MEMBER_DAYS - 1), end)
    early = orders.join(cohorts, on="user_no").filter(inside)
    counts = early.group_by("user_no", "cohort").len()
    return counts.filter(pl.col("len") >= MEMBER_ORDERS).select("user_no", "cohort")


def build_trend(task: Task, days: pl.DataFrame, orders: pl.DataFrame) -> list[list[Any]]:
    """Give size, active, entered and left at every week's end."""
    rows: list[list[Any]] = []
    before: pl.DataFrame | None = None
    for k in range(N_WEEKS, -1, -1):
        end = task.as_of - timedelta(days=7 * k)
        inside = pl.col("day").is_between(end - timedelta(days=MEMBER_DAYS - 1), end)
        counts = orders.filter(inside).group_by("user_no").len()
        members = counts.filter(pl.col("len") >= MEMBER_ORDERS).select("user_no")
        week = days.filter(pl.col("day").is_between(end - timedelta(days=6), end))
        if before is not None:
            n_active = members.join(week, on="user_no", how="semi").height
            n_new = members.join(before, on="user_no", how="anti").height
            n_left = before.join(members, on="user_no", how="anti").height
            rows.append([str(end), members.height, n_active, n_new, n_left])
        before = members
    return rows


if __name__ == "__main__":
    main()
