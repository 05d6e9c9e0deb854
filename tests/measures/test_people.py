"""The list of buyers: by visits, then page views, then last active, then id."""

from datetime import UTC, datetime

from segkit.config import Role
from segkit.measures.activity import Activity, build_activity
from segkit.measures.people import Reader, describe_users, list_users, name_user
from segkit.measures.sides import Sides
from segkit.measures.traffic import read_visits
from segkit.store.engine import Engine
from tests.measures.tiny import build_tables, make_sides, with_visits


def reader(clearance: Role, **columns: Role) -> Reader:
    return Reader(clearance=clearance, columns=columns)


def test_rows_are_those_counted_by_hand(sides: Sides, activity: Activity) -> None:
    users = describe_users(sides, activity, read_visits(sides))

    top, _ = list_users(sides, users, reader("pseudonymous"), most=500, has_money=True)

    # user, visits, page views, last active, first seen, first source, device, revenue
    assert [(r[0], r[1], r[2], r[7]) for r in top.rows] == [
        ("u01", 4, 5, 50.0), ("u02", 3, 3, 10.0), ("u03", 2, 1, 5.0), ("u04", 1, 1, 0.0),
    ]  # fmt: skip
    assert top.rows[2][3] == datetime(2026, 3, 31, 21, 59, tzinfo=UTC)
    assert top.rows[3][4] == datetime(2026, 2, 10, 10, tzinfo=UTC)
    # u02's last visit has no device: the one before tells it.
    assert [r[6] for r in top.rows] == ["pc", "pc", "pc", "mobile"]
    assert [name for name, _, _ in top.columns][:3] == ["user", "n_visits", "n_page_views"]


def test_the_list_is_cut_but_counts_everybody(sides: Sides, activity: Activity) -> None:
    users = describe_users(sides, activity, read_visits(sides))

    top, listed = list_users(sides, users, reader("pseudonymous"), most=2, has_money=True)

    assert len(listed.rows) == 2
    assert listed.n_rows == 4
    assert len(top.rows) == 4


def test_a_public_reader_sees_no_single_user(sides: Sides, activity: Activity) -> None:
    users = describe_users(sides, activity, read_visits(sides))

    top, listed = list_users(sides, users, reader("public"), most=500, has_money=True)

    assert (top.rows, top.columns, listed.rows, listed.columns) == ((), (), (), ())
    assert listed.n_rows == 4


def test_labels_follow_the_clearance(sides: Sides, activity: Activity) -> None:
    users = describe_users(sides, activity, read_visits(sides))

    lists = {
        clearance: list_users(sides, users, reader(clearance), most=9, has_money=False)
        for clearance in ("pseudonymous", "personal")
    }

    names = {c: [name for name, _, _ in both[1].columns][7:] for c, both in lists.items()}
    assert names == {
        "pseudonymous": ["age", "joined", "newsletter", "plan"],
        "personal": ["age", "e_mail", "joined", "newsletter", "plan"],
    }
    assert lists["personal"][0].columns[-1][0] == "e_mail"
    assert lists["personal"][0].rows[0][-1] == "ann@example.org"
    assert "ann@example.org" not in str(lists["pseudonymous"])


def test_money_is_left_out_where_there_is_none(sides: Sides, activity: Activity) -> None:
    users = describe_users(sides, activity, read_visits(sides))

    top, _ = list_users(sides, users, reader("pseudonymous"), most=9, has_money=False)

    assert "revenue" not in {name for name, _, _ in top.columns}
    assert all(len(row) == len(top.columns) for row in top.rows)


def test_a_mail_address_as_id_is_hidden_by_a_stable_name(engine: Engine) -> None:
    rows = with_visits([{"user": "u01", "time": "2026-03-10T09:00:00Z", "event": "page_view"}])
    tables = build_tables(engine, [{**row, "user": "ann@example.org"} for row in rows])
    sides = make_sides(tables, members=["u01"])

    users = describe_users(sides, build_activity(sides, purchases=()), read_visits(sides))

    shown = {
        clearance: list_users(sides, users, reader(clearance), most=9, has_money=False)[0].rows[0][
            0
        ]
        for clearance in ("pseudonymous", "personal")
    }
    assert shown["personal"] == "ann@example.org"
    assert shown["pseudonymous"] == name_user(101, "ann@example.org", "pseudonymous")
    assert shown["pseudonymous"].startswith("u-")


def test_ties_are_broken_by_id_as_text(engine: Engine) -> None:
    rows = with_visits(
        {"user": user, "time": "2026-03-10T09:00:00Z", "event": "page_view"}
        for user in ("u10", "u09", "u02")
    )
    sides = make_sides(build_tables(engine, rows), members=["u02", "u09", "u10"])

    users = describe_users(sides, build_activity(sides, purchases=()), read_visits(sides))

    top, _ = list_users(sides, users, reader("pseudonymous"), most=9, has_money=False)

    assert [row[0] for row in top.rows] == ["u02", "u09", "u10"]
