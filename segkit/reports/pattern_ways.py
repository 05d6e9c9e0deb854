"""Find the ways through the pages that the users of each pattern take more than the others."""

from collections.abc import Sequence

from segkit.compare.group_paths import ReadGroups, read_group_paths
from segkit.measures.roles import mask_mails
from segkit.measures.withhold import is_small
from segkit.patterns.facts import PathFacts
from segkit.patterns.paths.facts import TellingPath
from segkit.reports.pattern_hide import part_of
from segkit.reports.pattern_study import PatternStudy

MOST_ASKED, MOST_SHOWN = 40, 3


def read_ways(study: PatternStudy) -> ReadGroups | None:
    """Count the ways of each pattern's users, not judged yet; None with less than two patterns.

    Ways of three to five steps right after one another, within a visit.
    """
    if len(study.ids) <= 1:
        return None
    numbers = study.now.features.user_no
    users = {name: numbers[inside].tolist() for name, inside in study.groups.items()}
    return read_group_paths(
        study.now.span,
        {name: listed for name, listed in users.items() if listed},
        purchases=study.frozen.purchases,
        min_size=study.request.least,
    )


def tell_ways(
    study: PatternStudy, shown: Sequence[str], ways: ReadGroups | None, beside: Sequence[float]
) -> dict[str, tuple[PathFacts, ...]]:
    """Give by pattern at most three ways that more of its users went than of the other patterns'.

    Surest first; shares are of all users of the pattern. All ways of all patterns are judged
    together with the `beside` p-values of the report, at a false share of 5%.
    """
    if ways is None:
        return dict.fromkeys(shown, ())
    least = study.request.least
    sizes = {name: int(inside.sum()) for name, inside in study.groups.items()}
    n_all, found = sum(sizes.values()), ways.tell(beside=beside, most=MOST_ASKED)
    return {
        name: tuple(
            _way(way, sizes[name], n_all - sizes[name], least)
            for way in [w for w in found[name].paths if w.log_odds > 0][:MOST_SHOWN]
        )
        for name in shown
    }


def _way(way: TellingPath, n_own: int, n_others: int, least: int) -> PathFacts:
    seen = part_of(way.n_users, n_own, least)
    is_open = n_others > 0 and seen.share is not None
    is_open &= not is_small(n_others - way.n_others, least)
    others = way.n_others / n_others if is_open else None
    return PathFacts(
        steps=tuple(mask_mails(step) for step in way.pages),
        seen=seen,
        others_share=others,
        lift=way.n_users / n_own / others if others else None,
    )
