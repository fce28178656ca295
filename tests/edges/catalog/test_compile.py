"""Names, fields and the catalog as a whole (behaviour 2)."""

import pytest

from catalog_texts import loaded, of_rest, refused
from leadrelay.core.destination import Rest
from leadrelay.core.fields import FieldType
from leadrelay.core.flow import Sequence
from leadrelay.core.masking import is_sensitive
from leadrelay.core.scope import Scope
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


@pytest.mark.parametrize("name", ["a.b", " a", "a\\t", "a\\u0085b"])
def test_a_field_name_has_no_dots_and_nothing_that_cannot_be_seen(name: str) -> None:
    (problem,) = refused(f'fields: [{{name: "{name}"}}]')
    assert "is no name: without dots, control characters, and white space at its ends, at most 100" in problem


def test_a_field_is_declared_by_the_name_that_its_source_gives_it() -> None:
    """Behaviour 2: whatever name a lead may have, its type and its secrecy can be said."""
    fields = "fields: [{name: Años / Yrs, type: number}, {name: 'Social [Security] #', sensitive: true}]\n"
    rule = "{to: years, value: '{{[Años / Yrs]}}', when: '[Años / Yrs] is valid'}"
    more = f"{fields}destinations: [{{name: crm, {DESTINATION}, mapping: [{rule}]}}]"
    mapped = (
        loaded(more)
        .catalog.destinations["crm"]
        .mapping.apply(Scope({"Años / Yrs": "1,000", "Social [Security] #": "219-09-9999"}))
    )
    assert mapped.payload == {"Años / Yrs": 1000, "years": 1000}


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


def test_a_field_is_read_by_its_type_wherever_it_stands() -> None:
    """Behaviour 3.4: parts are paths, and valid values go out in their normal form."""
    text = """
        fields: [{name: vin, type: text}, {name: bonus, type: number}]
        destinations:
        - name: crm
          rest: {url: "https://example.com/{{state.name}}", headers: {X-Area: "{{phone_1.area}}"}}
          mapping: [{to: phone, value: "{{phone_1}}"}, {to: bonus, value: "{{bonus}}"}]
        flows: [{name: f, steps: [{deliver: crm, when: "phone_1.valid and bonus > 10"}]}]
    """
    catalog = loaded(text).catalog
    scope = Scope({"phone_1": "+1 (512) 555-0148", "bonus": "$1,100", "state": "texas"})
    (destination,) = catalog.destinations.values()
    assert dict(destination.mapping.apply(scope).payload) == {"phone": "5125550148", "bonus": 1100}
    assert isinstance(destination.protocol, Rest)
    assert destination.protocol.url(scope) == "https://example.com/Texas"
    assert destination.protocol.headers["X-Area"](scope) == "512"
    root = catalog.flows["f"].root.kind
    assert isinstance(root, Sequence)
    (step,) = root.steps
    assert step.when is not None
    assert step.when.holds(scope)


def test_a_well_known_field_keeps_its_type_when_only_something_else_is_said_of_it() -> None:
    catalog = loaded("fields: [{name: loan_amount, sensitive: true}]").catalog
    assert catalog.fields["loan_amount"].type is FieldType.NUMBER
    assert is_sensitive("loan_amount", catalog.sensitive)
