import csv
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

import segkit as sk
from segkit.cli.main import main
from segkit.errors import ParameterError, PrivacyError, UnknownNameError

CONSENTS = """
[[sources]]
name = "consents"
format = "csv"
path = "data/consents.csv"
table = "consents"
[sources.map]
user_id = "user"
purpose = "purpose"
state = "state"
time = "time"
"""


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _segment(**policy: Any) -> Any:
    return sk.Segment("buyers", sk.did(event="purchase"), title="Buyers", policy=policy)


def test_a_pseudonymous_export_has_ids_and_no_personal_labels(shop: Path, tmp_path: Path) -> None:
    path = sk.open(shop).members("buyers").to_csv(tmp_path / "out.csv")

    rows = _rows(path)
    assert len(rows) == 15
    assert rows[0] == {"user": "u01", "plan": "plus"}
    assert "@" not in path.read_text("utf-8")


def test_frame_csv_and_parquet_are_one_list(shop: Path, tmp_path: Path) -> None:
    members = sk.open(shop).members("known")

    frame = members.to_pandas()

    members.to_parquet(tmp_path / "out.parquet")
    listed = _rows(members.to_csv(tmp_path / "out.csv"))
    assert len(frame) == members.count == 40
    assert frame.to_dict("records") == listed
    assert pq.read_table(tmp_path / "out.parquet").to_pylist() == listed


def test_a_policy_without_export_lets_nothing_leave(shop: Path, tmp_path: Path) -> None:
    members = sk.open(shop).members(_segment(purpose="mail"))

    with pytest.raises(PrivacyError, match=r"policy lets no list of users leave.*\nHint: "):
        members.to_csv(tmp_path / "out.csv")

    assert members.count == 15
    assert not (tmp_path / "out.csv").exists()


def test_named_attributes_leave_for_a_cleared_reader_only(shop: Path) -> None:
    segment = _segment(export="attributes", attributes=["email"])
    ws = sk.open(shop)

    with pytest.raises(PrivacyError, match="exports `email`, which this reader is not cleared for"):
        ws.members(segment).exported()
    file = ws.members(segment, clearance="personal").exported()

    assert file.rows[0] == ("u01", "u01@example.com")


def test_an_unknown_attribute_of_a_policy_has_near_names(shop: Path) -> None:
    segment = _segment(export="attributes", attributes=["plam"])

    with pytest.raises(UnknownNameError, match=r"`plam`[\s\S]*`plan`"):
        sk.open(shop).members(segment).exported()


def test_a_public_reader_sees_no_users(shop: Path) -> None:
    with pytest.raises(PrivacyError, match="clearance `public` sees no single users"):
        sk.open(shop).members("buyers", clearance="public").exported()


def test_too_small_a_list_stays(shop: Path) -> None:
    segment = _segment(export="pseudonymous", min_size=16)

    with pytest.raises(PrivacyError, match="Fewer than 16 members may leave"):
        sk.open(shop).members(segment).exported()


def test_only_those_who_consent_leave(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    toml = shop / "segkit.toml"
    toml.write_text(toml.read_text("utf-8").replace("[privacy]", f"{CONSENTS}[privacy]"), "utf-8")
    rows = ["user,purpose,state,time"]
    rows += [f"u{n:02},mail,granted,2026-06-01T00:00:00Z" for n in range(1, 14)]
    rows += ["u01,mail,denied,2026-06-10T00:00:00Z"]
    (shop / "data" / "consents.csv").write_text("\n".join(rows) + "\n", "utf-8")
    ws = sk.open(shop)
    ws.load()
    segment = _segment(export="pseudonymous", purpose="mail")
    ws.save(segment, replace=True)

    file = ws.members(segment).exported()
    code = main(["-w", str(shop), "segments", "members", "buyers", "--out", str(shop / "x.csv")])

    assert [row[0] for row in file.rows] == [f"u{n:02}" for n in range(2, 14)]
    assert code == 0
    assert "have not consented" in capsys.readouterr().err
    assert len(_rows(shop / "x.csv")) == 12


def test_an_ending_that_is_no_format_is_refused(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["-w", str(shop), "segments", "members", "buyers", "--out", str(shop / "x.xls")])

    assert code == 2
    assert "ends in .csv or .parquet" in capsys.readouterr().err


def test_an_export_is_asked_for_a_whole_day(shop: Path) -> None:
    members = sk.open(shop).members("buyers", as_of="2026-06-30")

    assert members.exported().columns == [("user", "text"), ("plan", "text")]
    with pytest.raises(ParameterError, match="whole days"):
        _at_noon(shop).exported()


def _at_noon(shop: Path) -> Any:
    from datetime import UTC, datetime  # noqa: PLC0415

    return sk.open(shop).members("buyers", as_of=datetime(2026, 6, 30, 12, tzinfo=UTC))
