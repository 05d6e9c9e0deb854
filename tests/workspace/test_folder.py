from pathlib import Path

import pytest

import segkit as sk
from segkit.errors import DefinitionError, WorkspaceError
from segkit.workspace.folder import ListFiles, write_text


@pytest.fixture
def lists(tmp_path: Path) -> ListFiles:
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "staff.csv").write_text(
        "\ufeffemail, team\n a@example.com ,x\n\nb@example.com,y\n", "utf-8"
    )
    (tmp_path / "secret.csv").write_text("email\nc@example.com\n", "utf-8")
    return ListFiles(tmp_path)


@pytest.mark.parametrize("file", ["lists/staff.csv", "staff.csv"])
def test_a_list_is_read_without_blanks_and_byte_order_mark(lists: ListFiles, file: str) -> None:
    rows = lists(file)

    assert rows == [
        {"email": "a@example.com", "team": "x"},
        {"email": "b@example.com", "team": "y"},
    ]


@pytest.mark.parametrize(
    "file",
    ["../secret.csv", "lists/../secret.csv", "/etc/passwd", "lists/../../x", "", "lists/", "a\0b"],
)
def test_a_list_outside_its_folder_is_refused(lists: ListFiles, file: str) -> None:
    with pytest.raises(DefinitionError, match="lies outside the folder `lists`"):
        lists(file)


def test_a_link_that_leads_outside_is_refused(lists: ListFiles, tmp_path: Path) -> None:
    (tmp_path / "lists" / "link.csv").symlink_to(tmp_path / "secret.csv")

    with pytest.raises(DefinitionError, match="lies outside"):
        lists("lists/link.csv")


def test_a_missing_list_names_those_there(lists: ListFiles) -> None:
    with pytest.raises(
        DefinitionError, match=r"no list `lists/stuff.csv`.*\nHint: there are `staff"
    ):
        lists("lists/stuff.csv")


@pytest.mark.parametrize(
    "text",
    ["email,team\na\n", "email,email\na,b\n", 'email\n"a\n'],
    ids=["ragged", "twice", "quote"],
)
def test_a_list_that_is_no_table_is_refused_without_its_content(
    lists: ListFiles, tmp_path: Path, text: str
) -> None:
    (tmp_path / "lists" / "bad.csv").write_text(text, "utf-8")

    with pytest.raises(DefinitionError, match=r"`lists/bad.csv`"):
        lists("lists/bad.csv")


def test_members_of_a_list_are_found(shop: Path) -> None:
    (shop / "lists").mkdir()
    (shop / "lists" / "staff.csv").write_text("email\nu01@example.com\nu39@example.com\n", "utf-8")
    staff = sk.Segment(
        "staff", sk.in_list(file="lists/staff.csv", column="email", match="email"), title="S"
    )

    assert sk.open(shop).members(staff).count == 2


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "segments").write_text("a file", "utf-8")

    with pytest.raises(WorkspaceError, match=r"`hot.yml` cannot be written"):
        write_text(tmp_path / "segments" / "hot.yml", "x")
