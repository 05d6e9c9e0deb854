"""Decide from the command line, the workspace and the environment how to serve."""

import ipaddress
import secrets
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from segkit.apps.access import Access, OpenAccess, ProxyAccess, SecretAccess
from segkit.config import WorkspaceConfig
from segkit.errors import ParameterError

TOKEN = "SEGKIT_SERVE_TOKEN"  # noqa: S105  the name of a variable
PASSWORD_HASH = "SEGKIT_SERVE_PASSWORD_HASH"  # noqa: S105
SECRET = "SEGKIT_PROXY_SECRET"  # noqa: S105
LEAST_SECRET = 16
LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, kw_only=True)
class ServeSettings:
    """All that the server needs: the workspace, who is let in, under which names it answers.

    `hosts` are names without port, in lower case; `any_address` lets every bare IP address through
    too. `token` is the one that was made for want of another; empty where none was.
    """

    root: Path
    config: WorkspaceConfig
    access: Access
    hosts: frozenset[str]
    any_address: bool = False
    token: str = ""

    @property
    def reports_out(self) -> Path:
        """The folder of all published reports."""
        return self.root / "reports_out"

    def is_own_host(self, host: str) -> bool:
        """Whether a request's Host (`name`, `name:port`, `[::1]:port`) is one of ours."""
        name = _without_port(host)
        return name in self.hosts or (self.any_address and _is_address(name))


def is_local(host: str) -> bool:
    """Whether a bind address is reached from this machine only."""
    return host == "localhost" or (_is_address(host) and ipaddress.ip_address(host).is_loopback)


def decide(
    root: Path, config: WorkspaceConfig, *, host: str, environment: Mapping[str, str]
) -> ServeSettings:
    """Give the settings for a bind address; beyond this machine somebody must always be known.

    A proxy's secret comes before a token or a password; without any of them a token is made.

    Raises
    ------
    ParameterError
        When a secret is shorter than 16 characters, or the password's hash is none of argon2.
    """
    for name in (TOKEN, SECRET):
        if 0 < len(environment.get(name, "")) < LEAST_SECRET:
            raise ParameterError.build(
                f"`{name}`: expected at least {LEAST_SECRET} characters, found fewer.",
                hint='make one: python -c "import secrets; print(secrets.token_urlsafe())".',
            )
    hashed = environment.get(PASSWORD_HASH, "")
    if hashed and not hashed.startswith("$argon2"):
        raise ParameterError.build(
            f"`{PASSWORD_HASH}`: expected what argon2 makes of a password, found something else.",
            hint="make it with `segkit serve --hash-password`.",
        )
    access, made = _choose(config, environment, is_open=is_local(host))
    names = {*LOCAL_NAMES, host, *config.serve.hosts}
    is_everywhere = host in {"0.0.0.0", "::"}  # noqa: S104  compared, not bound
    if is_everywhere:
        names.add(socket.gethostname())
    return ServeSettings(
        root=root,
        config=config,
        access=access,
        hosts=frozenset(name.lower() for name in names),
        any_address=is_everywhere and not config.serve.hosts,
        token=made,
    )


def _choose(
    config: WorkspaceConfig, environment: Mapping[str, str], *, is_open: bool
) -> tuple[Access, str]:
    """Give the way in, and the token that was made for it."""
    token, hashed = environment.get(TOKEN, ""), environment.get(PASSWORD_HASH, "")
    clearance = config.privacy.clearance
    if secret := environment.get(SECRET):
        return ProxyAccess(secret, config), ""
    if token or hashed:
        return SecretAccess(clearance, token=token, password_hash=hashed), ""
    if is_open:
        return OpenAccess(clearance), ""
    made = secrets.token_urlsafe(24)
    return SecretAccess(clearance, token=made), made


def _without_port(host: str) -> str:
    name = host.strip().lower()
    if name.startswith("["):
        return name[1:].partition("]")[0]
    return name.partition(":")[0]


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
