"""`segkit demo`: a generated shop, loaded, with reports."""

import json
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any

import typer

from segkit.cli.output import AsJson, print_json, print_line, print_note

SHOP = ".demo.json"
REPORTS = ("loyal_members_on_mobile", "deal_hunters", "big_baskets")
"""Segments that the demo reports on: a habit, an interest, a value."""

DIR = Annotated[Path, typer.Argument(metavar="DIR", help="The folder to make the shop in.")]
USERS = Annotated[int, typer.Option(min=1, help="People who come at least once.")]
DAYS = Annotated[int, typer.Option(min=1, help="Length of the log in days.")]
SEED = Annotated[int, typer.Option(help="Chooses another shop of the same kind.")]
SCHEDULE = Annotated[
    bool,
    typer.Option(
        "--schedule", help="Write scheduled reports too, for `segkit tick`.", show_default=False
    ),
]


@dataclass(frozen=True, kw_only=True)
class Shop:
    """What a shop was generated from; the same gives the same files."""

    users: int
    days: int
    seed: int

    def is_written(self, folder: Path) -> bool:
        """Whether the folder holds exactly this shop, so that nothing need be written."""
        try:
            noted = json.loads((folder / SHOP).read_text("utf-8"))
        except (OSError, ValueError):
            return False
        return bool(noted == self.note(folder))

    def note(self, folder: Path) -> dict[str, Any]:
        """Give what is noted beside the shop: its origin, and the size of every raw file."""
        import segkit  # noqa: PLC0415
        from segkit import demo  # noqa: PLC0415

        code = sorted(Path(demo.__file__).parent.glob("*.py"))
        digest = sha256(b"".join(path.read_bytes() for path in code)).hexdigest()
        raw = sorted(path for path in (folder / "raw").rglob("*") if path.is_file())
        return {
            "segkit": segkit.__version__,
            "generator": digest,
            "users": self.users,
            "days": self.days,
            "seed": self.seed,
            "files": {path.relative_to(folder).as_posix(): path.stat().st_size for path in raw},
        }

    def write(self, folder: Path) -> None:
        """Generate the shop and note what it is."""
        from segkit.demo import write_shop  # noqa: PLC0415  numpy is slow to import
        from segkit.workspace.folder import write_text  # noqa: PLC0415

        (folder / SHOP).unlink(missing_ok=True)
        write_shop(folder, users=self.users, days=self.days, seed=self.seed)
        write_text(folder / SHOP, json.dumps(self.note(folder), indent=1, sort_keys=True))


def make_demo(
    folder: DIR = Path("demo"),
    users: USERS = 5000,
    days: DAYS = 120,
    seed: SEED = 7,
    schedule: SCHEDULE = False,
    as_json: AsJson = False,
) -> None:
    """Make a workspace with a generated shop, load it and report on three of its segments.

    A second time only what changed is done again.
    """
    from segkit.cli.progress import shown  # noqa: PLC0415
    from segkit.demo.schedules import write_schedules  # noqa: PLC0415
    from segkit.runs.run import find_same, order_segment_report, run_order  # noqa: PLC0415
    from segkit.workspace import Workspace  # noqa: PLC0415

    shop = Shop(users=users, days=days, seed=seed)
    if not shop.is_written(folder):
        print_note(f"Generating {users:,} users over {days} days in {folder} …")
        shop.write(folder)
    if schedule:
        write_schedules(folder)
    workspace = Workspace.open(folder)
    with shown() as progress:
        result = workspace.load(progress=progress)
    pages = []
    for segment in REPORTS:
        order = order_segment_report(workspace, segment)
        run = find_same(order)
        if run is None:
            print_note(f"Reporting on {segment} …")
            run = run_order(order)
        pages.append(run.html)
    index = workspace.root / "reports_out" / "index.html"
    if as_json:
        print_json(
            {
                "workspace": workspace.root,
                "snapshot": result.snapshot,
                "reports": pages,
                "catalogue": index,
            }
        )
        return
    for path in [*pages, index]:
        print_line(str(path))
