"""YAML to the catalog's message: one schema, every error at once, no credential repeated (behaviour 2)."""

from textwrap import dedent

import pytest
from google.protobuf import json_format

from catalog_texts import loaded, of_destination, of_flow, of_rest, refused
from leadrelay.edges.catalog.decode import IN_CLEAR, decode
from leadrelay.edges.catalog.yaml_source import SourceFile, read_sources
from leadrelay.v1 import destination_pb2
from leadrelay.v1.catalog_service_pb2 import Catalog


def decoded(text: str) -> Catalog:
    message, findings = decode(read_sources([SourceFile("c.yaml", dedent(text))]))
    assert not findings.problems
    return message


def wrong(text: str) -> list[str]:
    """What the decoder alone says of a text."""
    _, findings = decode(read_sources([SourceFile("c.yaml", dedent(text))]))
    return [str(problem) for problem in findings.problems]


def test_fills_every_kind_of_field() -> None:
    message = decoded("""
        destinations:
        - name: crm
          rest:
            url: https://example.com
            headers: {X-A: "1", X-B: two}
            body: {format: form}
          mapping:
          - {to: a, value: [1, "x", null, true, {b: 1.5}], default: null, required: true}
          auth:
          - headers: {values: {X-Key: {secret: key}}}
          timeouts: {total: 1.5s}
          retry: {attempts: 3, factor: 2, on: [timeout, reset]}
          reading:
            rules:
            - {outcome: hard_reject, match: [{path: a, in: {values: [x, y]}, not: true}], code: cap_exceeded}
        flows: [{name: f, steps: [{deliver: crm, weight: 7}]}]
    """)
    crm = message.destinations[0]
    assert dict(crm.rest.headers) == {"X-A": "1", "X-B": "two"}
    assert crm.rest.body.format == destination_pb2.BODY_FORMAT_FORM
    assert json_format.MessageToDict(crm.mapping[0]) == {
        "to": "a",
        "value": [1, "x", None, True, {"b": 1.5}],
        "default": None,
        "required": True,
    }
    assert crm.auth[0].headers.values["X-Key"].secret == "key"
    assert (crm.timeouts.total.seconds, crm.timeouts.total.nanos) == (1, 500_000_000)
    assert (crm.retry.attempts, crm.retry.factor, list(crm.retry.on)) == (3, 2.0, ["timeout", "reset"])
    rule = crm.reading.rules[0]
    assert (rule.outcome, rule.code, getattr(rule.match[0], "not")) == (2, 3, True)
    assert list(getattr(rule.match[0], "in").values) == ["x", "y"]
    assert message.flows[0].steps[0].weight == 7


def test_takes_names_as_in_the_protos_and_as_in_json() -> None:
    one = decoded("destinations: [{name: a, pass_through: all, when_unknown: hold}]")
    other = decoded(
        '{"destinations": [{"name": "a", "passThrough": "PASS_THROUGH_ALL", "whenUnknown": "hold"}]}'
    )
    assert one == other


def test_reads_what_protobuf_itself_writes_as_json() -> None:
    message = loaded(of_rest("timeouts: {total: 2500ms}\nretry: {attempts: 2, on: [timeout]}")).message
    message.destinations[0].limits.caps.add(count=2**60, period="CAP_PERIOD_DAY")  # a text, in JSON
    assert decoded(json_format.MessageToJson(message)) == message


def test_adds_up_documents_and_files_in_order() -> None:
    files = [
        SourceFile("a.yaml", "destinations: [{name: a}]\n---\n# only a comment\n---\nflows: [{name: f}]\n"),
        SourceFile("b.json", '{"destinations": [{"name": "b"}]}'),
    ]
    message, findings = decode(read_sources(files))
    assert [destination.name for destination in message.destinations] == ["a", "b"]
    assert [flow.name for flow in message.flows] == ["f"]
    assert findings.where(("destinations", 1)) == "b.json:1"


