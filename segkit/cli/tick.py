"""`segkit tick`: make whatever is due, once; what every timer calls."""

from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from segkit.cli.desk import open_desk
from segkit.cli.output import AsJson, print_json, print_note
from segkit.cli.progress import PROGRESS, Kind
from segkit.cli.run import describe, say_outcomes
from segkit.errors import ParameterError

if TYPE_CHECKING:
    from segkit.runs.schedule.make import Desk
    from segkit.runs.schedule.tick import Tick, Word

NOW = Annotated[
    str | None,
    typer.Option(
        "--now",
        metavar="INSTANT",
        help="Take it to be this instant, for simulations: 2026-06-29T08:00:00+02:00.",
    ),
]


def make_due(
    context: typer.Context,
    now: NOW = None,
    progress: PROGRESS = Kind.auto,
    as_json: AsJson = False,
) -> int:
    """Make every report that is due and not made, then send what is queued."""
    from segkit.cli.run_progress import witnessed  # noqa: PLC0415  only this command needs it
    from segkit.runs.schedule.tick import tick  # noqa: PLC0415

    desk = open_desk(context, None if now is None else read_instant(now), tells=True)
    with witnessed(desk, progress) as seen:
        done = tick(seen)
    _measure(desk, done)
    if as_json:
        print_json(describe_tick(done))
        return done.exit_code
    say_outcomes(done.outcomes)
    for word in done.words:
        print_note(say_word(word))
    return done.exit_code


def _measure(desk: "Desk", done: "Tick") -> None:
    """Write the numbers of the tick and of the ledger for whoever watches them."""
    from segkit.mail.outbox import OUTBOX, Outbox  # noqa: PLC0415  only this command needs it
    from segkit.runs.schedule.metrics import METRICS, write_metrics  # noqa: PLC0415

    outbox = desk.workspace.root / OUTBOX
    mails: Counter[str] = Counter()
    for row in Outbox(outbox).count_states() if outbox.exists() else ():
        mails[str(row["state"])] += int(row["n"])
    try:
        write_metrics(desk, done, mails)
    except OSError as exc:
        print_note(f"The metrics could not be written: {exc.strerror or exc}. ({METRICS})")


def say_word(word: "Word") -> str:
    """Give one line of a tick about what is no run."""
    about = f"{word.report} {word.period}" if word.period else word.report
    return f"{about}: {word.kind}. {word.sentence}"


def describe_tick(done: "Tick") -> dict[str, Any]:
    """Give what one JSON document says of a tick."""
    return {
        "now": done.now.isoformat(timespec="seconds"),
        "exit_code": done.exit_code,
        "runs": [describe(one) for one in done.outcomes],
        "words": [
            {
                "kind": word.kind,
                "report": word.report,
                "period": word.period,
                "sentence": word.sentence,
            }
            for word in done.words
        ],
    }


def read_instant(text: str) -> datetime:
    """Give the UTC instant of an ISO text with an offset.

    Raises
    ------
    ParameterError
        When it is none, or has no offset.
    """
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        raise ParameterError.build(
            f"`--now`: expected an instant with its offset, found `{text[:40]}`.",
            hint="write 2026-06-29T08:00:00+02:00 or 2026-06-29T06:00:00Z.",
        )
    return instant.astimezone(UTC)
