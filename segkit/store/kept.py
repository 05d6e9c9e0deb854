"""Remember which temporary table holds what, and let go of those that nobody can ask any more.

A live report asks much of the same again whenever a control changes. What a statement gave is found
by its very words: they name nothing but files, which never change, and other such tables. A table
that no expression names any more is dropped, so that an afternoon of changes needs no more memory
than the last of them.
"""

import weakref
from collections import OrderedDict, deque
from collections.abc import Callable
from typing import Any

from ibis import Table
from ibis.expr.operations import DatabaseTable

MOST_CELLS = 60_000_000
"""Values held of tables that nobody asks at the moment: half a gigabyte at most."""

MOST_ANSWERS, MOST_ROWS = 300, 1_000
"""How many answers are remembered, and of how many rows at most."""


class Answers:
    """The rows that short statements gave, the last few hundred of them."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, list[tuple[Any, ...]]] = OrderedDict()

    def find(self, statement: str) -> list[tuple[Any, ...]] | None:
        """Give the rows of a statement, if they are remembered."""
        if statement in self._known:
            self._known.move_to_end(statement)
        return self._known.get(statement)

    def add(self, statement: str, rows: list[tuple[Any, ...]]) -> None:
        """Remember the rows of a statement, unless they are many."""
        if len(rows) <= MOST_ROWS:
            self._known[statement] = rows
            while len(self._known) > MOST_ANSWERS:
                self._known.popitem(last=False)


class KeptTables:
    """The temporary tables of one engine, by the statement that filled them.

    Parameters
    ----------
    most_cells
        The most values of tables held for the next question, whether or not somebody asks them.
    """

    def __init__(self, most_cells: int = MOST_CELLS) -> None:
        self._most = most_cells
        self._known: weakref.WeakValueDictionary[str, DatabaseTable] = weakref.WeakValueDictionary()
        self._held: OrderedDict[str, tuple[DatabaseTable, int]] = OrderedDict()
        self._gone: deque[str] = deque()

    def find(self, statement: str) -> Table | None:
        """Give the table that a statement filled, if it is still there."""
        found = self._known.get(statement)
        if found is None:
            return None
        if statement in self._held:
            self._held.move_to_end(statement)
        return found.to_expr()

    def add(self, statement: str, table: Table, *, n_rows: int, is_held: bool) -> None:
        """Remember a table; one that `is_held` stays for the next question while there is room."""
        op = table.op()
        self._known[statement] = op
        weakref.finalize(op, self._gone.append, op.name).atexit = False
        if is_held:
            self._held[statement] = (op, n_rows * len(table.columns))
            while sum(n for _, n in self._held.values()) > self._most:
                self._held.popitem(last=False)

    def sweep(self, drop: Callable[[str], object]) -> None:
        """Drop by name what no expression names any more."""
        while self._gone:
            drop(self._gone.popleft())
