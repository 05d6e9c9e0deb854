"""Keep logins out of what a run leaves: its parameters, its page, its executed copy, its log.

Parameters stand in the manifest, the page and the ledger, and a notebook may print whatever its
environment holds. So a parameter that holds a secret is refused before a process starts, what is
printed is masked, and a file that holds one is not published.
"""

import json
import os
import re
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from segkit.errors import ParameterError

MASK = "(secret)"
LEAST = 8
"""The fewest characters of a value that is looked for; shorter ones stand in any text by chance."""

_WORDS = r"pass(?:word|wd|phrase)|pwd|secret|token|api_?key|credentials?|private_?key|access_?key"
_VARIABLE = re.compile(_WORDS, re.IGNORECASE)
_PARAMETER = re.compile(rf"(?:^|_)(?:{_WORDS}|login)(?:$|_)", re.IGNORECASE)
_LOGIN = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^\s/@:]*:[^\s/@]+@")


def list_secrets(environment: Mapping[str, str] | None = None) -> dict[str, str]:
    """Give the secrets of an environment, by default this process's, by the variable's name.

    They are the values of variables that are named like one (`…PASSWORD`, `…TOKEN`, `…_API_KEY`),
    and the password in any address. Paths and values of fewer than eight characters are none.
    """
    found = {}
    for name, text in (os.environ if environment is None else environment).items():
        value = text if _VARIABLE.search(name) else _password_in(text)
        if len(value) >= LEAST and not value.startswith("/"):
            found[name] = value
    return found


def _password_in(text: str) -> str:
    if not _LOGIN.match(text):
        return ""
    try:
        return unquote(urlsplit(text).password or "")
    except ValueError:
        return ""


def check_name(name: str, where: Path) -> None:
    """Refuse a parameter of a notebook that is named like a secret.

    Raises
    ------
    ParameterError
        When it is.
    """
    if _PARAMETER.search(name):
        raise ParameterError.build(
            f"Parameter `{name[:40]}` is named like a secret, and parameters can be read in "
            "each run's page and manifest.",
            where=str(where),
            hint="let the notebook read it from a variable of the environment.",
        )


def check_text(name: str, text: str) -> None:
    """Refuse the text of a parameter that holds a secret, without repeating it.

    Raises
    ------
    ParameterError
        When it holds a login within an address, or the value of a variable that is a secret.
    """
    variable = next((known for known, value in list_secrets().items() if value in text), None)
    if variable is None and not _LOGIN.search(text):
        return
    what = "a login within an address" if variable is None else f"the value of `{variable}`"
    raise ParameterError.build(
        f"Parameter `{name[:40]}`: expected no secret, found {what}; parameters can be read in "
        "each run's page and manifest.",
        hint="let the notebook read it from a variable of the environment.",
    )


def _forms(value: str) -> tuple[str, ...]:
    """Give a secret as it is, as HTML and as JSON write it."""
    return tuple(
        {
            value,
            escape(value),
            *(json.dumps(value, ensure_ascii=plain)[1:-1] for plain in (False, True)),
        }
    )


def mask_text(text: str) -> str:
    """Give a text with every secret of the environment masked, also as HTML or JSON write it.

    >>> mask_text("nothing to hide")
    'nothing to hide'
    """
    for value in sorted(list_secrets().values(), key=len, reverse=True):
        for form in _forms(value):
            text = text.replace(form, MASK)
    return text


def mask_tree(tree: Any) -> Any:  # noqa: ANN401  whatever JSON holds
    """Give a JSON value whose texts are masked; keys stay."""
    if isinstance(tree, str):
        return mask_text(tree)
    if isinstance(tree, list):
        return [mask_tree(one) for one in tree]
    if isinstance(tree, dict):
        return type(tree)({key: mask_tree(one) for key, one in tree.items()})
    return tree


def find_leak(folder: Path) -> tuple[str, str] | None:
    """Give the first file of a folder that holds a secret, with the variable; None without one."""
    known = [
        (variable, form.encode(errors="surrogateescape"))
        for variable, value in list_secrets().items()
        for form in _forms(value)
    ]
    for path in sorted(path for path in folder.iterdir() if known and path.is_file()):
        content = path.read_bytes()
        for variable, form in known:
            if form in content:
                return path.name, variable
    return None
