"""Decide who may see a label of a user: its role, and what a reader's clearance opens."""

import re
from collections.abc import Iterable, Mapping

from segkit.config import ROLES, Role

_PERSONAL = re.compile(r"e[-_ ]?mail|phone|address|birth", re.IGNORECASE)
_PERSONAL_WORDS = frozenset({"ip", "dob"})
_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_MAIL = re.compile(r"[^@\s]+(@|%40)[^@\s]+\.[^@\s]+")
_ADDRESS = re.compile(r"[\w.+%-]+(@|%40)[\w-]+(\.[\w-]+)+")
_LOOKS_PERSONAL = re.compile(
    _MAIL.pattern + r"|^\s*\d{1,3}(\.\d{1,3}){3}\s*$|^[0-9a-f]{0,4}(:[0-9a-f]{0,4}){3,7}$",
    re.IGNORECASE,
)


def role_of(name: str, columns: Mapping[str, Role]) -> Role:
    """Give the role of a label: what the workspace says, else what its name says, else public.

    >>> role_of("e_mail", {}), role_of("clientIp", {}), role_of("plan", {})
    ('personal', 'personal', 'public')
    >>> role_of("plan_name", {"plan_name": "public"})
    'public'
    """
    if name in columns:
        return columns[name]
    words = {word.lower() for word in _WORDS.findall(name)}
    says_name = any(word.endswith("name") for word in words)
    is_personal = says_name or words & _PERSONAL_WORDS or _PERSONAL.search(name)
    return "personal" if is_personal else "public"


def may_see(role: Role, clearance: Role) -> bool:
    """Say whether a clearance opens a role: each opens its own and the ones before it.

    >>> may_see("public", "pseudonymous"), may_see("personal", "pseudonymous")
    (True, False)
    """
    return ROLES.index(role) <= ROLES.index(clearance)


def seen_names(
    names: Iterable[str], columns: Mapping[str, Role], clearance: Role
) -> tuple[str, ...]:
    """Give the labels that a reader may see of a single user, sorted."""
    return tuple(sorted(n for n in names if may_see(role_of(n, columns), clearance)))


def looks_personal(text: str | None) -> bool:
    """Say whether a text looks like an e-mail or an IP address.

    >>> looks_personal("ann@example.org"), looks_personal("10.0.0.1"), looks_personal("u_17")
    (True, True, False)
    """
    return bool(text) and _LOOKS_PERSONAL.search(str(text)) is not None


def holds_mail(text: str) -> bool:
    """Say whether an e-mail address stands in a text, also as the address of a page writes it.

    >>> holds_mail("/account/ann%40example.org"), holds_mail("/account/17")
    (True, False)
    """
    return _MAIL.search(text) is not None


def mask_mails(text: str) -> str:
    """Give a text without the e-mail addresses in it.

    >>> mask_mails("e-mail is “ann@example.org”")
    'e-mail is “(personal)”'
    """
    return _ADDRESS.sub("(personal)", text)
