"""Split the change of a rate: how much is who is in, how much is what they do.

A rate of a whole is a mean of the rates of its groups, weighted by their shares. It can move
because the shares move (more users on phones) or because the groups behave otherwise (phone users
buy more). Kitagawa's decomposition gives both parts exactly, with nothing left over.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from segkit.measures.facts import ratio
from segkit.measures.withhold import keep_part

OTHERS = "(all other values)"
"""The group that values of too few users are joined to."""
Cell = tuple[int, int]
"""Users of a group, and those of them who did what the rate tells of."""


@dataclass(frozen=True, kw_only=True)
class MixGroup:
    """One group of a whole before and after: users, and those who did it.

    `mix` and `behaviour` are its parts of the change, in shares (0.01 is one point).
    """

    value: str
    n_before: int
    n_with_before: int
    n_after: int
    n_with_after: int
    mix: float
    behaviour: float


@dataclass(frozen=True, kw_only=True)
class Mix:
    """The change of a rate, split by the values of one label: mix + behaviour = change."""

    name: str
    title: str
    mix: float
    behaviour: float
    groups: Sequence[MixGroup]

    @property
    def change(self) -> float:
        """Rate after less rate before."""
        return self.mix + self.behaviour


def split_change(
    name: str, title: str, before: Mapping[str, Cell], after: Mapping[str, Cell]
) -> Mix | None:
    """Give how much of the change of a rate is mix and how much is behaviour.

    Parameters
    ----------
    before, after
        (users, users who did it) by value; the values exclude each other and hold everyone.

    Returns
    -------
    Mix
        Groups by falling size of what they add to the change; None when a whole is empty.

    Notes
    -----
    With s the share of a group among all users and r its rate: mix = Σ (s₁ − s₀)(r₀ + r₁)/2,
    behaviour = Σ (r₁ − r₀)(s₀ + s₁)/2; the interaction is split evenly between both. A group that
    is empty on one side has the rate of the other side there, so that all of it is mix.

    Source: Kitagawa 1955, J. Am. Stat. Assoc. 50.

    Examples
    --------
    >>> found = split_change("d", "D", {"pc": (50, 10), "mobile": (50, 20)}, {"mobile": (100, 40)})
    >>> round(found.mix, 3), round(found.behaviour, 3)
    (0.1, 0.0)
    """
    wholes = [sum(n for n, _ in side.values()) for side in (before, after)]
    if not all(wholes):
        return None
    groups = [
        _split_group(value, before.get(value, (0, 0)), after.get(value, (0, 0)), wholes)
        for value in {**before, **after}
    ]
    groups.sort(key=lambda g: (-(abs(g.mix) + abs(g.behaviour)), g.value))
    return Mix(
        name=name,
        title=title,
        mix=sum(g.mix for g in groups),
        behaviour=sum(g.behaviour for g in groups),
        groups=tuple(groups),
    )


def _split_group(value: str, before: Cell, after: Cell, wholes: Sequence[int]) -> MixGroup:
    shares = before[0] / wholes[0], after[0] / wholes[1]
    known = ratio(before[1], before[0]), ratio(after[1], after[0])
    first = known[0] if known[0] is not None else known[1] or 0.0
    second = known[1] if known[1] is not None else first
    return MixGroup(
        value=value,
        n_before=before[0],
        n_with_before=before[1],
        n_after=after[0],
        n_with_after=after[1],
        mix=(shares[1] - shares[0]) * (first + second) / 2,
        behaviour=(second - first) * (shares[0] + shares[1]) / 2,
    )


Sides = tuple[dict[str, Cell], dict[str, Cell]]


def pool_small(
    before: Mapping[str, Cell], after: Mapping[str, Cell], min_size: int
) -> Sides | None:
    """Join the values of too few users to one group; None where even that group is too small.

    A value is of too few users when on one side its users, those who did it or those who did not
    are fewer than `min_size` (0 tells of nobody). What is joined is filled up with the next
    smallest values until it may be shown itself.
    """
    values = list({**before, **after})
    sides = [dict(before), dict(after)]

    def is_shown(names: Sequence[str]) -> bool:
        cells = [_sum(side, names) for side in sides]
        return all(
            keep_part(n, n, min_size) is not None and keep_part(k, n, min_size) is not None
            for n, k in cells
        )

    values.sort(key=lambda v: (sum(_sum(side, [v])[0] for side in sides), v))
    pooled = [v for v in values if not is_shown([v])]
    rest = [v for v in values if v not in pooled]
    while pooled and (len(pooled) < 2 or not is_shown(pooled)):  # noqa: PLR2004  one is no pool
        if not rest:
            return None
        pooled.append(rest.pop(0))
    if len(rest) + bool(pooled) < 2:  # noqa: PLR2004  one group has no mix
        return None
    found = [{v: _sum(side, [v]) for v in rest} for side in sides]
    if pooled:
        found = [f | {OTHERS: _sum(s, pooled)} for f, s in zip(found, sides, strict=True)]
    return found[0], found[1]


def _sum(side: Mapping[str, Cell], names: Sequence[str]) -> Cell:
    cells = [side.get(name, (0, 0)) for name in names]
    return sum(n for n, _ in cells), sum(k for _, k in cells)
