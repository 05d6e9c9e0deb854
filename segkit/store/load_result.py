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

    def _told(self) -> tuple[str, ...]:
        what = "A new snapshot" if self.is_new else "Nothing new; the snapshot stays"
        return (f"{what}: {self.snapshot}.", *self.notes)

    def __repr__(self) -> str:
        rows = (
            f"{one.name}: {one.rows_read:,} rows read, {one.kept:,} kept, {one.repeated:,} "
            f"repeated, {one.quarantined:,} kept apart as bad"
            for one in self.sources
        )
        return "\n".join((*self._told(), *rows))

    def _repr_html_(self) -> str:
        named = ("source", "files", "rows read", "kept", "repeated", "kept apart as bad")
        counts = ("n_files", "rows_read", "kept", "repeated", "quarantined")
        rows = [
            [one.name, *(f"{getattr(one, count):,}" for count in counts)] for one in self.sources
        ]
        said = "".join(f"<p>{escape(sentence)}</p>" for sentence in self._told())
        return said + html_table(named, rows, n_texts=1)
