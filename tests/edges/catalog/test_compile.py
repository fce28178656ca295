"""Names, fields and the catalog as a whole (behaviour 2)."""

import pytest

from catalog_texts import loaded, of_rest, refused
from leadrelay.core.fields import FieldType
from leadrelay.edges.catalog.compile import compile_catalog
from leadrelay.edges.catalog.findings import Findings
from leadrelay.edges.catalog.load import SourceFile, load
from leadrelay.edges.catalog.problems import CatalogRefused

DESTINATION = 'rest: {url: "https://example.com"}, pass_through: all'


def test_a_catalog_has_its_parts_by_name() -> None:
    catalog = loaded(of_rest("") + "fields: [{name: vin, type: credential}, {name: nickname}]\n").catalog
    assert list(catalog.destinations) == ["crm"]
    assert list(catalog.flows) == ["f"]
    assert catalog.fields["vin"].type is FieldType.CREDENTIAL
    assert catalog.fields["email"].type is FieldType.EMAIL
    assert {"vin", "ssn"} <= catalog.sensitive
    assert not {"nickname", "email"} & catalog.sensitive


@pytest.mark.parametrize("kind", ["destinations", "flows", "fields"])
def test_a_name_must_be_there(kind: str) -> None:
    assert f"c.yaml:1: {kind}[0]: needs a `name`" in refused(f"{kind}: [{{description: x}}]")


@pytest.mark.parametrize("name", ["a b", "a#2", "-a", ".a", "a.", "é", "x" * 101])
def test_a_name_must_be_writable_everywhere(name: str) -> None:
    (problem,) = refused(f"destinations: [{{name: '{name}', {DESTINATION}}}]")
    assert "is no name: letters, digits, `_`, `-` and, inside, `.`, at most 100 characters" in problem


def test_a_name_may_have_dots_and_dashes_inside() -> None:
    assert loaded(f"destinations: [{{name: acme.us-east_1, {DESTINATION}}}]").catalog.destinations


def test_a_field_name_has_no_dots() -> None:
    (problem,) = refused("fields: [{name: a.b}]")
    assert "`a.b` is no name: letters, digits, `_` and `-`" in problem


def test_a_name_that_is_taken_says_where_the_first_one_is_also_in_another_file() -> None:
    files = [
        SourceFile("one.yaml", f"\ndestinations: [{{name: crm, {DESTINATION}}}]"),
        SourceFile("two.yaml", f"---\n---\ndestinations: [{{name: crm, {DESTINATION}}}]"),
    ]
    with pytest.raises(CatalogRefused) as refusal:
        load(files, secret_names=None)
    assert str(refusal.value) == (
        "two.yaml:3: destinations[crm].name: `crm` is taken; the first one is at one.yaml:2"
    )


def test_problems_of_different_parts_are_told_together() -> None:
    text = of_rest("timeouts: {total: 0s}\nauth: [{}]") + "- {name: g, steps: [{deliver: x}]}\n"
    assert [problem.split(": ")[1] for problem in refused(text)] == [
        "destinations[crm].timeouts.total",
        "destinations[crm].auth[0]",
        "flows[g].steps[0].deliver",
    ]


def test_a_catalog_that_was_applied_is_not_judged_again() -> None:
    """An old version stays readable for its leads when a later one checks more."""
    message = loaded(of_rest("")).message
    message.destinations[0].name = "no longer a name"
    message.destinations[0].mapping[0].value.string_value = "{{phone_1.area}}"
    message.flows[0].steps[0].deliver = "no longer a name"
    findings = Findings()
    catalog = compile_catalog(message, findings, version=7, was_applied=True)
    assert findings.problems
    assert not findings.warnings
    assert catalog is not None
    assert catalog.version == 7
