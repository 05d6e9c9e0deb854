"""A wrong parameter is refused in the same sentence, whichever way it came, before any kernel."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import segkit as sk
from segkit.cli.main import main

WRONG: list[tuple[str, Any]] = [
    ("days", 0),
    ("days", 3661),
    ("days", "7x"),
    ("baseline", "nobody"),
    ("segment", "byers"),
]
SCHEDULE = """\
notebook: segment_report
owner: owner@example.com
segments: [{segment}]
parameters: {{{parameters}}}
period: daily
every: day 06:00
"""


def _said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    """Give a command's exit code and the sentence that it refused with."""
    code = main(list(words))
    return code, _sentence(capsys.readouterr().err)


def _sentence(text: str) -> str:
    """Give an error's sentence without its place, which each way has of its own."""
    return text.strip().partition("\nHint: ")[0].partition(" (")[0]


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_command_line_schedule_and_notebook_refuse_a_parameter_in_one_sentence(
    shop: Path, capsys: pytest.CaptureFixture[str], name: str, value: Any
) -> None:
    asked = {"segment": "buyers", name: value}
    segment = str(asked.pop("segment"))
    said = ", ".join(f"{key}: {json.dumps(text)}" for key, text in asked.items())
    (shop / "reports").mkdir()
    text = SCHEDULE.format(segment=segment, parameters=said)
    (shop / "reports" / "daily.yml").write_text(text, "utf-8")
    settings = [word for key, text in asked.items() for word in ("--set", f"{key}={text}")]
    here = ["-w", str(shop)]

    with pytest.raises(sk.SegkitError) as refused:
        sk.open(shop).report(segment, **asked)
    in_notebook = _sentence(str(refused.value))
    of_report = _said(capsys, *here, "report", segment, *settings)
    of_run = _said(capsys, *here, "run", "segment_report", "--segment", segment, *settings)
    of_schedule = _said(capsys, *here, "run", "daily")

    assert of_report == of_run == of_schedule == (2, in_notebook)
    assert not (shop / "reports_out").exists()


def test_a_day_that_is_none_is_refused_alike(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(sk.SegkitError) as refused:
        sk.open(shop).report("buyers", as_of="2026-06-31")
    code, said = _said(capsys, "-w", str(shop), "report", "buyers", "--as-of", "2026-06-31")

    assert (code, said) == (2, _sentence(str(refused.value)))


def test_a_day_beside_the_period_is_refused_and_not_passed_over(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    day = date(2026, 6, 1).isoformat()

    code, said = _said(
        capsys, "-w", str(shop), "run", "segment_report", "--segment", "buyers",
        "--set", f"as_of={day}",
    )  # fmt: skip

    assert (code, said) == (2, "Parameter `as_of` comes from the period.")
    assert not (shop / "reports_out").exists()
