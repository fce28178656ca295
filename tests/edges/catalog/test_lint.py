"""What a catalog may say and hardly anybody means: warnings, each with its place."""

import pytest

from catalog_texts import loaded, of_destination, of_flow, of_rest, warned

REST = 'rest: {url: "https://example.com/{{state}}"}\n'


def test_a_sound_catalog_has_no_warnings() -> None:
    assert warned(of_rest("retry: {attempts: 3}\nwhen_unknown: resend")) == []


def test_a_path_that_is_mapped_twice() -> None:
    text = of_destination(f"{REST}mapping:\n- {{to: a, value: '{{{{email}}}}'}}\n- {{to: a, value: x}}")
    assert warned(text) == [
        "c.yaml:6: destinations[crm].mapping[a]: `a` is already mapped at c.yaml:5, whose value is now "
        "sent only where this one is blank; say so with `default`, or remove one of the two"
    ]


def test_a_path_that_is_mapped_twice_under_conditions_is_a_choice() -> None:
    rules = "[{to: a, value: x}, {to: a, value: y, when: state == 'CA'}]"
    assert warned(of_destination(f"{REST}mapping: {rules}")) == []


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("'{{first_name}}, {{last_name}}'", "the value can never be blank"),
        ("""'{{if state "CA" then "yes" else "no"}}'""", "the value can never be blank"),
        ("x", "a value that is no template is sent as it is"),
        ("''", "a value that is no template is sent as it is"),
        ("null", "a value that is no template is sent as it is"),
        ("5", "a value that is no template is sent as it is"),
        ("[1, [a]]", "the value is always a list"),
    ],
)
def test_a_default_that_is_never_used(value: str, why: str) -> None:
    text = of_destination(f"{REST}mapping:\n- {{to: a, value: {value}, default: z}}")
    assert warned(text) == [f"c.yaml:5: destinations[crm].mapping[a].default: is never used: {why}"]


@pytest.mark.parametrize("value", ["'{{state}}'", "'{{first_name}} {{state}}'", "[['{{state}}']]"])
def test_a_default_that_may_be_used(value: str) -> None:
    assert warned(of_destination(f"{REST}mapping:\n- {{to: a, value: {value}, default: z}}")) == []
    assert warned(of_destination(f"{REST}mapping:\n- {{to: a, default: z}}")) == []


def test_a_rest_destination_that_sends_nothing() -> None:
    assert warned(of_destination(REST)) == [
        "c.yaml:2: destinations[crm]: has no mapping, so that nothing of a lead is sent; "
        "add `mapping` or `pass_through: all`"
    ]


TEXT = 'rest: {url: "https://example.com", body: {format: text, template: "%s"}}\n'


def test_a_text_body_needs_no_mapping() -> None:
    assert warned(of_destination(TEXT % "<<{{last_name}}>>")) == []
    assert warned(of_destination(TEXT % "hello")) == [
        "c.yaml:3: destinations[crm].rest.body.template: has no tag that reads a field, so that nothing of a "
        "lead is sent"
    ]


def test_a_mapping_beside_a_text_body_is_not_sent() -> None:
    body = TEXT % "<<{{last_name}}>>"
    said = "is not sent beside a text body, which is its template alone; put the values there"
    (warning,) = warned(of_destination(body + 'mapping: [{to: a, value: "{{email}}"}]'))
    assert warning.startswith(f"c.yaml:4: destinations[crm].mapping: {said}")
    (warning,) = warned(of_destination(body + "pass_through: all"))
    assert warning.startswith(f"c.yaml:4: destinations[crm].pass_through: {said}")
    assert warned(of_destination(body + 'mapping: [{to: a, value: "{{email}}", required: true}]')) == []


def test_a_sensitive_field_in_a_url() -> None:
    text = of_destination('webhook: {url: "https://example.com/{{ssn}}"}')
    assert warned(text) == [
        "c.yaml:3: destinations[crm].webhook.url: `ssn` is sensitive and would stand in a URL, which "
        "servers keep in their logs; send it in a body"
    ]


@pytest.mark.parametrize("how", ["method: GET", "body: {format: query}"])
def test_a_sensitive_field_in_a_query(how: str) -> None:
    keys = f'rest: {{url: "https://example.com", {how}}}\nmapping: [{{to: d, value: "{{{{dob}}}}"}}]'
    (warning,) = warned(of_destination(keys))
    assert warning.startswith("c.yaml:4: destinations[crm].mapping[d].value: `dob` is sensitive")


