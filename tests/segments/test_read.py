"""Reading: YAML 1.2 core, the whole language, round trips, refusals with place and hint."""

from pathlib import Path

import pytest

from segkit.errors import DefinitionError, UnknownNameError
from segkit.segments.build import condition
from segkit.segments.conditions import Attribute, Did
from segkit.segments.model import Definition, canonical_json, to_yaml
from segkit.segments.read import read_definitions

EXAMPLES = Path(__file__).parent / "examples.yaml"
HEAD = "segkit: 1\nsegment: s\ntitle: T\n"


def examples() -> list[Definition]:
    return read_definitions(EXAMPLES.read_text("utf-8"), "examples.yaml")


def read_where(where: str) -> Definition:
    (definition,) = read_definitions(f"{HEAD}where:\n  {where}\n", "s.yml")
    return definition


def test_all_fourteen_examples_are_read() -> None:
    found = examples()

    assert len(found) == 14
    assert found[0].segment == "cart_abandoners"
    assert found[-1].membership.drop == "forever"


@pytest.mark.shared
def test_examples_are_the_published_ones(shared: Path) -> None:
    published = (shared / "segments" / "examples.yaml").read_text("utf-8")

    assert read_definitions(published, "x") == examples()


@pytest.mark.parametrize("definition", examples(), ids=lambda d: d.segment)
def test_a_definition_survives_the_round_trip_to_yaml(definition: Definition) -> None:
    (again,) = read_definitions(to_yaml(definition), "again.yml")

    assert again == definition
    assert again.id == definition.id


REFUSED = {
    "didd: {event: x}": (r"Unknown condition `didd`.*where\.didd\)\nHint: Did you mean `did`"),
    "did: {event: x, tiems: 3}": r"`tiems`\. \(s\.yml, line 5, where\.did\.tiems",
    "did: {event: x, page: /a}": r"exactly one target.*found `event`, `page`",
    "did: {is: {gte: 3}}": r"exactly one target.*found none",
    "{did: {event: x}, did_not: {event: y}}": r"exactly one key, found 2: `did`, `did_not`",
    "did: {event: x, during: {last: 30 days}}": r"`30 days` is not a duration.*during\.last",
    "sequence: {steps: [{event: x}]}": r"at least 2 steps, found 1",
    "rank: {by: {event: p, calc: count}}": r"exactly one cut.*found none",
    "rank: {by: {event: p, calc: count}, top: 10, bottom: 5}": r"exactly one cut.*`bottom`, `top`",
    "rank: {by: {event: p}, bucket: {of: 3, in: [4]}}": r"no bucket 4 of 3",
    "rank: {by: {event: p}, percentile: {gte: 9}, ties: exclude}": r"`ties` belongs to `top`",
    "rank: {by: {event: p}, top: 0}": r"neither a number of users nor a share",
    "rank: {by: {event: p}, top: 101%}": r"neither a number of users nor a share",
    "resumed: {event: x, silent_for: 3d, during: ever}": r"window with a beginning",
    "resumed: {event: x, silent_for: 3d, during: {older_than: 3d}}": r"window with a beginning",
    "did: {event: x, during: {any: 13mo, inside: ever}}": r"longer than a year",
    "did: {event: x, during: {any: 3d, inside: {any: 4d, inside: ever}}}": r"itself any stretch",
    "same_visit: {did: {event: x}, did_not: {event: y}}": r"exactly one key, found 2",
    "same_visit: {during: {last: 30d}}": r"exactly one key, found 0",
    "first_time: {event: x}": r"`first_time` lacks `during`",
    "regularly: {event: x, per: 1d, periods: {is: 1, of_last: 367}}": r"at most 366 periods",
    "did: {event: x, during: {from: '2026-01-01'}}": r"`to` is missing.*where\.did\.during",
    "in_list: {column: email}": r"either `ids` or `file`",
    "{did: {event: x}, did: {event: y}}": r"The key `did` stands twice, first in line 5",
    "set: a | b - c": r"`\|` and `-` are mixed",
    "set: (a | b": r"not closed",
    "set: a | b)": r"stands where the set should end",
    "did: {event: x, is: {gte: 30d}}": r"`gte` needs a number or a date, found `30d`",
    "did: {event: x, is: {gte: yes}}": r"`gte` needs a number or a date, found `yes`",
    "did: {event: x, is: [1, a]}": r"Texts and numbers are mixed",
    "did: {event: x, is: {between: [5, 1]}}": r"starts at `5` and ends before it",
    "did: {event: x, is: {}}": r"no comparator",
    "did: {event: x, is: {known: true, gte: 1}}": r"`known` stands alone",
    "did: {event: x, is: {known: true, missing: include}}": r"`known` stands alone",
    "did: {event: x, is: null}": r"Expected a value, found nothing",
    "did: {event: x, calc: sum}": r"`sum` needs a property",
    "did: {event: x, calc: {quantile: {of: a, q: 2}}}": r"from 0 to 1, found `2`",
    "did: {event: x, calc: {sum: a, avg: a}}": r"exactly one key, found 2",
    "did: {event: []}": r"a list of at least 1, found 0",
    "did: {event: x, during: {last: 0d}}": r"no time at all",
    "did: {event: x, during: {from: '2026-02-01', to: '2026-01-01'}}": r"before it starts",
    "did: {event: x, during: {from: 2026-13-01, to: 2026-01-01}}": r"is not a date",
    "did: {page: /a}": r"could be an address or a path",
    "did: {page: {}}": r"page is not named",
    "did: {visit: all}": r"Expected `any`",
    "since_last: {visit: any, is: 3}": r"Expected a mapping like",
    "since_last: {visit: any, is: {gte: 3}}": r"`3` is not a duration",
    "attribute: {name: a, is: {matches: '(?=x)'}}": r"look-around",
    "attribute: {name: a, is: {matches: '('}}": r"not a regular expression",
    "attribute: {name: a, is: {contains: 3}}": r"`contains` needs a text",
    "visit_attribute: {name: channel, is: x, touch: frist}": r"one of `any`, `every`, `first`",
    "at_least: {n: 3, of: [{did: {event: x}}]}": r"`3` of 1 conditions can never hold",
    "all: []": r"a list of at least 1",
    "not: [{did: {event: x}}]": r"Expected a condition, found a list",
    "sample: {salt: a, range: [0.5, 0.1]}": r"two shares from 0 to 1",
    "in_list: {file: lists/a.csv}": r"lacks `column`",
    "in_pattern: {model: kinds}": r"`in_pattern` lacks `pattern`",
    "in_pattern: {model: kinds, cluster: p1}": r"Unknown key of `in_pattern`: `cluster`",
    "in_pattern: {model: k, pattern: p1, min_probability: 80}": r"share from 0 to 1, found `80`",
    "did: {event: x, is: !!python/name:os.system 3}": r"The tag .* is not allowed",
    "did: {event: [a, b": r"not YAML",
    "compare: {left: {event: a}, op: like, right: {event: b}}": r"one of `eq`, `gt`",
}


