"""A kernel imports ahead what its notebook needs, and no more."""

import os
import subprocess
import sys

import pytest

PROGRAM = """
import sys, threading
from segkit.runs import kernel
kernel.launch = lambda: None
kernel.main()
[thread.join() for thread in threading.enumerate() if thread is not threading.main_thread()]
print(*(name in sys.modules for name in ("segkit.reports.user_profile", "matplotlib", "scipy")))
"""


@pytest.mark.parametrize(
    ("notebook", "imported"),
    [
        pytest.param("user_profile", "True False False", id="a profile draws nothing"),
        pytest.param("", "False True True", id="a report", marks=pytest.mark.slow),
    ],
)
def test_a_kernel_imports_what_its_notebook_needs(notebook: str, imported: str) -> None:
    environment = {**os.environ, "SEGKIT_NOTEBOOK": notebook, "JPY_PARENT_PID": str(os.getpid())}

    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == imported
