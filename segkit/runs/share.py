"""Find the files that are shipped beside the code: templates and notebooks.

An installed wheel carries them below `segkit/_share`; a checkout has them beside `segkit/`.
"""

from pathlib import Path

from segkit.errors import WorkspaceError


def share_folder(name: str) -> Path:
    """Give the folder of shipped files of one name, `templates` or `notebooks`.

    Raises
    ------
    WorkspaceError
        When this installation has no such folder.
    """
    package = Path(__file__).resolve().parent.parent
    for parent in (package / "_share", package.parent):
        if (parent / name).is_dir():
            return parent / name
    raise WorkspaceError.build(
        f"This installation lacks its folder `{name}`.", hint="install segkit again."
    )
