import json
from pathlib import Path

import pytest

from segkit.cli.main import main
from tests.mail.post import HOST, Scripted, serving
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
def test_run_prints_the_path_and_says_when_it_was_made_before(
    weekly: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["-w", str(weekly), "run", "weekly", "--period", "2026-W26"]

    codes = [main(command), main(command)]
    said = capsys.readouterr()
    codes.append(main([*command, "--force", "--json"]))
    document = json.loads(capsys.readouterr().out)

    first, second = said.out.splitlines()
    assert codes == [0, 0, 0]
    assert first == second
    assert Path(first).is_file()
    assert "made before; --force makes it again" in said.err
    assert document["runs"][0]["corrects"] == Path(first).parent.name


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["weekl"], "Did you mean `weekly`"),
        (["../weekly"], "Unknown report `../weekly`"),
        (["weekly/2026"], "Unknown report"),
        (["weekly", "--period", "2026-26"], "expected a week like 2026-W26"),
        (["weekly", "--period", "../../x"], "expected a week like 2026-W26"),
        (["weekly", "--period", "2999-W01"], "2999-W01 is not over"),
        (["weekly", "--set", "day=1"], "Did you mean `days`?"),
        (["weekly", "--set", "days=007x"], "`days`: expected a whole number"),
        (["weekly", "--segment", "gold"], "is not about `gold`"),
        (["tiny"], "needs `segments`"),
    ],
)
def test_wrong_words_are_refused_before_anything_is_claimed(
    weekly: Path, arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["-w", str(weekly), "run", *arguments])

    said = capsys.readouterr()
    assert (code, said.out) == (2, "")
    assert sentence in said.err
    assert not (weekly / ".segkit").exists()
    assert not list((weekly / "reports_out").glob("*"))


def test_data_that_is_not_there_yet_exits_with_twenty(
    weekly: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["-w", str(weekly), "run", "weekly", "--period", "2026-W40", "--json"])

    document = json.loads(capsys.readouterr().out)
    assert code == document["exit_code"] == 20
    assert document["runs"][0]["state"] == "waiting"


@pytest.mark.slow
@pytest.mark.notebook
def test_run_mails_what_it_makes_and_says_when_not_everybody_has_it(
    weekly: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with (weekly / "reports" / "weekly.yml").open("a", encoding="utf-8") as out:
        out.write("recipients: {all: [ann@example.org, never@example.org]}\n")
    command = ["-w", str(weekly), "run", "weekly", "--period", "2026-W26"]
    post = Scripted()
    with serving(post) as port:
        for name, value in {"HOST": HOST, "PORT": str(port), "TLS": "none"}.items():
            monkeypatch.setenv(f"SEGKIT_SMTP_{name}", value)
        monkeypatch.setenv("SEGKIT_MAIL_FROM", "reports@example.org")

        codes = [main(command), main(command)]

    assert codes == [50, 0]
    assert post.got == ["ann@example.org", "owner@example.com"]
    assert "Not everybody has the mail" in capsys.readouterr().err
