"""Send what the outbox holds: one connection, one row after the other, nobody twice."""

from collections.abc import Callable
from time import time

from segkit.errors import SegkitError
from segkit.mail.letter import Letter, address_letter
from segkit.mail.outbox import Job, Outbox, State
from segkit.mail.smtp import Line, Lost, Refused, Server

Compose = Callable[[Job], Letter]
"""Gives the letter of a row; those of one run, link and clearance are the same."""


def drain_outbox(outbox: Outbox, line: Line, server: Server, compose: Compose) -> None:
    """Send everything that is due over one connection.

    One mail that fails never stops the others; a server that cannot be reached does, until the next
    time. A message that is too large for the server is followed by one that holds the link only.

    Parameters
    ----------
    compose
        Gives the letter of a row; called once for each run, link and clearance.

    Raises
    ------
    RunError
        With exit code 75 when another program sends.
    """
    letters: dict[tuple[str, str, str], Letter] = {}
    with outbox.drain():
        try:
            while (job := outbox.claim(time())) is not None:
                key = (job.run, job.link, job.clearance)
                try:
                    letters[key] = letters.get(key) or compose(job)
                except SegkitError:
                    outbox.settle(job, State.failed, reason="the report cannot be read")
                    continue
                if not _send(job, outbox, line, server, letters[key]):
                    break
        finally:
            line.close()


def _send(job: Job, outbox: Outbox, line: Line, server: Server, letter: Letter) -> bool:
    """Send one mail and write down what became of it; false when the server is down."""
    message = address_letter(
        letter, sender=server.sender, recipient=job.recipient, unsubscribe=server.unsubscribe
    )
    try:
        line.send(message, job.recipient)
    except Refused as refused:
        if refused.is_large and letter.short is not None:
            return _send(job, outbox, line, server, letter.short)
        if refused.is_final:
            outbox.settle(job, State.bounced, reason=str(refused))
        else:
            outbox.put_off(job, time(), reason=str(refused))
        return not refused.is_down
    except Lost as lost:
        outbox.settle(job, State.unknown, reason=str(lost))
    else:
        outbox.settle(job, State.sent)
    return True
