"""Let readers in: everybody on this machine, whoever knows a secret, or whom a proxy vouches for.

Each way in is one class with the same two questions: who asks, by what the request carries, and is
a secret right. Secrets come from the environment; what a request says of itself counts for nothing
unless a proxy that knows the shared secret said it.
"""

import hashlib
import hmac
import secrets
import threading
import time
from collections import deque
from collections.abc import Mapping
from typing import Protocol

from segkit.apps.readers import Reader, clear_groups
from segkit.config import Role, WorkspaceConfig

COOKIE = "segkit_reader"
BEARER = "bearer "
PROXY_SECRET = "x-segkit-proxy-secret"  # noqa: S105  the name of a header
PROXY_USER = "x-forwarded-user"
PROXY_GROUPS = "x-forwarded-groups"
SESSION_S = 12 * 3600
MOST_WRONG = 10
WRONG_S = 60.0


class Access(Protocol):
    """One way in."""

    takes_secret: bool
    """Whether a page asks for a secret where nobody is known."""

    def find_reader(self, headers: Mapping[str, str], cookies: Mapping[str, str]) -> Reader | None:
        """Give who asks, by headers (names in lower case) and cookies; None for nobody known."""
        ...


class OpenAccess:
    """Everybody who reaches the server is on this machine and sees all, up to a clearance."""

    takes_secret = False

    def __init__(self, clearance: Role) -> None:
        self._reader = Reader(clearance=clearance, is_owner=True)

    def find_reader(self, headers: Mapping[str, str], cookies: Mapping[str, str]) -> Reader | None:
        """Give the one reader there is."""
        del headers, cookies
        return self._reader


class ProxyAccess:
    """A proxy in front knows people and says who asks, with a secret that only it and we know."""

    takes_secret = False

    def __init__(self, secret: str, config: WorkspaceConfig) -> None:
        self._secret = secret
        self._config = config

    def find_reader(self, headers: Mapping[str, str], cookies: Mapping[str, str]) -> Reader | None:
        """Give whom the proxy names; None without the secret, whatever else is said."""
        del cookies
        name = headers.get(PROXY_USER, "").strip()
        if not same(headers.get(PROXY_SECRET, ""), self._secret) or not name:
            return None
        said = headers.get(PROXY_GROUPS, "").split(",")
        groups = [group.strip() for group in said if group.strip()]
        clearance = clear_groups(groups, self._config.privacy.clearance, self._config.serve)
        return Reader(name=name, groups=frozenset(groups), clearance=clearance)


class SecretAccess:
    """Whoever knows the token or the password is let in, for half a day by a signed cookie.

    `password_hash` is what argon2 made of the password. Ten wrong secrets within a minute, from
    wherever, and none is looked at until the minute is over.
    """

    takes_secret = True

    def __init__(self, clearance: Role, *, token: str = "", password_hash: str = "") -> None:
        self._reader = Reader(clearance=clearance)
        self._token = token
        self._password_hash = password_hash
        self._key = secrets.token_bytes(32)
        self._wrong: deque[float] = deque(maxlen=MOST_WRONG)
        self._turn = threading.Lock()

    def find_reader(self, headers: Mapping[str, str], cookies: Mapping[str, str]) -> Reader | None:
        """Give the reader whose cookie we signed, or who sends the token along."""
        said = headers.get("authorization", "")
        if said.lower().startswith(BEARER) and self._token:
            return self._reader if same(said[len(BEARER) :], self._token) else None
        return self._reader if self._is_signed(cookies.get(COOKIE, "")) else None

    def is_right(self, secret: str) -> bool:
        """Whether a secret is the token or the password; False without a look after ten wrong."""
        with self._turn:
            if self.is_tired:
                return False
            right = (bool(self._token) and same(secret, self._token)) or self._verify(secret)
            if not right:
                self._wrong.append(time.monotonic())
        return right

    @property
    def is_tired(self) -> bool:
        """Whether so many wrong secrets came within a minute that none is looked at."""
        full = len(self._wrong) == MOST_WRONG
        return full and time.monotonic() - self._wrong[0] < WRONG_S

    def _verify(self, password: str) -> bool:
        if not self._password_hash:
            return False
        from argon2 import PasswordHasher  # noqa: PLC0415  an extra
        from argon2.exceptions import InvalidHashError, VerificationError  # noqa: PLC0415

        try:
            return PasswordHasher().verify(self._password_hash, password)
        except (VerificationError, InvalidHashError):
            return False

    def sign(self) -> str:
        """Give a cookie that lets its bearer in until half a day from now."""
        until = str(int(time.time()) + SESSION_S)
        return f"{until}.{self._seal(until)}"

    def _seal(self, until: str) -> str:
        return hmac.new(self._key, until.encode(), hashlib.sha256).hexdigest()

    def _is_signed(self, cookie: str) -> bool:
        until, _, seal = cookie.partition(".")
        if not same(seal, self._seal(until)):
            return False
        return int(until) > time.time()


def same(said: str, secret: str) -> bool:
    """Whether two texts are the same, in a time that tells nothing of where they differ."""
    return hmac.compare_digest(said.encode(), secret.encode())


def hash_password(password: str) -> str:
    """Give what argon2 makes of a password, for the environment of the server."""
    from argon2 import PasswordHasher  # noqa: PLC0415  an extra

    return PasswordHasher().hash(password)
