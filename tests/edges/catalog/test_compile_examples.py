"""What `examples` may say, and what could never be tried or would prove nothing."""

import pytest
from google.protobuf.json_format import MessageToDict

from catalog_texts import loaded, of_rest, refused, warned

WHOLE = """
examples:
- name: a lead from California
  lead: {email: ada@example.com, loan_amount: 60000, vehicles: [{year: 2019}], consent: true}
  source: radio
  at: 2026-05-04T15:30:00Z
  appended: {crm: {id: 7}}
  request:
    method: POST
    url: https://example.com/leads
    headers: {X-Key: "***"}
    body: {email: ada@example.com, tags: [a, null]}
  reply: {status: 201, headers: {Location: /7}, body: {id: 7}}
  outcome: {kind: hard_reject, code: duplicate, reason: no, price: {amount: "1.50"}, appended: {id: 7}}
"""


def test_an_example_says_what_goes_in_and_what_has_to_come_out() -> None:
    (example,) = loaded(of_rest(WHOLE)).message.destinations[0].examples
    said = MessageToDict(example, preserving_proto_field_name=True)
    assert said["lead"] == {
        "email": "ada@example.com",
        "loan_amount": 60000,
        "vehicles": [{"year": 2019}],
        "consent": True,
    }
    assert said["at"] == "2026-05-04T15:30:00Z"
    assert said["request"]["body"] == {"email": "ada@example.com", "tags": ["a", None]}
    assert said["outcome"] == {
        "kind": "OUTCOME_KIND_HARD_REJECT",
        "code": "REASON_CODE_DUPLICATE",
        "reason": "no",
        "price": {"amount": "1.50"},
        "appended": {"id": 7},
    }
    assert warned(of_rest(WHOLE)) == []


def test_what_can_never_be_tried_is_refused_with_its_place() -> None:
    text = of_rest(
        """
        examples:
        - {name: none, request: {body: {}}}
        - {name: odd, lead: [1], outcome: {kind: success}}
        - {name: number, lead: {zip: 00501}, outcome: {kind: success}}
        - {name: when, lead: {a: b}, at: 2026-05-04, outcome: {kind: success}}
        - {name: price, lead: {a: b}, outcome: {price: {currency: USD}}}
        - {name: status, lead: {a: b}, reply: {status: 20}, outcome: {kind: succes}}
        - {name: bid, lead: {a: b}, bid: {reference: P-9}, outcome: {kind: success}}
        """
    )
    assert refused(text) == [
        "c.yaml:6: destinations[crm].examples[none]: needs a `lead` with at least one field: "
        "`lead: {email: ada@example.com}`",
        "c.yaml:7: destinations[crm].examples[odd].lead: expected a mapping of names to values, found a list",
        "c.yaml:8: destinations[crm].examples[number].lead.zip: `00501` would be sent as another number; "
        'write it in quotes: "00501"',
        "c.yaml:9: destinations[crm].examples[when].at: a moment needs its time zone: "
        "write 2026-05-04T00:00:00Z for UTC",
        "c.yaml:10: destinations[crm].examples[price].outcome.price: needs an `amount` as decimal text, "
        'such as "12.50"',
        "c.yaml:11: destinations[crm].examples[status].outcome.kind: unknown value `succes`; "
        "did you mean `success`?",
        "c.yaml:11: destinations[crm].examples[status].reply.status: is no status that a reply can have: "
        "100 to 599",
        'c.yaml:12: destinations[crm].examples[bid].bid: needs a `price: {amount: "12.50"}`',
    ]


def test_an_example_that_proves_nothing_or_shares_its_name_is_warned_of() -> None:
    text = of_rest(
        """
        examples:
        - {name: a, lead: {email: b}}
        - {name: a, lead: {email: b}, outcome: {kind: success}}
        """
    )
    assert warned(text) == [
        "c.yaml:6: destinations[crm].examples[a]: expects nothing; say what has to leave (`request`) or to "
        "come of it (`outcome`)",
        "c.yaml:7: destinations[crm].examples[a].name: `a` is also the name of the example at c.yaml:6",
    ]


@pytest.mark.parametrize("price", ["12.5", "{amount: 12.5}"])
def test_a_price_that_cannot_be_read_is_one_problem(price: str) -> None:
    for where in ("outcome: {price: %s}", "outcome: {kind: success}, bid: {price: %s}"):
        assert len(refused(of_rest(f"examples: [{{lead: {{email: a}}, {where % price}}}]"))) == 1
