"""Sections are drawn by a second process, and by the first where that is not there."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from segkit.reports.drawings import Drawing, say
from segkit.views.fragment import Fragment
from segkit.workspace import Workspace, desk
from segkit.workspace.desk import Desk, Task
from segkit.workspace.reporting import report_segment

WAIT_S = 30


def name_process(_word: str) -> Fragment:
    """Give the number of the process that draws."""
    return Fragment(str(os.getpid()), "")


def fail(word: str) -> Fragment:
    raise ValueError(word)


@pytest.fixture(scope="module")
def opened() -> Iterator[Desk]:
    made = Desk()
    made.open()
    wait_for(made)
    yield made
    made.close()


def wait_for(opened: Desk) -> None:
    """Wait until the second process draws."""
    end = time.monotonic() + WAIT_S
    while opened.pid is None or ask(opened, Drawing(name_process, ("",))) != str(opened.pid):
        assert time.monotonic() < end
        time.sleep(0.05)


def ask(at: Desk, drawing: Drawing) -> str:
    """Give the HTML of a drawing once it is drawn, by whichever process."""
    told: list[str] = []
    is_told = threading.Event()

    def done(html: str) -> None:
        told.append(html)
        is_told.set()

    at.put(Task(drawing, done))
    assert is_told.wait(WAIT_S)
    return told[0]


def test_a_second_process_draws_while_this_one_does_something_else(opened: Desk) -> None:
    html = ask(opened, Drawing(name_process, ("",)))

    assert int(html) == opened.pid != os.getpid()


def test_every_section_is_the_same_whoever_draws_it(opened: Desk, loaded_shop: Path) -> None:
    report = report_segment(
        Workspace.open(loaded_shop), "buyers", None, 28, baseline="rest", clearance=None
    )

    for name in report.sections:
        drawing = report.measured(name)
        assert ask(opened, drawing) == drawing.draw().html, name


def test_without_a_second_process_a_section_is_drawn_at_once() -> None:
    alone = Desk()
    told: list[str] = []

    alone.put(Task(Drawing(say, ("one",)), told.append))
    at_once = len(told)
    alone.finish()

    assert at_once == len(told) == 1
    assert alone.pid is None


def test_what_the_second_process_has_not_come_to_is_drawn_here(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    busy = Desk()
    monkeypatch.setattr(busy, "_is_ready", True)
    told: list[str] = []
    for word in ("one", "two"):
        busy.put(Task(Drawing(say, (word,)), told.append))
    before = len(told)

    busy.finish()

    assert (before, len(told)) == (0, 2)


def test_what_is_not_wanted_any_more_is_not_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    busy = Desk()
    monkeypatch.setattr(busy, "_is_ready", True)
    told: list[str] = []
    busy.put(Task(Drawing(say, ("one",)), told.append))

    busy.clear()
    busy.finish()

    assert told == []


def test_what_fails_there_fails_here_too_and_the_next_is_drawn(opened: Desk) -> None:
    told: list[str] = []
    opened.put(Task(Drawing(fail, ("a defect",)), told.append))

    with pytest.raises(ValueError, match="a defect"):
        opened.finish()

    assert "after" in ask(opened, Drawing(say, ("after",)))


def test_a_process_that_is_killed_leaves_its_work_to_this_one() -> None:
    broken = Desk()
    broken.open()
    wait_for(broken)
    assert broken.pid is not None
    os.kill(broken.pid, signal.SIGKILL)
    told: list[str] = []

    for word in ("second", "third"):
        broken.put(Task(Drawing(say, (word,)), told.append))
    broken.finish()

    assert sorted("second" in html for html in told) == [False, True]


def test_the_second_process_ends_with_the_first() -> None:
    code = (
        "import os, time; from segkit.workspace.desk import Desk; d = Desk(); d.open(); "
        "print(d.pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen([desk.COMMAND[0], "-c", code], stdout=subprocess.PIPE) as first:
        assert first.stdout is not None
        second = int(first.stdout.readline())
        first.kill()
    end = time.monotonic() + WAIT_S

    while time.monotonic() < end and Path(f"/proc/{second}/exe").exists():
        time.sleep(0.05)

    assert not Path(f"/proc/{second}/exe").exists()


def test_one_processor_needs_no_second_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    lone = Desk()

    lone.open()

    assert lone.pid is None
