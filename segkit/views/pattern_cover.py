"""What a report on patterns was asked, and what its reader must know."""

from segkit.patterns.facts import PatternFacts
from segkit.views.fragment import Fragment, gather, note
from segkit.views.markup import Block, Child, join, tag
from segkit.views.patterns import explain
from segkit.views.table import Column, Table
from segkit.views.words import some

JACCARD, RAND = 0.85, 0.70


def render_pattern_cover(facts: PatternFacts, *, definition_text: str) -> Fragment:
    """Give what was asked, of whom, over which days, by which model, from which data."""
    model = facts.model
    found = f"{some(model.n_fitted, 'users')}, {model.first_on} to {model.last_on}"
    by = f"kept as “{model.name}”, found in {found}" if model.is_kept else f"found anew in {found}"
    pairs = {
        "Segment": f"{facts.title} ({facts.segment})",
        "Definition": definition_text,
        "Window": f"{facts.days} days to {facts.as_of} ({facts.timezone})",
        "Came in it": some(facts.n_users, "users"),
        "Patterns": f"{by}; method {model.method}",
        "Data": f"snapshot {facts.snapshot}, engine {facts.engine}",
    }
    rows = [tag("div", tag("dt", key), tag("dd", text)) for key, text in pairs.items()]
    html = tag("dl", join(rows), class_="sk-facts")
    head = tag("p", facts.title, class_="sk-title")
    text = "\n".join(f"{key}: {value}" for key, value in pairs.items())
    return gather(
        [Block(html=head, text=facts.title), Block(html=html, text=text)], class_="sk sk-cover"
    )


def render_pattern_proof(facts: PatternFacts) -> Fragment:
    """Give how sure the number of patterns is: every number tried, silhouette beside noise."""
    rows: list[list[Child]] = [
        [
            str(k),
            f"{jaccard:.2f}",
            f"{rand:.2f}",
            "found again" if jaccard >= JACCARD and rand >= RAND else "not found again",
        ]
        for k, jaccard, rand in facts.stability
    ]
    columns = [
        Column("Groups", "count"),
        Column("Mean Jaccard index (0.85 holds)", "number"),
        Column("Mean adjusted Rand index (0.70 holds)", "number"),
        Column("That is"),
    ]
    table = Table(caption="Numbers of groups tried", columns=columns, rows=rows)
    blocks = [note(explain(facts).partition(" Tried:")[0])]
    if rows:
        blocks.append(table.block())
        blocks.append(
            note(
                f"Silhouette {facts.silhouette:.2f}, beside {facts.silhouette_noise:.2f} for noise "
                "of the same spread cut into as many groups: the farther apart the two, the "
                "clearer the groups. It is a picture, not the judge."
            )
        )
    if facts.least_share is not None:
        blocks.append(
            note(
                f"With {some(facts.model.n_fitted, 'users')} to look at, a clearly different kind "
                f"of behaviour needs about {facts.least_share:.1%} of them to be found."
            )
        )
    return gather(blocks)


def render_pattern_notes(facts: PatternFacts) -> Fragment:
    """Give the limits of the method and what was withheld or assumed."""
    said = [
        *facts.limits,
        *facts.notes,
        (
            f"“– withheld” stands for a number about fewer than {facts.min_size} users, or from "
            "which such a number could be worked out; a lone “–” for a value that is unknown or "
            "has nothing to be divided by."
        ),
    ]
    html = tag("ul", *(tag("li", sentence) for sentence in said), class_="sk-notes")
    return gather([Block(html=html, text="\n".join(f"- {sentence}" for sentence in said))])
