"""Be a Dask cluster of two workers on loopback: `python -m tests.runs.schedule.local_cluster`.

Writes the address of its scheduler and ends when its standard input is closed.
"""

import sys
from typing import Any

import distributed

MAKE: Any = distributed.LocalCluster

if __name__ == "__main__":
    with MAKE(
        n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None
    ) as cluster:
        sys.stdout.write(f"{cluster.scheduler_address}\n")
        sys.stdout.flush()
        sys.stdin.read()
