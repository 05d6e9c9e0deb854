import shutil
from fnmatch import fnmatch
from pathlib import Path
from urllib.parse import quote

import pytest

from segkit.cli.main import main
from tests.apps.conftest import Served, Serving
from tests.views.html import Page


@pytest.mark.parametrize(
    ("query", "arguments"),
    [
        ("segment=byers", ["byers"]),
        ("segment=../../x", ["../../x"]),
        ("segment=buyers&days=0", ["buyers", "--set", "days=0"]),
        ("segment=buyers&days=007x", ["buyers", "--set", "days=007x"]),
        ("segment=buyers&days=1e3", ["buyers", "--set", "days=1e3"]),
        ("segment=buyers&baseline=nobody", ["buyers", "--set", "baseline=nobody"]),
        ("segment=buyers&baselin=rest", ["buyers", "--set", "baselin=rest"]),
        ("segment=buyers&workspace=/etc", ["buyers", "--set", "workspace=/etc"]),
        ("segment=buyers&as_of=2026-06-31", ["buyers", "--as-of", "2026-06-31"]),
        ("segment=buyers&as_of=2999-01-01", ["buyers", "--as-of", "2999-01-01"]),
        ("segment=buyers&as_of=yesterday", ["buyers", "--as-of", "yesterday"]),
        ("segment=buyers&days=7&days=8", ["buyers", "--set", "days=7", "--set", "days=8"]),
        ("segment=buyers&baseline=", ["buyers", "--set", "baseline="]),
    ],
)
def test_a_wrong_question_is_refused_with_the_sentence_of_the_command_line(
    server: Served,
    published_shop: Path,
    query: str,
    arguments: list[str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    answer = server.ask(f"/live/segment_report?{query}")
    code = main(["-w", str(published_shop), "report", *arguments])

    sentence, _, hint = capsys.readouterr().err.strip().partition("\nHint: ")
    page = Page(answer.text)
    assert (answer.status_code, code) == (400, 2)
    assert sentence in page.text
    assert hint in page.text


@pytest.mark.parametrize(
    ("query", "arguments"),
    [
        ("compare_segments?segments=byers", ["compare", "byers"]),
        ("compare_segments?segments=buyers,byers", ["compare", "buyers", "byers"]),
        ("compare_segments?segments=buyers,buyers", ["compare", "buyers", "buyers"]),
        ("compare_segments?segments=a,b,c,d,e,f,g,h,i", ["compare", *"abcdefghi"]),
        ("compare_segments?segments=buyers&days=0", ["compare", "buyers", "--set", "days=0"]),
        ("compare_segments?segments=buyers&k=2", ["compare", "buyers", "--set", "k=2"]),
        ("weekly_review?period=year", ["review", "--set", "period=year"]),
        ("weekly_review?segments=byers", ["review", "byers"]),
        ("weekly_review?as_of=2999-01-01", ["review", "--as-of", "2999-01-01"]),
        ("user_profile?as_of=2999-01-01", ["user", "u03", "--as-of", "2999-01-01"]),
    ],
)
def test_every_live_page_refuses_as_its_command_does(
    server: Served,
    published_shop: Path,
    query: str,
    arguments: list[str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    answer = server.ask(f"/live/{query}")
    code = main(["-w", str(published_shop), *arguments])

    sentence, _, _hint = capsys.readouterr().err.strip().partition("\nHint: ")
    assert (answer.status_code, code) == (400, 2)
    assert sentence in Page(answer.text).text


@pytest.mark.parametrize(
    ("page", "goal"),
    [
        ("compare_segments", "segments=buyers%2C*&as_of=2026-06-30&days=90&baseline=rest"),
        ("weekly_review", "segments=tracked&as_of=2026-06-30&days=7&period=week"),
        ("user_profile", "as_of=2026-06-30&days=90&page=1"),
    ],
)
def test_without_a_question_every_page_asks_for_what_is_there(
    server: Served, page: str, goal: str
) -> None:
    answer = server.ask(f"/live/{page}")

    assert answer.status_code == 303
    assert fnmatch(answer.headers["location"], f"/live/{page}[?]{goal}")


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "{{7*7}}", "x\r\nset-cookie: a=b"])
def test_a_hostile_question_stays_text(server: Served, text: str) -> None:
    answer = server.ask(f"/live/segment_report?segment={quote(text)}")

    assert answer.status_code == 400
    assert answer.text.count("<script") == 1
    assert "49" not in Page(answer.text).text
    assert "set-cookie" not in answer.headers


def test_without_a_question_the_first_segment_is_asked_for(server: Served) -> None:
    answer = server.ask("/live/segment_report")

    assert answer.status_code == 303
    assert answer.headers["location"] == (
        "/live/segment_report?segment=buyers&as_of=2026-06-30&days=90&baseline=rest"
    )


def test_the_list_of_users_is_the_file_of_the_command_line(
    server: Served, published_shop: Path, tmp_path: Path
) -> None:
    named = ["--out", str(tmp_path / "own.csv"), "--as-of", "2026-06-30"]

    code = main(["-w", str(published_shop), "segments", "members", "buyers", *named])
    answer = server.ask("/live/users.csv?segment=buyers&as_of=2026-06-30")

    assert (answer.status_code, code) == (200, 0)
    assert answer.content == (tmp_path / "own.csv").read_bytes()
    assert answer.text.count("\n") == 16
    assert 'filename="buyers-2026-06-30.csv"' in answer.headers["content-disposition"]


def test_a_list_that_the_policy_keeps_is_refused(loaded_shop: Path, serving: Serving) -> None:
    shop = loaded_shop.parent / "kept"
    shutil.copytree(loaded_shop, shop)
    toml = (shop / "segkit.toml").read_text("utf-8")
    (shop / "segkit.toml").write_text(toml.replace('"pseudonymous"', '"none"'), "utf-8")

    with serving(shop) as server:
        answer = server.ask("/live/users.csv?segment=buyers")

    assert answer.status_code == 403
    assert "u01" not in answer.text


def test_a_segment_for_others_is_unknown(loaded_shop: Path, serving: Serving) -> None:
    shop = loaded_shop.parent / "audience"
    shutil.copytree(loaded_shop, shop)
    with (shop / "segkit.toml").open("a", encoding="utf-8") as toml:
        toml.write('[serve.audiences]\nbuyers = ["board"]\n')
    secret = "a-secret-of-the-proxy"
    named = {"x-segkit-proxy-secret": secret, "x-forwarded-user": "ann"}

    with serving(shop, SEGKIT_PROXY_SECRET=secret) as server:
        codes = {
            path: server.ask(path, headers={**named, "x-forwarded-groups": "sales"}).status_code
            for path in (
                "/live/segment_report?segment=buyers",
                "/live/segment_report?segment=known&baseline=buyers",
                "/live/users.csv?segment=buyers",
                "/live/compare_segments?segments=known,buyers",
                "/live/compare_segments?segments=known&baseline=buyers",
                "/live/weekly_review?segments=buyers",
            )
        }
        board = server.ask(
            "/live/users.csv?segment=buyers", headers={**named, "x-forwarded-groups": "board"}
        )

    assert set(codes.values()) == {400}
    assert board.status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/live/",
        "/live/voila/files/segkit.toml",
        "/live/voila/static/../../segkit.toml",
        "/live/voila/static/%2e%2e/%2e%2e/settings.json",
        "/live/voila/static/..%2f..%2fsettings.json",
        "/live/voila/render/segment_report.ipynb",
        "/live/voila/tree/",
        "/live/voila/api/contents/",
        "/live/api/kernels",
        "/live/api/kernels/nobody",
        "/live/api/sessions",
        "/live/api/pulse/x",
        "/live/pulse/x",
        "/live/login",
        "/live/segment_report.ipynb",
        "/live/picture.png",
        "/live/voila/files/picture.png",
        "/voila/files/picture.png",
        "/live/behaviour_patterns",
        "/live/compare_segments/",
        "/live/live.ipynb",
    ],
)
def test_nothing_beside_the_live_report_is_relayed(server: Served, path: str) -> None:
    answer = server.ask(path)

    assert answer.status_code == 404
