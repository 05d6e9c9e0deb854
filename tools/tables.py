"""Write the canonical tables of `segkit/schema.py` into docs/architecture.md.

`python tools/tables.py` renews the block between two markers; a law test compares it.
"""

import sys
from pathlib import Path

from segkit import schema

DOCUMENT = Path(__file__).parents[1] / "docs" / "architecture.md"
BEGIN = "<!-- tables: written by `make docs` -->"
END = "<!-- end of tables -->"


def render_tables() -> str:
    """Give the tables as Markdown: a heading, the grain, the columns by type."""
    parts = []
    for table in schema.TABLES.values():
        by_type: dict[str, list[str]] = {}
        for column, kind in table.columns.items():
            by_type.setdefault(kind, []).append(f"`{column}`")
        columns = "\n".join(f"- {kind}: {', '.join(names)}" for kind, names in by_type.items())
        parts.append(
            f"### {table.name}\n\n{table.grain[0].upper()}{table.grain[1:]}.\n\n{columns}\n"
        )
    return "\n".join(parts)


def replace_block(document: str, block: str) -> str:
    """Give the document with the text between the markers replaced."""
    head, _, rest = document.partition(BEGIN)
    _, _, tail = rest.partition(END)
    return f"{head}{BEGIN}\n\n{block}\n{END}{tail}"


def main() -> int:
    """Renew the block in the document."""
    before = DOCUMENT.read_text("utf-8")
    after = replace_block(before, render_tables())
    if after != before:
        DOCUMENT.write_text(after, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
