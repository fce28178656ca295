"""Files in, a catalog out: all or nothing, and the same from its record (behaviour 2)."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from catalog_texts import loaded, of_destination, of_flow, of_rest
from leadrelay.edges.catalog.load import Loaded, SourceFile, from_bytes, load
from leadrelay.edges.catalog.problems import CatalogRefused


def test_what_is_loaded_is_the_message_the_catalog_and_the_warnings() -> None:
    result = loaded(of_destination('rest: {url: "https://example.com"}'))
    assert [destination.name for destination in result.message.destinations] == ["crm"]
    assert list(result.catalog.destinations) == ["crm"]
    assert [warning.line for warning in result.warnings] == [2]


def test_a_catalog_is_read_back_from_its_record_under_its_version() -> None:
    result = loaded(of_rest("retry: {attempts: 3}"))
    again = from_bytes(result.message.SerializeToString(deterministic=True), 12)
    assert again.version == 12
    assert again.sensitive == result.catalog.sensitive
    before, after = result.catalog.destinations["crm"], again.destinations["crm"]
    assert (after.fingerprint, after.retry) == (before.fingerprint, before.retry)
    assert [step.delivery for step in again.flows["f"].deliveries()] == ["crm"]


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n---\n", "destinations: []\n"])
def test_an_empty_catalog_is_refused_and_says_what_was_looked_for(text: str) -> None:
    with pytest.raises(CatalogRefused) as refusal:
        load([SourceFile("a.yaml", text)], secret_names=None)
    assert str(refusal.value) == (
        "the catalog is empty: neither `destinations` nor `flows` nor `fields` in a.yaml"
    )


def test_no_file_at_all_is_an_empty_catalog() -> None:
    with pytest.raises(CatalogRefused, match="in no file at all"):
        load([], secret_names=None)


def test_a_damaged_record_says_so() -> None:
    with pytest.raises(CatalogRefused, match="the record of version 3 is damaged"):
        from_bytes(b"\xff\xff", 3)


def test_a_record_that_cannot_be_compiled_says_why() -> None:
    message = loaded(of_rest("")).message
    message.flows[0].steps[0].deliver = "gone"
    with pytest.raises(
        CatalogRefused, match=r"flows\[0\].steps\[0\].deliver: there is no destination `gone`"
    ):
        from_bytes(message.SerializeToString(), 3)


SOUND = of_flow("- waterfall: {steps: [{deliver: a, when: state == 'CA'}, {deliver: b}]}") + of_rest(
    "auth: [{basic: {username: me, password: {secret: s}}}]\n"
    "reading: {rules: [{outcome: success, match: [{status: 2xx}]}]}"
).replace("destinations:", "---\ndestinations:", 1).replace("- {name: f,", "- {name: g,")


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """A sound catalog with a piece cut out and another put in: nearly right, as people's files are."""
    start = draw(st.integers(0, len(SOUND)))
    end = draw(st.integers(start, min(len(SOUND), start + 30)))
    pieces = [
        "null",
        "[]",
        "{}",
        "5",
        "'",
        '"{{',
        "- ",
        ": ",
        "\n",
        "\n  ",
        "*x",
        "&x ",
        "true",
        "é",
        ".nan",
        "-1",
    ]
    return SOUND[:start] + draw(st.sampled_from(pieces) | st.text(max_size=5)) + SOUND[end:]


def outcome(text: str) -> Loaded | CatalogRefused:
    try:
        return load([SourceFile("c.yaml", text)], secret_names=None)
    except CatalogRefused as refusal:
        return refusal


@settings(max_examples=300, deadline=None)
@given(damaged())
@example(SOUND)
def test_whatever_a_file_holds_is_loaded_or_refused_with_reasons(text: str) -> None:
    result = outcome(text)
    if isinstance(result, CatalogRefused):
        assert result.problems
        assert all(problem.message for problem in result.problems)
    else:
        again = from_bytes(result.message.SerializeToString(), 1)
        assert again.destinations.keys() == result.catalog.destinations.keys()


WORDS = """
    destinations flows fields name rest webhook url headers body format mapping to value when default auth
    api_key basic bearer oauth2 key secret reading rules outcome match path equals in values timeouts total
    retry attempts on limits steps deliver waterfall parallel branch arms otherwise filter pass_when
"""
KEYS = st.sampled_from(WORDS.split())
TREES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | KEYS,
    lambda below: st.lists(below, max_size=3) | st.dictionaries(KEYS, below, max_size=4),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None)
@given(st.fixed_dictionaries({"destinations": TREES, "flows": TREES, "fields": TREES}))
def test_no_tree_of_known_words_crashes_the_loader(tree: dict[str, object]) -> None:
    result = outcome(written(tree))
    assert not isinstance(result, CatalogRefused) or result.problems


def written(value: object) -> str:
    """As YAML that is nearly JSON; texts in single quotes, which need no escapes."""
    match value:
        case dict():
            return "{" + ", ".join(f"{key}: {written(item)}" for key, item in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(written, value)) + "]"
        case str():
            return "'" + value.replace("'", "''") + "'"
        case bool() | None:
            return {True: "true", False: "false", None: "null"}[value]
    return repr(value).replace("inf", ".inf").replace("nan", ".nan")
