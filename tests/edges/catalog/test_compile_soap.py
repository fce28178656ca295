"""`soap`: a file is checked when the catalog is applied, an address waits for a lead (behaviour 4.1)."""

from pathlib import Path

import pytest

from catalog_texts import loaded, of_destination, refused, warned
from leadrelay.core.destination import Soap, SoapVersion
from leadrelay.edges.catalog.load import from_bytes
from soap_service import SCHEMA, wsdl

URL = "https://crm.example/leads?wsdl"
MAPPING = """mapping:
- {to: campaign, value: solar}
- {to: lead.Email, value: "{{email}}"}
- {to: "lead.Phone.0@type", value: home}
- {to: "@header.AuthHeader.UserName", value: relay}
- {to: extraXml.Extra.Score, value: 7}
"""


@pytest.fixture
def catalog_file(tmp_path: Path) -> str:
    (tmp_path / "crm.wsdl").write_text(wsdl("https://crm.example/leads"))
    (tmp_path / "types.xsd").write_text(SCHEMA)
    return str(tmp_path / "c.yaml")


def of_soap(keys: str, mapping: str = MAPPING) -> str:
    return of_destination(f"soap: {{{keys}}}\n{mapping}")


def test_an_address_is_taken_as_it_is_and_nobody_is_asked() -> None:
    keys = f'wsdl: "{URL}", operation: AddLead, service: S, port: P, version: 1.2, url: "https://x.example/"'
    protocol = loaded(of_soap(keys)).catalog.destinations["crm"].protocol
    assert protocol == Soap(
        wsdl=URL,
        operation="AddLead",
        service="S",
        port="P",
        url="https://x.example/",
        version=SoapVersion.V1_2,
    )


def test_a_file_beside_the_catalog_is_found_from_anywhere(catalog_file: str) -> None:
    """The journal keeps the catalog, and has no place that a path could be meant from."""
    applied = loaded(of_soap("wsdl: crm.wsdl, operation: AddLead"), name=catalog_file)
    protocol = applied.catalog.destinations["crm"].protocol
    place = str(Path(catalog_file).parent / "crm.wsdl")
    assert isinstance(protocol, Soap)
    assert protocol.wsdl == place
    again = from_bytes(applied.message.SerializeToString(), 1).destinations["crm"].protocol
    assert again == protocol


def test_an_applied_catalog_is_read_back_without_its_files(catalog_file: str) -> None:
    applied = loaded(of_soap("wsdl: crm.wsdl, operation: AddLead"), name=catalog_file)
    (Path(catalog_file).parent / "crm.wsdl").unlink()
    assert "crm" in from_bytes(applied.message.SerializeToString(), 1).destinations


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ("wsdl: crm.wsdl", "soap: needs an `operation`"),
        ("operation: AddLead", "soap: needs a `wsdl`: a URL, or a path beside the catalog's file"),
        ("wsdl: gone.wsdl, operation: AddLead", "soap.wsdl: the file `gone.wsdl` of the WSDL cannot be read"),
        ("wsdl: c.yaml, operation: AddLead", "soap.wsdl: the file `c.yaml` of the WSDL cannot be read"),
        ("wsdl: types.xsd, operation: AddLead", "soap.wsdl: the WSDL is XML but no WSDL 1.1"),
        ("wsdl: crm.wsdl, operation: AddLeed", "did you mean `AddLead`?"),
        ("wsdl: crm.wsdl, operation: AddLead, port: Leads", "did you mean `LeadsSoap`?"),
        ('wsdl: "ftp://x.example/a", operation: A', "soap.wsdl: only http:// and https://"),
        (f'wsdl: "{URL}", operation: A, url: "https://x/{{{{zip}}}}"', "soap.url: cannot be a template"),
    ],
)
def test_what_is_wrong_is_told_when_it_is_applied(catalog_file: str, keys: str, words: str) -> None:
    (problem,) = refused(of_soap(keys), name=catalog_file)
    assert words in problem


@pytest.mark.parametrize(
    ("to", "words"),
    [
        ("lead.Emial", "`lead.Emial` has no place in what the operation takes; did you mean `Email`?"),
        ("lead.Address.Zip.x.y.#text", ""),
        ("lead.Age.years", "`lead.Age` is one value, and nothing is inside it"),
        ("lead@sauce", "did you mean `@source`?"),
        ("@header.AuthHeader.User", "did you mean `UserName`?"),
        ("@header.Auth", "`@header.Auth` has no place in the WSDL; there are: `AuthHeader`"),
        ("@header", "names no header; write for example `@header.AuthHeader.UserName`"),
        ("lead.Tags.string.0", ""),
        ("lead.Phone.0.#text", ""),
        ("lead.Phone.1@type", ""),
        ("lead.Extra.Leads.Lead.0.Zip", ""),
    ],
)
def test_a_misspelt_path_is_told_with_its_line(catalog_file: str, to: str, words: str) -> None:
    text = of_soap("wsdl: crm.wsdl, operation: AddLead", f'mapping:\n- {{to: "{to}", value: x}}\n')
    if not words:
        loaded(text, name=catalog_file)
        return
    (problem,) = refused(text, name=catalog_file)
    assert problem.startswith(f"{catalog_file}:5: destinations[crm].mapping[{to}].to: ")
    assert words in problem


def test_the_one_text_of_an_operation_has_a_name_of_its_own(catalog_file: str) -> None:
    begin, end = (
        SCHEMA.index('<xs:element name="AddLead">'),
        SCHEMA.index('<xs:element name="AddLeadResponse">'),
    )
    schema = f'{SCHEMA[:begin]}<xs:element name="AddLead" type="xs:string"/>{SCHEMA[end:]}'
    (Path(catalog_file).parent / "types.xsd").write_text(schema)
    text = of_soap("wsdl: crm.wsdl, operation: AddLead", 'mapping:\n- {to: "#text.Lead.Zip", value: x}\n')
    loaded(text, name=catalog_file)
    (problem,) = refused(text.replace("#text.", ""), name=catalog_file)
    assert "the one argument of the operation is named `#text`" in problem


def test_what_a_wsdl_imports_from_a_network_is_left_to_the_first_lead(catalog_file: str) -> None:
    text = wsdl("https://crm.example/leads", imported="https://crm.example/types.xsd")
    (Path(catalog_file).parent / "crm.wsdl").write_text(text)
    loaded(of_soap("wsdl: crm.wsdl, operation: Whatever"), name=catalog_file)


def test_what_is_likely_to_surprise_is_a_warning() -> None:
    (in_clear,) = warned(of_soap('wsdl: "http://crm.example/?wsdl", operation: AddLead'))
    assert "the WSDL can be changed on its way" in in_clear
    (unmapped,) = warned(of_soap(f'wsdl: "{URL}", operation: AddLead', ""))
    assert "has no mapping" in unmapped
