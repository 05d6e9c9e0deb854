"""Publish reports of a small generated shop once, for all tests that look at what readers get.

400 people and 60 days that end on 12 April 2026, a Sunday; the clock of the shop's zone moves on 29
March. Every report goes the whole way, through the command line and the kernel.
"""

import csv
import gzip
import io
import json
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from segkit.cli.main import main
from segkit.demo import write_shop
from segkit.runs import execute
from segkit.runs.spec import LOG, Spec
from segkit.runs.verify import Ended
from segkit.workspace import Workspace

END_ON = date(2026, 4, 12)
CLOCK_CHANGE = date(2026, 3, 29)
PURPOSE = "marketing_email"
MAILING = f"""\
segkit: 1
segment: mailing
title: People to write to
where: {{attribute: {{name: plan, is: {{known: true}}}}}}
policy: {{purpose: {PURPOSE}, export: attributes, attributes: [plan, email]}}
"""
CLOSED = f"""\
segkit: 1
segment: closed
title: People who are nobody else's business
where: {{attribute: {{name: plan, is: plus}}}}
policy: {{purpose: {PURPOSE}}}
"""
FILES = ("report.html", "facts.json", "executed.ipynb", "manifest.json")
LISTS = ("users.csv", "users.parquet")
_SHOPS: "list[Shop]" = []
"""The one shop of this test run: a fixture that two folders share is made for each of them."""


@dataclass(frozen=True, kw_only=True)
class Published:
    """One published report: what was asked, what the command said, what its log holds."""

    segment: str
    clearance: str
    as_of: date
    folder: Path
    said: str
    log: str

    @cached_property
    def facts(self) -> dict[str, Any]:
        """The document of `facts.json`."""
        found: dict[str, Any] = json.loads((self.folder / "facts.json").read_text("utf-8"))
        return found

    @cached_property
    def html(self) -> str:
        """The page."""
        return (self.folder / "report.html").read_text("utf-8")

    @cached_property
    def rows(self) -> list[dict[str, str]]:
        """The rows of `users.csv`."""
        with (self.folder / "users.csv").open(encoding="utf-8", newline="") as lines:
            return list(csv.DictReader(lines))

    @cached_property
    def n_parquet(self) -> int:
        """The number of rows of `users.parquet`."""
        return int(pq.read_metadata(self.folder / "users.parquet").num_rows)

    def texts(self) -> Iterator[tuple[str, str]]:
        """Give the name and the whole text of everything that the run leaves behind."""
        yield "said", self.said
        yield "log", self.log
        for path in sorted(self.folder.iterdir()):
            if path.suffix == ".parquet":
                yield path.name, json.dumps(pq.read_table(path).to_pylist(), default=str)
            else:
                yield path.name, path.read_text("utf-8")


@dataclass(frozen=True, kw_only=True)
class Shop:
    """A loaded workspace and the reports published from it so far."""

    root: Path
    made: dict[tuple[str, str, date, int], Published] = field(default_factory=dict)

    def publish(
        self,
        segment: str,
        *,
        clearance: str = "pseudonymous",
        as_of: date = END_ON,
        days: int = 60,
        anew: bool = False,
    ) -> Published:
        """Give the report, published by the command line; once, unless `anew`."""
        asked = (segment, clearance, as_of, days)
        if anew or asked not in self.made:
            made = publish(self.root, segment, clearance=clearance, as_of=as_of, days=days)
            if anew:
                return made
            self.made[asked] = made
        return self.made[asked]

    @cached_property
    def mails(self) -> frozenset[str]:
        """Every e-mail address of the raw files."""
        with (self.root / "raw" / "crm.csv").open(encoding="utf-8", newline="") as lines:
            found = {row["email"] for row in csv.DictReader(lines)}
        for path in (self.root / "raw" / "events").glob("*.gz"):
            with gzip.open(path, "rt", encoding="utf-8", errors="replace") as lines:
                found |= {m for line in lines if '"identify"' in line for m in _traits_mail(line)}
        found |= set((self.root / "lists" / "staff.csv").read_text("utf-8").split()[1:])
        return frozenset(mail for mail in found if mail)

    @cached_property
    def user_keys(self) -> frozenset[str]:
        """The ids of all users, known ones and devices."""
        tables = Workspace.open(self.root).tables
        rows = tables.engine.rows(tables.users.select("user_key"))
        return frozenset(str(key) for (key,) in rows)


def _traits_mail(line: str) -> Iterator[str]:
    try:
        traits = json.loads(line).get("traits") or {}
    except ValueError:
        return
    if isinstance(traits, dict) and traits.get("email"):
        yield str(traits["email"])


def publish(
    root: Path, segment: str, *, clearance: str, as_of: date | None, days: int
) -> Published:
    """Publish one report by the command line and keep what it said and logged."""
    logs: list[str] = []
    wait_for = execute.wait_for

    def wait_and_keep(child: Any, spec: Spec, **given: Any) -> Ended:
        ended: Ended = wait_for(child, spec, **given)
        logs.append((Path(spec.scratch) / LOG).read_text("utf-8"))
        return ended

    arguments = ["-w", str(root), "report", segment, "--clearance", clearance]
    arguments += ["--set", f"days={days}", *(["--as-of", as_of.isoformat()] if as_of else [])]
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setattr(execute, "wait_for", wait_and_keep)
        code = main(arguments)
    assert code == 0, err.getvalue()
    folder = Path(out.getvalue().strip()).parent
    return Published(
        segment=segment,
        clearance=clearance,
        as_of=date.fromisoformat(folder.parent.name),
        folder=folder,
        said=out.getvalue() + err.getvalue(),
        log="".join(logs),
    )


def _make_shop(root: Path) -> Shop:
    write_shop(root, users=400, days=60, end_on=END_ON)
    for name, text in (("mailing", MAILING), ("closed", CLOSED)):
        (root / "segments" / f"{name}.yml").write_text(text, "utf-8")
    Workspace.open(root).load()
    return Shop(root=root)


@pytest.fixture(scope="session")
def lindenhof(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """Give the generated shop, loaded once for every folder of tests; nobody changes it."""
    if not _SHOPS:
        _SHOPS.append(_make_shop(tmp_path_factory.mktemp("lindenhof") / "shop"))
    return _SHOPS[0]
