"""Hold what patterns are made of: raw numbers of users over one window, in named blocks.

The numbers come from the engine (`collect.py`) or from a test's generator; everything after this
is arrays.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Block:
    """Numbers of one kind.

    `values` has one row a user and one column for each of `columns`, raw and in their own units:
    counts of page views a page group, of visits a channel; nothing is shared or scaled yet.
    """

    columns: tuple[str, ...]
    values: FloatArray


@dataclass(frozen=True, kw_only=True)
class Features:
    """Raw features: one row a user of one window, sorted by `user_key`.

    `blocks` that form patterns: `pages` (views a page group), `source` (visits a channel),
    `device` (visits a device type), `time` (`hour_sin`, `hour_cos`, `weekday_sin`, `weekday_cos`:
    means over visits), `volume` (`n_visits`, `n_page_views`, `n_active_days`, `days_since_last`,
    `minutes_per_visit`, `pages_per_visit`). `outcomes` (orders, revenue, conversions) judge
    patterns and never form them. `bot_reason` is empty for people.
    """

    user_no: IntArray
    user_key: npt.NDArray[np.str_]
    bot_reason: npt.NDArray[np.str_]
    blocks: Mapping[str, Block]
    outcomes: Block

    def column(self, block: str, name: str) -> FloatArray:
        """Give one column of a block, one entry a user."""
        found = self.blocks[block]
        return found.values[:, found.columns.index(name)]

    def take(self, rows: IntArray | BoolArray) -> "Features":
        """Give the same of some users, in the order asked."""

        def cut(block: Block) -> Block:
            return Block(columns=block.columns, values=block.values[rows])

        return Features(
            user_no=self.user_no[rows],
            user_key=self.user_key[rows],
            bot_reason=self.bot_reason[rows],
            blocks={name: cut(block) for name, block in self.blocks.items()},
            outcomes=cut(self.outcomes),
        )
