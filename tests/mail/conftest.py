"""Offer a mail server and the tiny shop to the tests of this folder."""

from collections.abc import Iterator

import pytest

from segkit.mail.smtp import Server
from tests.mail.post import HOST, Scripted, serving
from tests.tiny_shop import loaded_shop, shop

__all__ = ["loaded_shop", "shop"]


@pytest.fixture
def post() -> Iterator[tuple[Scripted, Server]]:
    """Give a server on loopback without TLS, and how it is reached."""
    scripted = Scripted()
    with serving(scripted) as port:
        reached = Server(
            host=HOST, port=port, tls="none", sender="reports@example.org", timeout_s=0.5
        )
        yield scripted, reached


@pytest.fixture
def mailed(post: tuple[Scripted, Server], monkeypatch: pytest.MonkeyPatch) -> Scripted:
    """Name the mail server in the environment, as a machine that runs reports does."""
    scripted, server = post
    for name, value in {"HOST": HOST, "PORT": str(server.port), "TLS": "none"}.items():
        monkeypatch.setenv(f"SEGKIT_SMTP_{name}", value)
    monkeypatch.setenv("SEGKIT_MAIL_FROM", server.sender)
    return scripted
