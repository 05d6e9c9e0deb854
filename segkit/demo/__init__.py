"""Generate a believable shop whose truths are known, written as the files that people really have.

A report can only be trusted when what it should find is known beforehand. `write_shop` plants kinds
of customers, a campaign, an experiment and every fault that raw logs have, and writes down what it
planted; `write_events_parquet` writes the same people at any size for benchmarks.
"""

from segkit.demo.plan import END_ON
from segkit.demo.shop import ShopFiles, write_shop
from segkit.demo.write_parquet import write_events_parquet

__all__ = ["END_ON", "ShopFiles", "write_events_parquet", "write_shop"]
