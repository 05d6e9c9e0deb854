"""The grid of retention: complete whatever cells there are, and clear about what is missing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from segkit.measures.facts import RetentionCell
from segkit.periods import Grain, period_name
from segkit.views.words import count


@dataclass(frozen=True)
class Triangle:
    """Cells by cohort and week (or other grain): a complete grid, whatever cells there are.

    A cohort whose week 0 has no number is withheld; of any other, a week without one is not over.
    """

    cells: Sequence[RetentionCell]
    grain: Grain = "week"

    @cached_property
    def cohorts(self) -> list[date]:
        """The first days of the cohorts, from the first to the last that is not empty."""
        every = sorted({cell.cohort for cell in self.cells})
        filled = [at for at, cohort in enumerate(every) if self.size(cohort) != 0]
        return every[filled[0] : filled[-1] + 1] if filled else []

    @property
    def n_empty(self) -> int:
        """How many cohorts before the first and after the last are empty, and left out."""
        return len({cell.cohort for cell in self.cells}) - len(self.cohorts)

    @property
    def weeks(self) -> range:
        """The weeks since the first, from 0."""
        shown = set(self.cohorts)
        return range(max((c.k for c in self.cells if c.cohort in shown), default=-1) + 1)

    @cached_property
    def by_place(self) -> dict[tuple[date, int], RetentionCell]:
        """The cells by cohort and week."""
        return {(cell.cohort, cell.k): cell for cell in self.cells}

    def size(self, cohort: date) -> int | None:
        """Users of the cohort; None when withheld."""
        first = self.by_place.get((cohort, 0))
        return first.n_eligible if first else None

    def name(self, cohort: date) -> str:
        """Give a cohort's period and size, the label of its row."""
        return f"{self.period(cohort)}  n {count(self.size(cohort))}"

    def period(self, cohort: date) -> str:
        """Give what a cohort's period is called: its month, or the first day of its week."""
        return period_name(cohort, "month") if self.grain == "month" else cohort.isoformat()

    def is_unfinished(self, cohort: date, k: int) -> bool:
        """Whether week k of the cohort is not over at `as_of`."""
        cell = self.by_place.get((cohort, k))
        return cell is None or (self.size(cohort) is not None and cell.n_eligible is None)
