"""Pages about one person: who may open them, and where the id of the person never lands."""

import re
import time
from pathlib import Path

import pytest

from tests.apps.conftest import Serving, publish_report
from tests.tiny_shop import write_tiny_shop
from tests.views.html import Page

SECRET = "a-secret-of-the-proxy"
ANN = {"x-segkit-proxy-secret": SECRET, "x-forwarded-user": "ann"}
CLEARANCES = """
[serve.clearances]
press = "public"
support = "personal"
"""


def asking(groups: str) -> dict[str, str]:
    return {**ANN, "x-forwarded-groups": groups}


@pytest.fixture(scope="module")
def cleared_shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from segkit.workspace import Workspace  # noqa: PLC0415

    root = write_tiny_shop(tmp_path_factory.mktemp("people"))
    with (root / "segkit.toml").open("a", encoding="utf-8") as toml:
        toml.write(CLEARANCES)
    Workspace.open(root).load()
    for n, (report, parameters) in enumerate(
        {
            "segment_report": {"segment": "buyers", "as_of": "2026-06-30", "days": 28},
            "compare_segments": {"segments": "buyers,known", "as_of": "2026-06-30", "days": 28},
            "weekly_review": {"segments": "tracked", "as_of": "2026-06-30", "period": "week"},
            "behaviour_patterns": {"segment": "buyers", "as_of": "2026-06-30", "k": ""},
        }.items(),
        start=1,
    ):
        publish_report(
            root, n, report=report, segment=report, parameters=parameters, clearance="public"
        )
    return root


def test_each_kind_of_report_with_a_live_page_leads_to_it(
    cleared_shop: Path, serving: Serving
) -> None:
    with serving(cleared_shop) as server:
        page = Page(server.ask("/").text)

    live = [a["href"] for a in page.attributes("a") if (a.get("aria-label") or "").startswith("Ex")]
    assert sorted(map(str, live)) == [
        "/live/compare_segments?segments=buyers%2Cknown&as_of=2026-06-30&days=28",
        "/live/segment_report?segment=buyers&as_of=2026-06-30&days=28",
        "/live/weekly_review?segments=tracked&as_of=2026-06-30&period=week",
    ]


def test_who_may_not_see_single_people_finds_no_way_and_a_friendly_page(
    cleared_shop: Path, serving: Serving
) -> None:
    with serving(cleared_shop, SEGKIT_PROXY_SECRET=SECRET) as server:
        portal, refused, asked = (
            server.ask(path, headers=asking("press"))
            for path in ("/", "/live/user_profile", "/live/user_profile?user=u03")
        )
        staff = server.ask("/", headers=asking("support"))

    assert "/live/user_profile" not in portal.text
    assert "/live/compare_segments" in portal.text
    assert 'href="/live/user_profile"' in staff.text
    for answer in (refused, asked):
        assert answer.status_code == 403
        assert "This page is about single people" in answer.text
        assert "u03" not in answer.text


def test_an_id_in_the_query_is_moved_to_where_no_server_sees_it(
    cleared_shop: Path, serving: Serving
) -> None:
    with serving(cleared_shop, SEGKIT_PROXY_SECRET=SECRET) as server:
        moved = server.ask(
            "/live/user_profile?user=u03%40x&days=30&as_of=2026-06-30", headers=asking("support")
        )
        wrong = server.ask("/live/user_profile?user=u03&days=0", headers=asking("support"))
        said = server.said

    assert moved.status_code == 303
    assert moved.headers["location"] == (
        "/live/user_profile?as_of=2026-06-30&days=30&page=1#user=u03%40x"
    )
    assert wrong.status_code == 400
    assert "u03" not in wrong.text
    assert "u03" not in said


@pytest.mark.slow
@pytest.mark.notebook
def test_a_profile_page_is_made_without_a_person_and_logs_nothing(
    cleared_shop: Path, serving: Serving
) -> None:
    with serving(cleared_shop, SEGKIT_PROXY_SECRET=SECRET) as server:
        page = server.ask(
            "/live/user_profile?as_of=2026-06-30&days=30&page=1", headers=asking("support")
        )
        (kernel,) = re.findall(r'"kernelId": "([^"]+)"', page.text)
        server.ask(f"/live/voila/api/shutdown/{kernel}", method="POST", headers=asking("support"))
        time.sleep(0.5)

    assert page.status_code == 200
    assert page.text.count("application/vnd.jupyter.widget-view+json") == 8
    assert "import segkit" not in page.text
    assert "<title>User profile</title>" in page.text
