"""Say what a load did, source by source."""

from dataclasses import dataclass
from html import escape

from segkit.formats import html_table


@dataclass(frozen=True, kw_only=True)
class SourceResult:
    """What one source brought: rows read = kept + repeated + quarantined.

    Files loaded before are not read again.
    """

    name: str
    n_files: int
    rows_read: int
    kept: int
    repeated: int
    quarantined: int


@dataclass(frozen=True, kw_only=True)
class LoadResult:
    """What a load did.

    The snapshot now published, whether it is new, and what every source brought.
    """

    snapshot: str
    is_new: bool
    sources: tuple[SourceResult, ...]
    notes: tuple[str, ...]

    def _repr_html_(self) -> str:
        named = ("source", "files", "rows read", "kept", "repeated", "kept apart as bad")
        counts = ("n_files", "rows_read", "kept", "repeated", "quarantined")
        rows = [
            [one.name, *(f"{getattr(one, count):,}" for count in counts)] for one in self.sources
        ]
        what = "A new snapshot" if self.is_new else "Nothing new; the snapshot stays"
        sentences = (f"{what}: {self.snapshot}.", *self.notes)
        said = "".join(f"<p>{escape(sentence)}</p>" for sentence in sentences)
        return said + html_table(named, rows, n_texts=1)
