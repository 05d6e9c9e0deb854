"""A mail says what the facts say, trusts no text of the data, and names nobody."""

from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest

from segkit.compare.changes import compare_reports
from segkit.compare.checks import Check, ask_check
from segkit.compare.quantities import list_quantities
from segkit.errors import ParameterError
from segkit.mail.letter import Letter, Occasion, address_letter
from segkit.mail.rendering import MOST_BYTES
from segkit.mail.report_letter import compose_letter
from tests.mail.letters import SUNDAY, make_facts

OCCASION = ("link", "app", "warnings", "notes", "is_corrected", "period")
HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{7*7}}",
    "{x.__class__}",
    "loyal\r\nBcc: eve@example.org",
    "a\x00b",
    "\u202egnp.exe",
    "x" * 300,
    "=cmd()",
    "😀",
]


def compose(
    facts: dict[str, Any], before: int | None = None, checks: tuple[str, ...] = (), **more: Any
) -> Letter:
    """Give the letter of facts, with a report a week before when its size is given."""
    last = SUNDAY - timedelta(weeks=1)
    earlier = [] if before is None else [{**facts, **_sized(before), "as_of": last.isoformat()}]
    changes = compare_reports(facts, earlier)
    kinds = {q.name: q.kind for q in list_quantities(facts)}
    findings = [ask_check(Check.parse(text, kinds), changes) for text in checks]
    said = {key: more.pop(key) for key in OCCASION if key in more}
    occasion = Occasion(run="loyal/2026-05-31/r1", **said)
    return compose_letter(facts, changes, findings, occasion=occasion, **more)


def _sized(n: int) -> dict[str, Any]:
    return {"overview": make_facts(n)["overview"]}


def send(letter: Letter, recipient: str = "bob@example.org") -> Any:
    """Give the message as a mail program reads it from its bytes."""
    message = address_letter(
        letter, sender="reports@example.org", recipient=recipient, unsubscribe="stop@example.org"
    )
    return message_from_bytes(bytes(message), policy=default)


def test_the_subject_says_segment_period_size_and_change() -> None:
    assert compose(make_facts(1204), 1168).subject == "Loyal customers, week 22: 1,204 (+3.1%)"


def test_a_broken_check_stands_in_subject_html_and_text() -> None:
    letter = compose(make_facts(700), 1000, ("size drops more than 20%", "share above 5%"))

    said = "warning: size drops more than 20% and 1 more"
    assert letter.subject == f"Loyal customers, week 22: 700 (−30.0%) – {said}"
    assert "</strong> size drops more than 20%." in letter.html
    assert "WARNING: size drops more than 20%." in letter.text


def test_numerator_and_denominator_of_both_sides_are_shown() -> None:
    letter = compose(make_facts(1200), 1000)

    for part in (letter.html, letter.text):
        assert "1,200 / 5,000" in part
        assert "1,000 / 5,000" in part
        assert "+4.0 points" in part


def test_a_withheld_size_stays_withheld() -> None:
    letter = compose(make_facts(None), 1000)

    assert letter.subject == "Loyal customers, week 22: size withheld"
    assert "Users: –" in letter.text
    assert [chart.name for chart in letter.charts] == ["over.png"]
    assert "cid:trend" not in letter.html


def test_single_users_are_never_in_a_mail() -> None:
    letter = compose(make_facts(), 1000)

    for part in (letter.subject, letter.html, letter.text):
        assert "u_secret_17" not in part
        assert "ann@example.org" not in part


def test_values_of_a_report_for_higher_clearance_are_left_out() -> None:
    shown = compose(make_facts(clearance="personal"), clearance="personal")
    hidden = compose(make_facts(clearance="personal"))

    assert "Tier: gold" in shown.html
    assert "Tier: gold" not in hidden.html + hidden.text
    assert "Values of labels are left out" in hidden.text


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_of_the_data_is_shown_and_does_nothing(text: str) -> None:
    facts = make_facts(title=text, notes=[text])
    facts["attributes"]["over"]["rows"][0]["value"] = text

    letter = compose(facts, 1000)
    message = send(letter)

    assert "<script" not in letter.html
    assert "onerror=alert(1)>" not in letter.html
    assert "eve@example.org" not in letter.html + letter.text + letter.subject
    assert message["Bcc"] is None
    assert "\u202e" not in letter.html + letter.text
    assert message["Subject"] == letter.subject
    if text == "{{7*7}}":
        assert "{{7*7}}, week 22" in letter.subject


