from pathlib import Path

import pytest

from segkit.cli.main import main
from segkit.config import read_config
from segkit.workspace import Workspace


def test_a_new_workspace_opens_and_says_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "my shop"

    code = main(["init", str(folder)])

    assert (code, capsys.readouterr().out) == (0, f"{folder / 'segkit.toml'}\n")
    assert Workspace.open(folder).config.name == "my shop"
    assert main(["-w", str(folder), "load"]) == 2
    assert "docs/workspace.md" in capsys.readouterr().err


def test_every_commented_key_is_a_real_one(tmp_path: Path) -> None:
    main(["init", str(tmp_path / "shop")])
    text = (tmp_path / "shop" / "segkit.toml").read_text("utf-8")
    lines = (line.removeprefix("# ") for line in text.splitlines())
    told = [line for line in lines if "=" in line or line.startswith("[")]

    config = read_config("\n".join(_in_order(told)), where="segkit.toml")

    assert [source.name for source in config.sources] == ["web", "shop", "crm"]
    assert config.privacy.columns == {"email": "personal", "loyalty_tier": "public"}
    assert config.report.list_rows == 500


def _in_order(lines: list[str]) -> list[str]:
    """Leave out prose that happens to hold an equals sign or bracket."""
    return [
        line
        for line in lines
        if line[0] in "[abcdefghijklmnopqrstuvwxyz" and "; " not in line.split("#")[0]
    ]


def test_a_workspace_is_never_overwritten(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = (shop / "segkit.toml").read_bytes()

    code = main(["init", str(shop)])

    assert code == 2
    assert "There is a workspace already." in capsys.readouterr().err
    assert (shop / "segkit.toml").read_bytes() == before


def test_a_file_is_no_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("", "utf-8")

    code = main(["init", str(tmp_path / "file")])

    assert code == 2
    assert "cannot be written" in capsys.readouterr().err


@pytest.mark.parametrize("name", ['quo"te', "back\\slash", "{{name}}", "ümlaut"])
def test_any_folder_name_gives_a_readable_toml(tmp_path: Path, name: str) -> None:
    main(["init", str(tmp_path / name)])

    assert Workspace.open(tmp_path / name).config.name
