"""Sample leads: from an object, a folder or a table, and what is no lead hides none of the others."""

from pathlib import Path

import pytest

from leadrelay.edges.cli.samples import (
    LONGEST_LEAD,
    Sample,
    Unreadable,
    is_many,
    lead_in,
    leads_in,
    samples_in,
)


def leads_of(path: Path) -> list[Sample]:
    return list(samples_in(path).leads)


def a_table(folder: Path, content: str | bytes) -> Path:
    path = folder / "leads.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_a_folder_and_a_table_are_many_and_a_file_is_one(tmp_path: Path) -> None:
    assert is_many(str(tmp_path))
    assert is_many("leads.CSV")
    assert not is_many("lead.json")
    assert not is_many("-")


def test_every_json_file_of_a_folder_is_a_lead_in_order_of_their_names(tmp_path: Path) -> None:
    (tmp_path / "b.json").write_text('{"x": 1}')
    (tmp_path / "a.JSON").write_text('{"x": 2}')
    (tmp_path / ".hidden.json").write_text("{}")
    (tmp_path / "notes.txt").write_text("no lead")
    (tmp_path / "folder.json").mkdir()
    assert leads_of(tmp_path) == [Sample("a.JSON", {"x": 2}), Sample("b.json", {"x": 1})]
    assert samples_in(tmp_path).width == len("a.JSON")


def test_a_file_that_is_no_lead_stands_among_the_others_with_its_reason(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("{")
    (tmp_path / "b.json").write_text("[1]")
    (tmp_path / "c.json").write_text('{"x": 1}')
    (tmp_path / "d.json").write_bytes(b" " * (LONGEST_LEAD + 1))
    troubles = [sample.trouble for sample in leads_of(tmp_path)]
    assert "is not JSON" in troubles[0]
    assert "one JSON object" in troubles[1]
    assert troubles[2] == ""
    assert "is longer than" in troubles[3]


def test_a_folder_without_leads_says_what_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match=r"\*\.json"):
        samples_in(tmp_path)