@pytest.mark.parametrize("to", ["api_key", "Key", "auth.password", "accessToken", "lp_campaign_key"])
@pytest.mark.parametrize("rule", ["value: hunter2", "value: '{{token}}', default: hunter2"])
def test_a_credential_that_a_mapping_sends_in_clear_is_named_and_not_repeated(to: str, rule: str) -> None:
    """Many buyers take their key as a parameter beside the lead's (behaviour 2)."""
    (warning,) = warned(of_destination(f"{REST}mapping: [{{to: {to}, {rule}}}]"))
    assert f"what is sent as `{to}` looks like a credential in clear" in warning
    assert f"`api_key: {{field: {to}, key: {{secret: NAME}}}}`" in warning
    assert "hunter2" not in warning


@pytest.mark.parametrize(
    "rule",
    [
        "to: key, value: '{{sub_id}}'",
        "to: monkey, value: see",
        "to: F9key, value: number1",
        "to: key, value: 5",
    ],
)
def test_what_a_lead_brings_and_what_is_no_credential_is_mapped_in_silence(rule: str) -> None:
    assert warned(of_destination(f"{REST}mapping: [{{{rule}}}]")) == []


def test_a_sensitive_field_in_a_body_or_a_condition_is_fine() -> None:
    keys = 'rest: {url: "https://example.com", method: GET}\nmapping: [{to: d, value: 1, when: dob}]'
    assert warned(of_destination(keys)) == []
    assert warned(of_destination(f"{REST}mapping: [{{to: d, value: '{{{{ssn}}}}'}}]")) == []


def test_what_looks_like_a_credential_in_clear_is_named_and_not_repeated() -> None:
    headers = "{X-Session-Token: hunter3, X-A: b}"
    keys = f'webhook: {{url: "https://example.com/?api_key=hunter2&q=1", headers: {headers}}}'
    query, header = warned(of_destination(keys))
    assert query.endswith(
        "webhook.url: the parameter `api_key` looks like a credential in clear; use `auth` with "
        "`api_key: {query: api_key, key: {secret: NAME}}`"
    )
    assert header.endswith(
        "webhook.headers.X-Session-Token: `X-Session-Token` looks like a credential in clear; use `auth` "
        "with `headers: {values: {X-Session-Token: {secret: NAME}}}`"
    )
    assert "hunter" not in query + header


def test_a_template_is_no_credential() -> None:
    keys = 'webhook: {url: "https://example.com/?key={{source}}", headers: {X-Key: "{{source}}"}}'
    assert warned(of_destination(keys)) == []


def test_a_header_that_is_left_out_is_no_credential() -> None:
    headers = '{Idempotency-Key: "", X-Api-Token: ""}'
    assert warned(of_destination(f'webhook: {{url: "https://example.com/", headers: {headers}}}')) == []


def test_a_retry_that_never_happens() -> None:
    assert warned(of_rest("retry: {first_delay: 5s}")) == [
        "c.yaml:5: destinations[crm].retry: nothing is ever sent again without `attempts` of 2 or more"
    ]
    assert warned(of_rest("retry: {attempts: 1}")) == []


def test_rules_of_a_reading_that_are_never_reached() -> None:
    text = of_rest("reading: {rules: [{outcome: success}, {outcome: hard_reject}]}")
    assert warned(text) == [
        "c.yaml:5: destinations[crm].reading.rules[0]: has no `match` and so decides every reply; "
        "the rules after it are never reached"
    ]


@pytest.mark.parametrize("name", ["email", "source", "appended"])
def test_a_destination_with_the_name_of_a_field(name: str) -> None:
    text = of_flow("- deliver: a\n- deliver: b").replace("name: a", f"name: {name}")
    (warning,) = warned(text.replace("deliver: a", f"deliver: {name}"))
    assert warning == (
        f"c.yaml:2: destinations[{name}].name: `{name}` is also the name of a field, which templates "
        "find first; rename one of them"
    )


def test_a_destination_that_no_flow_uses() -> None:
    steps = "- branch: {arms: [{when: consent, steps: [{deliver: a}]}]}"
    lonely = loaded(of_flow(steps).replace("- {name: b", "- {name: lonely")).warnings
    assert [str(warning) for warning in lonely] == ["c.yaml:3: destinations[lonely]: no flow delivers to it"]


def test_a_field_that_cannot_be_uncovered() -> None:
    text = of_rest("") + "fields: [{name: ssn, sensitive: false}, {name: email, sensitive: false}]\n"
    assert warned(text) == [
        "c.yaml:7: fields[ssn].sensitive: `ssn` is masked whatever stands here; another name may be "
        "in the open"
    ]
