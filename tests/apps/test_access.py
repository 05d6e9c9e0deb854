import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

from segkit.apps.access import SecretAccess, hash_password
from segkit.apps.settings import decide, is_local
from segkit.cli.main import main
from segkit.config import read_config
from segkit.errors import ParameterError
from tests.apps.conftest import Served, Serving, publish_report, served

CONFIG = read_config('name = "x"', where="here")
SECRET = "a-secret-of-the-proxy"
SERVE = """
[serve.clearances]
support = "personal"
[serve.audiences]
buyers = ["board", "support"]
"""


@pytest.fixture(scope="module")
def guarded(loaded_shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a shop whose reports on buyers are for two groups, one of them cleared."""
    shop = Path(shutil.copytree(loaded_shop, tmp_path_factory.mktemp("guarded") / "shop"))
    with (shop / "segkit.toml").open("a", encoding="utf-8") as toml:
        toml.write(SERVE)
    publish_report(shop, 1)
    publish_report(shop, 2, segment="plus", segments=["plus"], clearance="public")
    publish_report(shop, 3, segment="named", segments=["named"], clearance="personal")
    return shop


@pytest.fixture(scope="module")
def proxied(guarded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Give a server behind a proxy, one for all tests of this file."""
    with served(guarded, tmp_path_factory.mktemp("proxied"), SEGKIT_PROXY_SECRET=SECRET) as server:
        yield server


def by_proxy(groups: str = "", *, user: str = "ann", secret: str = SECRET) -> dict[str, str]:
    named = {"x-forwarded-user": user, "x-forwarded-groups": groups}
    return {**named, **({"x-segkit-proxy-secret": secret} if secret else {})}


def titles(server: Served, headers: dict[str, str]) -> set[str]:
    return set(re.findall(r"Buyers \d", server.ask("/", headers=headers).text))


def test_the_proxy_names_readers_and_their_groups_decide_what_they_see(proxied: Served) -> None:
    seen = {g: titles(proxied, by_proxy(g)) for g in ("", "board", "support", "board,sales")}

    assert seen[""] == {"Buyers 2"}
    assert seen["board"] == seen["board,sales"] == {"Buyers 1", "Buyers 2"}
    assert seen["support"] == {"Buyers 1", "Buyers 2", "Buyers 3"}


def test_a_report_that_is_not_for_the_reader_is_not_there(proxied: Served) -> None:
    folder = "segment_report-buyers/2026-06-30/20260701T120001Z-000001"

    found = {
        (groups, path): proxied.ask(f"/reports/{path}", headers=by_proxy(groups)).status_code
        for groups in ("sales", "board")
        for path in (f"{folder}/report.html", "segment_report-buyers/latest/report.html")
    }
    listed = proxied.ask("/reports/", headers=by_proxy("sales")).text

    assert [found["sales", path] for _, path in list(found)[:2]] == [404, 404]
    assert [found["board", path] for _, path in list(found)[:2]] == [200, 302]
    assert "Buyers 1" not in listed


@pytest.mark.parametrize(
    "forged",
    [
        by_proxy("support", secret=""),
        by_proxy("support", secret="wrong"),
        by_proxy("support", secret=SECRET[:-1]),
        by_proxy("support", secret=SECRET.upper()),
        by_proxy("support", user=""),
        {"x-segkit-proxy-secret": SECRET},
        {"x-segkit-clearance": "personal", "x-segkit-reader": "ann"},
        {"authorization": f"Bearer {SECRET}"},
    ],
    ids=["none", "wrong", "short", "case", "nobody", "nameless", "inside", "bearer"],
)
def test_a_forged_identity_is_refused(proxied: Served, forged: dict[str, str]) -> None:
    answer = proxied.ask("/", headers=forged)

    assert answer.status_code == 403
    assert "Nobody vouches for you" in answer.text
    assert "Buyers" not in answer.text


def test_said_identities_count_for_nothing_without_a_proxy(guarded: Path, serving: Serving) -> None:
    token = "a-token-long-enough-1"
    with serving(guarded, SEGKIT_SERVE_TOKEN=token) as server:
        outside = server.ask("/", headers=by_proxy("support"))
        inside = titles(server, {"authorization": f"Bearer {token}", **by_proxy("support")})

    assert outside.status_code == 401
    assert inside == {"Buyers 2"}


def test_beyond_this_machine_a_token_is_made_and_asked_for(guarded: Path, serving: Serving) -> None:
    with serving(guarded, "--host", "0.0.0.0") as server:
        (token,) = re.findall(r"\?token=(\S+)", server.said)
        without, wrong = server.ask("/"), server.ask("/?token=wrong")
        right = server.ask(f"/?token={token}")
        cookie = right.headers["set-cookie"]
        after = server.ask("/", headers={"cookie": cookie.partition(";")[0]})
        asset = server.ask("/assets/portal.js")

    assert [without.status_code, wrong.status_code] == [401, 401]
    assert (right.status_code, right.headers["location"]) == (303, "/")
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert (after.status_code, asset.status_code) == (200, 200)
    assert "Buyers" not in without.text + wrong.text
    assert len(token) >= 32


def test_a_password_lets_in_by_the_form_and_a_wrong_one_does_not(
    guarded: Path, serving: Serving
) -> None:
    hashed = hash_password("open sesame")

    def enter(server: Served, secret: str, goal: str) -> tuple[int, str]:
        body = urlencode({"secret": secret, "next": goal})
        answer = server.ask("/login", method="POST", content=body.encode())
        return answer.status_code, answer.headers.get("location", "")

    with serving(guarded, SEGKIT_SERVE_PASSWORD_HASH=hashed) as server:
        form = server.ask("/reports/")
        entered = enter(server, "open sesame", "/reports/")
        refused = enter(server, "open barley", "/reports/")
        elsewhere = [
            enter(server, "open sesame", goal)[1]
            for goal in ("//evil.example", "https://evil.example", "/\\evil.example")
        ]

    assert form.status_code == 401
    assert 'name="next" value="/reports/"' in form.text
    assert entered == (303, "/reports/")
    assert refused == (401, "")
    assert elsewhere == ["/", "/", "/"]


def test_a_forged_cookie_does_not_let_in(guarded: Path, serving: Serving) -> None:
    forged = SecretAccess("public", token="x" * 20).sign()

    with serving(guarded, SEGKIT_SERVE_TOKEN="a-token-long-enough-1") as server:
        codes = {
            server.ask("/", headers={"cookie": f"segkit_reader={value}"}).status_code
            for value in (forged, "", "9999999999.", "9999999999.abc", ".", "a.b.c")
        }

    assert codes == {401}


def test_after_ten_wrong_secrets_not_even_the_right_one_is_looked_at() -> None:
    access = SecretAccess("public", token="right-one")

    wrong = [access.is_right(f"wrong {n}") for n in range(10)]

    assert not any(wrong)
    assert access.is_tired
    assert not access.is_right("right-one")


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({"SEGKIT_SERVE_TOKEN": "short"}, "`SEGKIT_SERVE_TOKEN`: expected at least 16 characters"),
        ({"SEGKIT_PROXY_SECRET": "short"}, "`SEGKIT_PROXY_SECRET`: expected at least 16"),
        ({"SEGKIT_SERVE_PASSWORD_HASH": "plain"}, "expected what argon2 makes of a password"),
    ],
    ids=["token", "proxy", "password"],
)
def test_a_poor_secret_is_refused_without_being_shown(
    environment: dict[str, str], sentence: str
) -> None:
    with pytest.raises(ParameterError, match=sentence) as caught:
        decide(Path(), CONFIG, host="127.0.0.1", environment=environment)

    assert "short" not in str(caught.value)
    assert "plain" not in str(caught.value)


@pytest.mark.parametrize(
    ("host", "local"),
    [
        *((name, True) for name in ("127.0.0.1", "::1", "localhost", "127.9.9.9")),
        *((name, False) for name in ("0.0.0.0", "10.0.0.1", "example.org")),
    ],
)
def test_only_loopback_is_open_to_whoever_asks(host: str, local: bool) -> None:  # noqa: FBT001
    made = decide(Path(), CONFIG, host=host, environment={})

    assert is_local(host) is local
    assert bool(made.token) is not local


def test_a_port_that_is_taken_is_refused_in_one_sentence(
    server: Served, published_shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    port = server.address.rstrip("/").rpartition(":")[2]

    code = main(["-w", str(published_shop), "serve", "--port", port])

    assert code == 2
    assert f"Nothing can listen at `127.0.0.1`, port {port}" in capsys.readouterr().err


def test_the_server_ends_when_it_is_told_to(shop: Path, serving: Serving) -> None:
    with serving(shop) as server:
        server.process.terminate()
        code = server.process.wait(10)

    assert code in {0, 143, -15}
    assert "Traceback" not in server.said
