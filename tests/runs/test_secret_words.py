"""Secrets in parameters, and in what a notebook shows or writes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import segkit as sk
from segkit.cli.main import main
from segkit.errors import ParameterError
from segkit.runs.order import order_report
from segkit.runs.secret_words import find_leak, list_secrets, mask_text, mask_tree
from tests.runs.own_notebook import FINISH, write_notebook

ROOT = Path(__file__).parents[2]
SECRET = 'hush-&"ünlocked'  # noqa: S105  of no use to anybody
ADDRESS = "postgres://reader:hush-hush@db.example.org/shop"
PARAMETERS = 'workspace = "."\nsegment = "a"\nas_of = ""\ndays = 7\nnote = ""'
LEAKS = """\
import json, os, pathlib
folder = pathlib.Path(os.environ["SEGKIT_RUN_DIR"])
(folder / "facts.json").write_text(json.dumps({"x": os.environ["SHOP_PASSWORD"]}))
"""


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set a variable that is named like a secret."""
    monkeypatch.setenv("SHOP_PASSWORD", SECRET)


def test_secrets_are_known_by_the_names_of_variables_and_by_addresses() -> None:
    environment = {
        "PGPASSWORD": "eight chars",
        "API_KEY": "12345678",
        "STORE": ADDRESS,
        "SHORT_TOKEN": "1234567",
        "GOOGLE_CREDENTIALS": "/etc/google.json",
        "LANG": "en_GB.UTF-8",
        "PAGE": "https://example.org/a:b@c",
    }

    assert list_secrets(environment) == {
        "PGPASSWORD": "eight chars",
        "API_KEY": "12345678",
        "STORE": "hush-hush",
    }


@pytest.mark.usefixtures("told")
def test_every_form_of_a_secret_is_masked_and_found(tmp_path: Path) -> None:
    forms = [SECRET, "hush-&amp;&quot;ünlocked", 'hush-&\\"ünlocked', 'hush-&\\"\\u00fcnlocked']
    (tmp_path / "a.txt").write_text("nothing", "utf-8")

    masked = [mask_text(f"<{form}>") for form in forms]
    clean = find_leak(tmp_path)
    (tmp_path / "b.json").write_text(json.dumps([SECRET]), "utf-8")

    assert masked == ["<(secret)>"] * 4
    assert mask_tree({"a": [SECRET, 1, None]}) == {"a": ["(secret)", 1, None]}
    assert (clean, find_leak(tmp_path)) == (None, ("b.json", "SHOP_PASSWORD"))


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize(
    ("text", "found"),
    [(f"x{SECRET}", "the value of `SHOP_PASSWORD`"), (ADDRESS, "a login within an address")],
    ids=["value", "address"],
)
def test_a_parameter_that_holds_a_secret_is_refused_without_repeating_it(
    shop: Path, text: str, found: str, capsys: pytest.CaptureFixture[str]
) -> None:
    write_notebook(shop, "own", parameters=PARAMETERS)
    (shop / "reports").mkdir()
    schedule = "notebook: own\nowner: a@example.com\nsegments: [buyers]\nperiod: daily\n"
    schedule += f"every: day 06:00\nparameters: {{note: {json.dumps(text)}}}\n"
    (shop / "reports" / "daily.yml").write_text(schedule, "utf-8")
    asked = ["run", "own", "--segment", "buyers", "--set", f"note={text}"]

    with pytest.raises(ParameterError, match=f"`note`: expected no secret, found {found}") as no:
        order_report(sk.open(shop), "own", {"segment": "buyers", "note": text})
    codes = [main(["-w", str(shop), *one]) for one in (asked, ["run", "daily"])]

    said = capsys.readouterr().err
    sentence = str(no.value).partition("\n")[0]
    assert codes == [2, 2]
    assert said.count(sentence) == 2
    assert "hush" not in said
    assert not (shop / "reports_out").exists()


def test_a_parameter_that_is_named_like_a_secret_is_refused(shop: Path) -> None:
    write_notebook(shop, "own", parameters=f'{PARAMETERS}\ndb_password = ""')

    with pytest.raises(ParameterError, match="`db_password` is named like a secret"):
        order_report(sk.open(shop), "own", {"segment": "buyers"})


@pytest.mark.slow
@pytest.mark.notebook
@pytest.mark.usefixtures("told")
def test_a_secret_that_a_notebook_shows_is_masked_wherever_it_would_stand(shop: Path) -> None:
    shows = """\
import os, sys
from IPython.display import HTML, display
import html
secret = os.environ["SHOP_PASSWORD"]
print("printed", secret)
print("to the log", secret, file=sys.__stderr__)
display(HTML("<b>" + html.escape(secret) + "</b>"))
display({"application/json": {"a": [secret]}}, raw=True)
"""
    write_notebook(shop, "shown", parameters=PARAMETERS, code=f"{shows}{FINISH}")
    write_notebook(shop, "raised", parameters=PARAMETERS, code=f"{shows}raise KeyError(secret)")
    write_notebook(shop, "leaks", parameters=PARAMETERS, code=LEAKS)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}

    done = {
        name: subprocess.run(
            [sys.executable, "-m", "segkit", "-w", str(shop), "run", name, "--segment", "buyers"],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        for name in ("shown", "raised", "leaks")
    }

    assert {name: one.returncode for name, one in done.items()} == {
        "shown": 0,
        "raised": 30,
        "leaks": 30,
    }
    assert "`facts.json` holds the value of `SHOP_PASSWORD`" in done["leaks"].stderr
    left = [path for path in shop.rglob("*") if path.is_file()]
    kept = [p for p in left if {"reports_out", ".segkit"} & set(p.relative_to(shop).parts)]
    assert {"report.html", "executed.ipynb", "manifest.json", "runs.sqlite"} < {
        p.name for p in kept
    }
    assert [path for path in kept if b"hush-" in path.read_bytes()] == []
    assert not any("hush-" in one.stdout + one.stderr for one in done.values())
    (page,) = (path for path in kept if path.name == "report.html" and not path.is_symlink())
    assert "printed (secret)" in page.read_text("utf-8")
