"""Behaviour patterns as a table: how many, what sets them apart, what they bring, how sure."""

from segkit.patterns.facts import PatternFacts, PatternRow
from segkit.patterns.names import Term
from segkit.views.fragment import Fragment, gather, note
from segkit.views.markup import WITHHELD, Child
from segkit.views.table import Column, Table
from segkit.views.words import count, share, some

MOST_TERMS = 4
UNSUITED = "–"


def render_patterns(facts: PatternFacts) -> Fragment:
    """Give the patterns of one segment, or the sentence that there are none."""
    blocks = [_table(facts).block()]
    if facts.reason:
        blocks.insert(0, note(f"{facts.reason.capitalize()}: nothing is cut where nothing parts."))
    blocks.append(note(_explain(facts)))
    blocks += [note(sentence) for sentence in facts.notes]
    return gather(blocks)


def _table(facts: PatternFacts) -> Table:
    came = some(facts.n_users, "users")
    columns = [
        Column("Pattern"),
        Column("Users", "count"),
        Column(f"Share of {came} who came", "share"),
        Column("What sets it apart"),
        Column("Buyers (users)", "count"),
        Column("Buyers / users of the pattern", "share"),
        Column("Found again in resamples"),
    ]
    caption = (
        f"Behaviour patterns of {came} who came in the {facts.days} days to {facts.as_of}; "
        f"{some(facts.n_eligible, 'users')} of them came at least twice and saw at least 5 pages."
    )
    return Table(caption=caption, columns=columns, rows=[_row(row) for row in facts.patterns])


def _row(row: PatternRow) -> list[Child]:
    is_hidden = row.n_users is None
    stable = UNSUITED if row.jaccard is None else f"{row.badge} (Jaccard {row.jaccard:.2f})"
    return [
        row.name,
        WITHHELD if is_hidden else count(row.n_users),
        WITHHELD if is_hidden else share(row.share),
        WITHHELD if is_hidden else say_terms(row.terms),
        WITHHELD if row.n_buyers is None else count(row.n_buyers),
        WITHHELD if row.n_buyers is None else share(row.buyer_share),
        stable,
    ]


def say_terms(terms: tuple[Term, ...]) -> str:
    """Give the strongest terms in one line, with the mean inside and outside the pattern."""
    return "; ".join(_say(term) for term in terms[:MOST_TERMS]) or UNSUITED


def _say(term: Term) -> str:
    if term.block == "volume":
        return f"{term.words} (mean {term.inside:.1f}, others {term.outside:.1f})"
    of = "page views" if term.block == "pages" else "visits"
    return f"{term.words} ({share(term.inside)} of {of}, others {share(term.outside)})"


def _explain(facts: PatternFacts) -> str:
    tried = "; ".join(
        f"{k} groups: Jaccard {jaccard:.2f}, Rand {rand:.2f}"
        for k, jaccard, rand in facts.stability
    )
    how = (
        "Patterns are groups that 20 resamples of the users find again (mean Jaccard index at "
        "least 0.85, mean adjusted Rand index at least 0.70) with a valley between them. Orders "
        "and attributes form no pattern. Shares are held back by 5 page views or visits of the "
        "site's average."
    )
    return f"{how} Tried: {tried}." if tried else how
