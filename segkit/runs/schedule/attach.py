"""Check what a schedule wants beside its mail: what may leave, and what can be made here."""

import importlib.util
from collections.abc import Mapping, Sequence
from typing import Literal

from segkit.errors import ParameterError, PrivacyError

Attachment = Literal["csv", "xlsx", "pdf"]
"""The user list as CSV or Excel, or the whole report as PDF."""
LISTS = frozenset({"csv", "xlsx"})
"""The kinds that hold single users."""
_MODULES = {"xlsx": "xlsxwriter", "pdf": "weasyprint"}


def check_attachments(
    kinds: Sequence[Attachment], *, has_user_list: bool, policies: Mapping[str, str], where: str
) -> None:
    """Check that what a schedule wants attached may leave, and can be made here.

    Parameters
    ----------
    has_user_list
        Whether the report has a list of users.
    policies
        What each segment's policy lets leave.

    Raises
    ------
    PrivacyError
        When a list of users is asked for, and a segment's policy lets none leave.
    ParameterError
        When the report has no list of users, or the library for a kind is not installed.
    """
    lists = [kind for kind in kinds if kind in LISTS]
    if lists and not has_user_list:
        raise ParameterError.build(
            f"`attach`: {lists[0]} is a list of users, which this report has not.",
            where=where,
            hint="attach pdf, or nothing.",
        )
    shown = kinds if has_user_list else lists
    closed = sorted(segment for segment, export in policies.items() if export == "none")
    if shown and closed:
        raise PrivacyError.build(
            f"`attach`: the policy of `{closed[0]}` lets no list of users leave, and "
            f"{shown[0]} shows one.",
            where=where,
            hint="set `policy: {export: pseudonymous}` in its file, or remove `attach`.",
        )
    for kind, module in _MODULES.items():
        if kind in kinds and importlib.util.find_spec(module) is None:
            raise ParameterError.build(
                f"`attach`: {kind} needs the library {module}, which is not installed.",
                where=where,
                hint=f"pip install 'segkit[{kind}]'.",
            )
