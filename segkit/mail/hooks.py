"""Tell chat rooms of runs: one POST of JSON to the address that Slack or Teams gave for a room.

The address is a secret: it comes from a variable of the environment, whose name is all that a
schedule, the outbox or a message ever holds. What surely did not arrive is tried again later; what
may have arrived is not.
"""

import http.client
import json
import os
import re
import ssl
from collections.abc import Callable, Mapping
from contextlib import closing
from time import time
from typing import Any
from urllib.parse import urlsplit

from segkit.errors import SegkitError
from segkit.mail.letter import Letter
from segkit.mail.outbox import Job, Outbox, State
from segkit.mail.smtp import Lost, Refused
from segkit.views.markup import shorten

CHANNELS = ("slack", "teams")
PREFIX = "SEGKIT_WEBHOOK_"
TIMEOUT_S = 20.0
MOST_LINE, MOST_LINES = 300, 12
_LOST = "the connection ended after the message began to leave"
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+!|<>~-])")
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_FINAL, _BUSY, _BROKEN = 400, 429, 500


def is_hooked(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether the environment names a chat room."""
    return any(name.startswith(PREFIX) and value for name, value in environment.items())


def write_slack(letter: Letter, link: str) -> dict[str, Any]:
    """Give the message of a letter for Slack: plain text blocks, so that nothing in them acts."""
    lines = [letter.subject, *letter.digest][: MOST_LINES + 1]
    blocks: list[dict[str, Any]] = [
        {"type": "section", "text": {"type": "plain_text", "text": shorten(line, MOST_LINE)}}
        for line in lines
    ]
    if link:
        text = {"type": "plain_text", "text": "Open the report"}
        button = {"type": "button", "text": text, "url": link}
        blocks.append({"type": "actions", "elements": [button]})
    said = letter.subject.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return {"text": said, "blocks": blocks}


def write_teams(letter: Letter, link: str) -> dict[str, Any]:
    """Give the message of a letter for Teams: an adaptive card whose Markdown does nothing."""
    head, *rest = [
        _MARKDOWN.sub(r"\\\1", shorten(line, MOST_LINE))
        for line in [letter.subject, *letter.digest][: MOST_LINES + 1]
    ]
    body = [
        {"type": "TextBlock", "text": head, "wrap": True, "weight": "Bolder", "size": "Medium"},
        *({"type": "TextBlock", "text": line, "wrap": True} for line in rest),
    ]
    opening = [{"type": "Action.OpenUrl", "title": "Open the report", "url": link}] if link else []
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": body,
        "actions": opening,
    }
    kind = "application/vnd.microsoft.card.adaptive"
    return {"type": "message", "attachments": [{"contentType": kind, "content": card}]}


WRITERS: dict[str, Callable[[Letter, str], dict[str, Any]]] = {
    "slack": write_slack,
    "teams": write_teams,
}


def post_json(address: str, document: dict[str, Any], *, timeout_s: float = TIMEOUT_S) -> None:
    """Post a document to a web address; only this machine is spoken to without TLS.

    Raises
    ------
    Refused
        When it surely did not arrive; `after_s` is how long the server wants to be left alone.
    Lost
        When it may have.
    """
    connection, path = _open(address, timeout_s)
    body = json.dumps(document, ensure_ascii=False).encode()
    with closing(connection):
        try:
            connection.connect()
        except (OSError, http.client.HTTPException) as exc:
            raise Refused("no connection to the chat server") from exc
        try:
            connection.request("POST", path, body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException) as exc:
            raise Lost(_LOST) from exc
    if answer.status < 300:  # noqa: PLR2004  the codes of success
        return
    wait = answer.getheader("Retry-After", "")
    is_final = answer.status < _BROKEN and answer.status != _BUSY
    raise Refused(
        f"the server answered {answer.status}",
        is_final=is_final,
        after_s=float(wait) if wait.isdecimal() else 0.0,
    )


def _open(address: str, timeout_s: float) -> tuple[http.client.HTTPConnection, str]:
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError as exc:
        raise Refused("the variable holds no web address", is_final=True) from exc
    path = parts.path or "/"
    path = f"{path}?{parts.query}" if parts.query else path
    if parts.scheme == "https" and host:
        context = ssl.create_default_context()
        secure = http.client.HTTPSConnection(host, port, timeout=timeout_s, context=context)
        return secure, path
    if parts.scheme == "http" and host in _LOOPBACK:
        return http.client.HTTPConnection(host, port, timeout=timeout_s), path
    raise Refused("the variable holds no https address", is_final=True)


def drain_hooks(
    outbox: Outbox,
    compose: Callable[[Job], Letter],
    environment: Mapping[str, str] = os.environ,
    *,
    timeout_s: float = TIMEOUT_S,
) -> None:
    """Send everything that is due to chat rooms; one that fails stops no other.

    Raises
    ------
    RunError
        With exit code 75 when another program sends.
    """
    with outbox.drain():
        for channel in CHANNELS:
            while (job := outbox.claim(time(), channel)) is not None:
                _post(job, outbox, compose, environment.get(job.recipient, ""), timeout_s)


def _post(
    job: Job, outbox: Outbox, compose: Callable[[Job], Letter], address: str, timeout_s: float
) -> None:
    """Send one message and write down what became of it."""
    if not address:
        outbox.settle(job, State.failed, reason=f"{job.recipient} is not set")
        return
    try:
        document = WRITERS[job.channel](compose(job), job.link)
    except SegkitError:
        outbox.settle(job, State.failed, reason="the report cannot be read")
        return
    try:
        post_json(address, document, timeout_s=timeout_s)
    except Refused as refused:
        if refused.is_final:
            outbox.settle(job, State.bounced, reason=str(refused))
        else:
            outbox.put_off(job, time(), reason=str(refused), at_least_s=refused.after_s)
    except Lost as lost:
        outbox.settle(job, State.unknown, reason=str(lost))
    else:
        outbox.settle(job, State.sent)
