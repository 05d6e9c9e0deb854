import gzip
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from segkit.errors import ColumnsMissingError, SourceError
from segkit.sources import delimited

Reader = Callable[..., Any]
MAP = {"user_id": "id", "time": "at", "event": "what"}
GOOD = "id,at,what\n00001,2026-01-01,buy\n"


def read_events(read: Reader, content: str | bytes, **more: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = read(
        content, **({"format": "csv", "timezone": "UTC", "map": MAP} | more)
    )["events"]
    return rows


def test_ids_stay_as_they_are_written_and_rows_count_from_one(read: Reader) -> None:
    rows = read_events(read, GOOD + "2,2026-01-02,look\n")

    assert [(r["row_no"], r["user_id"], r["event"]) for r in rows] == [
        (1, "00001", "buy"),
        (2, "2", "look"),
    ]


def test_quotes_may_hold_delimiters_line_ends_and_quotes(read: Reader) -> None:
    rows = read_events(
        read,
        'id,at,what\n1,2026-01-01,"a, b"\n2,2026-01-02,"two\nlines"\n3,2026-01-03,"say ""x"""\n',
    )

    assert [r["event"] for r in rows] == ["a, b", "two\nlines", 'say "x"']
    assert [r["row_no"] for r in rows] == [1, 2, 3]


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf" + GOOD.encode(),
        GOOD.replace("\n", "\r\n").encode(),
        GOOD.rstrip().encode(),
        b"\n" + GOOD.encode(),
        GOOD.replace(",", ";").encode(),
    ],
    ids=["byte order mark", "CRLF", "no last line end", "empty first line", "semicolons"],
)
def test_ways_to_write_the_same_file_read_the_same(read: Reader, content: bytes) -> None:
    more = {"delimiter": ";"} if b";" in content else {}

    (row,) = read_events(read, content, **more)

    assert (row["user_id"], row["event"], row["row_no"]) == ("00001", "buy", 1)


def test_compressed_text_reads_like_plain_text(read: Reader) -> None:
    (row,) = read_events(read, gzip.compress(GOOD.encode()), path="raw.csv.gz")

    assert (row["user_id"], row["fault"]) == ("00001", None)


def test_texts_that_mean_missing_are_null(read: Reader) -> None:
    rows = read_events(
        read,
        'id,at,what,city\nNA,2026-01-01,buy,\n2,2026-01-01,"",Ulm\n',
        null_values=["", "NA"],
        map=MAP | {"city": "city"},
    )

    assert [(r["user_id"], r["city"]) for r in rows] == [(None, None), ("2", "Ulm")]
    assert [r["fault"] for r in rows] == ["no user or device id", "no event name"]


BAD = (
    b"id,at,what\n"
    b"1,2026-01-01,buy\n"
    b"2,2026-01-02\n"
    b"3,2026-01-03,buy,more\n"
    b"4,2026-01-04,b\xffy\n"
    b'5,2026-01-05,"b"uy\n'
    b"\n"
    b"6,2026-01-06,buy,\n"
    b'7,2026-01-07,"two\nlines"\n'
)


def test_bad_rows_say_what_is_wrong_and_the_others_stay(read: Reader) -> None:
    rows = read_events(read, BAD)

    assert [(r["row_no"], r["fault"]) for r in rows] == [
        (1, None),
        (2, "2 fields instead of 3"),
        (3, "4 fields instead of 3"),
        (4, "not UTF-8"),
        (5, "quotes or line ends are broken"),
        (6, None),
        (7, None),
    ]
    assert rows[1]["raw"] == "2,2026-01-02"
    assert rows[4]["raw"] == '5,2026-01-05,"b"uy'
    assert [rows[i]["event"] for i in (0, 5, 6)] == ["buy", "buy", "two\nlines"]


def test_a_quote_that_never_closes_is_refused_by_row(read: Reader) -> None:
    with pytest.raises(SourceError, match=r"never closed. \(raw.txt, row 2\)"):
        read_events(read, GOOD + '2,2026-01-02,"buy\n3,2026-01-03,buy\n')


CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\x00\r"), max_size=5)


@given(rows=st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=6))
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.slow
def test_the_patient_reader_agrees_with_the_fast_one(
    read: Reader, rows: list[tuple[str, str, str]]
) -> None:
    quoted = "\n".join(",".join('"' + c.replace('"', '""') + '"' for c in row) for row in rows)
    content = "id,at,what\n" + quoted + "\n"

    fast = read_events(read, content, map=MAP | {"time": {"value": "2026-01-01"}})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delimited, "_stage_clean", lambda *_: False)
        patient = read_events(read, content, map=MAP | {"time": {"value": "2026-01-01"}})

    assert fast == patient
    assert [r["user_id"] for r in fast] == [row[0] or None for row in rows]


def test_headings_are_stripped_and_a_second_one_of_a_name_is_numbered(read: Reader) -> None:
    (row,) = read_events(read, " id ,at,what,What,\n1,2026-01-01,buy,again,last\n")

    assert row["properties"] == '{"What_2":"again","column_5":"last"}'


def test_columns_name_a_file_without_header(read: Reader) -> None:
    content = "1,2026-01-01,buy\n"

    (row,) = read_events(read, content, header=False, columns=["id", "at", "what"])

    assert (row["user_id"], row["row_no"]) == ("1", 1)


def test_a_file_without_header_and_names_is_refused(read: Reader) -> None:
    with pytest.raises(SourceError, match=r"needs the names of the columns(.|\n)*columns = "):
        read_events(read, GOOD, header=False)


def test_more_names_than_headings_are_refused(read: Reader) -> None:
    with pytest.raises(SourceError, match="header has 3 columns, the source names 2"):
        read_events(read, GOOD, columns=["id", "at"])


def test_mapped_columns_that_the_file_lacks_are_named(read: Reader) -> None:
    with pytest.raises(ColumnsMissingError, match=r"lacks `id`; it has `at`, `ident`, `what`"):
        read_events(read, GOOD.replace("id,", "ident,"))


def test_a_file_of_blank_lines_is_refused(read: Reader) -> None:
    with pytest.raises(SourceError, match="holds no header"):
        read_events(read, "\n\n")


def test_a_long_delimiter_is_refused(read: Reader) -> None:
    with pytest.raises(SourceError, match="`::` is not a delimiter"):
        read_events(read, GOOD, delimiter="::")


def test_a_header_without_rows_gives_no_rows(read: Reader) -> None:
    assert read_events(read, "id,at,what\n") == []


BLANKS = "\n  id   at  what \r\n 00001 20260101\t buy\r\n\n 2  20260102\n3 2026 x y\n"


def test_runs_of_blanks_set_columns_apart(read: Reader) -> None:
    rows = read_events(
        read,
        BLANKS,
        delimiter="whitespace",
        map=MAP | {"time": {"column": "at", "format": "%Y%m%d"}},
    )

    assert [(r["row_no"], r["user_id"], r["fault"]) for r in rows] == [
        (1, "00001", None),
        (3, "2", "2 fields instead of 3"),
        (4, "3", "4 fields instead of 3"),
    ]
    assert rows[1]["raw"] == "2  20260102"


def test_runs_of_blanks_need_no_header_either(read: Reader) -> None:
    (row,) = read_events(
        read,
        "  7 2026-01-01  buy",
        delimiter="whitespace",
        header=False,
        columns=["id", "at", "what"],
    )

    assert (row["user_id"], row["event"], row["row_no"]) == ("7", "buy", 1)
