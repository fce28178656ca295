"""Files to located documents, whatever the files hold (behaviour 2)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadrelay.edges.catalog.nodes import Broken, Listing, Node, Scalar, Table
from leadrelay.edges.catalog.yaml_source import MAX_FILE_BYTES, MAX_FILES, SourceFile, read_sources


def problems(content: str | bytes, name: str = "c.yaml") -> list[str]:
    return [str(problem) for problem in read_sources([SourceFile(name, content)]).problems]


def plain(node: Node) -> object:
    """The bare values of a tree."""
    match node:
        case Scalar():
            return node.value
        case Listing():
            return [plain(item) for item in node.items]
        case Table():
            return {key: plain(value) for key, (_, value) in node.entries.items()}
    return "broken"


def values(content: str, name: str = "c.yaml") -> list[object]:
    sources = read_sources([SourceFile(name, content)])
    assert not sources.problems
    return [plain(document.root) for document in sources.documents]


def test_reads_several_documents_of_several_files_in_order() -> None:
    files = [
        SourceFile("a.yaml", "x: 1\n---\n- NO\n- 2026-11-23\n"),
        SourceFile("b.json", '{"y": [true, null]}'),
    ]
    documents = read_sources(files).documents
    assert [(document.file, plain(document.root)) for document in documents] == [
        ("a.yaml", {"x": 1}),
        ("a.yaml", ["NO", "2026-11-23"]),
        ("b.json", {"y": [True, None]}),
    ]


def test_every_node_knows_its_line_and_column() -> None:
    (document,) = read_sources([SourceFile("c.yaml", "a:\n  - b: 1\n    c: x\n")]).documents
    assert isinstance(document.root, Table)
    items = document.root.entries["a"][1]
    assert isinstance(items, Listing)
    entry = items.items[0]
    assert isinstance(entry, Table)
    place, value = entry.entries["c"]
    assert (place.line, place.column) == (3, 5)
    assert (value.place.line, value.place.column) == (3, 8)


def test_a_block_text_knows_where_its_first_line_is() -> None:
    (document,) = read_sources([SourceFile("c.yaml", "a:\n  b: |\n    one\n    two\n")]).documents
    assert isinstance(document.root, Table)
    below = document.root.entries["a"][1]
    assert isinstance(below, Table)
    text = below.entries["b"][1]
    assert [text.place.line_of(line) for line in (1, 2)] == [3, 4]


def test_json_with_tabs_and_escaped_emoji_is_read() -> None:
    assert values('{\n\t"a": "\\ud83d\\ude00 \\u00e9",\n\t"b": "\\\\ud83d\\\\ude00"\n}', "c.json") == [
        {"a": "😀 é", "b": "\\ud83d\\ude00"}
    ]


def test_a_byte_order_mark_is_no_part_of_the_text() -> None:
    assert values("\ufeffa: 1") == [{"a": 1}]


def test_an_alias_stands_for_what_it_names() -> None:
    assert values("a: &x [1, 2]\nb: *x\n") == [{"a": [1, 2], "b": [1, 2]}]


def test_a_quoted_or_tagged_number_is_a_text() -> None:
    assert values("""["1", '2', !!str 3, ! 4]""") == [["1", "2", "3", "4"]]


AFTER_QUOTES = (
    "a comma or a quote is missing, or a text that has quotes needs the other kind round it, as in "
    """'{{format phone_1 "(###) ###-####"}}'"""
)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: 1\na: 2\n", "c.yaml:2: the key `a` is here a second time; the first is in line 1"),
        ("a:\n\tb: 1\n", "c.yaml:2: a tab cannot indent YAML; use spaces"),
        ("a: {{name}}\n", 'c.yaml:1: a text that begins with {{ needs quotes, as in "{{first_name}}"'),
        ("a: {{x}} {{y}}\n", 'c.yaml:1: a text that begins with {{ needs quotes, as in "{{first_name}}"'),
        ("a: {{f x (##)\n  - ##}}\nb: 1\n", "c.yaml:1: a text that begins with {{ needs quotes, as in "),
        (
            "a:\n  - {b: “x”, c: “}”}\n",
            "c.yaml:2: typographic quotes are no quotes to YAML; write \" or ' instead",
        ),
        ('a: "{{format x "(#)"}}"\n', f"c.yaml:1: the quotes are closed before column 17: {AFTER_QUOTES}"),
        ("a: 'Ada's'\n", f"c.yaml:1: the quotes are closed before column 9: {AFTER_QUOTES}"),
        ('a: {b: "x" c: "y"}\n', f"c.yaml:1: the quotes are closed before column 12: {AFTER_QUOTES}"),
        ("a: @x\n", "c.yaml:1: this is not valid YAML: a text that begins with `@` needs quotes"),
        (
            "a: [1, 2\n",
            "c.yaml:2: this is not valid YAML: did not find expected ',' or ']' "
            "(while parsing a flow sequence that begins in line 1)",
        ),
        (
            "a: b: c\n",
            "c.yaml:1: this is not valid YAML: a second `: ` on this line, or a line that is indented "
            "too far; a text that holds `: ` needs quotes",
        ),
        (
            '{"a": 1}\n{"b": 2}\n',
            "c.yaml:2: this is not valid YAML: the document has ended before this; "
            "documents are set apart by a line `---`",
        ),
        ("<<: {a: 1}\n", "c.yaml:1: `<<` (merge) is not part of YAML 1.2; write the keys out"),
        ("? [a]\n: 1\n", "c.yaml:1: a key must be a plain text"),
        ("a: !!int x\n", "c.yaml:1: this is tagged as int and cannot be read as one"),
        ("a: !!python/object:os.system x\n", "is not allowed here"),
        ("- !!omap []\n", "is not allowed here"),
        ("- &a [*a]\n", "c.yaml:1: the alias `a` stands inside the very thing it names"),
        ("- *b\n", "c.yaml:1: the alias `b` names nothing that stands before it"),
        (
            "x: 1\n---\na: \x01\n",
            "c.yaml:3: the character U+0001 cannot stand in YAML text; remove or escape it",
        ),
    ],
)
def test_says_what_is_wrong_with_a_text_and_where(text: str, problem: str) -> None:
    (found,) = set(problems(text))
    assert problem in found


def test_a_file_that_is_not_utf_8_says_from_which_line_on() -> None:
    assert problems(b"a: 1\nb: \xff\n") == [
        "c.yaml:2: the file is not UTF-8 text from here on; save it as UTF-8"
    ]


def test_a_file_with_half_a_surrogate_is_no_text() -> None:
    assert problems("a: \ud800") == ["c.yaml:1: the file is not UTF-8 text from here on; save it as UTF-8"]


def test_what_could_be_read_before_a_problem_is_kept_and_the_file_is_torn() -> None:
    sources = read_sources([SourceFile("c.yaml", "a: 1\n---\nb: [\n")])
    assert [plain(document.root) for document in sources.documents] == [{"a": 1}]
    assert sources.torn == {"c.yaml"}


def test_a_broken_value_is_marked_so_that_nobody_complains_of_it_twice() -> None:
    (document,) = read_sources([SourceFile("c.yaml", "a: {{name}}\nb: 2\n")]).documents
    assert isinstance(document.root, Table)
    assert isinstance(document.root.entries["a"][1], Broken)
    assert plain(document.root) == {"a": "broken", "b": 2}


def test_a_file_that_is_too_large_is_not_parsed() -> None:
    assert problems("# " + "x" * MAX_FILE_BYTES) == [
        "c.yaml: the file is larger than 4 MiB; split it, a catalog may have many files"
    ]


def test_too_many_files_are_refused() -> None:
    sources = read_sources([SourceFile(f"{n}.yaml", "") for n in range(MAX_FILES + 1)])
    assert [str(problem) for problem in sources.problems] == [
        "1001 files are more than the 1000 that a catalog may have"
    ]


@given(st.text(alphabet=st.sampled_from("abc:-[]{}\"'|>&*!%@`#,? \n\t\\01.~<=é")) | st.text() | st.binary())
def test_no_text_crashes_the_reader(content: str | bytes) -> None:
    sources = read_sources([SourceFile("c.yaml", content), SourceFile("c.json", content)])
    assert all(problem.message for problem in sources.problems)
