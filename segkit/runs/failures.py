"""Keep of a failed run what the catalogue may show: where it failed, and no value of the data.

The executed copy and the log lie beside it, for whoever mends it.
"""

import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from segkit.measures.roles import mask_mails
from segkit.runs.spec import EXECUTED
from segkit.runs.verify import Verdict

FAILURE = "failure.json"
MOST_FRAMES = 12
_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_CELL = re.compile(r"Cell In\[\d+\], line (\d+)")
_FRAME = re.compile(r"File (\S+?):(\d+), in (?:[\w.]*\.)?(\w+)\(")


@dataclass(frozen=True, kw_only=True)
class Failure:
    """A run that was not published: what of, why in one sentence, and the way into the error.

    `frames` are places in code, outermost first; they name no value. `is_empty` when there was
    nobody to report on.
    """

    run: str
    report: str
    title: str
    segments: tuple[str, ...]
    period: str
    ended_at: str
    exit_code: int
    sentence: str
    frames: tuple[str, ...] = ()
    is_empty: bool = False


def note_failure(kept: Path, verdict: Verdict, **about: Any) -> None:  # noqa: ANN401  fields of Failure
    """Write what may be shown of a failed run beside its copy; a full disk is no matter."""
    failure = Failure(
        run=kept.name,
        exit_code=verdict.exit_code,
        sentence=mask_mails(verdict.title),
        frames=trace(kept / EXECUTED),
        is_empty=verdict.is_empty,
        **about,
    )
    text = json.dumps(asdict(failure), indent=1, ensure_ascii=False)
    try:
        (kept / FAILURE).write_text(text, "utf-8")
    except OSError:
        return


def read_failures(folder: Path) -> list[Failure]:
    """Give the failed runs that are kept in a folder, the newest first; broken notes are none."""
    found = []
    for path in sorted(folder.glob(f"*/{FAILURE}"), reverse=True):
        try:
            tree = json.loads(path.read_text("utf-8"))
            lists = {key: tuple(tree[key]) for key in ("segments", "frames")}
            found.append(Failure(**{**tree, **lists}))
        except (OSError, ValueError, TypeError, KeyError):
            continue
    return found


def trace(executed: Path) -> tuple[str, ...]:
    """Give the way into the error of an executed notebook: places in code, then the error's name.

    Neither source lines nor messages, which may hold values. Empty without an error.
    """
    try:
        cells = json.loads(executed.read_text("utf-8"))["cells"]
        code = [c for c in cells if c["cell_type"] == "code" and "".join(c["source"]).strip()]
        errors = [
            (number, output)
            for number, cell in enumerate(code, start=1)
            for output in cell.get("outputs", ())
            if output.get("output_type") == "error"
        ]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return ()
    if not errors:
        return ()
    number, error = errors[0]
    text = _ANSI.sub("", "\n".join(map(str, error.get("traceback", ()))))
    line = _CELL.search(text)
    place = f"code cell {number}" + (f", line {line[1]}" if line else "")
    frames = [f"{_short(path)}, line {at}, in {name}" for path, at, name in _FRAME.findall(text)]
    return (place, *frames[-MOST_FRAMES:], str(error.get("ename", "error"))[:80])


def _short(path: str) -> str:
    """Give a path from its package on: what lies above says where somebody installed it."""
    _, _, within = path.rpartition("site-packages/")
    _, found, own = within.rpartition("/segkit/")
    return f"segkit/{own}" if found else within if within != path else Path(path).name