def test_tells_every_error_at_once_each_with_its_place() -> None:
    assert wrong("""
        destinations:
        - name: crm
          rest: {urll: x, url: 5}
          colour: red
          mapping:
          - {to: a, value: 1}
          - {to: b, vlaue: 1}
          timeouts: {total: 5}
        flows: {}
    """) == [
        "c.yaml:4: destinations[crm].rest: unknown key `urll`; did you mean `url`?",
        'c.yaml:4: destinations[crm].rest.url: expected a text, found the number 5; write it in quotes: "5"',
        "c.yaml:5: destinations[crm]: unknown key `colour`; the keys here are: `ask`, `auth`, `batch`, "
        "`connection`, `description`, `direct`, `endpoints`, `examples`, `limits`, `mapping`, `name`, "
        "`pass_through`, `prices`, `reading`, `rest`, `retry`, `soap`, `timeouts`, `webhook`, `when_unknown`",
        "c.yaml:8: destinations[crm].mapping[b]: unknown key `vlaue`; did you mean `value`?",
        'c.yaml:9: destinations[crm].timeouts.total: a duration needs its unit: write "5s" for seconds',
        "c.yaml:10: flows: expected a list, found a mapping; begin each entry with `- `",
    ]


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        ("rest: {}\nwebhook: {}", "`rest` and `webhook` exclude each other; keep one of them"),
        (
            "pass_through: all\npassThrough: all",
            "`pass_through` and `passThrough` are the same key; keep one of them",
        ),
        ("mapping:", "mapping: there is no value here; give it one or remove the key"),
        (
            "mapping: [a]",
            "expected a mapping with keys such as `to`, `value`, `when`, `default`, `required`, "
            "`empty`, found a text",
        ),
        ("rest: {headers: [a]}", "rest.headers: expected a mapping of names to values, found a list"),
        (
            "rest: {headers: {X-A: true}}",
            'rest.headers.X-A: expected a text, found true; write it in quotes: "true"',
        ),
        (
            "rest: https://x",
            "expected a mapping with keys such as `url`, `method`, `body`, `headers`, "
            "`follow_redirects`, found a text",
        ),
        ("rest: {body: {format: jsn}}", "rest.body.format: unknown value `jsn`; did you mean `json`?"),
        (
            "rest: {body: {format: [x]}}",
            "expected one of csv, fixed_width, form, json, query, text, xml, found a list",
        ),
        ("rest: {follow_redirects: yes}", "expected true or false, found a text; write true"),
        ("retry: {jitter: 'true'}", "expected true or false, found a text; write true, without quotes"),
        ("retry: {attempts: -1}", "expected a whole number from 0 to 4294967295, found the number -1"),
        ("retry: {attempts: two}", "expected a whole number, found a text"),
        ("retry: {factor: .inf}", "expected a finite number"),
        ("retry: {factor: fast}", "expected a number, found a text"),
        ("retry: {on: timeout}", "retry.on: expected a list, found a text; begin each entry with `- `"),
        (
            "mapping: [{to: zip, value: 00501}]",
            'mapping[zip].value: `00501` would be sent as another number; write it in quotes: "00501"',
        ),
        (
            "mapping: [{to: tel, value: +15555550100}]",
            '`+15555550100` would be sent as another number; write it in quotes: "+15555550100"',
        ),
        (
            "mapping: [{to: id, value: 12345678901234567890}]",
            "`12345678901234567890` is too large to be sent exactly; write it in quotes",
        ),
        ("mapping: [{to: x, value: .nan}]", "`.nan` would be sent as another number"),
        ("mapping: [{to: x, value: 1e999}]", "`1e999` is no number that can be sent"),
        (
            "mapping: [{to: x, value: [[[[[[[[[[[[[1]]]]]]]]]]]]]}]",
            "a value cannot be nested more than 12 levels deep",
        ),
    ],
)
def test_says_what_was_found_and_what_is_wanted(keys: str, problem: str) -> None:
    (found,) = wrong(of_destination(keys))
    assert problem in found


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            of_destination("url: x"),
            "destinations[crm]: unknown key `url`; it belongs inside `rest` or `webhook` or `soap`",
        ),
        (of_destination("rest: {}\nurl: x"), "unknown key `url`; it belongs inside `rest`"),
        (
            of_destination("rest: {timeouts: {}}"),
            "unknown key `timeouts`; it belongs one level up: check the indentation",
        ),
        (of_destination("api_key: x"), "unknown key `api_key`; it belongs inside an entry of `auth`"),
        (of_flow("- waterfall: {}\n  steps: []"), "unknown key `steps`; it belongs inside `waterfall`"),
        (
            "name: crm\n",
            "c.yaml:1: unknown key `name`; it belongs inside an entry of `fields` or an entry of "
            "`destinations` or an entry of `flows`",
        ),
        (
            "- name: crm\n",
            "expected a mapping with keys such as `fields`, `destinations`, `flows`, `egress`, `codes`",
        ),
        (of_flow("- waterfall: [{deliver: a}]"), "found a list; write the list under `steps`"),
        ("destinatons: []\n", "unknown key `destinatons`; did you mean `destinations`?"),
    ],
)
def test_knows_where_a_misplaced_key_belongs(text: str, problem: str) -> None:
    assert any(problem in found for found in wrong(text))


PLAIN = "s3cr3t-abc-123"


@pytest.mark.parametrize(
    "auth",
    [
        f"api_key: {{header: X-Key, key: {PLAIN}}}",
        f"api_key: {{header: X-Key, key: {{value: {PLAIN}}}}}",
        f"api_key: {{header: X-Key, key: {{{PLAIN}}}}}",
        f"api_key: {{header: X-Key, key: [{PLAIN}]}}",
        f"basic: {{username: me, password: {PLAIN}}}",
        f"bearer: {{token: {PLAIN}}}",
        f"headers: {{values: {{X-Key: {PLAIN}}}}}",
        f"oauth2: {{client_secret: {PLAIN}}}",
    ],
)
def test_refuses_a_credential_in_clear_and_does_not_repeat_it(auth: str) -> None:
    (problem,) = wrong(of_destination(f"auth: [{{{auth}}}]"))
    assert problem.endswith(IN_CLEAR)
    assert PLAIN not in problem


