from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from segkit.errors import EmptyError, ParameterError, PrivacyError
from segkit.measures.person_beside import BesideAverage
from segkit.reports.user_profile import UserProfile
from segkit.segments.alone import stands_alone
from segkit.segments.read import read_definitions
from segkit.workspace import Workspace, live_asking
from segkit.workspace.live_report import LiveReport
from segkit.workspace.profiling import prepare_profiles

DAY = "2026-06-30"


@pytest.fixture(scope="module")
def workspace(loaded_shop: Path) -> Workspace:
    return Workspace.open(loaded_shop)


@pytest.fixture(scope="module")
def profile(workspace: Workspace) -> UserProfile:
    """Give u03: every third day a page, an order on 2026-06-20, on the plan `plus`."""
    found: UserProfile = workspace.profile("u03", DAY, 30)
    return found


def amounts_of(profile: UserProfile) -> dict[str, BesideAverage]:
    return {row.name: row for row in profile.amounts.rows}


def test_the_head_says_who_and_since_when(profile: UserProfile) -> None:
    head = profile.document()["person"]

    assert head["user"] == "u03"
    assert head["is_known"] is True
    assert (head["n_events"], head["n_visits"]) == (21, 21)
    assert head["last_active_at"].startswith("2026-06-30T12:00")
    assert head["first_seen_at"].startswith("2026-05-04T12:00")


def test_the_timeline_is_newest_first_in_pages(workspace: Workspace) -> None:
    pages = [workspace.profile("u01", DAY, 30, page=page) for page in (1, 3, 9)]

    first, second, beyond = (page.events for page in pages)
    times = [row[0] for row in (*first.rows.rows, *second.rows.rows)]
    assert (first.page, first.n_pages, first.rows.n_rows) == (1, 3, 61)
    assert (len(first.rows.rows), len(second.rows.rows)) == (25, 11)
    assert times == sorted(times, reverse=True)
    assert beyond == second
    assert "Events 51 to 61 of 61, newest first (page 3 of 3)" in pages[1].timeline().text


def test_turning_a_page_computes_nothing_else_anew(profile: UserProfile) -> None:
    profile.document()

    turned = profile.turn(2)

    assert turned.person is profile.person
    assert turned.spells is profile.spells
    assert turned.document()["visits"] == profile.document()["visits"]


def test_an_order_is_on_the_timeline_with_its_amount(profile: UserProfile) -> None:
    (order,) = [row for row in profile.events.rows.rows if row[1] == "purchase"]

    assert order[0] == datetime(2026, 6, 20, 13, tzinfo=UTC)
    assert order[3] == "10.00 EUR"


