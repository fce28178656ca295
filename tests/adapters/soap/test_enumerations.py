"""What a type lists is all that it takes (behaviour 4.1); what is not sure is not refused."""

from typing import Any

import pytest

from leadrelay.adapters.soap.contract import contract_from
from leadrelay.adapters.soap.fitting import Fitting, Unfit, tree_of
from leadrelay.core.destination import Soap
from leadrelay.core.encoding import Payload
from soap_service import SCHEMA, WSDL, gathered

SOAP = Soap(wsdl="https://crm.example/leads?wsdl", operation="AddLead")
ANSWER = (
    '<xs:simpleType name="Answer"><xs:restriction base="xs:string"><xs:enumeration value="Yes"/>'
    '<xs:enumeration value="Not sure"/></xs:restriction></xs:simpleType>'
)
INLINE = ANSWER.replace(' name="Answer"', "")


def fitted(takes: str, payload: dict[str, Any], types: str = "") -> Any:
    """What an operation takes whose first argument is of this kind."""
    schema = SCHEMA.replace('<xs:element name="campaign" type="xs:string"/>', takes)
    schema = schema.replace('<xs:complexType name="Phone">', f'{types}<xs:complexType name="Phone">', 1)
    contract = contract_from(gathered(WSDL, schema), SOAP)
    return Fitting(contract.members, contract.allowed).arguments(contract.body, tree_of(Payload(payload)))


@pytest.mark.parametrize(
    ("takes", "types"),
    [
        ('<xs:element name="A" type="t:Answer"/>', ANSWER),
        (f'<xs:element name="A">{INLINE}</xs:element>', ""),
        (f'<xs:element name="A" minOccurs="0" maxOccurs="2">{INLINE}</xs:element>', ""),
    ],
)
def test_a_text_that_is_not_listed_is_refused_with_those_that_are(takes: str, types: str) -> None:
    assert fitted(takes, {"A": " Not sure "}, types)["A"] in ("Not sure", ["Not sure"])
    with pytest.raises(Unfit, match="is none of what is taken; there are: `Not sure`, `Yes`") as refusal:
        fitted(takes, {"A": "secret"}, types)
    assert "secret" not in str(refusal.value)


def test_an_attribute_is_held_to_its_list() -> None:
    attribute = f'<xs:attribute name="k">{INLINE}</xs:attribute>'
    takes = f'<xs:element name="A"><xs:complexType>{attribute}</xs:complexType></xs:element>'
    assert fitted(takes, {"A@k": "Yes"})["A"] == {"k": "Yes"}
    with pytest.raises(Unfit, match=r"`A\.@k` is none of what is taken"):
        fitted(takes, {"A@k": "yes"})


def test_of_two_types_with_one_name_all_texts_are_good_and_any_where_one_lists_none() -> None:
    twice = f'<xs:element name="A">{INLINE}</xs:element>'
    other = ANSWER.replace("Answer", "A").replace("Yes", "No")
    assert fitted(twice, {"A": "No"}, other)["A"] == "No"
    free = '<xs:simpleType name="A"><xs:restriction base="xs:string"/></xs:simpleType>'
    assert fitted(twice, {"A": "Perhaps"}, free)["A"] == "Perhaps"
