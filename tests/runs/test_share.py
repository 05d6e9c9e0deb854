from pathlib import Path

import pytest

from segkit.errors import WorkspaceError
from segkit.runs import share
from segkit.runs.share import share_folder


def test_a_checkout_has_the_folders_beside_the_package() -> None:
    assert (share_folder("templates") / "nbconvert" / "segkit" / "index.html.j2").is_file()
    assert (share_folder("notebooks") / "segment_report.ipynb").is_file()


def test_an_installed_package_carries_them_inside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = tmp_path / "segkit" / "_share" / "templates"
    inside.mkdir(parents=True)
    (tmp_path / "templates").mkdir()
    monkeypatch.setattr(share, "__file__", str(tmp_path / "segkit" / "runs" / "share.py"))

    assert share_folder("templates") == inside


def test_a_folder_that_is_nowhere_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(share, "__file__", str(tmp_path / "segkit" / "runs" / "share.py"))

    with pytest.raises(WorkspaceError, match="lacks its folder `templates`"):
        share_folder("templates")
