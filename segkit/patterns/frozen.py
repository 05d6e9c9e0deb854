"""Keep found patterns with what their features were counted by, so that a later day asks the same.

The file is JSON: a model without its page groups and channels could not be asked again.
"""

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

from segkit.errors import PatternError
from segkit.patterns.drift import FeatureBins
from segkit.patterns.model import PatternModel
from segkit.patterns.page_groups import PageGroups

FORMAT = 1


@dataclass(frozen=True, kw_only=True)
class FrozenPatterns:
    """A model, whose patterns it holds, and the columns of its features.

    `segment` and `definition` say whose patterns were found, `as_of` and `days` in which window;
    `purchases` are the events that count as orders; `goals` further ones that are no features where
    events stand for pages. `bins` hold the features of the fitting days,
    that later ones are set against; empty in files of an older segkit.
    """

    segment: str
    definition: str
    as_of: date
    days: int
    purchases: tuple[str, ...]
    page_groups: PageGroups
    channels: tuple[str, ...]
    model: PatternModel
    bins: tuple[FeatureBins, ...] = ()
    goals: tuple[str, ...] = ()

    @cached_property
    def content(self) -> str:
        """The SHA-256 of all that scoring uses: a refit changes it, a rename does not."""
        used = {
            "days": self.days,
            "purchases": self.purchases,
            "page_groups": asdict(self.page_groups),
            "channels": self.channels,
            "encoding": asdict(self.model.encoding),
            "scorer": asdict(self.model.scorer),
            "groups": [group.id for group in self.model.groups],
            **({"goals": self.goals} if self.goals else {}),
        }
        text = json.dumps(used, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()

    def rename(self, names: dict[str, str]) -> "FrozenPatterns":
        """Give the same with other names for some patterns, by their id.

        Raises
        ------
        UnknownNameError
            No pattern has the id.
        """
        return replace(self, model=self.model.rename(names))

    def to_json(self) -> str:
        """Give all of it as text; `from_json` gives back an equal one."""
        document = {
            "segkit_patterns": FORMAT,
            "segment": self.segment,
            "definition": self.definition,
            "as_of": self.as_of.isoformat(),
            "days": self.days,
            "purchases": self.purchases,
            "page_groups": asdict(self.page_groups),
            "channels": self.channels,
            "model": json.loads(self.model.to_json()),
            "bins": [asdict(feature) for feature in self.bins],
            "goals": self.goals,
        }
        return json.dumps(document, ensure_ascii=False, sort_keys=True, indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str, *, where: str = "") -> "FrozenPatterns":
        """Give what `to_json` wrote.

        Raises
        ------
        PatternError
            The text is no such JSON, of another format, or lacks a part.
        """
        try:
            found: dict[str, Any] = json.loads(text)
            written = found["segkit_patterns"]
        except (ValueError, KeyError, TypeError) as exc:
            raise _unreadable("the text is no pattern model", where) from exc
        if written != FORMAT:
            raise _unreadable(f"its format is {written!r}, expected {FORMAT}", where)
        try:
            return cls(
                segment=str(found["segment"]),
                definition=str(found["definition"]),
                as_of=date.fromisoformat(found["as_of"]),
                days=int(found["days"]),
                purchases=tuple(found["purchases"]),
                page_groups=PageGroups(
                    **found["page_groups"] | {"branches": tuple(found["page_groups"]["branches"])}
                ),
                channels=tuple(found["channels"]),
                model=PatternModel.from_json(json.dumps(found["model"])),
                bins=tuple(_bins(feature) for feature in found.get("bins", ())),
                goals=tuple(map(str, found.get("goals", ()))),
            )
        except (KeyError, TypeError, ValueError) as exc:
            raise _unreadable(f"{exc} is missing or wrong", where) from exc


def _bins(found: dict[str, Any]) -> FeatureBins:
    return FeatureBins(
        block=str(found["block"]),
        column=str(found["column"]),
        edges=tuple(map(float, found["edges"])),
        counts=tuple(map(int, found["counts"])),
    )


def _unreadable(fault: str, where: str) -> PatternError:
    return PatternError.build(
        f"The patterns cannot be read: {fault}.",
        where=where,
        hint="fit the patterns anew, or restore the file.",
    )