@pytest.mark.parametrize("where", REFUSED)
def test_what_is_not_of_the_language_is_refused_with_its_place(where: str) -> None:
    with pytest.raises(DefinitionError, match=REFUSED[where]) as caught:
        read_where(where)

    assert "s.yml, line " in str(caught.value)


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ("segment: a\ntitle: T\nwhere: {did: {event: x}}", "lacks `segkit`"),
        ("segkit: 2\nsegment: a\ntitle: T\nwhere: {did: {event: x}}", "version `2` is unknown"),
        ("segkit: 1\nsegment: a\nwhere: {did: {event: x}}", "lacks `title`"),
        ("segkit: 1\nsegment: A b\ntitle: T\nwhere: {did: {event: x}}", "`A b` is not an id"),
        (f"{HEAD}universe: all\nwhere: {{did: {{event: x}}}}", "Expected a universe"),
        (f"{HEAD}timezone: Mars\nwhere: {{did: {{event: x}}}}", "Unknown time zone `Mars`"),
        (f"{HEAD}as_of: soon\nwhere: {{did: {{event: x}}}}", "`soon` is not a date"),
        (f"{HEAD}wehre: {{did: {{event: x}}}}", "Did you mean `where`"),
        (f"{HEAD}where: {{did: {{event: x}}}}\nexpect: [{{user: u_1}}]", "needs both"),
        ("- 1", "Expected a segment's document, found a list"),
        (f"{HEAD}where: {{did: {{event: x}}}}\n---\n{HEAD}where: {{did: {{event: y}}}}", "twice"),
    ],
)
def test_a_document_that_is_not_whole_is_refused(document: str, told: str) -> None:
    with pytest.raises(DefinitionError, match=told):
        read_definitions(document, "s.yml")


