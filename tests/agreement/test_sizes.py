"""One number for one question, whoever asks: page, facts, files, command line and Python."""

import json
import re
from datetime import date
from pathlib import Path

import pytest

import segkit as sk
from segkit.cli.main import main
from tests.published import CLOCK_CHANGE, END_ON, FILES, LISTS, Published, Shop

PUBLISHED = [("deal_hunters", CLOCK_CHANGE, 28), ("known", END_ON, 60)]
WORKED_OUT = [
    ("returning", date(2026, 3, 28), 28),
    ("cart_abandoners", date(2026, 3, 30), 7),
    ("spring_mailing", END_ON, 14),
    pytest.param("readers_without_order", END_ON, 365, marks=pytest.mark.slow),
]


def _counted(root: Path, segment: str, as_of: date, capsys: pytest.CaptureFixture[str]) -> int:
    main(["-w", str(root), "segments", "count", segment, "--as-of", str(as_of), "--json"])
    return int(json.loads(capsys.readouterr().out)["members"])


def _exported(root: Path, segment: str, as_of: date, out: Path) -> int:
    main(
        ["-w", str(root), "segments", "members", segment, "--as-of", str(as_of), "--out", str(out)]
    )
    return len(out.read_text("utf-8").splitlines()) - 1


def _header(published: Published) -> int:
    """Give the number on the first card of the page."""
    found = re.search(
        r"Users in the segment</dt>.*?sk-number[^>]*>([\d,]+)<", published.html, re.DOTALL
    )
    assert found is not None
    return int(found[1].replace(",", ""))


@pytest.mark.notebook
@pytest.mark.parametrize(("segment", "as_of", "days"), PUBLISHED)
def test_every_place_of_a_published_report_tells_one_size(
    lindenhof: Shop,
    segment: str,
    as_of: date,
    days: int,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    report = lindenhof.publish(segment, as_of=as_of, days=days)

    sizes = {
        "header": _header(report),
        "facts": report.facts["overview"]["n_users"],
        "list": report.facts["user_list"]["n_rows"],
        "exported": report.facts["user_list"]["n_exported"],
        "csv": len(report.rows),
        "parquet": report.n_parquet,
        "manifest": json.loads((report.folder / "manifest.json").read_text("utf-8"))["summary"][
            "n_users"
        ],
        "trend": report.facts["trend"][-1]["n_users"],
        "count": _counted(lindenhof.root, segment, as_of, capsys),
        "members": sk.open(lindenhof.root).members(segment, as_of=as_of).count,
        "members --out": _exported(lindenhof.root, segment, as_of, tmp_path / "out.csv"),
    }
    assert set(sizes.values()) == {sizes["header"]}, sizes
    assert sizes["header"] >= 10
    assert len({row["user"] for row in report.rows}) == sizes["header"]
    assert {path.name for path in report.folder.iterdir()} == {*FILES, *LISTS}


@pytest.mark.parametrize(("segment", "as_of", "days"), WORKED_OUT)
def test_report_list_and_count_agree_on_any_day(
    lindenhof: Shop, segment: str, as_of: date, days: int, capsys: pytest.CaptureFixture[str]
) -> None:
    report = sk.open(lindenhof.root).report(segment, as_of=as_of, days=days)

    facts = report.facts()

    assert report.exported is not None
    users = {row[0] for row in report.exported.rows}
    sizes = {
        facts.overview.n_users,
        facts.user_list.n_rows,
        len(facts.user_list.rows),
        len(users),
        len(report.exported.rows),
        _counted(lindenhof.root, segment, as_of, capsys),
    }
    assert len(sizes) == 1, sizes
    assert sizes != {0}
    assert facts.overview.n_universe == len(users) + (facts.head.n_baseline or 0)
