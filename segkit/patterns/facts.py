"""Hold what may be said of patterns: plain facts, with the numbers that every share comes from.

A number that is withheld, or that is not known, is None; `PatternFacts.notes` say why. Views draw
these facts and compute nothing.
"""

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from segkit.patterns.facts_later import AfterFacts, DriftFacts, Flows, RetestFacts, Windows
from segkit.patterns.facts_parts import Part
from segkit.patterns.facts_plane import Plane


@dataclass(frozen=True, kw_only=True)
class Apart:
    """One thing that sets a pattern apart from all others.

    `inside` and `outside` are means over the users of the pattern and of all other patterns: the
    share (0 to 1, held back by 5 of the site's average) of a user's page views (`pages`) or visits
    (`source`, `device`), the column's own unit for `volume`. `difference` is in standard
    deviations, `lift` is inside / outside; None where outside is 0.
    """

    block: str
    column: str
    words: str
    difference: float
    inside: float
    outside: float
    lift: float | None


@dataclass(frozen=True, kw_only=True)
class Who:
    """A value of a label that a pattern's users have more often than those of other patterns.

    `value` reads `label: value`. `n` of the pattern's users have it, `share` of all of them;
    `others_share` of the users of all other patterns; `lift` is share / others_share, with its 95%
    interval: None where they would tell of too few users of another pattern.
    """

    value: str
    n: int
    share: float
    others_share: float | None
    lift: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, kw_only=True)
class Brought:
    """What a pattern brings of one thing in the window: orders, revenue, or a goal's events.

    `any_` counts its users who have any. `total` is their sum, `mean` is total / users of the
    pattern, `others_mean` the same of all other patterns; money is in the facts' currency.
    """

    column: str
    any_: Part
    total: float | None
    mean: float | None
    others_mean: float | None


@dataclass(frozen=True, kw_only=True)
class RuleFacts:
    """A short rule for a pattern, and how right it is on users that it was not made from.

    `precision` is users of both / users who fulfil the rule, `recall` users of both / users of the
    pattern, among the users of all patterns.
    """

    text: str
    precision: Part
    recall: Part


@dataclass(frozen=True, kw_only=True)
class Member:
    """A typical member: a user near the pattern's centre, by pseudonym.

    `pages` are the most seen page groups with the share of the user's page views, `volume` the raw
    numbers by column.
    """

    user: str
    pages: tuple[tuple[str, float], ...]
    volume: tuple[tuple[str, float], ...]


@dataclass(frozen=True, kw_only=True)
class TopPage:
    """A page, event or kind of goods of a pattern.

    `seen` counts the pattern's users with it, of all its users, `others_share` is the share of the
    users of all other patterns; `lift` is share / others_share.
    """

    page: str
    seen: Part
    others_share: float | None
    lift: float | None


@dataclass(frozen=True, kw_only=True)
class PathFacts:
    """A way through pages that more users of a pattern went than of the others.

    `seen` counts the pattern's users who went it within a visit, of all its users, `others_share`
    is the share of the users of all other patterns; `lift` is share / others_share.
    """

    steps: tuple[str, ...]
    seen: Part
    others_share: float | None
    lift: float | None


@dataclass(frozen=True, kw_only=True)
class PatternRow:
    """One pattern, or a named rest such as `one visit`; the rows add up to everyone scored.

    `n_users` and what follows from it are None where they would tell of too few. `share` is
    `n_users` / all users scored. `jaccard` and `badge` say how well the pattern is found again
    in resamples of the fitting users; None for a rest. `n_buyers` are users with an order in the
    window, `buyer_share` of `n_users`; `revenue` is None without one single currency.
    """

    pattern: str
    name: str
    n_users: int | None
    share: float | None
    jaccard: float | None
    badge: str | None
    n_buyers: int | None
    buyer_share: float | None
    revenue: float | None
    terms: tuple[Apart, ...] = ()
    who: tuple[Who, ...] = ()
    brings: tuple[Brought, ...] = ()
    rule: RuleFacts | None = None
    pages: tuple[TopPage, ...] = ()
    paths: tuple[PathFacts, ...] = ()
    typical: tuple[Member, ...] = ()

    @property
    def is_pattern(self) -> bool:
        """Whether it is a pattern and no rest."""
        return self.jaccard is not None


@dataclass(frozen=True, kw_only=True)
class ProfileCell:
    """A pattern's mean of one feature with its 95% interval, and the lift over all others."""

    pattern: str
    mean: float | None
    low: float | None
    high: float | None
    lift: float | None


@dataclass(frozen=True, kw_only=True)
class ProfileRow:
    """One feature across the patterns, in their order; units are those of `Apart`."""

    block: str
    column: str
    cells: tuple[ProfileCell, ...]


@dataclass(frozen=True, kw_only=True)
class ModelFacts:
    """The model that says who is in which pattern.

    `name` is the kept model's, empty for one found for this report alone. It was found in
    `n_fitted` users of `segment` over the days `first_on` to `last_on`.
    """

    name: str
    segment: str
    method: str
    first_on: date | None
    last_on: date | None
    n_fitted: int | None

    @property
    def is_kept(self) -> bool:
        """Whether the model was kept, frozen, and only asked here."""
        return bool(self.name)


@dataclass(frozen=True, kw_only=True)
class PatternFacts:
    """What was found in one segment's users who came in the window.

    `n_users` came, None where that tells of few who did not; `n_eligible` of them came twice and
    saw five pages. `reason` says why there are
    no patterns; empty where there are. `stability` holds (k, mean clusterwise Jaccard, mean
    adjusted Rand) for every k tried. `least_share` is the smallest share of the eligible users
    that a pattern of its own could have had and still be found. `retest`, `after`, `drift`,
    `windows` and `flows` are None where they were not asked for or the data does not reach.
    """

    segment: str
    title: str
    as_of: str
    days: int
    definition: str
    snapshot: str
    engine: str
    timezone: str
    currency: str | None
    min_size: int
    kind: str
    n_users: int | None
    n_eligible: int | None
    reason: str
    model: ModelFacts
    patterns: tuple[PatternRow, ...]
    profile: tuple[ProfileRow, ...]
    plane: Plane | None
    stability: tuple[tuple[int, float, float], ...]
    silhouette: float
    silhouette_noise: float
    least_share: float | None
    retest: RetestFacts | None
    after: AfterFacts | None
    drift: DriftFacts | None
    windows: Windows | None
    flows: Flows | None
    limits: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def found(self) -> tuple[PatternRow, ...]:
        """The patterns, without the rests."""
        return tuple(row for row in self.patterns if row.is_pattern)

    @property
    def names(self) -> dict[str, str]:
        """The name of every pattern and rest, by its id."""
        return {row.pattern: row.name for row in self.patterns}

    def to_dict(self) -> dict[str, Any]:
        """Give the facts as plain data for JSON: dates as ISO text."""
        plain: dict[str, Any] = _plain(asdict(self))
        return plain


def _plain(value: Any) -> Any:  # noqa: ANN401  a JSON tree
    if isinstance(value, dict):
        return {key.rstrip("_"): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value.isoformat() if isinstance(value, date) else value
