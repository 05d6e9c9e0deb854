import http.client
import re
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.apps.conftest import Served, Serving, publish_report
from tests.views.html import Page

RUN = "segment_report-buyers/2026-06-30/20260701T120002Z-000002"


def test_the_portal_shows_the_newest_report_of_each_kind_with_its_change(server: Served) -> None:
    answer = server.ask("/")

    page = Page(answer.text)
    assert answer.status_code == 200
    assert answer.text.count("<h3>") == 1
    assert f'href="/reports/{RUN}/report.html"' in answer.text
    for said in ("Buyers 2", "1,234 users", "24.7% of all", "+34 (+2.8%) since 2026-06-23"):
        assert said in page.text
    assert "As of 2026-06-30, made " in page.text


def test_the_portal_asks_no_other_host_and_its_policy_says_so(server: Served) -> None:
    answer = server.ask("/")

    assert not re.findall(r"(?:src|href|action)=\"(?:https?:)?//", answer.text)
    assert "@import" not in answer.text
    assert "default-src 'none'; script-src 'self'" in answer.headers["content-security-policy"]
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "server" not in answer.headers


def test_the_portal_answers_within_a_tenth_of_a_second(server: Served) -> None:
    server.ask("/")

    begun = time.monotonic()
    answers = [server.ask("/") for _ in range(5)]

    assert {answer.status_code for answer in answers} == {200}
    assert (time.monotonic() - begun) / 5 < 0.1


def test_a_published_report_and_its_files_are_served_as_they_lie(
    server: Served, published_shop: Path
) -> None:
    html = server.ask(f"/reports/{RUN}/report.html")
    csv = server.ask(f"/reports/{RUN}/users.csv")

    assert html.content == (published_shop / "reports_out" / RUN / "report.html").read_bytes()
    assert html.headers["content-type"].startswith("text/html")
    assert csv.content == (published_shop / "reports_out" / RUN / "users.csv").read_bytes()
    assert "attachment" in csv.headers["content-disposition"]
    assert server.ask(f"/reports/{RUN}/manifest.json").json()["segment"] == "buyers"


def test_latest_leads_to_the_newest_run(server: Served) -> None:
    answer = server.ask("/reports/segment_report-buyers/latest/report.html")

    assert answer.status_code == 302
    assert answer.headers["location"] == f"/reports/{RUN}/report.html"


def test_every_run_is_listed_behind_the_portal(server: Served) -> None:
    answer = server.ask("/reports/")

    assert answer.text.count("/report.html") == 2
    assert f'href="{RUN}/report.html"' in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "/reports/../segkit.toml",
        "/reports/../../etc/passwd",
        "/reports/%2e%2e/segkit.toml",
        f"/reports/{RUN}/..%2f..%2f..%2f..%2fsegkit.toml",
        f"/reports/{RUN}/../../../../segkit.toml",
        f"/reports/{RUN}/%2e%2e%2f%2e%2e%2f%2e%2e%2f%2e%2e%2fsegkit.toml",
        f"/reports/{RUN}/..%5c..%5csegkit.toml",
        f"/reports/{RUN}/report.html%00.png",
        f"/reports/{RUN}//etc/passwd",
        f"/reports/{RUN}/%2fetc%2fpasswd",
        "/reports/.listed.jsonl",
        "/reports/.failed/a/b/child.log",
        "/reports/%2e%2e/%2e%2e/%2e%2e/etc",
        "/reports/segment_report-buyers/2026-06-30/%2e%2e/report.html",
        "/reports/../latest/report.html",
        "/assets/..%2fapps%2fbase.html.j2",
        "/assets/base.html.j2",
        "/segkit.toml",
        "/store/",
    ],
)
def test_no_address_leads_out_of_what_is_published(server: Served, path: str) -> None:
    answer = server.ask(path)

    assert answer.status_code == 404
    assert "Not found" in answer.text
    for secret in ("[[sources]]", "root:", "{% block"):
        assert secret not in answer.text


def test_only_files_that_the_manifest_names_are_served(shop: Path, serving: Serving) -> None:
    folder = publish_report(shop, 1)
    for name in ("picture.png", "notes.txt", ".hidden"):
        (shop / "reports_out" / folder / name).write_bytes(b"beside")
    (shop / "reports_out" / folder / "loop").symlink_to(shop / "segkit.toml")

    with serving(shop) as server:
        found = {
            name: server.ask(f"/reports/{folder}/{name}").status_code
            for name in ("report.html", "picture.png", "notes.txt", ".hidden", "loop")
        }

    assert found.pop("report.html") == 200
    assert set(found.values()) == {404}


def test_a_report_whose_bytes_changed_is_no_longer_served(shop: Path, serving: Serving) -> None:
    folder = publish_report(shop, 1)

    with serving(shop) as server:
        before = server.ask(f"/reports/{folder}/report.html").status_code
        (shop / "reports_out" / folder / "report.html").write_text("<p>forged</p>", "utf-8")
        time.sleep(1.1)
        after = server.ask(f"/reports/{folder}/report.html")

    assert (before, after.status_code) == (200, 404)
    assert "forged" not in after.text


def test_a_report_published_while_the_server_runs_is_shown(shop: Path, serving: Serving) -> None:
    with serving(shop) as server:
        before = server.ask("/").text
        publish_report(shop, 3)
        time.sleep(1.1)
        after = server.ask("/").text

    assert "No report is published yet" in before
    assert "Buyers 3" in after


def test_a_hostile_title_stays_text(shop: Path, serving: Serving) -> None:
    title = '"><img src=x onerror=alert(1)>{{7*7}}\u202e'
    publish_report(shop, 1, summary={"title": title, "n_users": None, "share": None})

    with serving(shop) as server:
        page = Page(server.ask("/").text)

    assert "img" not in page.names
    assert '"><img src=x onerror=alert(1)>{{7*7}}\\u202e' in page.text


def test_a_foreign_host_is_refused(server: Served) -> None:
    for host in ("evil.example", "127.0.0.1.evil.example", "", "localhost@evil.example"):
        assert server.ask("/", headers={"host": host}).status_code == 421, host
    assert server.ask("/", headers={"host": "localhost"}).status_code == 200


def test_two_hosts_in_one_request_are_refused(server: Served) -> None:
    where = urlsplit(server.address)
    connection = http.client.HTTPConnection(str(where.hostname), where.port, timeout=10)
    connection.putrequest("GET", "/", skip_host=True)
    connection.putheader("Host", "localhost")
    connection.putheader("Host", "evil.example")
    connection.endheaders()

    assert connection.getresponse().status in {400, 421}
    connection.close()


def test_another_pages_request_changes_nothing(server: Served) -> None:
    answer = server.ask("/login", method="POST", headers={"origin": "https://evil.example"})

    assert answer.status_code == 403


def test_a_name_of_the_workspace_file_is_answered(shop: Path, serving: Serving) -> None:
    with (shop / "segkit.toml").open("a", encoding="utf-8") as toml:
        toml.write('[serve]\nhosts = ["reports.example.org"]\n')

    with serving(shop) as server:
        answer = server.ask("/", headers={"host": "Reports.Example.org:443"})

    assert answer.status_code == 200
