"""Run the command line as `python -m segkit`."""

import sys

from segkit.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
