"""Placeholders of other systems would be sent as they stand (behaviour 3.2: a literal has no `{{`)."""

import json

import pytest

from catalog_texts import of_destination, warned


def warnings_of(value: str) -> list[str]:
    rest = 'rest: {url: "https://example.com/{{state}}"}\n'
    return warned(of_destination(f"{rest}mapping: [{{to: a, value: {json.dumps(value)}}}]"))


@pytest.mark.parametrize(
    "written",
    [
        *("{first_name}", "{lead.first_name}}", "${first_name}", "[first_name]", "[lead.first_name]"),
        *("%first_name%", "<%= first_name %>", "Dear {first_name},", "{{city}} {first_name}"),
    ],
)
def test_a_known_field_in_the_braces_of_others_is_warned_of(written: str) -> None:
    (warning,) = warnings_of(written)
    assert "mapping[a].value: `" in warning
    assert warning.endswith("is sent as it stands; a field is written `{{first_name}}`")


@pytest.mark.parametrize(
    "written",
    [
        *("{{first_name}}", "{{{first_name}}}", "\\{{first_name}}", '{"a": {{loan_amount}}}', "{ {{city}} }"),
        *("{whatever}", "100%", "a[state]", "[x]", "{0}", "5 % state % 2", "state"),
    ],
)
def test_what_is_no_placeholder_is_not(written: str) -> None:
    assert warnings_of(written) == []


def test_places_beside_a_mapping_are_looked_at_too() -> None:
    rest = 'rest: {url: "https://example.com/{state}", headers: {X-A: "%city%"}}\npass_through: all'
    assert [words.split(": ")[1] for words in warned(of_destination(rest))] == [
        "destinations[crm].rest.url",
        "destinations[crm].rest.headers.X-A",
    ]
