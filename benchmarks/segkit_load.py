"""Load the raw Parquet parts with segkit into a new store and print what was loaded."""

import json
import shutil

from task import read_task, write_headline

import segkit as sk


def main() -> None:
    """Remove the store of an earlier run, load all sources, and say how many rows were kept."""
    task = read_task()
    shutil.rmtree(task.folder / "store", ignore_errors=True)
    loaded = sk.open(task.folder).load()
    write_headline({"loaded": json.loads(json.dumps(loaded, default=vars))})


if __name__ == "__main__":
    main()
