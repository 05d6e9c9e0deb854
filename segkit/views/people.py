"""Lists of users: the most active ones, and the whole segment with links to the complete files."""

from collections.abc import Sequence
from typing import Any

from segkit.measures.facts import SegmentReportFacts, UserRows
from segkit.views.fragment import Fragment, absent, gather
from segkit.views.markup import Block, Child, identify, tag
from segkit.views.table import Column, Table
from segkit.views.words import Words, count, some, window

PAGE_ROWS = 500


def render_top_users(facts: SegmentReportFacts) -> Fragment:
    """Give the table of the most active users, most visits first."""
    top = facts.overview.top_users
    if not top.rows:
        return absent(facts, "No users can be shown here.")
    whole = some(facts.overview.n_users, "users")
    caption = f"Top {count(len(top.rows))} of {whole} by visits, {window(facts.head)}"
    return gather([user_table(top, caption=caption, words=Words.of(facts.head)).block()])


def render_users(
    facts: SegmentReportFacts, *, files: Sequence[str] = (), most: int = PAGE_ROWS
) -> Fragment:
    """Give the first users of the segment as a table that sorts and searches.

    Parameters
    ----------
    files
        Names of files beside the report that hold the complete list; empty when there are none.
    most
        Rows on the page; 500 keep the page small enough for mail and phones.
    """
    listed = facts.user_list
    if not listed.rows:
        why = "The list of users is withheld." if listed.n_rows else "The list of users is empty."
        return absent(facts, why)
    shown = UserRows(columns=listed.columns, rows=listed.rows[:most], n_rows=listed.n_rows)
    part = "all" if listed.n_rows == len(shown.rows) else f"the first {count(len(shown.rows))}"
    whole = some(listed.n_rows, "users")
    caption = f"{whole} in the segment at the end of {facts.head.as_of}; {part} shown"
    table = user_table(shown, caption=caption, words=Words.of(facts.head))
    return gather([*_links(files, listed), table.block()])


def user_table(users: UserRows, *, caption: str, words: Words) -> Table:
    """Give the live table of user rows; an unknown value is an en dash, a long id is cut."""
    columns = [
        Column(name, kind if at or kind != "text" else "key")
        for at, (_, name, kind) in enumerate(users.columns)
    ]
    rows = [_row(row, columns, words) for row in users.rows]
    if any(column.kind == "instant" for column in columns):
        caption = f"{caption}; times in {words.timezone}"
    return Table(caption=caption, columns=columns, rows=rows, is_live=True)


def _row(row: Sequence[Any], columns: Sequence[Column], words: Words) -> list[Child]:
    said = [words.say(value, column.kind) for value, column in zip(row, columns, strict=True)]
    return [
        identify(text) if column.kind == "key" else text
        for text, column in zip(said, columns, strict=True)
    ]


def _links(files: Sequence[str], listed: UserRows) -> list[Block]:
    if not files or listed.n_rows is None:
        return []
    links = [tag("a", name, href=name, download=name) for name in files if "/" not in name]
    said = f"The complete list of {some(listed.n_rows, 'users')}: "
    html = tag(
        "p", said, *(tag("span", link, class_="sk-file") for link in links), class_="sk-files"
    )
    return [Block(html=html, text=said + ", ".join(files))]
