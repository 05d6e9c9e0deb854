"""A workspace says why somebody is in a segment, as far as the reader may know."""

import json
import shutil
from pathlib import Path

import pytest

from segkit.errors import DefinitionError, EmptyError, PrivacyError, UnknownNameError
from segkit.segments.read import read_definitions
from segkit.workspace import Workspace
from segkit.workspace.kept_back import KEPT_BACK

DAY = "2026-06-30"
OURS = """\
segkit: 1
segment: ours
title: Ours, or on top
where:
  any:
    - attribute: {name: email, is: {ends_with: "@example.com"}}
    - rank: {by: {event: page_view}, top: 3}
"""
BY_QUERY = "segkit: 1\nsegment: by_query\ntitle: By query\nwhere: {sql: select 1}\n"


@pytest.fixture(scope="module")
def workspace(loaded_shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    root = tmp_path_factory.mktemp("explained") / "shop"
    shutil.copytree(loaded_shop, root)
    (root / "segments" / "ours.yml").write_text(OURS, "utf-8")
    (root / "segments" / "by_query.yml").write_text(BY_QUERY, "utf-8")
    return Workspace.open(root)


def test_a_buyer_is_told_by_the_order(workspace: Workspace) -> None:
    told = workspace.explain("buyers", "u03", DAY)

    assert told.is_member
    assert str(told) == (
        "User u03 is in “Bought at least once” (buyers) at the end of 2026-06-30 (UTC).\n\n"
        "[yes] did “purchase”\n"
        "      number of times: 1 (up to 2026-06-30)"
    )
    assert not workspace.explain("buyers", "u16", DAY).is_member
    assert not workspace.explain("buyers", "u03", "2026-06-19").is_member


def test_what_reads_a_personal_label_is_told_to_cleared_readers_only(workspace: Workspace) -> None:
    plain = workspace.explain("ours", "u03", DAY)
    cleared = workspace.explain("ours", "u03@example.com", DAY, clearance="personal")

    assert plain.is_member
    assert cleared.is_member
    assert "[not told] have an attribute “email”" in str(plain)
    assert "not cleared" in str(plain)
    assert "u03@example.com" not in json.dumps(plain.document())
    assert "[yes] have an attribute “email”" in str(cleared)
    assert "value: “u03@example.com”" in str(cleared)
    assert "place from the top: 3 of 40" in str(cleared)


def test_it_shows_itself_and_hides_the_user_in_its_name(workspace: Workspace) -> None:
    told = workspace.explain("buyers", "u03", DAY)

    bundle = told._repr_mimebundle_()

    assert '<ul class="sk-why">' in bundle["text/html"]
    assert bundle["text/plain"] == str(told)
    assert "u03" not in repr(told)
    assert json.loads(json.dumps(told.document()))["conditions"][0]["place"] == "where.did"


def test_a_definition_of_python_is_explained_too(workspace: Workspace) -> None:
    (definition,) = read_definitions(OURS, where="here")

    assert workspace.explain(definition, "u40", DAY, clearance="personal").is_member


def test_an_instant_is_said_as_one(workspace: Workspace) -> None:
    text = BY_QUERY.replace("{sql: select 1}", "{did: {event: purchase, during: {last: 6h}}}")
    (definition,) = read_definitions(text + 'as_of: "2026-06-20T15:00:00+00:00"\n', where="here")

    told = workspace.explain(definition, "u03")

    assert told.is_member
    assert "at 2026-06-20 15:00 (UTC)" in str(told)


@pytest.mark.parametrize(
    ("segment", "user", "kind", "fault"),
    [
        ("buyers", "nobody-17", EmptyError, "No user is known by this id"),
        ("buyers", " ", EmptyError, "No user is chosen"),
        ("byers", "u03", UnknownNameError, "Unknown segment `byers`"),
        ("by_query", "u03", DefinitionError, "not explainable"),
        ("buyers", "u03@example.com", PrivacyError, "not cleared for personal data"),
    ],
)
def test_what_cannot_be_explained_is_refused_without_the_user(
    workspace: Workspace, segment: str, user: str, kind: type[Exception], fault: str
) -> None:
    with pytest.raises(kind, match=fault) as refused:
        workspace.explain(segment, user, DAY)

    assert not user.strip() or user not in str(refused.value)


def test_a_public_reader_is_refused(workspace: Workspace) -> None:
    with pytest.raises(PrivacyError, match="Single users are not shown"):
        workspace.explain("buyers", "u03", DAY, clearance="public")


def test_a_segment_of_another_audience_is_not_known(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(KEPT_BACK, "buyers")

    with pytest.raises(UnknownNameError, match="Unknown segment `buyers`") as refused:
        workspace.explain("buyers", "u03", DAY)

    assert "Did you mean `buyers`" not in str(refused.value)
