"""Execute one notebook and render it: `python -m segkit.runs.child SPEC.json PARENT_PID`.

Runs in a process of its own, because papermill changes the process's folder and a kernel may take
everything down with it. Writes `executed.ipynb` however the execution ends, and an account of what
happened; the runner judges both.
"""

import os
import resource
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from segkit.runs.ahead import import_ahead
from segkit.runs.leash import die_with_parent
from segkit.runs.secret_words import mask_tree
from segkit.runs.spec import EXECUTED, NOTEBOOK, Account, Ending, Headway, Spec

MOST_OUTPUT = 200_000
"""Characters of printed text kept of one cell; a report shows views, not logs."""

START_S = 60
"""The least time that a kernel has to answer; on a machine at its limits it takes long."""

sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
# jsonschema would build a grammar of IRIs for a second; notebooks have none, and it copes when
# the module is missing.


def trim_outputs(notebook: dict[str, Any], *, most: int = MOST_OUTPUT) -> int:
    """Cut printed text beyond `most` characters a cell and say so in its place.

    Give how many cells were cut.
    """
    n_cut = 0
    for cell in notebook["cells"]:
        left, n_before = most, n_cut
        for output in cell.get("outputs", []):
            if output.get("output_type") != "stream":
                continue
            text = "".join(output["text"])
            if len(text) > left:
                output["text"] = (
                    f"{text[:left]}\n… {len(text) - left:,} more characters were printed.\n"
                )
                n_cut = n_before + 1
            left = max(0, left - len(text))
    return n_cut


def mask_outputs(notebook: dict[str, Any]) -> None:
    """Mask the secrets of the environment in everything that a notebook showed."""
    for cell in notebook["cells"]:
        if cell.get("outputs"):
            cell["outputs"] = mask_tree(cell["outputs"])


def _as_text(notebook: Any) -> str:  # noqa: ANN401  a NotebookNode
    import nbformat  # noqa: PLC0415

    return str(nbformat.writes(notebook))  # type: ignore[no-untyped-call]  # nbformat lacks types


def _register_engine(run_dir: Path, scratch: Path) -> None:
    from papermill.engines import NBClientEngine, papermill_engines  # noqa: PLC0415

    class SavingEngine(NBClientEngine):  # type: ignore[misc]  # papermill has no types
        """Writes the executed copy once, also after a timeout or a kernel's death."""

        @classmethod
        def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **kwargs: Any) -> None:  # noqa: ANN401
            begin_cell, n_cells = nb_man.cell_start, len(nb_man.nb.cells)

            def cell_start(cell: Any, cell_index: int = 0, **more: Any) -> None:  # noqa: ANN401
                Headway(cell=cell_index + 1, n_cells=n_cells).write(scratch)
                begin_cell(cell, cell_index, **more)

            nb_man.cell_start = cell_start
            try:
                super().execute_managed_notebook(nb_man, kernel_name, **kwargs)
            finally:
                trim_outputs(nb_man.nb)
                mask_outputs(nb_man.nb)
                (run_dir / EXECUTED).write_text(_as_text(nb_man.nb), "utf-8")

    papermill_engines.register("segkit", SavingEngine)


def start_kernel(scratch: Path) -> Any:  # noqa: ANN401  jupyter_client has no stubs
    """Start this interpreter's kernel over sockets in `scratch`, whatever others are installed.

    It imports what reports need while this process imports papermill: two processors, half the
    time.
    """
    from jupyter_client.kernelspec import KernelSpec  # noqa: PLC0415
    from jupyter_client.manager import AsyncKernelManager  # noqa: PLC0415
    from jupyter_core.utils import run_sync  # noqa: PLC0415

    argv = [sys.executable, "-P", "-m", "segkit.runs.kernel", "-f", "{connection_file}"]

    class OwnKernelManager(AsyncKernelManager):
        @property
        def kernel_spec(self) -> KernelSpec:
            return KernelSpec(argv=argv, display_name="segkit", language="python")

    manager = OwnKernelManager(transport="ipc", connection_file=str(scratch / "kernel.json"))
    run_sync(manager.start_kernel)()
    return manager


