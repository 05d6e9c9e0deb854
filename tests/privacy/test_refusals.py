"""What a person gets wrong is said in one message with a hint, names nobody and breaks nothing."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from segkit.cli.main import main
from tests.tiny_shop import loaded_shop, shop

__all__ = ["loaded_shop", "shop"]

COUNT = ("segments", "count", "buyers")
REPORT = ("report", "buyers")
PROGRESS = re.compile(r"\w+: \d+ of \d+")
Change = Callable[[Path], object]


def _toml(old: str, new: str) -> Change:
    def change(root: Path) -> None:
        path = root / "segkit.toml"
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), "utf-8")

    return change


def _segment(where: str) -> Change:
    return _text("segments/mine.yml", f"segkit: 1\nsegment: mine\ntitle: Mine\nwhere: {where}\n")


def _text(name: str, text: str) -> Change:
    def change(root: Path) -> None:
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(text, "utf-8")

    return change


def _rows(*rows: str) -> Change:
    return _text("data/web.csv", "\n".join(["user,time,event,page,value", *rows, ""]))


def _bytes(name: str, content: bytes) -> Change:
    def change(root: Path) -> None:
        (root / name).write_bytes(content)

    return change


def _folder_for_toml(root: Path) -> None:
    (root / "segkit.toml").unlink()
    (root / "segkit.toml").mkdir()


def _lose_data(root: Path) -> None:
    for path in (root / "store" / "tables" / "user_days").glob("*.parquet"):
        path.unlink()


def _nothing(_root: Path) -> None:
    return


MINE = ("segments", "count", "mine")
CASES: dict[str, tuple[Change, tuple[str, ...], str]] = {
    "missing file": (_toml("data/web.csv", "data/wbe.csv"), ("load",), "wbe.csv"),
    "wrong column": (_toml('time = "time"', 'time = "when"'), ("load",), "`when`"),
    "naive times": (
        _rows("u01,2026-06-30T12:00:00,page_view,/,", "ann@example.com,2026-06-30,page_view,/,"),
        ("load",),
        "zone",
    ),
    "no time is one": (_rows("ann@example.com,never,page_view,/,"), ("load",), "none of the times"),
    "too many bad rows": (
        _rows(
            *(f"u{n:02},2026-06-30T12:00:00Z,page_view,/," for n in range(30)),
            *(f"ann{n}@example.com,never,page_view,/," for n in range(3)),
        ),
        ("load",),
        "3 of 33 rows are bad",
    ),
    "no such format": (_toml('format = "csv"', 'format = "cvs"'), ("load",), "format"),
    "unknown source": (_nothing, ("load", "wbe"), "`wbe`"),
    "unknown event": (_segment("{did: {event: purchse}}"), MINE, "`purchse`"),
    "unknown attribute": (
        _segment("{attribute: {name: plam, is: plus}}"),
        MINE,
        "`plam`",
    ),
    "unknown segment": (_nothing, ("segments", "count", "buyrs"), "`buyrs`"),
    "unknown segment inside": (_segment("{in_segment: buyrs}"), MINE, "`buyrs`"),
    "cycle": (_segment("{in_segment: mine}"), MINE, "mine"),
    "missing list": (
        _segment("{in_list: {file: lists/no.csv, column: user, match: user_id}}"),
        MINE,
        "no.csv",
    ),
    "not YAML": (_text("segments/mine.yml", "segkit: 1\nsegment: [mine\n"), MINE, "mine"),
    "segment not UTF-8": (_bytes("segments/mine.yml", b"\xff\xfe"), MINE, "mine"),
    "empty segment to a file": (
        _segment("{did: {event: purchase, is: {gte: 99}}}"),
        ("segments", "members", "mine", "--out", "x.csv"),
        "Fewer than 10",
    ),
    "file of no format": (
        _nothing,
        ("segments", "members", "buyers", "--out", "x.xls"),
        ".csv",
    ),
    "empty store": (lambda root: (root / "store" / "CURRENT").unlink(), COUNT, "load"),
    "empty store for a report": (
        lambda root: (root / "store" / "CURRENT").unlink(),
        REPORT,
        "load",
    ),
    "broken store": (_bytes("store/CURRENT", b"\xff{"), COUNT, "snapshot"),
    "lost data": (_lose_data, COUNT, "snapshot"),
    "toml is a folder": (_folder_for_toml, COUNT, "no workspace"),
    "toml not UTF-8": (_bytes("segkit.toml", b'name = "\xff"'), COUNT, "UTF-8"),
    "toml broken": (_bytes("segkit.toml", b"name = \n"), COUNT, "not TOML"),
    "toml with an unknown key": (_toml("timezone", "timezoen"), COUNT, "timezoen"),
    "toml with a wrong zone": (_toml('"UTC"', '"Europe/Berln"'), COUNT, "Europe/Berln"),
    "toml with a wrong value": (_toml("[privacy]", "[privacy]\nmin_size = 0"), COUNT, "min_size"),
    "unknown parameter": (_nothing, (*REPORT, "--set", "dys=3"), "`dys`"),
    "own parameter": (_nothing, (*REPORT, "--set", "workspace=/tmp"), "`workspace`"),
    "parameter without a value": (_nothing, (*REPORT, "--set", "days"), "`days`"),
    "days of no kind": (_nothing, (*REPORT, "--set", "days=007x"), "`days`"),
    "unknown baseline": (_nothing, (*REPORT, "--set", "baseline=rset"), "`rset`"),
    "unknown clearance": (_nothing, (*REPORT, "--clearance", "root"), "`root`"),
    "no date": (_nothing, (*COUNT, "--as-of", "30.06.2026"), "`as_of`"),
    "no date for a report": (_nothing, (*REPORT, "--as-of", "30.06.2026"), "`as_of`"),
    "a day that is none": (_nothing, (*COUNT, "--as-of", "2026-02-30"), "`as_of`"),
    "the future": (_nothing, (*COUNT, "--as-of", "2999-01-01"), "2999-01-01"),
    "the future for a report": (_nothing, (*REPORT, "--as-of", "2999-01-01"), "2999-01-01"),
    "no such folder": (lambda root: (root / "segkit.toml").unlink(), COUNT, "no workspace"),
}
IN_THE_KERNEL: dict[str, tuple[Change, tuple[str, ...], str]] = {
    "empty segment": (
        _segment("{did: {event: purchase, is: {gte: 99}}}"),
        ("report", "mine"),
        "no members",
    ),
    "before the data": (_nothing, (*REPORT, "--as-of", "2020-01-01"), "2020-01-01"),
    "unknown step of the funnel": (
        _toml("[privacy]", '[report]\nfunnel = ["page_view", "purchse"]\n[privacy]'),
        REPORT,
        "`purchse`",
    ),
}


def _state(root: Path) -> dict[str, bytes]:
    """Give the bytes of what readers see: the snapshot and the published reports.

    The list of reports is left out: it tells of failed runs too.
    """
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for top in ("store", "reports_out")
        for path in sorted((root / top).rglob("*"))
        if path.is_file() and path.suffix in {"", ".json", ".html"} and path.name != "LOCK"
        if ".failed" not in path.parts and path.name not in {".lock", "index.html"}
    }


def _assert_refused(
    root: Path,
    case: tuple[Change, tuple[str, ...], str],
    capsys: pytest.CaptureFixture[str],
    patch: pytest.MonkeyPatch,
) -> None:
    change, arguments, sentence = case
    change(root)
    patch.chdir(root.parent)
    before = _state(root)

    code = main(["-w", str(root), *arguments])

    said = capsys.readouterr()
    told = [line for line in said.err.splitlines() if line and not PROGRESS.fullmatch(line)]
    assert (code, said.out) == (2, ""), said
    assert sentence in said.err
    assert [line.startswith("Hint: ") for line in told] == [False, True], said.err
    assert "Traceback" not in said.err
    assert re.findall(r"\S+@\S+|\bu\d\d\b", said.err) == []
    assert _state(root) == before
    assert not (root.parent / "x.csv").exists()


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_a_mistake_is_one_message_that_names_nobody(
    shop: Path,
    case: tuple[Change, tuple[str, ...], str],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _assert_refused(shop, case, capsys, monkeypatch)


@pytest.mark.slow
@pytest.mark.notebook
@pytest.mark.parametrize("case", IN_THE_KERNEL.values(), ids=IN_THE_KERNEL.keys())
def test_a_mistake_that_a_run_finds_is_one_message_too(
    shop: Path,
    case: tuple[Change, tuple[str, ...], str],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _assert_refused(shop, case, capsys, monkeypatch)


def test_a_good_load_after_a_refused_one_goes_on(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = (shop / "data" / "web.csv").read_bytes()
    CASES["too many bad rows"][0](shop)

    refused = main(["-w", str(shop), "load"])
    (shop / "data" / "web.csv").write_bytes(good)
    mended = main(["-w", str(shop), "load"])

    assert (refused, mended) == (2, 0)
    assert main(["-w", str(shop), *COUNT]) == 0
    assert "15 of 40 users" in capsys.readouterr().out
