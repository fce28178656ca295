"""XPath's plain part and dotted paths lead to the same places (behaviour 6: XPath with namespaces)."""

import pytest

from leadrelay.core.reading.xml_body import parse_xml
from leadrelay.core.reading.xml_paths import BadXPath, dotted_steps, find_in, parse_xpath

ROOT = parse_xml(
    b"""<s:Envelope xmlns:s="urn:s" xmlns="urn:r"><s:Body><AddLeadResponse>
    <Status code="0">Accepted</Status><Id>77</Id>
    <Error n="1"><Text>bad zip</Text></Error><Error n="2"><Text>bad phone</Text><Kind>phone</Kind></Error>
    <Inner>&lt;?xml version="1.0" encoding="utf-16"?&gt;
    &lt;Reply&gt;&lt;Price cur="USD"&gt;12.5&lt;/Price&gt;&lt;/Reply&gt;</Inner>
    </AddLeadResponse></s:Body></s:Envelope>"""
)
BASE = "/Envelope/Body/AddLeadResponse"


@pytest.mark.parametrize(
    ("path", "found"),
    [
        (f"{BASE}/Id", "77"),
        ("/s:Envelope/s:Body/r:AddLeadResponse/r:Id", "77"),
        ("/Other/Body", None),
        (f"{BASE}/Nothing", None),
        ("//Id", "77"),
        ("//Envelope/Body//Id", "77"),
        (f"{BASE}/Status/@code", "0"),
        (f"{BASE}/Status", "Accepted"),  # its attribute does not matter
        (f"{BASE}/Status/text()", "Accepted"),
        ("//@n", ["1", "2"]),
        ("//Text", ["bad zip", "bad phone"]),
        (f"{BASE}/Error[2]/Text", "bad phone"),
        (f"{BASE}/Error[last()]/Kind", "phone"),
        (f"{BASE}/Error[9]/Text", None),
        (f"{BASE}/Error[@n='1']/Text", "bad zip"),
        (f"{BASE}/Error[Kind='phone'][1]/Text/.", "bad phone"),
        (f"{BASE}/Error/Text[text()='bad zip']", "bad zip"),
        ("/*/*/*/Id", "77"),
        (f"{BASE}/Inner/Reply/Price/text()", "12.5"),
        ("//Price/@cur", "USD"),
    ],
)
def test_a_path_leads_where_xpath_says(path: str, found: object) -> None:
    assert find_in(ROOT, parse_xpath(path)) == found


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("Envelope.Body.AddLeadResponse.Id", "77"),
        ("s:Envelope.s:Body.AddLeadResponse.Id.0", "77"),
        ("Envelope.Body.AddLeadResponse.Error.1.Text", "bad phone"),
        ("Envelope.Body.AddLeadResponse.Error.Text", ["bad zip", "bad phone"]),
        ("Envelope.Body.AddLeadResponse.Status.@code", "0"),
        ("Envelope.Body.AddLeadResponse.Status@code", "0"),
        ("Envelope.Body.AddLeadResponse.Status.#text", "Accepted"),
        ("Envelope.Body.AddLeadResponse.Inner.Reply.Price.@cur", "USD"),
        ("Body.AddLeadResponse", None),
    ],
)
def test_a_dotted_path_leads_into_xml_from_its_root(path: str, found: object) -> None:
    assert find_in(ROOT, dotted_steps(path.split("."))) == found


@pytest.mark.parametrize(
    "path",
    ["/", "/a[", "/a[position()<2]", "/a/@id/b", "/a/text()/b", "/a b", "/a[b=c]", "//.", "/a/..", "/a|/b"],
)
def test_what_is_not_understood_is_refused_by_name(path: str) -> None:
    with pytest.raises(BadXPath, match=r"cannot read|names nothing"):
        parse_xpath(path)


def test_a_document_made_to_take_long_comes_to_nothing() -> None:
    """The number of elements looked at is bounded, whatever the path multiplies."""
    root = parse_xml(b"<a>" + b"<b><b><b/></b></b>" * 6_000 + b"</a>")
    assert find_in(root, parse_xpath("//b//b//b//b//c")) is None
