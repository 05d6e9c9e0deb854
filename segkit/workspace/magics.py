"""Commands of notebooks: `%load_ext segkit`, then `%segment NAME` and `%%segment` above YAML."""

from typing import Any

from IPython.core.error import UsageError

from segkit.errors import ParameterError, SegkitError
from segkit.segments.model import Definition
from segkit.segments.read import read_definitions
from segkit.workspace.members import Members
from segkit.workspace.space import Workspace

MAGIC = "segment"
MOST_WORDS = 2
IN_CELL = "this cell"


def load_ipython_extension(shell: Any) -> None:  # noqa: ANN401  an InteractiveShell
    """Give a notebook the commands `%segment` and `%%segment`; `%load_ext segkit` calls this."""

    def run(line: str, cell: str | None = None) -> Members:
        try:
            return ask_segment(shell, line) if cell is None else define_segment(shell, line, cell)
        except SegkitError as error:
            raise UsageError(str(error)) from None

    def complete(_shell: Any, event: Any) -> list[str]:  # noqa: ANN401  as IPython calls it
        return complete_segment(shell, str(event.line))

    shell.register_magic_function(run, "line_cell", MAGIC)
    shell.set_hook("complete_command", complete, str_key=f"%{MAGIC}")


def find_workspace(shell: Any) -> Workspace:  # noqa: ANN401
    """Give the workspace that the notebook holds as `ws`, else the nearest one.

    Raises
    ------
    WorkspaceError
        When there is none.
    """
    held = shell.user_ns.get("ws")
    return held if isinstance(held, Workspace) else Workspace.open()


def ask_segment(shell: Any, line: str) -> Members:  # noqa: ANN401
    """Answer `%segment NAME [DAY]`: who is in a segment of the library at the end of a day.

    Raises
    ------
    SegkitError
        When there is no such segment or day, or the line has no name or too many words.
    """
    words = line.split()
    if not 1 <= len(words) <= MOST_WORDS:
        raise ParameterError.build(
            f"`%{MAGIC}`: expected a segment and perhaps a day, found {len(words)} words.",
            hint=f"write %{MAGIC} loyal, or %{MAGIC} loyal 2026-06-30.",
        )
    return find_workspace(shell).members(words[0], *words[1:])


def define_segment(shell: Any, line: str, cell: str) -> Members:  # noqa: ANN401
    """Answer `%%segment [DAY]` above the YAML of one segment: check it and say who is in it.

    The notebook holds the definition under the segment's id from now on; `ws.save(…)` keeps it.

    Raises
    ------
    SegkitError
        When the text is not one good definition.
    """
    found = read_definitions(cell, IN_CELL)
    if len(found) != 1:
        raise ParameterError.build(
            f"`%%{MAGIC}`: expected one definition, found {len(found)}.",
            where=IN_CELL,
            hint="write one segment a cell.",
        )
    (definition,) = found
    held = shell.user_ns.get(definition.segment)
    if held is not None and not isinstance(held, Definition):
        raise ParameterError.build(
            f"The notebook holds something else as `{definition.segment}`.",
            where=IN_CELL,
            hint="give the segment another id.",
        )
    workspace = find_workspace(shell)
    workspace.check(definition)
    members = workspace.members(definition, line.strip() or None)
    shell.user_ns[definition.segment] = definition
    return members


def complete_segment(shell: Any, line: str) -> list[str]:  # noqa: ANN401
    """Give the segments that may end a line; none where there is no workspace."""
    begun = line.split()[1:] if not line.endswith(" ") else [""]
    try:
        known = find_workspace(shell).segments
    except SegkitError:
        return []
    return [name for name in known if name.startswith(begun[-1] if begun else "")]
