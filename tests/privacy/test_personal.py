"""What a published report tells of single users: as much as its reader is cleared for."""

import json
import re

import pytest

import segkit as sk
from tests.published import FILES, LISTS, Published, Shop

COVERAGE = {"(known)", "(unknown)"}
PERSONAL = ("email",)


def _seen(report: Published, wanted: frozenset[str]) -> dict[str, list[str]]:
    """Give what of some words stands in each output of a run."""
    found = {name: sorted(w for w in wanted if w in text) for name, text in report.texts()}
    return {name: words for name, words in found.items() if words}


@pytest.mark.notebook
@pytest.mark.parametrize("clearance", ["public", "pseudonymous"])
def test_no_mail_address_reaches_a_reader_who_is_not_cleared(
    lindenhof: Shop, clearance: str
) -> None:
    report = lindenhof.publish("known", clearance=clearance)

    catalogue = (lindenhof.root / "reports_out" / "index.html").read_text("utf-8")
    assert len(lindenhof.mails) > 200
    assert _seen(report, lindenhof.mails) == {}
    assert not any(mail in catalogue for mail in lindenhof.mails)
    assert re.findall(r"[\w.]+@example\.(?:org|com|net)", report.html) == []


@pytest.mark.notebook
def test_a_public_reader_sees_no_single_user(lindenhof: Shop) -> None:
    report = lindenhof.publish("known", clearance="public")

    assert _seen(report, lindenhof.user_keys) == {}
    assert report.facts["overview"]["top_users"] == []
    assert report.facts["user_list"]["columns"] == []
    assert {path.name for path in report.folder.iterdir()} == set(FILES)
    assert any("Single users are withheld" in note for note in report.facts["notes"])


@pytest.mark.notebook
def test_a_pseudonymous_reader_sees_ids_and_labels_that_are_not_personal(lindenhof: Shop) -> None:
    report = lindenhof.publish("known")

    assert len(report.facts["overview"]["top_users"]) == 20
    assert {row["user"] for row in report.rows} <= lindenhof.user_keys
    assert not {*PERSONAL} & {*report.rows[0], *report.facts["user_list"]["columns"]}
    assert "plan" in report.rows[0]


@pytest.mark.notebook
def test_a_cleared_reader_sees_the_addresses_of_the_top_users(lindenhof: Shop) -> None:
    report = lindenhof.publish("mailing", clearance="personal")

    top = report.facts["overview"]["top_users"]
    assert len(top) == 20
    assert all(row["email"] in lindenhof.mails for row in top)
    assert all(row["email"] in report.html for row in top)
    assert _seen(report, lindenhof.mails).keys() <= {*FILES, *LISTS} - {"manifest.json"}


@pytest.mark.notebook
def test_neither_log_nor_terminal_names_a_user(lindenhof: Shop) -> None:
    report = lindenhof.publish("mailing", clearance="personal")

    words = lindenhof.mails | lindenhof.user_keys
    assert not any(word in report.said + report.log for word in words)
    assert (report.folder / "report.html").as_posix() in report.said


@pytest.mark.notebook
@pytest.mark.parametrize(
    ("segment", "clearance"),
    [("known", "public"), ("known", "pseudonymous"), ("mailing", "personal")],
)
def test_a_personal_label_is_never_broken_down_by_value(
    lindenhof: Shop, segment: str, clearance: str
) -> None:
    report = lindenhof.publish(segment, clearance=clearance)

    attributes = report.facts["attributes"]
    values = {b["name"]: {row["value"] for row in b["rows"]} for b in attributes["breakdowns"]}
    over = {row["value"] for row in attributes["over"]["rows"]}
    assert set().union(*(values[name] for name in PERSONAL)) <= COVERAGE
    assert values["plan"] >= {"free", "plus"}
    assert {text for text in over if text.startswith("Email")} <= {"Email: (known)"}


def test_an_address_in_a_definition_is_masked(lindenhof: Shop) -> None:
    mail = min(lindenhof.mails)
    one = sk.Segment(
        "one", sk.attribute("email", sk.eq(mail)) | sk.attribute("plan", sk.eq("plus")), title="One"
    )
    ws = sk.open(lindenhof.root)

    told = {
        clearance: ws.report(one, clearance=clearance).request.definition_text
        for clearance in ("public", "pseudonymous", "personal")
    }

    assert mail in told["personal"]
    assert told["public"] == told["pseudonymous"] == told["personal"].replace(mail, "(personal)")


@pytest.mark.notebook
def test_the_executed_copy_holds_no_more_than_the_page(lindenhof: Shop) -> None:
    report = lindenhof.publish("known", clearance="public")

    cells = json.loads((report.folder / "executed.ipynb").read_text("utf-8"))["cells"]
    kinds = {key for cell in cells for o in cell.get("outputs", []) for key in o.get("data", {})}
    assert kinds <= {"text/html", "text/plain"}
    assert not any(o["output_type"] == "stream" for c in cells for o in c.get("outputs", []))
