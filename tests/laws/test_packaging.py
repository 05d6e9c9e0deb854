"""What is declared is what is used: dependencies, the conda environment, the lock, the version."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

import ibis
import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import segkit

ROOT = Path(__file__).parents[2]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
CONDA_NAMES = {
    "duckdb": "python-duckdb",
    "ibis-framework": "ibis-duckdb",
    "tzdata": "python-tzdata",
}
CONDA_LACKS = {"crawler-user-agents", "css-inline", "ua-parser-rs"}


def spelled(requirement: Requirement, names: dict[str, str]) -> str:
    """Give a requirement as `name` and sorted bounds, under its name in the other registry."""
    name = canonicalize_name(requirement.name)
    return names.get(name, name) + ",".join(sorted(str(requirement.specifier).split(",")))


def requirements(*extras: str) -> list[Requirement]:
    """Give the base requirements and those of some extras."""
    texts = list(PROJECT["dependencies"])
    for extra in extras:
        texts += PROJECT["optional-dependencies"][extra]
    return [Requirement(text) for text in texts]


def closure(wanted: list[Requirement]) -> set[str]:
    """Give the names of all distributions that some requirements bring along."""
    found: set[str] = set()
    pending = [(r.name, frozenset(r.extras)) for r in wanted]
    done: set[tuple[str, frozenset[str]]] = set()
    while pending:
        name, extras = pending.pop()
        if (name, extras) in done:
            continue
        done.add((name, extras))
        found.add(canonicalize_name(name))
        for text in metadata.requires(name) or []:
            further = Requirement(text)
            chosen = [""] if not extras else ["", *extras]
            if not further.marker or any(further.marker.evaluate({"extra": e}) for e in chosen):
                pending.append((further.name, frozenset(further.extras)))
    return found


def undeclared_imports(allowed: set[str]) -> Iterator[str]:
    """Give each import in segkit/ of a distribution that a plain install does not bring."""
    owners = metadata.packages_distributions()
    for path in sorted((ROOT / "segkit").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"), filename=str(path))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            for top in {name.split(".")[0] for name in names} - {"segkit"}:
                if top in sys.stdlib_module_names:
                    continue
                if not {canonicalize_name(d) for d in owners.get(top, [])} & allowed:
                    where = f"{path}:{getattr(node, 'lineno', 0)}"
                    yield f"{where}: `{top}` is no dependency in pyproject.toml"


def test_conda_environment_names_the_same_packages_and_bounds() -> None:
    listed = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))["dependencies"]
    pip = next(entry["pip"] for entry in listed if isinstance(entry, dict))
    conda = [
        Requirement(e)
        for e in listed
        if isinstance(e, str) and not e.startswith(("python>", "pip"))
    ]

    here = {spelled(r, {}) for r in [*conda, *map(Requirement, pip)]}

    assert here == {spelled(r, CONDA_NAMES) for r in requirements()}
    assert {canonicalize_name(Requirement(p).name) for p in pip} == CONDA_LACKS
    assert f"python{PROJECT['requires-python']}" in listed


def test_the_lock_satisfies_every_requirement() -> None:
    lines = (ROOT / "requirements.lock").read_text("utf-8").splitlines()
    pins = [Requirement(line) for line in lines if line and not line.startswith("#")]
    locked = {canonicalize_name(p.name): next(iter(p.specifier)).version for p in pins}

    wrong = [
        f"{r} but the lock says {locked.get(canonicalize_name(r.name))}"
        for r in requirements("apps", "dev", "spark")
        if not r.specifier.contains(locked.get(canonicalize_name(r.name), "0"))
    ]

    assert wrong == []


def test_the_lock_holds_exact_versions_of_everything_that_is_needed() -> None:
    lines = (ROOT / "requirements.lock").read_text("utf-8").splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]

    assert [line for line in pins if not re.fullmatch(r"[A-Za-z0-9._-]+==[^=*]+", line)] == []
    assert {canonicalize_name(line.split("==")[0]) for line in pins} >= closure(
        requirements("apps", "dev", "spark")
    )


def test_segkit_imports_only_what_its_dependencies_bring() -> None:
    allowed = closure(requirements("spark")) | {
        canonicalize_name(r.name)
        for r in requirements("dask", "spark", "apps", "sql", "pdf", "xlsx")
    }

    assert "\n".join(undeclared_imports(allowed)) == ""


def test_the_changelog_begins_with_the_packages_version() -> None:
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    versions = re.findall(r"^## \[(\d+\.\d+\.\d+)\]", text, re.MULTILINE)

    assert versions[0] == PROJECT["version"]
    newest = text.split("\n## [")[1]
    assert "### Numbers that change" in newest


def test_the_installed_version_is_the_declared_one() -> None:
    assert metadata.version("segkit") == PROJECT["version"] == segkit.__version__


def test_the_license_is_apache_2() -> None:
    text = (ROOT / "LICENSE").read_text("utf-8")

    assert PROJECT["license"] == "Apache-2.0"
    assert "Version 2.0, January 2004" in text
    assert "END OF TERMS AND CONDITIONS" in text


@pytest.mark.parametrize(("name", "below"), [("duckdb", "2"), ("sqlglot", "30.18")])
def test_the_installed_set_stays_below_the_versions_that_break_ibis(name: str, below: str) -> None:
    bounds = next(r.specifier for r in requirements() if r.name == name)

    assert f"<{below}" in str(bounds)
    assert bounds.contains(metadata.version(name))


def test_ibis_creates_a_table_and_runs_sql_on_duckdb() -> None:
    connection = ibis.duckdb.connect()

    table = connection.create_table("numbers", ibis.memtable({"n": [1, 2, 3]}))
    answer = connection.sql("SELECT sum(n) AS total FROM numbers").execute()

    assert table.n.max().execute() == 3
    assert answer["total"].tolist() == [6]