def execute(spec: Spec, kernel: Any) -> tuple[Ending, str]:  # noqa: ANN401
    """Execute the notebook of a spec and say how that ended.

    Nothing is raised for what a notebook can do.
    """
    import papermill  # noqa: PLC0415  a second; off the path of everything else
    from jupyter_core.utils import run_sync  # noqa: PLC0415
    from nbclient.exceptions import CellTimeoutError, DeadKernelError  # noqa: PLC0415
    from papermill.exceptions import PapermillExecutionError  # noqa: PLC0415

    _register_engine(Path(spec.run_dir), Path(spec.scratch))
    import_ahead("nbconvert")
    try:
        papermill.execute_notebook(
            NOTEBOOK,
            None,
            parameters=spec.parameters,
            engine_name="segkit",
            kernel_name="python3",
            request_save_on_cell_execute=False,
            autosave_cell_every=0,
            progress_bar=False,
            execution_timeout=spec.cell_timeout_s,
            start_timeout=max(START_S, spec.cell_timeout_s),
            iopub_timeout=60,
            km=kernel,
        )
    except PapermillExecutionError:
        return "error", "a cell raised"
    except CellTimeoutError:
        return "cell_timeout", f"a cell took longer than {spec.cell_timeout_s} s"
    except DeadKernelError:
        return "kernel_died", "the kernel died in the middle of a cell"
    finally:
        run_sync(kernel.shutdown_kernel)(now=True)
    return "done", ""


def render(spec: Spec) -> tuple[Ending, str]:
    """Render the executed notebook and say how that ended; the traceback goes to the log."""
    from segkit.runs.render import render_run  # noqa: PLC0415  nbconvert is slow to import

    try:
        render_run(Path(spec.run_dir), title=spec.title)
    except Exception as exc:  # noqa: BLE001  whatever it is, the runner must hear of it
        traceback.print_exc()
        return "not_rendered", f"rendering failed with {type(exc).__name__}"
    return "done", ""


def own_peak_mb() -> int:
    """Give the most memory that this process held, in MiB.

    The kernel's own count starts anew with the program; `getrusage` would count the parent's
    memory too, from the moment between fork and exec.
    """
    try:
        status = Path("/proc/self/status").read_text("utf-8")
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return next(int(line.split()[1]) // 1024 for line in status.splitlines() if "VmHWM" in line)


def conduct(spec: Spec, start: Callable[[Path], Any] = start_kernel) -> Account:
    """Execute, then render what was executed, and give the account of both.

    `start` gives the manager of a kernel that has its sockets in a folder.
    """
    started = time.monotonic()
    ending, detail = execute(spec, start(Path(spec.scratch)))
    executed = time.monotonic()
    if ending == "done":
        ending, detail = render(spec)
    return Account(
        ending=ending,
        detail=detail,
        seconds={
            "execute": round(executed - started, 3),
            "render": round(time.monotonic() - executed, 3),
        },
        peak_mb={
            "child": own_peak_mb(),
            "kernel": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024,
        },
        cpu_s=round(sum(os.times()[:4]), 2),
    )


def main(arguments: list[str]) -> int:
    """Do what the spec says; 0 when the notebook was executed and rendered, else 1."""
    die_with_parent(int(arguments[1]))
    return work(Path(arguments[0]))


def work(path: Path, start: Callable[[Path], Any] = start_kernel) -> int:
    """Do what a spec says, and leave the account; 0 when it is executed and rendered."""
    spec = Spec.read(path)
    os.chdir(spec.scratch)
    account = conduct(spec, start)
    account.write(Path(spec.scratch))
    return 0 if account.ending == "done" else 1


if __name__ == "__main__":
    ended = main(sys.argv[1:])
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(ended)  # all is written; what a library's threads still wait for must not hold it
