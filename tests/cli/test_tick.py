import json
from pathlib import Path

import pytest

from segkit.cli.main import main
from tests.runs.own_notebook import write_notebook
from tests.runs.schedule.conftest import PARAMETERS, WEEKLY


@pytest.fixture
def weekly(shop: Path) -> Path:
    write_notebook(shop, "tiny", parameters=PARAMETERS)
    (shop / "reports").mkdir()
    (shop / "reports" / "weekly.yml").write_text(WEEKLY, "utf-8")
    return shop


@pytest.mark.slow
@pytest.mark.notebook
def test_a_tick_prints_what_it_made_and_then_has_nothing_to_do(
    weekly: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["-w", str(weekly), "tick", "--now", "2026-06-29T07:30:00Z"]

    codes = [main(command)]
    said = capsys.readouterr()
    codes.append(main([*command, "--json"]))
    document = json.loads(capsys.readouterr().out)

    assert codes == [0, 0]
    assert Path(said.out.strip()).is_file()
    assert "/weekly-buyers/2026-W26/" in said.out
    assert document == {
        "now": "2026-06-29T07:30:00+00:00",
        "exit_code": 0,
        "runs": [],
        "words": [],
    }


def test_a_tick_says_what_it_could_not_make(
    weekly: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (weekly / "reports" / "broken.yml").write_text("notebok: tiny\n", "utf-8")

    code = main(["-w", str(weekly), "tick", "--now", "2026-07-06T09:30:00+02:00"])

    said = capsys.readouterr()
    assert (code, said.out) == (20, "")
    assert "weekly 2026-W27 buyers: waiting. The data ends on 2026-06-30" in said.err
    assert "broken: faulty. " in said.err
    assert "(reports/broken.yml" in said.err


@pytest.mark.parametrize("now", ["2026-06-29", "2026-06-29T07:30:00", "soon", "29.06.2026"])
def test_an_instant_without_an_offset_is_refused(
    weekly: Path, now: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["-w", str(weekly), "tick", "--now", now]) == 2
    assert "expected an instant with its offset" in capsys.readouterr().err
    assert not (weekly / ".segkit").exists()
