"""A target that names a missing file, or that nobody documents, is a target that nobody runs."""

import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
PATH = re.compile(r"(?<![\w./$(-])((?:[\w-]+/)+[\w.-]+\.\w+|[\w-]+\.(?:toml|lock|yml|py|md))")
NAMED = re.compile(r"(?:^|`)make ([a-z]+)", re.MULTILINE)
MADE = ("demo/", "reports_out/")


def targets() -> list[str]:
    """Give the phony targets."""
    named = re.search(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)
    return named[1].split() if named else []


def test_every_path_in_the_makefile_exists() -> None:
    missing = [
        f"Makefile:{number}: {path}"
        for number, line in enumerate(MAKEFILE.splitlines(), start=1)
        for path in PATH.findall(line)
        if not path.startswith(MADE) and not (ROOT / path).exists()
    ]

    assert missing == []


def test_every_target_says_what_it_does() -> None:
    helped = set(re.findall(r"^([a-z-]+):.*## ", MAKEFILE, re.MULTILINE))

    assert helped == set(targets())


def test_documents_name_only_targets_that_exist() -> None:
    documents = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    named = {t for d in documents for t in NAMED.findall(d.read_text("utf-8"))}

    assert named - set(targets()) == set()
    assert {"demo", "test"} <= named


@pytest.mark.parametrize("target", ["demo", "test"])
def test_the_two_commands_of_the_readme_do_not_need_each_other(target: str) -> None:
    other = {"demo": "pytest", "test": "segkit demo"}[target]

    done = subprocess.run(
        ["make", "--dry-run", "--always-make", target],  # noqa: S607  the make of this machine
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        env={k: v for k, v in os.environ.items() if not k.startswith("MAKE") and k != "MFLAGS"},
    )

    assert "-m venv" in done.stdout
    assert other not in done.stdout


def test_ci_runs_make_test_and_fails_with_it() -> None:
    script = ROOT / ".ci" / "run"
    text = script.read_text("utf-8")

    assert "set -euo pipefail" in text
    assert text.rstrip().endswith("make test")
    assert script.stat().st_mode & 0o111