def test_unknown_words_are_refused_as_unknown_names() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean `did`"):
        read_where("didd: {event: x}")


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("NO", "NO"),
        ("no", "no"),
        ("on", "on"),
        ("2026-01-01", "2026-01-01"),
        ("010", "010"),
        ("1_000", "1_000"),
        ("12:30", "12:30"),
        ("'7'", "7"),
        ("7", 7),
        ("0.5", 0.5),
        ("1e3", 1000.0),
        ("true", True),
        ("0x10", 16),
    ],
)
def test_plain_words_keep_their_yaml_1_2_value(written: str, value: object) -> None:
    condition = read_where(f"attribute: {{name: country, is: {written}}}").where

    assert isinstance(condition, Attribute)
    assert condition.bound.ops == (("eq", value),)
    assert type(condition.bound.ops[0][1]) is type(value)


@pytest.mark.parametrize(
    "text", ["no", "1e3", "0x10", "true", "~", "010", "a: b", "- x", "12", "ü…"]
)
def test_texts_that_look_like_values_survive_the_round_trip(text: str) -> None:
    definition = Definition("s", condition({"attribute": {"name": "a", "is": text}}))

    (again,) = read_definitions(to_yaml(definition), "again.yml")

    assert again == definition


def test_defaults_are_those_of_the_language() -> None:
    condition = read_where("did: {event: x}").where

    assert isinstance(condition, Did)
    assert (condition.calc.name, condition.bound.ops) == ("count", (("gte", 1),))
    assert examples()[1].policy.min_size == 10


SAME = [
    ("did_not: {event: x}", "did: {event: x, is: 0}"),
    ("did: {event: x}", "did: {event: [x], is: {gte: 1.0}, during: ever, calc: count}"),
    ("did: {event: x, during: {last: 2w}}", "did: {event: x, during: {last: 14d}}"),
    ("did: {event: x, during: {last: 1y}}", "did: {event: x, during: {last: 4q}}"),
    ("did: {event: x, is: [1]}", "did: {event: x, is: {in: [1]}}"),
    ("in_segment: a", "in_segment: {id: a}"),
    ("set: ((a | b)) - c", "set: (a|b)-c"),
    ("in_list: {ids: [b, a]}", "in_list: {ids: [a, b, a]}"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_two_ways_to_say_one_thing_have_one_id(one: str, other: str) -> None:
    assert read_where(one).id == read_where(other).id


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("did: {event: x, during: {last: 24h}}", "did: {event: x, during: {last: 1d}}"),
        ("did: {event: x, during: {last: 30d}}", "did: {event: x, during: {last: 1mo}}"),
        ("did: {event: x, is: {gte: 2}}", "did: {event: x, is: {gt: 2}}"),
        ("attribute: {name: a, is: 7}", "attribute: {name: a, is: '7'}"),
    ],
)
def test_two_different_things_have_two_ids(one: str, other: str) -> None:
    assert read_where(one).id != read_where(other).id


def test_governance_is_not_part_of_the_id() -> None:
    more = "description: D\nowner: o\ntags: [t]\nstatus: verified\npolicy: {min_size: 50}\n"
    more += "expect: [{user: u, member: true}]\n"
    where = "where: {did: {event: x}}\n"
    (plain,) = read_definitions(f"segkit: 1\nsegment: a\ntitle: A\n{where}", "a.yml")
    (governed,) = read_definitions(f"segkit: 1\nsegment: b\ntitle: B\n{more}{where}", "b.yml")

    assert plain.id == governed.id
    assert canonical_json(plain) == '{"segkit":1,"where":{"did":{"event":"x"}}}'


@pytest.mark.parametrize(
    "extra", ["universe: {active: 30d}", "timezone: Asia/Tokyo", "as_of: 2026-01-31", "unit: visit"]
)
def test_what_changes_the_meaning_changes_the_id(extra: str) -> None:
    where = "where: {did: {event: x}}"
    plain, other = (read_definitions(f"{HEAD}{e}\n{where}", "x")[0] for e in ("", extra))

    assert plain.id != other.id


def test_an_empty_text_holds_no_definition() -> None:
    assert read_definitions("", "s.yml") == []
    assert read_definitions("---\n# nothing\n---\n", "s.yml") == []


def test_a_document_that_is_too_deep_is_refused() -> None:
    deep = "{not: " * 80 + "{did: {event: x}}" + "}" * 80

    with pytest.raises(DefinitionError, match="too large or too deep"):
        read_where(deep)


def test_an_alias_bomb_is_refused() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 8)]

    with pytest.raises(DefinitionError, match="too large or too deep"):
        read_definitions("\n".join(lines), "s.yml")
