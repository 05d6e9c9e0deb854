"""Open a workspace: the one object that people hold.

It knows its folder, its `segkit.toml`, its newest snapshot and its segments, and hands each
question to the stage that answers it. Disk, clock and environment are touched here, so that those
stages need not.
"""

from segkit.workspace.library import Entry, Library
from segkit.workspace.members import Members
from segkit.workspace.space import Workspace

open_workspace = Workspace.open

__all__ = ["Entry", "Library", "Members", "Workspace", "open_workspace"]
