"""Realistic facts made by hand, a hostile and a tiny variant: what the views are tried on."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from segkit.measures.facts import (
    Attributes,
    Behaviour,
    Breakdown,
    BreakdownRow,
    FunnelStep,
    HourCell,
    Measure,
    Overview,
    ReportHead,
    RetentionCell,
    SegmentReportFacts,
    TrendRow,
    UserRows,
)

N, REST = 1234, 3766
AS_OF = date(2026, 6, 30)
FIRST = date(2026, 4, 2)
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(2)>',
    "{{7*7}}",
    "{% raw %}",
    "a\u202egnp.exe",
    "$\\frac{1$",
    "x" * 300,
    "日本語のページ 🛒",
    "-->]]></style></svg><svg onload=alert(3)>",
)


def _row(
    value: str, n: int | None, rest: int | None, whole: int, rest_whole: int, volume: int | None
) -> BreakdownRow:
    if n is None or rest is None:
        return BreakdownRow(value=value, n=n, n_baseline=rest, volume=volume)
    part, other = n / whole, rest / rest_whole
    lift = part / other if other else None
    return BreakdownRow(
        value=value,
        n=n,
        n_baseline=rest,
        share=part,
        baseline_share=other,
        lift=lift,
        lift_low=None if lift is None else lift * 0.86,
        lift_high=None if lift is None else lift * 1.16,
        volume=volume,
    )


def breakdown(
    name: str,
    title: str,
    values: list[tuple[str, int | None, int | None]],
    *,
    of: str = "users",
    whole: int = N,
    rest: int = REST,
    volume_title: str | None = None,
    is_partition: bool = False,
    n_more: int = 0,
) -> Breakdown:
    """Give a breakdown of (value, segment, baseline) rows."""
    rows = [
        _row(value, n, m, whole, rest, (n or 0) * 3 if volume_title and n is not None else None)
        for value, n, m in values
    ]
    return Breakdown(
        name=name,
        title=title,
        of=of,
        denominator=whole,
        baseline_denominator=rest,
        is_partition=is_partition,
        rows=rows,
        n_more=n_more,
        volume_title=volume_title,
    )


def _pages() -> list[tuple[str, int | None, int | None]]:
    return [
        ("/", 1102, 2891),
        ("/products/trail-running-shoes-women-waterproof-2026-edition-with-a-long-name", 640, 1020),
        ("/cart", 588, 702),
        ("/checkout", 471, 388),
        ("/sale", 402, 1544),
        ("/account", 377, 214),
        ("/blog/how-to-choose", 160, 610),
        ("/help/returns", 61, 170),
        ("/careers", None, 12),
        ("/press", 12, 0),
        ("/imprint", 11, 30),
    ]


def _behaviour() -> Behaviour:
    return Behaviour(
        measures=[
            Measure(
                name="visits",
                title="Visits",
                kind="number",
                unit="visits per user",
                numerator=8123,
                denominator=N,
                baseline_numerator=14210,
                baseline_denominator=REST,
            ),
            Measure(
                name="engaged",
                title="Engaged time",
                kind="duration",
                unit="time per visit",
                numerator=1_902_345,
                denominator=8123,
                baseline_numerator=2_100_400,
                baseline_denominator=14210,
            ),
            Measure(
                name="buyers",
                title="Buyers",
                kind="share",
                unit="% of users with a purchase",
                numerator=617,
                denominator=N,
                baseline_numerator=402,
                baseline_denominator=REST,
            ),
            Measure(
                name="revenue",
                title="Revenue",
                kind="money",
                unit="EUR per user",
                numerator=61_700.5,
                denominator=N,
                baseline_numerator=30_120,
                baseline_denominator=REST,
            ),
            Measure(
                name="refunds",
                title="Refunds",
                kind="share",
                unit="% of purchases",
                numerator=None,
                denominator=None,
                baseline_numerator=44,
                baseline_denominator=512,
            ),
            Measure(
                name="views",
                title="Page views",
                kind="count",
                unit="page views",
                numerator=40_210,
                denominator=1,
                baseline_numerator=52_100,
                baseline_denominator=1,
            ),
        ],
        breakdowns=[
            breakdown(
                "pages", "Pages", _pages(), volume_title="Page views of the segment", n_more=312
            ),
            breakdown(
                "entry_pages",
                "Entry pages",
                [("/", 4100, 9000), ("/sale", 1923, 3000), ("/blog", 900, 1500)],
                of="visits",
                whole=8123,
                rest=14210,
                is_partition=True,
            ),
            breakdown(
                "exit_pages",
                "Exit pages",
                [("/checkout", 3100, 2000), ("/", 2023, 7000)],
                of="visits",
                whole=8123,
                rest=14210,
                is_partition=True,
            ),
            breakdown(
                "channels",
                "Channels",
                [
                    ("Direct", 3900, 5100),
                    ("Organic search", 2100, 4000),
                    ("Email", 1400, 900),
                    ("Paid search", 723, 4210),
                ],
                of="visits",
                whole=8123,
                rest=14210,
                is_partition=True,
            ),
            breakdown(
                "sources",
                "Sources",
                [("(direct)", 3900, 5100), ("google", 2500, 6000), ("newsletter", 1400, 900)],
                of="visits",
                whole=8123,
                rest=14210,
                is_partition=True,
            ),
            breakdown(
                "devices",
                "Devices",
                [("desktop", 5000, 6210), ("mobile", 2900, 7500), ("tablet", 223, 500)],
                of="visits",
                whole=8123,
                rest=14210,
                is_partition=True,
            ),
            breakdown(
                "events",
                "Events",
                [("page_view", 1234, 3700), ("add_to_cart", 801, 990), ("purchase", 617, 402)],
                volume_title="Events of the segment",
            ),
            breakdown(
                "purchases",
                "Orders of a buyer",
                [("1 order", 400, 300), ("2 orders", 217, 102)],
                of="buyers",
                whole=617,
                rest=402,
                is_partition=True,
            ),
        ],
        hours=[
            HourCell(
                weekday=day,
                hour=hour,
                n_visits=None
                if (day, hour) == (3, 4)
                else max(0, 14 - abs(20 - hour)) * (5 + day)
                if hour > 5
                else 0,
            )
            for day in range(1, 8)
            for hour in range(24)
        ],
        retention=_retention(),
        funnel=[
            FunnelStep(step=1, event="view_item", n_users=1010, n_baseline=2700),
            FunnelStep(step=2, event="add_to_cart", n_users=801, n_baseline=990),
            FunnelStep(step=3, event="begin_checkout", n_users=700, n_baseline=None),
            FunnelStep(step=4, event="purchase", n_users=617, n_baseline=402),
        ],
    )


def _retention() -> list[RetentionCell]:
    cells = []
    for week in range(12):
        for k in range(12):
            size = 40 + 9 * week
            if week == 6:
                size = 0
            if week == 4:
                cells.append(
                    RetentionCell(
                        cohort=FIRST + timedelta(days=4 + 7 * week),
                        k=k,
                        n_eligible=None,
                        n_retained=None,
                    )
                )
                continue
            over = k < 12 - week
            kept = size if k == 0 else 0 if (week, k) == (2, 3) else round(size * 0.5 / (k + 0.6))
            cells.append(
                RetentionCell(
                    cohort=FIRST + timedelta(days=4 + 7 * week),
                    k=k,
                    n_eligible=size if over else None,
                    n_retained=kept if over else None,
                )
            )
    return cells


def _trend() -> list[TrendRow]:
    rows = []
    for week in range(14):
        start = date(2026, 3, 30) + timedelta(days=7 * week)
        hidden = week == 5
        rows.append(
            TrendRow(
                period=f"2026-W{14 + week}",
                start_on=start,
                end_on=min(start + timedelta(days=6), AS_OF),
                is_complete=week < 13,
                n_universe=4000 + 75 * week,
                n_users=None if hidden else 900 + 25 * week,
                n_active=None if hidden else (400 + 11 * week if week != 8 else 0),
                n_entered=None if hidden else 60 + 3 * week,
                n_left=None if hidden else 35 + week % 4,
            )
        )
    return rows


COLUMNS = [
    ("user", "User", "text"),
    ("n_visits", "Visits", "count"),
    ("n_page_views", "Page views", "count"),
    ("last_active_at", "Last active", "instant"),
    ("first_source", "First source", "text"),
    ("device", "Device", "text"),
    ("revenue", "Revenue", "money"),
    ("plan", "Plan", "text"),
    ("country", "Country", "text"),
    ("age_band", "Age band", "text"),
]


def user_rows(n: int) -> UserRows:
    """Give the rows of `n` users."""
    seen = datetime(2026, 6, 30, 21, 15, tzinfo=UTC)
    rows = [
        (
            f"u_{100000 + i * 7919 % 99991}",
            40 - i % 37,
            200 - i % 113,
            seen - timedelta(minutes=97 * i),
            ("google", "(direct)", "newsletter")[i % 3],
            ("desktop", "mobile")[i % 2],
            round(1500 / (i + 1), 2) if i % 5 else 0.0,
            ("gold", "basic", None)[i % 3],
            ("DE", "FR", "JP", "US")[i % 4],
            ("18–24", "25–34", "35–44")[i % 3],
        )
        for i in range(n)
    ]
    return UserRows(columns=COLUMNS, rows=rows, n_rows=n)


def _attributes() -> Attributes:
    labels = [
        breakdown(
            "plan",
            "Plan",
            [("gold", 610, 300), ("basic", 420, 2500), ("trial", 104, 700)],
            whole=1134,
            rest=3500,
            is_partition=True,
        ),
        breakdown(
            "country",
            "Country",
            [("DE", 500, 1500), ("FR", 334, 1200), ("JP", 300, 766)],
            is_partition=True,
        ),
        breakdown(
            "age_band",
            "Age band",
            [("18–24", 200, 900), ("25–34", 500, 1300), ("35–44", 400, 1100)],
            whole=1100,
            rest=3300,
            is_partition=True,
        ),
        breakdown(
            "gender",
            "Gender",
            [("f", 600, 1700), ("m", 480, 1600), ("x", None, 12)],
            whole=1090,
            rest=3312,
            is_partition=True,
        ),
    ]
    over = breakdown(
        "over",
        "Over-represented values",
        [
            ("plan: gold", 610, 300),
            ("age_band: 25–34", 500, 1300),
            ("country: JP", 300, 766),
            ("survey_nps: 10", 44, 6),
        ],
    )
    return Attributes(breakdowns=labels, over=over)


def sample_facts(*, n_listed: int = 500) -> SegmentReportFacts:
    """Give the facts of a segment of 1,234 users out of 5,000; its list is cut."""
    head = ReportHead(
        segment="loyal",
        title="Loyal customers",
        description="Came in at least four of the last eight weeks and bought at least once.",
        as_of=AS_OF,
        days=90,
        start_on=FIRST,
        timezone="Europe/Berlin",
        currency="EUR",
        baseline="rest",
        baseline_title="everyone else in the universe",
        n_baseline=REST,
        definition="loyal@3f9a2c71",
        definition_text="active in 4 of the last 8 weeks\nand did `purchase` in the last 90d",
        snapshot="2026-07-01T02:10:44Z-000012",
        engine="duckdb 1.5",
        clearance="pseudonymous",
        min_size=10,
        data_first_on=date(2026, 3, 1),
        data_last_on=AS_OF,
    )
    listed = user_rows(n_listed)
    return SegmentReportFacts(
        head=head,
        overview=Overview(
            n_users=N, n_universe=5000, n_active_7d=702, n_new_7d=31, top_users=user_rows(20)
        ),
        behaviour=_behaviour(),
        attributes=_attributes(),
        trend=_trend(),
        user_list=replace(listed, n_rows=N),
        notes=[
            "212 users were left out as bots.",
            "Numbers of fewer than 10 users are withheld.",
        ],
    )


def hostile_facts() -> SegmentReportFacts:
    """Give facts in which every name that comes from the data tries to break out."""
    facts = sample_facts(n_listed=20)
    pages = breakdown("pages", HOSTILE[1], [(text, 600, 900) for text in HOSTILE])
    users = UserRows(
        columns=[("user", HOSTILE[0], "text"), ("label", HOSTILE[3], "text")],
        rows=[(text, text) for text in HOSTILE],
        n_rows=len(HOSTILE),
    )
    head = replace(
        facts.head,
        segment=HOSTILE[0],
        title=HOSTILE[1],
        description=HOSTILE[2],
        definition_text=HOSTILE[4],
        baseline_title=HOSTILE[8],
        snapshot=HOSTILE[0],
        timezone="UTC",
    )
    return replace(
        facts,
        head=head,
        overview=replace(facts.overview, top_users=users),
        behaviour=replace(
            facts.behaviour,
            breakdowns=[pages, replace(pages, name="channels")],
            funnel=[
                FunnelStep(step=i, event=text, n_users=900, n_baseline=900)
                for i, text in enumerate(HOSTILE, 1)
            ],
        ),
        attributes=Attributes(breakdowns=[replace(pages, name=HOSTILE[0])], over=pages),
        trend=[replace(row, period=HOSTILE[i % len(HOSTILE)]) for i, row in enumerate(facts.trend)],
        user_list=users,
        notes=list(HOSTILE),
    )


def few_facts() -> SegmentReportFacts:
    """Give facts of a segment of 12 users: too few for any figure."""
    facts = sample_facts(n_listed=12)
    return replace(
        facts,
        overview=replace(facts.overview, n_users=12, n_active_7d=None, n_new_7d=0),
        behaviour=replace(facts.behaviour, retention=facts.behaviour.retention[:1]),
        trend=[replace(row, n_users=12, n_active=3, n_entered=1, n_left=0) for row in facts.trend],
        user_list=replace(facts.user_list, n_rows=12),
    )


def withheld_facts() -> SegmentReportFacts:
    """Give a report of a segment that is too small: all it says is why."""
    facts = sample_facts(n_listed=0)
    nobody = UserRows(columns=[], rows=[], n_rows=None)
    return replace(
        facts,
        head=replace(facts.head, n_baseline=None),
        overview=Overview(
            n_users=None, n_universe=None, n_active_7d=None, n_new_7d=None, top_users=nobody
        ),
        behaviour=Behaviour(measures=(), breakdowns=(), hours=(), retention=(), funnel=()),
        attributes=Attributes(
            breakdowns=(), over=replace(facts.attributes.over, denominator=None, rows=())
        ),
        trend=(),
        user_list=nobody,
        notes=("The segment is withheld: it has fewer than 10 users.",),
    )
