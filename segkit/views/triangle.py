"""The grid of retention: complete whatever cells there are, and clear about what is missing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from segkit.measures.facts import RetentionCell


@dataclass(frozen=True)
class Triangle:
    """Cells by cohort and week; a complete grid, whatever cells there are.

    A cohort whose week 0 has no number is withheld; of any other, a week without one is not over.
    """

    cells: Sequence[RetentionCell]

    @property
    def cohorts(self) -> list[date]:
        """The first days of the first-seen weeks, oldest first."""
        return sorted({cell.cohort for cell in self.cells})

    @property
    def weeks(self) -> range:
        """The weeks since the first, from 0."""
        return range(max((cell.k for cell in self.cells), default=-1) + 1)

    @cached_property
    def by_place(self) -> dict[tuple[date, int], RetentionCell]:
        """The cells by cohort and week."""
        return {(cell.cohort, cell.k): cell for cell in self.cells}

    def size(self, cohort: date) -> int | None:
        """Users of the cohort; None when withheld."""
        first = self.by_place.get((cohort, 0))
        return first.n_eligible if first else None

    def is_unfinished(self, cohort: date, k: int) -> bool:
        """Whether week k of the cohort is not over at `as_of`."""
        cell = self.by_place.get((cohort, k))
        return cell is None or (self.size(cohort) is not None and cell.n_eligible is None)
