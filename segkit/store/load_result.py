"""Say what a load did, source by source."""

from dataclasses import dataclass
from html import escape


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
        head = "".join(f"<th>{name}</th>" for name in named)
        rows = "".join(
            f"<tr><th>{escape(one.name)}</th>"
            + "".join(
                f"<td>{n:,}</td>"
                for n in (one.n_files, one.rows_read, one.kept, one.repeated, one.quarantined)
            )
            + "</tr>"
            for one in self.sources
        )
        what = "A new snapshot" if self.is_new else "Nothing new; the snapshot stays"
        said = "".join(
            f"<p>{escape(note)}</p>" for note in (f"{what}: {self.snapshot}.", *self.notes)
        )
        return f"{said}<table><tr>{head}</tr>{rows}</table>"
