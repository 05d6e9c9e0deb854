"""The tables do not depend on how the raw rows were cut into loads, nor on their order."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from segkit.schema import TABLES
from tests.store.support import TOML, load_now, message, page, rows, some_messages, write_lines

COMPARED = tuple(sorted(set(TABLES) - {"loads", "quarantine"}))
SOURCE = """
[[sources]]
name = "{name}"
format = "csv"
table = "{name}"
path = "{name}/*.csv"
[sources.map]
device_id = "device"
user_id = "user"
"""
TIME = 'time = "time"\n'
TOLD = {
    "attributes": ("name", "value"),
    "consents": ("purpose", "state"),
    "exposures": ("experiment", "variant"),
}
WITH_STATEMENTS = TOML + "".join(
    SOURCE.format(name=name) + TIME + "".join(f'{c} = "{c}"\n' for c in columns)
    for name, columns in TOLD.items()
)
CURRENT = TOML + SOURCE.format(name="attributes")
Statement = tuple[str, Sequence[str]]


def some_statements(seed: int, n: int = 30) -> list[Statement]:
    """Random labels, consents and exposures of the devices and users of `some_messages`.

    Few instants and few values, so that many are said twice and many at once.
    """
    dice = random.Random(seed)
    values = {
        "attributes": (("plan", "city"), ("free", "pro")),
        "consents": (("mail",), ("granted", "denied")),
        "exposures": (("exp",), ("A", "B")),
    }
    statements: list[Statement] = []
    for _ in range(n):
        name = dice.choice(list(values))
        device = dice.choice(["", "d0", "d1", "d2", "d3", "d4"])
        user = dice.choice(["", "ann", "ben", "dan"]) if device else "ben"
        at = datetime.fromtimestamp(1774735200, UTC) + timedelta(hours=dice.randrange(7))
        what = [dice.choice(options) for options in values[name]]
        statements.append((name, (device, user, at.isoformat(), *what)))
    return statements


def write_statements(root: Path, part: str, statements: Sequence[Statement]) -> None:
    for name, columns in TOLD.items():
        own = [row for table, row in statements if table == name]
        lines = [("device", "user", "time", *columns), *own]
        path = root / name / f"{part}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(",".join(line) + "\n" for line in lines), "utf-8")


def check_pieces(folder: Path, seed: int) -> None:
    dice = random.Random(seed)
    messages = some_messages(seed)
    things: list[Any] = [*messages, *some_statements(seed)]
    dice.shuffle(things)
    whole, pieces = folder / f"whole{seed}", folder / f"pieces{seed}"
    load_part(whole, "all", things)
    cut = sorted(dice.sample(range(len(things)), 2))
    parts = [things[: cut[0]], things[max(cut[0] - 3, 0) : cut[1]], things[cut[1] :]]
    dice.shuffle(parts)
    for number, part in enumerate(parts):
        load_part(pieces, f"part{number}", [messages[0], *part])

    for table in COMPARED:
        found, expected = (rows(root, table, toml=WITH_STATEMENTS) for root in (pieces, whole))
        assert found == expected, table


def write_part(root: Path, part: str, things: Sequence[Any]) -> None:
    write_lines(root, part, [thing for thing in things if isinstance(thing, dict)])
    write_statements(root, part, [thing for thing in things if isinstance(thing, tuple)])


def load_part(root: Path, part: str, things: Sequence[Any]) -> None:
    write_part(root, part, things)
    load_now(root, WITH_STATEMENTS)


@pytest.mark.parametrize("seed", [11])
def test_pieces_in_another_order_give_the_same_tables(tmp_path: Path, seed: int) -> None:
    check_pieces(tmp_path, seed)


@pytest.mark.slow
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@example(seed=11)
@given(seed=st.integers(min_value=10, max_value=10**6))
def test_any_pieces_in_any_order_give_the_same_tables(
    tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    check_pieces(tmp_path_factory.mktemp("pieces"), seed)


def in_one_and_in_pieces(
    folder: Path, parts: Sequence[Sequence[Any]], table: str, *columns: str
) -> list[tuple[Any, ...]]:
    """Load the parts at once and one after the other; give the rows, which must be the same."""
    for number, part in enumerate(parts):
        load_part(folder / "pieces", f"part{number}", part)
    for number, part in enumerate(parts):
        write_part(folder / "whole", f"part{number}", part)
    load_now(folder / "whole", WITH_STATEMENTS)

    found, expected = (
        rows(folder / name, table, *columns, toml=WITH_STATEMENTS) for name in ("pieces", "whole")
    )
    assert found == expected
    return found


def at(minute: int) -> str:
    return f"2026-01-05T10:{minute:02}:00+00:00"


ALIAS = message("alias", at(40), id="x", user="ann", previousId="ben")


def test_a_label_said_twice_is_a_change_back_when_another_turns_out_the_same_person(
    tmp_path: Path,
) -> None:
    ben = [("attributes", ("", "ben", at(m), "plan", "free")) for m in (0, 10, 10)]
    ann = [("attributes", ("", "ann", at(5), "plan", "pro"))]
    seen = [page(at(30), id=f"p{n}", user="ben") for n in range(2)]

    found = in_one_and_in_pieces(
        tmp_path,
        [[seen[0], *ben], [seen[1], ALIAS, *ann]],
        "attributes",
        "valid_from",
        "user_id",
        "value",
    )

    # Three distinct statements of one person: free until 10:05, pro until 10:10, free again.
    assert sorted((since.minute, *rest) for since, *rest in found) == [
        (0, "ben", "free"),
        (5, "ann", "pro"),
        (10, "ben", "free"),
    ]
    assert len(set(rows(tmp_path / "pieces", "attributes", "user_no", toml=WITH_STATEMENTS))) == 1


@pytest.mark.parametrize("name", list(TOLD))
def test_what_a_device_said_follows_who_turns_out_to_have_used_it(
    tmp_path: Path, name: str
) -> None:
    what = {"consents": ("mail", "granted"), "exposures": ("exp", "A")}.get(name, ("plan", "pro"))
    said = [(name, ("d", "", at(30), *what))]
    ann = page("11:00:00", id="p1", device="d", user="ann")
    ben = page("10:00:00", id="p2", device="d", user="ben")

    found = in_one_and_in_pieces(tmp_path, [[ann, *said], [ben]], name, "user_no", "device_id")

    # Ben was seen on the device at 10:00, Ann not before 11:00: 10:30 is Ben's.
    people = rows(tmp_path / "pieces", "users", "user_key", "user_no", toml=WITH_STATEMENTS)
    assert found == [(dict(people)["ben"], "d")]


def test_of_labels_at_one_instant_the_greatest_counts_once(tmp_path: Path) -> None:
    said = [
        ("attributes", (device, user, at(0), "plan", value))
        for device, user, value in [("", "ann", "pro"), ("", "ben", "pro"), ("", "ben", "free")]
    ]

    found = in_one_and_in_pieces(
        tmp_path,
        [[page(at(1), id="p", user="ben"), said[0]], [ALIAS, *said[1:]]],
        "attributes",
        "user_id",
        "value",
        "is_valid",
    )

    assert found == [("ann", "pro", True), ("ben", "free", False), ("ben", "pro", False)]


def test_an_older_id_that_is_first_seen_after_its_alias_is_no_device(tmp_path: Path) -> None:
    seen = page(at(30), id="p", user="ben")

    found = in_one_and_in_pieces(tmp_path, [[ALIAS], [seen]], "identities", "kind", "id")

    assert found == [("user", "ann"), ("user", "ben")]
    assert rows(tmp_path / "pieces", "links", "kind", toml=WITH_STATEMENTS) == [("alias",)]


def test_an_older_id_that_is_also_a_device_stays_one(tmp_path: Path) -> None:
    seen = [page(at(30), id="p", device="ben"), page(at(31), id="q", user="ben")]

    found = in_one_and_in_pieces(
        tmp_path, [[seen[0], ALIAS], [seen[1]]], "identities", "kind", "id"
    )

    assert found == [("device", "ben"), ("user", "ann"), ("user", "ben")]


@pytest.mark.parametrize("cuts", [(), (2,), (1, 3), (1, 2, 3)])
def test_of_current_values_the_one_loaded_last_counts_however_loads_were_cut(
    tmp_path: Path, cuts: tuple[int, ...]
) -> None:
    write_lines(tmp_path, "first", [page(at(0), id="p", user="ann")])
    contents = (
        ",ben,pro,Ulm\n,eve,free,Ulm\n",
        ",ann,basic,\n",
        "b,ben,free,\n",
        ",ann,basic,\n,eve,free,\n",
    )
    folder = tmp_path / "attributes"
    folder.mkdir()
    for number, text in enumerate(contents):
        if number in cuts:
            load_now(tmp_path, CURRENT)
        (folder / f"{number}.csv").write_text("device,user,plan,city\n" + text, "utf-8")
    write_lines(tmp_path, "last", [ALIAS])

    load_now(tmp_path, CURRENT)

    # Ben is Ann: she says basic in the last file, only Ben's first row knows a city. Of each
    # (device, user, label) the last row stays, in order: two of Ben's first row, Eve's city, Ben's
    # with his device, Ann's and Eve's of the last file.
    columns = ("user_id", "device_id", "name", "value", "is_valid")
    assert rows(tmp_path, "attributes", "order_no", *columns, toml=CURRENT) == [
        (1, "ben", None, "city", "Ulm", True),
        (2, "ben", None, "plan", "pro", False),
        (3, "eve", None, "city", "Ulm", True),
        (4, "ben", "b", "plan", "free", False),
        (5, "ann", None, "plan", "basic", True),
        (6, "eve", None, "plan", "free", True),
    ]
