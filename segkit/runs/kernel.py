"""Start the notebook kernel of a run: `python -m segkit.runs.kernel -f CONNECTION_FILE`.

It differs from a plain kernel in two ways: the system ends it when its parent ends, and the modules
that every report needs are imported before it answers, while the process that waits for it imports
its own.
"""

import os

from segkit.runs.ahead import import_ahead, import_modules
from segkit.runs.leash import die_with_parent

NEEDED = ("segkit.workspace", "segkit.reports.report", "segkit.views.figures.canvas")
LATER = ("segkit.patterns.fit", "segkit.measures.value.bg_nbd")
"""What a report needs after its first sections: imported while these are computed."""

NOTEBOOK = "SEGKIT_NOTEBOOK"
"""Names the notebook of the live page that a kernel is started for."""

LIVE = ("segkit.workspace", "segkit.reports.report")
"""What the controls of a live page need; it draws later, and imports then what drawing needs."""

OTHERS = {"user_profile": ("segkit.workspace", "segkit.reports.user_profile")}
"""What notebooks need whose live pages are of another kind."""


def main() -> None:
    """Run the kernel until it is told to stop."""
    die_with_parent(int(os.environ["JPY_PARENT_PID"]))
    notebook = os.environ.get(NOTEBOOK)
    if notebook:
        import_modules(OTHERS.get(notebook, LIVE))
    else:
        import_modules(NEEDED)
        import_ahead(*LATER)
    launch()


def launch() -> None:
    """Be the kernel that the command line names the sockets of, until told to stop."""
    from ipykernel.kernelapp import launch_new_instance  # noqa: PLC0415  after the leash

    launch_new_instance()


if __name__ == "__main__":
    main()
