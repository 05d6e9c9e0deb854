"""Lists of users that leave: only who consents, only what the policy names, or nothing at all."""

import csv
import json
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow.parquet as pq
import pytest

import segkit as sk
from segkit.cli.main import main
from tests.published import END_ON, PURPOSE, Shop

ZONE = ZoneInfo("Europe/Berlin")


def _consenting(shop: Shop, as_of: date) -> set[str]:
    """Give the members whose latest word on the purpose before the end of a day is yes."""
    end = datetime.combine(as_of + timedelta(days=1), datetime.min.time(), ZONE)
    latest: dict[str, tuple[datetime, str]] = {}
    with (shop.root / "raw" / "consents.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            at = datetime.strptime(row["time"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=ZONE)
            user = row["member_id"]
            if row["purpose"] == PURPOSE and at < end and at >= latest.get(user, (at,))[0]:
                latest[user] = (at, row["state"])
    return {user for user, (_, state) in latest.items() if state == "granted"}


@pytest.mark.notebook
def test_a_published_list_holds_who_consents_and_what_is_named(lindenhof: Shop) -> None:
    report = lindenhof.publish("mailing", clearance="personal")

    users = {row["user"] for row in report.rows}
    listed = report.facts["user_list"]
    behaviour = {"n_visits", "n_page_views", "last_active_at", "first_seen_at"}
    behaviour |= {"first_source", "device_type", "revenue"}
    assert users == _consenting(lindenhof, END_ON)
    assert len(users) == listed["n_exported"] == report.n_parquet < listed["n_rows"]
    assert {*report.rows[0]} == {"user", "plan", "email", *behaviour}
    assert all(row["email"] in lindenhof.mails for row in report.rows)
    assert set(pq.read_schema(report.folder / "users.parquet").names) == {*report.rows[0]}
    assert any(f"consent to `{PURPOSE}`" in note for note in report.facts["notes"])


@pytest.mark.parametrize("as_of", [date(2026, 2, 20), date(2026, 3, 29), END_ON])
def test_a_list_goes_by_the_consent_of_its_day(
    lindenhof: Shop, as_of: date, tmp_path: Path
) -> None:
    ws = sk.open(lindenhof.root)
    members = ws.members("mailing", as_of=as_of, clearance="personal")

    members.to_csv(tmp_path / "out.csv")

    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert {row["user"] for row in rows} == _consenting(lindenhof, as_of) & _keys(ws, members)
    assert {*rows[0]} == {"user", "plan", "email"}
    assert len(rows) >= 10


def _keys(ws: sk.Workspace, members: object) -> set[str]:
    users, tables = members.membership.members, ws.tables  # type: ignore[attr-defined]
    rows = tables.engine.rows(tables.users.semi_join(users, "user_no").select("user_key"))
    return {str(key) for (key,) in rows}


def test_consent_changes_from_day_to_day(lindenhof: Shop) -> None:
    early, late = _consenting(lindenhof, date(2026, 2, 20)), _consenting(lindenhof, END_ON)

    assert early - late
    assert late - early


def _finish(
    shop: Shop, segment: str | object, folder: Path, clearance: str, patch: pytest.MonkeyPatch
) -> dict[str, list[str]]:
    """Let a report finish into a folder and give its notes and the names of its files."""
    folder.mkdir()
    patch.setenv("SEGKIT_RUN_DIR", str(folder))
    report = sk.open(shop.root).report(segment, days=7, clearance=clearance)
    report.finish()
    assert "users.csv" not in report.users().html
    document = json.loads((folder / "facts.json").read_text("utf-8"))
    return {"notes": document["notes"], "files": sorted(path.name for path in folder.iterdir())}


@pytest.mark.parametrize(
    ("segment", "clearance", "why"),
    [
        ("closed", "personal", "the policy in force lets none leave"),
        ("mailing", "pseudonymous", "this reader is not cleared for `email`"),
        ("known", "public", "Single users are withheld"),
    ],
)
def test_where_no_list_may_leave_none_is_written_and_the_note_says_why(
    lindenhof: Shop,
    segment: str,
    clearance: str,
    why: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    left = _finish(lindenhof, segment, tmp_path / "run", clearance, monkeypatch)

    assert left["files"] == ["facts.json"]
    assert any(why in note for note in left["notes"]), left["notes"]


@pytest.mark.parametrize("ending", [".csv", ".parquet"])
@pytest.mark.parametrize(
    ("segment", "clearance", "why"),
    [
        ("closed", "personal", "policy lets no list of users leave"),
        ("mailing", "pseudonymous", "not cleared for"),
        ("known", "public", "sees no single users"),
    ],
)
def test_the_command_refuses_a_list_in_one_sentence(
    lindenhof: Shop,
    segment: str,
    clearance: str,
    why: str,
    ending: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = tmp_path / f"out{ending}"
    command = ["-w", str(lindenhof.root), "segments", "members", segment]

    code = main([*command, "--out", str(out), "--clearance", clearance])

    said = capsys.readouterr()
    assert (code, said.out) == (2, "")
    assert why in said.err
    assert said.err.count("\n") == 2
    assert not out.exists()


@pytest.mark.parametrize(
    ("policy", "clearance", "labels"),
    [
        ({"export": "attributes", "attributes": ["plan"]}, "personal", {"plan"}),
        ({"export": "attributes", "attributes": ["email"]}, "personal", {"email"}),
        ({"export": "attributes"}, "personal", None),
        ({"export": "pseudonymous"}, "personal", None),
        ({"export": "pseudonymous"}, "pseudonymous", None),
    ],
)
def test_personal_labels_leave_only_when_named_and_cleared(
    lindenhof: Shop, policy: dict[str, object], clearance: str, labels: set[str] | None
) -> None:
    segment = sk.Segment(
        "members", sk.attribute("plan", sk.known()), title="Members", policy=policy
    )

    file = sk.open(lindenhof.root).members(segment, clearance=clearance).exported()

    names = {name for name, _ in file.columns} - {"user"}
    held = {str(value) for row in file.rows for value in row} & lindenhof.mails
    assert names == labels or (labels is None and {"plan", "age"} <= names)
    assert bool(held) == ("email" in names)
    assert ("email" in names) == (labels == {"email"})
