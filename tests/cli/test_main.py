import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import segkit
from segkit.cli import main as cli
from segkit.cli.main import main
from segkit.errors import SegkitError

COMMANDS = ("demo", "init", "load", "segments", "report", "lab", "doctor")


def test_the_version_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["--version"])

    assert (code, capsys.readouterr().out) == (0, f"segkit {segkit.__version__}\n")


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["--help"])

    text = capsys.readouterr().out
    assert code == 0
    assert [name for name in COMMANDS if f"  {name} " not in text] == []


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    code = main([command, "--help"])

    assert code == 0
    assert "Usage: segkit" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["reprot"], "Did you mean 'report'"),
        (["segments", "cuont"], "Did you mean 'count'"),
        (["report"], "Missing argument"),
        (["report", "loyal", "--asof", "2026-06-30"], "--as-of"),
        (["demo", "--users", "many"], "Invalid value for '--users'"),
        (["demo", "--users", "0"], "Invalid value for '--users'"),
        (["lab", "--port", "70000"], "Invalid value for '--port'"),
        (["segments", "members", "loyal"], "Missing option '--out'"),
    ],
)
def test_wrong_words_are_refused_with_a_hint(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(arguments)

    said = capsys.readouterr()
    assert code == 2
    assert sentence in said.err
    assert "Hint: " in said.err
    assert said.out == ""


def test_an_error_is_one_message_without_traceback(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["-w", str(tmp_path), "segments", "list"])

    said = capsys.readouterr()
    assert code == 2
    assert said.err.startswith("There is no workspace here or above.")
    assert "Traceback" not in said.err
    assert said.out == ""


def test_debug_shows_where_an_error_came_from(tmp_path: Path) -> None:
    with pytest.raises(SegkitError, match="no workspace"):
        main(["--debug", "-w", str(tmp_path), "segments", "list"])


def test_an_interrupt_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "app", interrupt)

    assert main(["doctor"]) == 130
    assert capsys.readouterr().err == "Interrupted.\n"


@pytest.mark.slow
def test_a_closed_pipe_ends_the_command_quietly(shop: Path) -> None:
    command = [sys.executable, "-m", "segkit", "-w", str(shop), "segments", "list", "--json"]
    read, write = os.pipe()
    os.close(read)

    done = subprocess.run(
        command, stdout=write, stderr=subprocess.PIPE, check=False, cwd=Path(__file__).parents[2]
    )
    os.close(write)

    assert done.returncode == 1
    assert done.stderr == b""


def test_the_module_is_the_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "segkit", "segments", "lst"],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )

    assert done.returncode == 2
    assert "lst" in done.stderr


def test_json_is_one_document(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["-w", str(shop), "segments", "count", "buyers", "--json"])

    assert isinstance(json.loads(capsys.readouterr().out), dict)


def test_counting_imports_nothing_heavy(shop: Path) -> None:
    program = (
        "import sys; from segkit.cli.main import main; main(); "
        "heavy = {'pandas', 'matplotlib', 'seaborn', 'sklearn', 'papermill', 'nbconvert', 'voila',"
        " 'jupyter_client', 'deltalake', 'pyarrow', 'numpy', 'IPython'}; "
        "print(*sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )

    done = subprocess.run(
        [sys.executable, "-c", program, "-w", str(shop), "segments", "count", "buyers", "--json"],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )

    assert done.stderr.strip() == ""
    assert json.loads(done.stdout)["members"] == 15
