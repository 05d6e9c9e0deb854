"""Turn the executed copy of a notebook into the report that people read."""

from pathlib import Path

from segkit.errors import RunError
from segkit.runs.share import share_folder
from segkit.runs.spec import EXECUTED, REPORT

NOT_RENDERED = 40


def render_report(executed: Path, *, title: str, template_root: Path) -> str:
    """Give the whole report as one HTML page.

    Parameters
    ----------
    executed
        The executed notebook.
    title
        The page's title and first heading.
    template_root
        The folder that holds `nbconvert/segkit/`.

    Raises
    ------
    RunError
        When the executed copy cannot be read as a notebook.
    """
    import nbformat  # noqa: PLC0415  seconds with nbconvert; off the path of everything else

    from segkit.runs.exporter import export  # noqa: PLC0415

    try:
        notebook = nbformat.read(executed, as_version=4)  # type: ignore[no-untyped-call]
    except (OSError, ValueError, TypeError, AttributeError, nbformat.ValidationError) as exc:
        raise RunError(
            f"The executed copy `{executed.name}` is not a notebook.\nHint: run the report again.",
            exit_code=NOT_RENDERED,
        ) from exc
    return export(notebook, title=title, template_root=template_root)


def render_run(run_dir: Path, *, title: str) -> Path:
    """Write `report.html` beside the executed copy of a run and give its path."""
    html = render_report(run_dir / EXECUTED, title=title, template_root=share_folder("templates"))
    path = run_dir / REPORT
    path.write_text(html, "utf-8")
    return path
