"""Answer questions one after another in a thread of their own, the newest first of all.

Whoever asks goes on at once. A question that is asked while another is answered takes its place:
the answering of the older one stops at its next step. What needs no query engine can be computed
apart meanwhile.
"""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

Question = TypeVar("Question")
Found = TypeVar("Found")


class Answerer(Generic[Question]):
    """One thread that answers the newest question.

    Parameters
    ----------
    answer
        Called in the thread with the question and a function that says whether it is still the
        newest; long work asks it between its steps.
    """

    def __init__(self, answer: Callable[[Question, Callable[[], bool]], None]) -> None:
        self._answer = answer
        self._changed = threading.Condition()
        self._waiting: Question | None = None
        self._due = 0.0
        self._n_asked = 0
        self._n_answered = 0
        threading.Thread(target=self._run, name="segkit-answers", daemon=True).start()

    def ask(self, question: Question, *, after_s: float = 0.0) -> None:
        """Put a question; it is answered after `after_s` seconds without another."""
        with self._changed:
            self._waiting = question
            self._due = time.monotonic() + after_s
            self._n_asked += 1
            self._changed.notify_all()

    def wait(self, timeout_s: float) -> bool:
        """Wait until the newest question is answered; False when that takes longer."""
        with self._changed:
            return self._changed.wait_for(lambda: self._n_answered == self._n_asked, timeout_s)

    def _run(self) -> None:
        while True:
            question, number = self._take()
            self._answer(question, lambda number=number: self._n_asked == number)  # type: ignore[misc]
            with self._changed:
                self._n_answered = number
                self._changed.notify_all()

    def _take(self) -> tuple[Question, int]:
        with self._changed:
            while self._waiting is None or time.monotonic() < self._due:
                left = None if self._waiting is None else self._due - time.monotonic()
                self._changed.wait(left)
            question, self._waiting = self._waiting, None
            return question, self._n_asked


def begin_apart(compute: Callable[[], Found]) -> Callable[[], Found]:
    """Begin a computation in a thread of its own, and give what waits for its result.

    What it raises is raised there. It must leave the query engine alone.
    """
    found: Future[Found] = Future()

    def run() -> None:
        try:
            found.set_result(compute())
        except BaseException as error:  # noqa: BLE001  whoever waits is told
            found.set_exception(error)

    threading.Thread(target=run, name="segkit-apart", daemon=True).start()
    return found.result