def test_a_file_that_is_not_there_is_told_before_anything_else(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        samples_in(tmp_path / "leads.csv")
    with pytest.raises(FileNotFoundError):
        lead_in(str(tmp_path / "lead.json"))


def test_each_line_of_a_table_is_a_lead_named_by_its_line(tmp_path: Path) -> None:
    table = a_table(tmp_path, '\ufeffname,note\nAda,"two\nlines"\n\nBob,\n')
    assert leads_of(table) == [
        Sample("leads.csv:2", {"name": "Ada", "note": "two\nlines"}),
        Sample("leads.csv:5", {"name": "Bob"}),
    ]


def test_a_line_with_more_cells_than_names_is_no_lead_and_a_shorter_one_is(tmp_path: Path) -> None:
    table = a_table(tmp_path, "a,b,\n1,2,3\n1,2,3,4,5\n1\n")
    assert leads_of(table) == [
        Sample("leads.csv:2", {"a": "1", "b": "2"}),
        Sample("leads.csv:3", trouble="has 2 cell(s) more than the first line has names"),
        Sample("leads.csv:4", {"a": "1"}),
    ]


@pytest.mark.parametrize(
    ("content", "name", "trouble"),
    [
        (b"a,b,a\n1,2,3\n", "leads.csv:1", "names a more than once"),
        (b"a\n1\n" + b"x" * 200_000 + b"\n", "leads.csv:3", "the rest of the file was not read"),
        (b"a\n" + b"1\n" * 20_000 + b"\xff\n", "", "is not UTF-8 text; the rest of the file was not read"),
        (b"\xff\n", "leads.csv:1", "is not UTF-8 text"),
    ],
)
def test_a_table_that_cannot_be_read_on_says_so_after_what_was_read(
    tmp_path: Path, content: bytes, name: str, trouble: str
) -> None:
    *_, last = leads_of(a_table(tmp_path, content))
    assert trouble in last.trouble
    assert last.name == name or not name


@pytest.mark.parametrize("separator", [";", "\t", "|"])
def test_a_table_may_have_another_separator_than_the_comma(tmp_path: Path, separator: str) -> None:
    rows = ["\ufeffemail", '"Full Name, or firm"'], ["a@b.c", "Lee, Ada"]
    lead = Sample("leads.csv:2", {"email": "a@b.c", "Full Name, or firm": "Lee, Ada"})
    assert leads_of(a_table(tmp_path, "\r\n".join(map(separator.join, rows)))) == [lead]


def test_a_table_may_say_its_separator_before_the_names(tmp_path: Path) -> None:
    table = a_table(tmp_path, "sep=;\r\na;b,c\r\n1;2\r\n3;4;5\r\n")
    assert leads_of(table) == [
        Sample("leads.csv:3", {"a": "1", "b,c": "2"}),
        Sample("leads.csv:4", trouble="has 1 cell(s) more than the first line has names"),
    ]


def test_blanks_round_names_and_empty_lines_before_them_are_no_part_of_them(tmp_path: Path) -> None:
    table = a_table(tmp_path, "\ufeff\r\n\r\n a , b ;c\r\n 1 , 2\r\n")
    assert leads_of(table) == [Sample("leads.csv:4", {"a": " 1 ", "b ;c": " 2"})]


def test_a_row_whose_quotes_are_wrong_is_no_lead_and_hides_none(tmp_path: Path) -> None:
    inside = 'a;b\n1;"x "y" z"\n5\'10";2\n"p\nq";3\n4;"'
    assert leads_of(a_table(tmp_path, inside)) == [
        Sample("leads.csv:2", trouble='has a quote inside of quotes, which is written ""'),
        Sample("leads.csv:3", {"a": "5'10\"", "b": "2"}),
        Sample("leads.csv:4", {"a": "p\nq", "b": "3"}),
        Sample("leads.csv:6", trouble="has a quote that is never closed"),
    ]


def test_a_table_of_tabs_may_be_called_so(tmp_path: Path) -> None:
    (tmp_path / "leads.tsv").write_text("a\tb\n1\t2\n")
    assert is_many(str(tmp_path / "leads.tsv"))
    assert leads_of(tmp_path / "leads.tsv") == [Sample("leads.tsv:2", {"a": "1", "b": "2"})]


def test_an_empty_table_has_no_leads(tmp_path: Path) -> None:
    assert leads_of(a_table(tmp_path, "")) == leads_of(a_table(tmp_path, "a,b\n")) == []


def test_each_line_of_a_file_of_lines_is_a_lead_or_says_why_it_is_none(tmp_path: Path) -> None:
    path = tmp_path / "leads.jsonl"
    path.write_text('{"x": 1}\n\n[1]\n{"x": 2}')
    assert is_many(str(path))
    first, wrong, last = leads_of(path)
    assert (first, last) == (Sample("leads.jsonl:1", {"x": 1}), Sample("leads.jsonl:4", {"x": 2}))
    assert wrong.name == "leads.jsonl:3"
    assert "one JSON object" in wrong.trouble


def test_a_list_of_leads_is_as_good_as_one(tmp_path: Path) -> None:
    (tmp_path / "many.json").write_text('[{"x": 1}, 2]')
    (tmp_path / "one.json").write_text('{"x": 3}')
    first, wrong = leads_in(str(tmp_path / "many.json"))
    assert first == Sample("many.json[1]", {"x": 1})
    assert "one JSON object" in wrong.trouble
    assert list(leads_in(str(tmp_path / "one.json"))) == [Sample("one.json", {"x": 3})]
    with pytest.raises(Unreadable):
        list(leads_in(str(tmp_path / "none.json")) if (tmp_path / "none.json").write_text("3") else [])


def test_a_name_that_an_object_has_twice_is_told_because_a_value_would_be_lost(tmp_path: Path) -> None:
    (tmp_path / "lead.json").write_text('{"email": "a@example.com", "car": {"make": "VW", "make": "Opel"}}')
    with pytest.raises(Unreadable, match="names make more than once"):
        list(leads_in(str(tmp_path / "lead.json")))
