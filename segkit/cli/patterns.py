"""`segkit patterns`: find the kinds of behaviour in a segment, keep them, ask them again."""

from typing import Annotated, Any

import typer

from segkit.cli.context import open_workspace
from segkit.cli.output import AsJson, print_json, print_line, print_note, print_table
from segkit.cli.report import CLEARANCE, TIMEOUT, say_run

app = typer.Typer(
    help="Find the behaviour patterns of a segment, keep them, ask them again.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
DRIFT = ("segment", "as_of", "days", "model", "drift", "notes")
SEGMENT = Annotated[str, typer.Argument(metavar="SEGMENT", help="The segment's id.")]
NAME = Annotated[str, typer.Argument(metavar="NAME", help="The name of kept patterns.")]
AS_NAME = Annotated[
    str, typer.Option("--name", metavar="NAME", help="What to keep them as; the segment's id.")
]
AS_OF = Annotated[
    str | None, typer.Option("--as-of", metavar="DATE", help="The day that is looked back from.")
]
DAYS = Annotated[int, typer.Option("--days", help="Length of the window in days.")]
SEED = Annotated[int, typer.Option("--seed", help="Where the search begins.")]
GROUPS = Annotated[
    int | None,
    typer.Option("--k", help="2 to 10 patterns; by default as many as are found again."),
]
METHOD = Annotated[str, typer.Option("--method", help="consensus, kmeans, gmm or hdbscan.")]
OTHER_SEGMENT = Annotated[
    str | None,
    typer.Option("--segment", metavar="ID", help="Another segment than they were found in."),
]
MODEL = Annotated[
    str | None,
    typer.Option("--model", metavar="NAME", help="Kept patterns to ask; else they are found anew."),
]
PATTERN = Annotated[
    str, typer.Argument(metavar="PATTERN", help="One of the patterns, by its id or its name.")
]
SEGMENT_ID = Annotated[
    str, typer.Option("--id", metavar="ID", help="The segment's id; NAME_PATTERN by default.")
]
TITLE = Annotated[
    str, typer.Option("--title", metavar="T", help="The segment's title; the pattern's name.")
]
EVERYONE = Annotated[
    bool,
    typer.Option(
        "--everyone", help="Everyone who behaves so, not only in the segment they were found in."
    ),
]


@app.command("fit")
def fit(
    context: typer.Context,
    segment: SEGMENT,
    name: AS_NAME = "",
    as_of: AS_OF = None,
    days: DAYS = 30,
    seed: SEED = 0,
    k: GROUPS = None,
    method: METHOD = "consensus",
    as_json: AsJson = False,
) -> None:
    """Find the behaviour patterns of a segment and keep them in patterns/NAME.json."""
    from segkit.workspace.patterns import find_patterns, path_of  # noqa: PLC0415  numpy is slow

    workspace = open_workspace(context)
    path_of(workspace.root, name or segment)  # a name that cannot be kept is refused before work
    found = find_patterns(workspace, segment, as_of, days, seed=seed, k=k, method=method)
    path = found.save(name or segment)
    if as_json:
        print_json({"name": path.stem, "file": path, **found.facts.to_dict()})
        return
    print_line(str(found.show()))
    print_note(f"Kept as {path}")


@app.command("list")
def list_kept(context: typer.Context, as_json: AsJson = False) -> None:
    """List the kept patterns."""
    from segkit.workspace.patterns import list_patterns  # noqa: PLC0415

    rows: list[dict[str, Any]] = [
        {
            "name": name,
            "segment": kept.segment,
            "as_of": kept.as_of,
            "days": kept.days,
            "patterns": [{"pattern": group.id, "name": group.name} for group in kept.model.groups],
        }
        for name, kept in list_patterns(open_workspace(context)).items()
    ]
    if as_json:
        print_json({"models": rows})
        return
    texts = [
        [r["name"], r["segment"], str(r["as_of"]), str(r["days"]), str(len(r["patterns"]))]
        for r in rows
    ]
    headings = ["name", "segment", "as of", "days", "patterns"]
    print_table(headings, texts, right=("days", "patterns"))


@app.command("describe")
def describe(context: typer.Context, name: NAME, as_json: AsJson = False) -> None:
    """Say what kept patterns are, as of the day they were found."""
    from segkit.workspace.patterns import assign_patterns, read_patterns  # noqa: PLC0415

    workspace = open_workspace(context)
    kept = read_patterns(workspace, name)
    found = assign_patterns(workspace, name, as_of=kept.as_of.isoformat())
    if as_json:
        print_json({"name": name, **found.facts.to_dict()})
        return
    print_line(str(found.show()))


@app.command("assign")
def assign(
    context: typer.Context,
    name: NAME,
    segment: OTHER_SEGMENT = None,
    as_of: AS_OF = None,
    as_json: AsJson = False,
) -> None:
    """Ask kept patterns about another day or segment; nothing is fitted anew."""
    from segkit.workspace.patterns import assign_patterns  # noqa: PLC0415

    found = assign_patterns(open_workspace(context), name, segment, as_of)
    if as_json:
        print_json({"name": name, **found.facts.to_dict()})
        return
    print_line(str(found.show()))


@app.command("drift")
def drift(context: typer.Context, name: NAME, as_of: AS_OF = None, as_json: AsJson = False) -> None:
    """Say whether kept patterns still fit the users of a day."""
    from segkit.workspace.patterns import assign_patterns  # noqa: PLC0415

    found = assign_patterns(open_workspace(context), name, as_of=as_of)
    if as_json:
        facts = found.facts.to_dict()
        print_json({"name": name, **{key: facts[key] for key in DRIFT}})
        return
    print_line(str(found.drift()))


@app.command("refit")
def refit(
    context: typer.Context,
    name: NAME,
    as_of: AS_OF = None,
    seed: SEED = 0,
    k: GROUPS = None,
    as_json: AsJson = False,
) -> None:
    """Find kept patterns anew, carry over their names and say what became of each."""
    from segkit.workspace.pattern_refit import refit_patterns  # noqa: PLC0415  numpy is slow

    found = refit_patterns(open_workspace(context), name, as_of, seed=seed, k=k)
    said = found.facts
    path = found.save()
    if as_json:
        print_json({"file": path, **said.to_dict()})
        return
    print_line(str(found.show()))
    print_note(f"Kept as {path}")


@app.command("report")
def report(
    context: typer.Context,
    segment: SEGMENT,
    as_of: AS_OF = None,
    days: DAYS = 30,
    k: GROUPS = None,
    model: MODEL = None,
    clearance: CLEARANCE = None,
    timeout: TIMEOUT = 1800,
    as_json: AsJson = False,
) -> int:
    """Make the report on the patterns of a segment and print the path of its report.html."""
    from segkit.runs.execute import Limits  # noqa: PLC0415  only this command needs it
    from segkit.runs.run import order_patterns_report, run_order  # noqa: PLC0415

    wishes = {"days": days, "k": k, "model": model}
    order = order_patterns_report(
        open_workspace(context),
        segment,
        as_of=as_of,
        settings=[f"{name}={wish}" for name, wish in wishes.items() if wish is not None],
        clearance=clearance,
    )
    run = run_order(order, limits=Limits(cell_s=timeout, run_s=timeout))
    return say_run(run, as_json=as_json)


@app.command("save-segment")
def save_segment(
    context: typer.Context,
    name: NAME,
    pattern: PATTERN,
    segment_id: SEGMENT_ID = "",
    title: TITLE = "",
    everyone: EVERYONE = False,
    as_json: AsJson = False,
) -> None:
    """Write one of kept patterns as a segment to segments/ID.yml."""
    from segkit.workspace.pattern_segments import segment_of  # noqa: PLC0415
    from segkit.workspace.patterns import read_patterns  # noqa: PLC0415  numpy is slow to import

    workspace = open_workspace(context)
    kept = read_patterns(workspace, name)
    universe = "" if everyone else kept.segment
    made = segment_of(
        workspace, (name, kept), pattern, id=segment_id, title=title, universe=universe
    )
    path = workspace.save(made)
    if as_json:
        print_json({"segment": made.segment, "title": made.title, "file": path})
        return
    print_line(str(path))
    print_note(workspace.describe(made))
