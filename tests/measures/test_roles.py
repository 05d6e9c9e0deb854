"""Roles by name, where the workspace does not say."""

import pytest

from segkit.config import Role
from segkit.measures.roles import looks_personal, role_of, seen_names


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("email", "personal"), ("E-Mail", "personal"), ("phoneNumber", "personal"),
        ("first_name", "personal"), ("username", "personal"), ("billing_address", "personal"),
        ("ip", "personal"), ("clientIP", "personal"), ("birthday", "personal"),
        ("plan", "public"), ("tournament", "public"), ("trip", "public"), ("zip", "public"),
        ("age", "public"),
    ],
)  # fmt: skip
def test_names_tell_what_is_personal(name: str, role: Role) -> None:
    assert role_of(name, {}) == role


def test_the_workspace_has_the_last_word() -> None:
    assert role_of("email", {"email": "pseudonymous"}) == "pseudonymous"
    assert role_of("plan", {"plan": "personal"}) == "personal"


def test_a_reader_sees_the_labels_of_his_clearance_and_below() -> None:
    columns: dict[str, Role] = {"code": "pseudonymous"}

    seen = {c: seen_names(["plan", "code", "email"], columns, c) for c in ("public", "personal")}

    assert seen == {"public": ("plan",), "personal": ("code", "email", "plan")}


@pytest.mark.parametrize(
    ("text", "is_personal"),
    [
        ("ann@example.org", True), ("192.0.2.7", True), ("2001:db8::1", True), ("1.2.3", False),
        ("a:b", False), ("u_17", False), (None, False), ("", False), ("12:30:00", False),
    ],
)  # fmt: skip
def test_mail_and_ip_addresses_are_known_by_their_look(
    text: str | None, *, is_personal: bool
) -> None:
    assert looks_personal(text) is is_personal
