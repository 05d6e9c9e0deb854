"""Find the ways through the pages that the users of each pattern take more than the others."""

from collections.abc import Sequence

from segkit.compare.group_paths import find_group_paths
from segkit.measures.roles import mask_mails
from segkit.measures.withhold import is_small
from segkit.patterns.facts import PathFacts
from segkit.patterns.paths.facts import TellingPath
from segkit.reports.pattern_hide import part_of
from segkit.reports.pattern_study import PatternStudy

MOST_ASKED, MOST_SHOWN = 40, 3


def find_ways(study: PatternStudy, shown: Sequence[str]) -> dict[str, tuple[PathFacts, ...]]:
    """Give by pattern at most three ways that more of its users went than of the other patterns'.

    Notes
    -----
    Ways of three to five steps right after one another, within a visit. They hold at a false share
    of 5% within each pattern, surest first. Shares are of all users of the pattern.
    """
    if len(study.ids) <= 1:
        return dict.fromkeys(shown, ())
    features = study.now.features
    least = study.request.least
    users = {name: features.user_no[inside].tolist() for name, inside in study.groups.items()}
    found = find_group_paths(
        study.now.span,
        {name: numbers for name, numbers in users.items() if numbers},
        purchases=study.frozen.purchases,
        min_size=least,
        most=MOST_ASKED,
    )
    n_all = sum(map(len, users.values()))
    return {
        name: tuple(
            _way(way, len(users[name]), n_all - len(users[name]), least)
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