def test_each_average_is_that_of_everyone_who_came(profile: UserProfile) -> None:
    rows = amounts_of(profile)

    # Person n comes on ceil(30 / n) of the last 30 days; 15 of the 40 ordered once, for 10 EUR.
    assert rows["n_page_views"].value == 10
    assert rows["n_page_views"].total == sum(-(-30 // n) for n in range(1, 41))
    assert rows["n_page_views"].n_users == 40
    assert (rows["n_orders"].value, rows["n_orders"].total) == (1, 15)
    assert rows["revenue"].average == pytest.approx(150 / 40)
    assert "users" in profile.beside().text


def test_an_average_with_few_others_behind_it_is_withheld(workspace: Workspace) -> None:
    few, alone = (workspace.profile("u01", day, 1) for day in ("2026-05-03", "2026-05-02"))

    rows, own = amounts_of(few), amounts_of(alone)
    assert (few.amounts.n_users, alone.amounts.n_users) == (3, 1)
    assert rows["n_page_views"].total is None
    assert rows["n_page_views"].n_users is None
    assert "withheld" in few.beside().text
    assert own["n_page_views"].average == 1


def test_segments_and_since_when_are_those_of_every_day(
    workspace: Workspace, profile: UserProfile
) -> None:
    found = {spell.segment: spell for spell in profile.spells[0]}
    asked = {
        entry.segment
        for entry in workspace.segments.entries
        if "u03" in ids_of(workspace, entry.segment, DAY)
    }
    assert set(found) == asked
    assert found["buyers"].since == date(2026, 6, 20)
    assert found["buyers"].is_exact is True
    assert "u03" not in ids_of(workspace, "buyers", "2026-06-19")
    assert found["known"].is_exact is False
    said = profile.segments().text
    assert "Looked back on for 28 days at most" in said
    assert "Why in “Bought at least once”\n[yes] did “purchase”\n      number of times: 1" in said
    assert found["buyers"].why == workspace.explain("buyers", "u03", DAY).facts.root


def ids_of(workspace: Workspace, segment: str, day: str) -> set[str]:
    members = workspace.members(segment, day).membership.members
    users = workspace.tables.users.semi_join(members, "user_no").select("user_key")
    return {str(row[0]) for row in workspace.tables.engine.rows(users)}


def test_a_segment_among_others_is_asked_among_all(shop: Path) -> None:
    text = (
        "segkit: 1\nsegment: most\ntitle: Sees the most pages\n"
        "where: {rank: {by: {event: page_view}, top: 3}}\n"
    )
    (shop / "segments" / "most.yml").write_text(text, "utf-8")
    workspace = Workspace.open(shop)
    library = workspace.segments.definitions

    spells, _silent = workspace.profile("u09", DAY).spells

    assert stands_alone(library["buyers"], library)
    assert not stands_alone(library["most"], library)
    assert ids_of(workspace, "most", DAY) == {"u01", "u02", "u03"}
    assert "most" not in {spell.segment for spell in spells}


def test_what_builds_on_a_rank_does_not_stand_alone() -> None:
    text = (
        "segkit: 1\nsegment: top\ntitle: T\nwhere: {rank: {by: {event: e}, top: 3}}\n---\n"
        "segkit: 1\nsegment: on_top\ntitle: O\nwhere: {not: {in_segment: top}}\n"
    )
    library = {d.segment: d for d in read_definitions(text, where="here")}

    assert not stands_alone(library["on_top"], library)


def test_labels_are_shown_by_the_clearance(workspace: Workspace) -> None:
    plain, cleared = (
        workspace.profile("u03", DAY, clearance=role).labels[0].rows
        for role in ("pseudonymous", "personal")
    )

    assert {row[0]: row[1] for row in plain}["Plan"] == "plus"
    assert "u03@example.com" not in str(plain)
    assert {row[0]: row[1] for row in cleared}["Email"] == "u03@example.com"


def test_a_public_reader_is_refused(workspace: Workspace) -> None:
    with pytest.raises(PrivacyError, match="Single users are not shown"):
        workspace.profile("u03", DAY, clearance="public")


def test_an_e_mail_finds_a_user_for_cleared_readers_only(workspace: Workspace) -> None:
    found = workspace.profile("U03@example.com", DAY, clearance="personal")

    assert found.person.user == "u03"
    with pytest.raises(PrivacyError, match="not cleared for personal data") as refused:
        workspace.profile("u03@example.com", DAY)
    assert "u03" not in str(refused.value)


@pytest.mark.parametrize("user", ["nobody-17", "U03", "u03' OR 1=1 --", "<script>"])
def test_an_unknown_user_is_said_without_the_id(workspace: Workspace, user: str) -> None:
    with pytest.raises(EmptyError, match="No user is known by this id") as refused:
        workspace.profile(user, DAY)

    assert user not in str(refused.value)


def test_a_day_before_the_user_was_known_is_said(workspace: Workspace) -> None:
    profile = workspace.profile("u40", "2026-05-01", 7)

    with pytest.raises(EmptyError, match="Nothing was known of this user"):
        profile.cover()


@pytest.mark.parametrize(("changes", "fault"), [({"days": 0}, "`days`"), ({"page": 0}, "`page`")])
def test_a_wrong_number_is_refused(
    workspace: Workspace, changes: dict[str, Any], fault: str
) -> None:
    with pytest.raises(ParameterError, match=fault):
        workspace.profile("u03", DAY, **changes)


def test_nothing_of_a_profile_is_written(profile: UserProfile) -> None:
    assert "never published" in profile.finish().text
    assert profile.controls().html == '<div class="sk"></div>'
    assert "u03" not in repr(profile)


def test_a_live_profile_says_what_is_missing_and_keeps_the_id_apart(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(live_asking, "is_live", lambda: True)
    live = workspace.profile("", "", 30)
    row, state, *_others = live.controls().children
    user, day, _days, _page = row.children
    cover, timeline = live.cover(), live.timeline()
    live.finish()
    assert live.wait()
    first = cover.value

    user.value = "u03"
    assert live.wait()
    known, address, seen = cover.value, state.value, timeline.value
    user.value = "nobody"
    assert live.wait()

    assert "No user is chosen" in first
    assert "u03" in known
    assert "Computed in" in address
    assert "Events 1 to 21 of 21" in seen
    assert 'data-private="user=u03"' in address
    assert "u03" not in address.replace('data-private="user=u03"', "")
    assert "No user is known by this id" in cover.value
    assert "page_view" not in timeline.value
    assert day.value == date(2026, 6, 30)
    assert isinstance(live, LiveReport)
    assert "nobody" not in capsys.readouterr().err


def test_instants_after_the_day_are_not_told(workspace: Workspace) -> None:
    at = workspace.profile("u20", "2026-06-01").person.last_active_at

    assert at is not None
    assert at < datetime(2026, 6, 2, tzinfo=UTC)


def test_while_no_user_is_chosen_what_everyone_did_is_measured(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_asking, "is_live", lambda: True)
    measured: list[Any] = []

    def prepared(*given: Any) -> None:
        prepare_profiles(*given)
        measured.append(vars(given[3][date(2026, 6, 30), 30]))

    monkeypatch.setattr(live_asking, "prepare_profiles", prepared)
    live = workspace.profile("", DAY, 30)

    assert live.report.cover().text.startswith("Note: No user is chosen")
    assert live.report.notes().text == ""
    assert {"crowd", "visits"} <= set(measured[0])