def test_tells_how_to_store_a_credential() -> None:
    assert "`{secret: NAME}`" in IN_CLEAR
    assert "`leadrelay secrets put NAME`" in IN_CLEAR
    assert "`--secrets DIR`" in IN_CLEAR
    assert "LEADRELAY_SECRET_NAME" in IN_CLEAR


def test_a_number_in_a_credentials_place_is_not_repeated_either() -> None:
    (problem,) = wrong(of_destination("auth: [{bearer: {token: {secret: 98765}}}]"))
    assert problem.endswith("auth[0].bearer.token: expected the name of a secret: `{secret: NAME}`")


def test_what_could_not_be_read_is_not_also_said_to_be_missing() -> None:
    """One slip, one message: `urll` is unknown, and nobody adds that there is no URL."""
    assert refused(of_destination("rest: {urll: x}")) == [
        "c.yaml:3: destinations[crm].rest: unknown key `urll`; did you mean `url`?"
    ]


def test_a_value_without_quotes_is_told_once() -> None:
    text = of_destination('rest: {url: "https://x.example"}\nmapping:\n- to: a\n  value: {{email}}')
    assert refused(text) == ['c.yaml:6: a text that begins with {{ needs quotes, as in "{{first_name}}"']


def test_a_torn_catalog_does_not_complain_of_destinations_that_may_be_in_the_lost_part() -> None:
    assert refused("flows: [{name: f, steps: [{deliver: crm}]}]\n---\ndestinations: [\n") == [
        "c.yaml:4: this is not valid YAML: did not find expected node content "
        "(while parsing a flow node that begins in line 4)"
    ]


def test_numbers_and_duration_may_be_written_as_whole_floats_and_texts() -> None:
    message = decoded("destinations: [{name: a, retry: {attempts: 3.0}, limits: {caps: [{count: '7'}]}}]")
    assert message.destinations[0].retry.attempts == 3
    assert message.destinations[0].limits.caps[0].count == 7


def test_an_enum_written_as_a_version_number_is_understood() -> None:
    message = decoded("destinations: [{name: a, soap: {version: 1.2}}]")
    assert message.destinations[0].soap.version == destination_pb2.SOAP_VERSION_1_2


@pytest.mark.parametrize("null", ["null", "~", "NULL", '"null"', "EMPTY_NULL"])
def test_an_empty_value_may_be_sent_as_null(null: str) -> None:
    message = decoded(f"destinations: [{{name: a, mapping: [{{to: b, value: '{{{{c}}}}', empty: {null}}}]}}]")
    assert message.destinations[0].mapping[0].empty == destination_pb2.EMPTY_NULL


@pytest.mark.parametrize("keys", ["mapping: [{to: b, empty: }]", "mapping: null", "when_unknown: null"])
def test_a_key_without_a_value_is_still_a_slip(keys: str) -> None:
    (problem,) = wrong(f"destinations: [{{name: a, {keys}}}]")
    assert "there is no value here" in problem


def test_an_enum_cannot_be_set_to_nothing_in_particular() -> None:
    (problem,) = wrong("flows: [{name: f, steps: [{waterfall: {order: unspecified}}]}]")
    assert "unknown value `unspecified`" in problem


def test_what_the_catalog_accepts_survives_its_record() -> None:
    """The deepest value stays within what protobuf reads back (behaviour 2); so does the deepest flow."""
    value = "[" * 11 + "1" + "]" * 11
    message = decoded(f"destinations: [{{name: crm, mapping: [{{to: a, value: {value}}}]}}]\n")
    assert Catalog.FromString(message.SerializeToString()) == message


def test_the_choices_of_a_match_may_be_a_list_alone() -> None:
    rules = "reading: {rules: [{outcome: success, match: [{path: status, in: %s}]}]}"
    messages = [loaded(of_rest(rules % values)).message for values in ("[ok, sold]", "{values: [ok, sold]}")]
    assert messages[0] == messages[1]
    place = "c.yaml:5: destinations[crm].reading.rules[0].match[0].in"
    assert refused(of_rest(rules % "ok")) == [f"{place}: expected a list such as `[a, b]`, found a text"]
    assert refused(of_rest(rules % "[ok, 1]")) == [
        f'{place}[1]: expected a text, found the number 1; write it in quotes: "1"'
    ]
    assert refused(of_rest(rules % "{valeus: [ok]}")) == [
        f"{place}: unknown key `valeus`; did you mean `values`?"
    ]


def test_what_a_merge_would_have_brought_is_not_missed_as_well() -> None:
    text = """\
    destinations:
    - &base {name: a, rest: {url: "https://example.com"}, pass_through: all}
    - {<<: *base, name: b, timeouts: {totl: 5s}}
    flows:
    - {name: f, steps: [{deliver: a}, {deliver: b}]}
    """
    assert refused(text) == [
        "c.yaml:3: `<<` (merge) is not part of YAML 1.2; write the keys out",
        "c.yaml:3: destinations[b].timeouts: unknown key `totl`; did you mean `total`?",
    ]
