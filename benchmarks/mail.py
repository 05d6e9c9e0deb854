"""Measure how long the mail of one report takes to many recipients, over one connection.

    make bench-mail
    python benchmarks/mail.py --recipients 1000

A report of the demo shop is mailed through the outbox to a real SMTP server on this machine, which
takes every message and checks that each recipient gets one. Seconds are those of queueing and
sending, the composing of the letter included; the program's imports are not.
"""

import argparse
import os
import platform
import socket
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller

import segkit as sk
from segkit.mail.drain import drain_outbox
from segkit.mail.folders import find_run, name_run
from segkit.mail.letter import Letter
from segkit.mail.notices import Notices
from segkit.mail.outbox import Job, Outbox
from segkit.mail.smtp import Line, Server

HERE = Path(__file__).resolve().parent
SEGMENT = "deal_hunters"
MOST_SECONDS = 60.0
HOST = "127.0.0.1"
RESULTS = """\
# Mail to many recipients

Made by:

    {command}

The newest report on `{segment}` of the demo shop, {kilobytes:.0f} kB a message with its two charts,
to {n:,} recipients through the outbox to an SMTP server on the same machine, without TLS.
Load average at the start: {load:.1f}; {cores} cores, {machine}.

| what | value |
|---|--:|
| seconds | {seconds:.1f} |
| messages a second | {rate:.0f} |
| connections | {connections} |
| recipients with exactly one message | {once:,} |

Aim: 1,000 recipients within {most:.0f} s over one connection.
"""


class Taker:
    """Takes every message and counts its recipients."""

    def __init__(self) -> None:
        self.got: Counter[str] = Counter()
        self.n_bytes = 0

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: ANN401, N802
        """Take a message."""
        self.got.update(envelope.rcpt_tos)
        self.n_bytes += len(envelope.content)
        return "250 OK"


def measure(workspace: sk.Workspace, n: int) -> dict[str, Any]:
    """Mail the newest report of the segment to n recipients; give what was measured."""
    taker = Taker()
    with socket.socket() as free:
        free.bind((HOST, 0))
        port = int(free.getsockname()[1])
    controller = Controller(taker, hostname=HOST, port=port)
    controller.start()
    server = Server(host=HOST, port=port, tls="none", sender="reports@example.org")
    run = name_run(find_run(SEGMENT, workspace.root / "reports_out"))
    notices = Notices(workspace, server)
    with tempfile.TemporaryDirectory() as folder:
        outbox, line = Outbox(Path(folder) / "outbox.sqlite"), Line(server)
        notices.outbox = outbox
        began = time.monotonic()
        outbox.queue(run, [f"u{at}@example.org" for at in range(n)])

        def compose(job: Job) -> Letter:
            return notices.compose(job)

        drain_outbox(outbox, line, server, compose)
        seconds = time.monotonic() - began
    controller.stop()
    return {
        "n": n,
        "seconds": seconds,
        "rate": n / seconds,
        "connections": line.n_opened,
        "once": sum(count == 1 for count in taker.got.values()),
        "kilobytes": taker.n_bytes / max(n, 1) / 1000,
    }


def main() -> int:
    """Measure, print, write the results when asked; 1 when the aim is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workspace", type=Path, default=HERE.parent / "demo")
    parser.add_argument("--recipients", type=lambda text: int(float(text)), default=1000)
    parser.add_argument("--write", action="store_true", help="write RESULTS-mail.md")
    asked = parser.parse_args()
    load = os.getloadavg()[0]
    found = measure(sk.open(asked.workspace), asked.recipients)
    text = RESULTS.format(
        command=f"python benchmarks/mail.py --recipients {asked.recipients} --write",
        segment=SEGMENT,
        load=load,
        cores=os.cpu_count(),
        machine=platform.machine(),
        most=MOST_SECONDS,
        **found,
    )
    print(text)
    if asked.write:
        (HERE / "RESULTS-mail.md").write_text(text, "utf-8")
    is_met = found["once"] == found["n"] and found["connections"] == 1
    return 0 if is_met and found["seconds"] <= MOST_SECONDS * found["n"] / 1000 else 1


if __name__ == "__main__":
    sys.exit(main())
