"""Paths and values of a payload become the arguments of an operation, or it is said why not."""

from contextlib import suppress
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from leadrelay.adapters.soap.contract import contract_of
from leadrelay.adapters.soap.fitting import Fitting, Unfit, normal_paths, steps_of, tree_of
from leadrelay.core.destination import Soap
from leadrelay.core.encoding import Payload
from soap_service import SCHEMA, WSDL, contract, parsed


def fitted(payload: dict[str, Any]) -> Any:
    return Fitting({}).arguments(contract().body, tree_of(Payload(payload)))


def lead(**members: Any) -> Any:
    return fitted({f"lead.{name}": value for name, value in members.items()})["lead"]


def sent(more: str, payload: dict[str, Any]) -> list[tuple[str, str]]:
    """The elements of an operation that takes this beside the campaign, and their texts."""
    mark = '<xs:element name="lead" type="t:Lead"/>'
    document = parsed(WSDL, SCHEMA.replace(mark, more))
    told = contract_of(document, Soap(wsdl="https://crm.example/?wsdl", operation="AddLead"))
    tree = tree_of(Payload({"campaign": "c", **payload}))
    made, _ = told.envelope(Fitting({}).arguments(told.body, tree))
    return [(etree.QName(one).localname, one.text or "") for one in made.find("{*}Body")[0]][1:]


PAIR = '<xs:element name="Name" type="xs:string"/><xs:element name="Value" type="xs:int"/>'
LIST = '<xs:element name="Tags"><xs:simpleType><xs:list itemType="xs:int"/></xs:simpleType></xs:element>'


def test_a_choice_that_may_be_repeated_is_made_in_the_order_of_the_payload() -> None:
    more = f'<xs:choice minOccurs="0" maxOccurs="unbounded">{PAIR}</xs:choice>'
    assert sent(more, {"Value": 1, "Name": ["a", "b"]}) == [("Value", "1"), ("Name", "a"), ("Name", "b")]
    with pytest.raises(Unfit, match=r"`Value.1` is no number"):
        sent(more, {"Value.0": 1, "Value.1": "x"})


def test_a_sequence_that_may_be_repeated_is_made_once_for_each_place_of_its_lists() -> None:
    more = f'<xs:sequence maxOccurs="unbounded">{PAIR}</xs:sequence>'
    payload = {"Name.0": "a", "Name.1": "b", "Value": [1, 2]}
    assert sent(more, payload) == [("Name", "a"), ("Value", "1"), ("Name", "b"), ("Value", "2")]


@pytest.mark.parametrize("value", ["10 20", [10, "20"]])
def test_a_list_within_one_text_is_written_with_blanks(value: Any) -> None:
    assert sent(LIST, {"Tags": value}) == [("Tags", "10 20")]
    with pytest.raises(Unfit, match="`Tags` is no number"):
        sent(LIST, {"Tags": "10 x"})


def test_attributes_and_texts_have_members_of_their_own() -> None:
    paths = ("a.b", "a.b@id", "a.c.@id", "a.[x.y]", "a.d")
    assert normal_paths(paths) == ("a.b.#text", "a.b.@id", "a.c.@id", "a.[x.y]", "a.d")
    assert steps_of("lead.Phone.0@type") == ("lead", "Phone", "0", "@type")


@pytest.mark.parametrize(
    ("member", "value", "written"),
    [
        ("Income", "$52,400.00", "52400.00"),
        ("Income", Decimal("1E+3"), "1000"),
        ("Age", 41.0, "41"),
        ("Age", "41", "41"),
        ("Homeowner", "No", False),
        ("Homeowner", True, True),
        ("BirthDate", date(1984, 2, 29), "1984-02-29"),
        ("BirthDate", datetime(1984, 2, 29, 8, tzinfo=UTC), "1984-02-29"),
        ("FirstName", 7, "7"),
        ("FirstName", "a\x00b", "ab"),
        ("FirstName", ["Ada"], "Ada"),
    ],
)
def test_values_are_written_as_their_type_wants_them(member: str, value: Any, written: Any) -> None:
    assert lead(**{member: value})[member] == written


@pytest.mark.parametrize("value", ["", " ", "NaN", "1e400", "x", [], {"a": 1}, [1, 2], "1.2.3"])
def test_what_is_no_number_is_told_and_not_repeated(value: Any) -> None:
    with pytest.raises(Unfit, match=r"`lead\.Income`"):
        lead(Income=value)


def test_everything_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(Unfit) as caught:
        fitted({"lead.Age": "old", "lead.Nam": "x", "campain": "y"})
    told = str(caught.value)
    assert "`lead.Age` is no number" in told
    assert "`lead.Nam` has no place" in told
    assert "did you mean `campaign`" in told
    assert "old" not in told


def test_one_value_is_a_list_of_one_and_a_list_finds_its_wrapper() -> None:
    assert lead(Phone="5125550100")["Phone"] == [{"_value_1": "5125550100"}]
    assert lead(Tags=["a", "b"])["Tags"] == {"string": ["a", "b"]}
    assert fitted({"lead.Tags.string": "a"})["lead"]["Tags"] == {"string": ["a"]}
    with pytest.raises(Unfit, match="takes one object and is given 2"):
        lead(Address=[{"Zip": "1"}, {"Zip": "2"}])


def written(element: Any) -> str:
    return str(etree.tostring(element, encoding="unicode"))


def test_where_any_element_is_taken_a_path_makes_it() -> None:
    """As Velocify's import service takes a lead (behaviour 4.1)."""
    extra = {"Extra.Leads.Lead.0.Zip": "1", "Extra.Leads.Lead.0@id": "7", "Extra.Leads.Lead.1": "a"}
    made = written(lead(**extra)["Extra"]["_value_1"])
    assert made == '<Leads><Lead id="7"><Zip>1</Zip></Lead><Lead>a</Lead></Leads>'
    assert written(lead(Extra="<A>1 &amp; 2</A>")["Extra"]["_value_1"]) == "<A>1 &amp; 2</A>"
    several = lead(**{"Extras.A": ["1", "2"], "Extras.B": "3"})["Extras"]["_value_1"]
    assert [written(one) for one in several] == ["<A>1</A>", "<A>2</A>", "<B>3</B>"]


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"Extra": "Ada & Co"}, "`lead.Extra` is no XML, and an element is taken"),
        ({"Extra.1a": "x"}, "`lead.Extra.1a` cannot be written as XML"),
        ({"Extra.A": "x", "Extra.B": "y"}, "`lead.Extra` takes one element and is given 2"),
    ],
)
def test_what_cannot_be_that_element_is_told(members: dict[str, Any], words: str) -> None:
    with pytest.raises(Unfit, match=words):
        lead(**members)


def test_a_payload_without_names_is_refused() -> None:
    with pytest.raises(Unfit, match="name of an argument"):
        tree_of(Payload({"0": "a", "1": "b"}))


NAMES = st.sampled_from(
    ["FirstName", "Age", "Tags", "Note", "Phone", "Address", "Homeowner", "Extra", "Extras"]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates() | st.decimals(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(min_size=1), inner, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(NAMES, VALUES, min_size=1))
def test_any_value_either_fits_or_is_told(members: dict[str, Any]) -> None:
    fitting = Fitting({})
    with suppress(Unfit):
        fitting.arguments(contract().body, {"lead": members})
    assert all("`lead." in problem for problem in fitting.problems)
