"""Say who reads, and what of the published reports that reader may see."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from segkit.config import ROLES, Role, ServeConfig


@dataclass(frozen=True, kw_only=True)
class Reader:
    """One person in front of a browser, as far as the server knows.

    `name` is empty where only a token or a password is known. `is_owner` is somebody on this very
    machine: whoever may open the workspace's files is kept from no report.
    """

    name: str = ""
    groups: frozenset[str] = field(default_factory=frozenset)
    clearance: Role = "public"
    is_owner: bool = False

    def is_cleared(self, clearance: str) -> bool:
        """Whether a report made for readers of a clearance may be shown; never for no clearance."""
        return clearance in ROLES and ROLES.index(clearance) <= ROLES.index(self.clearance)

    def is_in_audience(self, segments: Iterable[str], audiences: Mapping[str, list[str]]) -> bool:
        """Whether reports on some segments are meant for this reader: on every one of them."""
        return self.is_owner or all(
            self.groups.intersection(audiences[segment])
            for segment in segments
            if segment in audiences
        )

    def may_see(self, manifest: Mapping[str, Any], audiences: Mapping[str, list[str]]) -> bool:
        """Whether the run of a manifest may be shown: by clearance and by audience."""
        asked = manifest.get("parameters", {})
        about = [*(manifest.get("segments") or [manifest.get("segment")]), asked.get("baseline")]
        return (
            self.is_owner or self.is_cleared(str(manifest.get("clearance")))
        ) and self.is_in_audience([str(segment) for segment in about if segment], audiences)


def clear_groups(groups: Sequence[str], default: Role, serve: ServeConfig) -> Role:
    """Give the clearance of a member of some groups: the highest of theirs.

    The workspace's own where none of the groups has one.
    """
    found = [serve.clearances[group] for group in groups if group in serve.clearances]
    return max(found, key=ROLES.index) if found else default