def test_the_message_has_text_html_and_images_by_content_id() -> None:
    letter = compose(make_facts(), 1000)
    message = send(letter)

    kinds = [part.get_content_type() for part in message.walk()]
    images = [part for part in message.walk() if part.get_content_type() == "image/png"]
    assert kinds == [
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        "image/png",
        "image/png",
    ]
    assert [image["Content-ID"] for image in images] == ["<trend@segkit>", "<over@segkit>"]
    assert all(image.get_content().startswith(b"\x89PNG") for image in images)
    assert letter.html.count('src="cid:') == 2
    assert message["List-Unsubscribe"] == "<mailto:stop@example.org?subject=unsubscribe>"


def test_the_same_run_and_recipient_make_the_same_message_id() -> None:
    letter = compose(make_facts(), 1000)

    first, again, other = (send(letter, f"{name}@example.org") for name in ("a", "a", "b"))

    assert first["Message-ID"] == again["Message-ID"] != other["Message-ID"]
    assert first["References"] != other["References"]
    assert first["Message-ID"].endswith("@example.org>")


def test_periods_of_a_report_thread() -> None:
    week = compose(make_facts())
    later = compose_letter(
        make_facts(as_of=SUNDAY + timedelta(weeks=1)),
        compare_reports(make_facts(as_of=SUNDAY + timedelta(weeks=1)), []),
        occasion=Occasion(run="loyal/2026-06-07/r2"),
    )

    assert send(week)["References"] == send(later)["References"]
    assert send(week)["Message-ID"] != send(later)["Message-ID"]


@pytest.mark.parametrize("address", ["", "bob", "a@b\r\nBcc: c@d.org", "Bob <b@d.org>", "a@b, c@d"])
def test_what_is_no_address_is_refused_without_repeating_it(address: str) -> None:
    with pytest.raises(ParameterError, match="An e-mail address cannot be read") as refused:
        send(compose(make_facts()), address)

    assert not address or address not in str(refused.value)


def test_a_link_that_is_no_web_address_is_refused() -> None:
    with pytest.raises(ParameterError, match="no web address"):
        compose(make_facts(), link="javascript:alert(1)")


def test_a_mail_too_long_is_trimmed_with_a_notice() -> None:
    facts = make_facts()
    measure = facts["behaviour"]["measures"]["revenue_per_user"]
    facts["behaviour"]["measures"] = {
        str(at): measure | {"name": str(at), "title": "<" * 80} for at in range(400)
    }

    letter = compose(facts, 1000)

    assert len(letter.html.encode()) <= MOST_BYTES
    assert "The mail was too long" in letter.html
    assert "The mail was too long" in letter.text


def test_the_same_facts_make_the_same_letter() -> None:
    assert compose(make_facts(), 1000) == compose(make_facts(), 1000)


def test_style_stands_in_each_element_and_the_dark_theme_in_a_sheet_of_its_own() -> None:
    html = compose(make_facts(), 1000).html

    assert html.count("<style") == 1
    assert "prefers-color-scheme: dark" in html
    assert '<td class="cell" style="padding: 6px 4px' in html


def test_warnings_of_the_run_stand_in_subject_and_mail() -> None:
    one = compose(make_facts(), 1000, warnings=("`overview.n_users` is 1, less than 5.",))
    both = compose(make_facts(), 1000, ("size rises more than 5%",), warnings=("A.",))

    assert one.subject.endswith(" – 1 warning")
    assert "</strong> `overview.n_users` is 1, less than 5." in one.html
    assert both.subject.endswith(" – warning: size rises more than 5% and 1 more")


def test_the_short_letter_for_small_servers_holds_subject_warning_and_link() -> None:
    letter = compose(make_facts(), 1000, warnings=("A.", "B."), link="https://r.example.org/x")

    short = letter.short
    assert short is not None
    assert short.subject == letter.subject
    assert "https://r.example.org/x" in short.text
    assert "The mail was too large" in short.text
    assert "WARNING: A." in short.text
    assert "B." not in short.text
    assert short.charts == ()
    assert len(bytes(send(short))) < 15_000


@pytest.mark.parametrize(
    "title",
    ["Members who come week after week, last seen on a phone", "Käufer 😀 " * 8, "x" * 75, "short"],
)
def test_every_blank_of_a_subject_arrives_as_it_was(title: str) -> None:
    letter = compose(make_facts(title=title), 1000, ("size rises more than 5%",))

    message = address_letter(letter, sender="a@b.org", recipient="c@d.org", unsubscribe="")

    assert send(letter)["Subject"] == letter.subject
    assert max(map(len, bytes(message).partition(b"\r\n\r\n")[0].split(b"\r\n"))) <= 100


def test_a_scheduled_report_is_named_by_its_period() -> None:
    week, month = (compose(make_facts(), period=name) for name in ("2026-W22", "2026-05"))

    assert week.subject == "Loyal customers, week 22: 1,204"
    assert month.subject == "Loyal customers, 2026-05: 1,204"
